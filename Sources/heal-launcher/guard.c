// Removes the work folder when heal is gone, and the folders that an earlier heal left behind.
#include "launcher.h"

#include <CProcess.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// Waits until no supervisor holds the lock, so that nobody writes any more.
static void remove_folder(const char *path) {
  char lock[4096];
  snprintf(lock, sizeof lock, "%s/lock", path);
  int fd = open(lock, O_RDONLY | O_CLOEXEC);
  struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
  for (int i = 0; fd >= 0 && i < 500 && flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
    nanosleep(&pause, NULL);
  }
  for (int i = 0; i < 100 && !cprocess_remove(path); i++) nanosleep(&pause, NULL);
  if (fd >= 0) close(fd);
}

// A folder whose lock nobody holds was left by a heal whose guard was killed with it.
static void sweep(const char *base, const char *own) {
  char prefix[64];
  int prefix_length = snprintf(prefix, sizeof prefix, "heal-%u-", getuid());
  DIR *listing = opendir(base);
  if (!listing) return;
  for (struct dirent *item; (item = readdir(listing));) {
    char path[4096], lock[4200];
    struct stat info;
    if (strncmp(item->d_name, prefix, (size_t)prefix_length) != 0) continue;
    snprintf(path, sizeof path, "%s/%s", base, item->d_name);
    snprintf(lock, sizeof lock, "%s/lock", path);
    if (strcmp(path, own) == 0) continue;
    if (lstat(path, &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != getuid()) continue;
    int fd = open(lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool idle = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    // Without a lock it may be a folder that is being made just now.
    bool abandoned = fd < 0 && errno == ENOENT && info.st_mtime + 3600 < time(NULL);
    if (idle || abandoned) cprocess_remove(path);
    if (fd >= 0) close(fd);
  }
  closedir(listing);
}

// guard BASE FOLDER: lives as long as heal, whose end closes the control descriptor.
int guard_main(int argc, char **argv) {
  if (argc != 2) return EXIT_USAGE;
  setsid();
  // Whoever reads the output of heal must not wait for this process.
  close_descriptors(CONTROL_FD + 1, ~0u);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2 && null >= 0; fd++) dup2(null, fd);
  prctl(PR_SET_NAME, "heal-guard");
  signal(SIGPIPE, SIG_IGN);
  if (chdir("/") != 0) return EXIT_SETUP;
  sweep(argv[0], argv[1]);
  char byte;
  for (;;) {
    ssize_t got = read(CONTROL_FD, &byte, 1);
    if (got == 0 || (got < 0 && errno != EINTR)) break;
  }
  remove_folder(argv[1]);
  return 0;
}
