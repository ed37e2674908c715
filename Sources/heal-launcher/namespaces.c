// Namespaces of our own, where bubblewrap is not installed.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// glibc's <sys/mount.h> clashes with <linux/mount.h> in some versions: only what is used here.
extern int mount(const char *, const char *, const char *, unsigned long, const void *);
enum { MS_NOSUID_ = 2, MS_NODEV_ = 4, MS_NOEXEC_ = 8, MS_BIND_ = 4096, MS_REC_ = 16384 };
#define MS_PRIVATE_ (1ul << 18)

static bool write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  close(fd);
  return done;
}

const char *identity_map(uid_t user, gid_t group) {
  char text[64];
  write_text("/proc/self/setgroups", "deny");
  snprintf(text, sizeof text, "%u %u 1\n", user, user);
  if (!write_text("/proc/self/uid_map", text)) return "map the user into the namespace";
  snprintf(text, sizeof text, "%u %u 1\n", group, group);
  return write_text("/proc/self/gid_map", text) ? NULL : "map the group into the namespace";
}

bool loopback_up(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
  memcpy(request.ifr_name, "lo", 3);
  bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  close(fd);
  return up;
}

bool network_isolate(void) {
  uid_t user = geteuid();
  gid_t group = getegid();
  if (unshare(CLONE_NEWNET) != 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    if (identity_map(user, group)) return false;
  }
  return loopback_up();
}

const char *namespaces_enter(const Containment *want) {
  uid_t user = geteuid();
  gid_t group = getegid();
  int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  if (want->private_network) flags |= CLONE_NEWNET;
  if (unshare(flags | CLONE_NEWUSER) == 0) {
    const char *failed = identity_map(user, group);
    if (failed) return failed;
  } else if (unshare(flags) != 0) {
    return "make namespaces";
  }
  if (want->private_network && !loopback_up()) return "bring up loopback";
  return NULL;
}

static int clone_tree(const char *path) {
  return (int)syscall(
      SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

static bool place_tree(int tree, const char *target) {
  return syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

static bool restrict_tree(int tree, const char *path, uint64_t flags) {
  struct mount_attr attributes = {.attr_set = flags};
  unsigned how = AT_RECURSIVE | (tree >= 0 ? AT_EMPTY_PATH : 0);
  int at = tree >= 0 ? tree : AT_FDCWD;
  return syscall(SYS_mount_setattr, at, path, how, &attributes, sizeof attributes) == 0;
}

// Makes `path` and the folders above it, where what lies there is writable.
static void make_folders(const char *path) {
  char text[4096];
  if (snprintf(text, sizeof text, "%s", path) >= (int)sizeof text) return;
  for (char *at = text + 1; (at = strchr(at, '/')); at++) {
    *at = 0;
    mkdir(text, 0755);
    *at = '/';
  }
  mkdir(text, 0755);
}

static bool make_file(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static void make_target(const char *path, bool file) {
  char folder[4096];
  const char *end = strrchr(path, '/');
  if (!file || !end || end == path) {
    make_folders(path);
    return;
  }
  snprintf(folder, sizeof folder, "%.*s", (int)(end - path), path);
  make_folders(folder);
  make_file(path);
}

static const char *const device_names[] = {"null", "zero", "full", "random", "urandom", "tty"};
enum { DEVICE_COUNT = sizeof device_names / sizeof *device_names };

// A /dev that holds the harmless devices alone.
static const char *mount_devices(void) {
  int trees[DEVICE_COUNT];
  char path[64];
  for (int i = 0; i < DEVICE_COUNT; i++) {
    snprintf(path, sizeof path, "/dev/%s", device_names[i]);
    trees[i] = clone_tree(path);
  }
  if (mount("tmpfs", "/dev", "tmpfs", MS_NOSUID_, "mode=755") != 0) return "mount /dev";
  for (int i = 0; i < DEVICE_COUNT; i++) {
    snprintf(path, sizeof path, "/dev/%s", device_names[i]);
    if (trees[i] < 0) continue;
    if (!make_file(path) || !place_tree(trees[i], path)) return "mount the devices";
    close(trees[i]);
  }
  mkdir("/dev/shm", 0777);
  chmod("/dev/shm", 01777);
  mkdir("/dev/pts", 0755);
  if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID_ | MS_NOEXEC_,
            "newinstance,ptmxmode=0666,mode=620") == 0) {
    (void)!symlink("pts/ptmx", "/dev/ptmx");
  }
  (void)!symlink("/proc/self/fd", "/dev/fd");
  (void)!symlink("/proc/self/fd/0", "/dev/stdin");
  (void)!symlink("/proc/self/fd/1", "/dev/stdout");
  (void)!symlink("/proc/self/fd/2", "/dev/stderr");
  return NULL;
}

static const char *place(MountRequest *request) {
  switch (request->kind) {
    case MOUNT_EMPTY:
      make_folders(request->target);
      if (mount("tmpfs", request->target, "tmpfs", MS_NOSUID_ | MS_NODEV_, "mode=755") == 0) {
        return NULL;
      }
      break;
    case MOUNT_NULL:
      if (mount("/dev/null", request->target, NULL, MS_BIND_, NULL) == 0) return NULL;
      break;
    case MOUNT_READABLE:
      if (!restrict_tree(request->tree, "", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID)) break;
      // fall through
    case MOUNT_WRITABLE: {
      struct stat info;
      bool file = fstat(request->tree, &info) == 0 && !S_ISDIR(info.st_mode);
      if (access(request->target, F_OK) != 0) make_target(request->target, file);
      if (place_tree(request->tree, request->target)) return NULL;
      break;
    }
  }
  return request->target;
}

const char *namespaces_mount(const Containment *want) {
  if (mount(NULL, "/", NULL, MS_REC_ | MS_PRIVATE_, NULL) != 0) return "detach the mounts";
  // The sources are taken before anything is mounted over them.
  for (size_t i = 0; i < want->mount_count; i++) {
    MountRequest *request = &want->mounts[i];
    if (!request->source) continue;
    request->tree = clone_tree(request->source);
    if (request->tree < 0) return request->source;
  }
  if (!restrict_tree(-1, "/", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID)) {
    return "make the file system read-only";
  }
  const char *failed = mount_devices();
  if (failed) return failed;
  if (mount("proc", "/proc", "proc", MS_NOSUID_ | MS_NODEV_ | MS_NOEXEC_, NULL) != 0) {
    return "mount /proc";
  }
  for (size_t i = 0; i < want->mount_count; i++) {
    failed = place(&want->mounts[i]);
    if (failed) return failed;
  }
  return NULL;
}
