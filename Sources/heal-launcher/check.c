// Run inside of a sandbox by the probe: tries what must fail and what must work, and says so.
#include "launcher.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool can_write(const char *folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/heal-check", folder);
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  close(fd);
  return true;
}

static bool loopback_works(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return server >= 0 && client >= 0 && bind(server, (struct sockaddr *)&address, size) == 0 &&
         listen(server, 1) == 0 && getsockname(server, (struct sockaddr *)&address, &size) == 0 &&
         connect(client, (struct sockaddr *)&address, size) == 0;
}

// Connecting a datagram socket sends nothing; it only asks whether there is a way out.
static bool network_reachable(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
  inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

static bool root_is_read_only(void) {
  struct statvfs info;
  return statvfs("/", &info) == 0 && (info.f_flag & ST_RDONLY);
}

// check INSIDE OUTSIDE: INSIDE must be writable, and no file may appear in OUTSIDE.
int check_main(int argc, char **argv) {
  if (argc != 2) return EXIT_USAGE;
  printf("inside=%s\n", can_write(argv[0]) ? "yes" : "no");
  // Whether this reached the real folder, only the probe can see from outside.
  can_write(argv[1]);
  printf("readonly=%s\n", root_is_read_only() ? "yes" : "no");
  printf("loopback=%s\n", loopback_works() ? "yes" : "no");
  printf("network=%s\n", network_reachable() ? "yes" : "no");
  printf("filter=%s\n", prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 ? "yes" : "no");
  return 0;
}
