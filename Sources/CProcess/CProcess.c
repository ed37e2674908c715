#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CProcess.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Above all targets, so that moving one descriptor cannot overwrite the next one's source.
enum { PARKED = 40 };

#ifndef __linux__
static int set_close_on_exec(int pair[2]) {
  for (int i = 0; i < 2; i++) {
    if (fcntl(pair[i], F_SETFD, FD_CLOEXEC) != 0) return errno;
  }
  return 0;
}
#endif

int cprocess_spawn(
    const char *path, char *const arguments[], char *const environment[],
    const cprocess_descriptor *descriptors, size_t count, pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int parked[16];
  if (count > sizeof parked / sizeof *parked) return EINVAL;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawnattr_init(&attributes);
  if (error) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  size_t made = 0;
  for (; made < count && !error; made++) {
    parked[made] = fcntl(descriptors[made].source, F_DUPFD_CLOEXEC, PARKED);
    if (parked[made] < 0) {
      error = errno;
      break;
    }
    error = posix_spawn_file_actions_adddup2(&actions, parked[made], descriptors[made].target);
  }
  sigset_t all, none;
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (!error) error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
  for (size_t i = 0; i < made; i++) close(parked[i]);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int cprocess_socket_pair(int pair[2]) {
#ifdef __linux__
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 ? 0 : errno;
#else
  return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ? set_close_on_exec(pair) : errno;
#endif
}

int cprocess_pipe(int pair[2]) {
#ifdef __linux__
  return pipe2(pair, O_CLOEXEC) == 0 ? 0 : errno;
#else
  return pipe(pair) == 0 ? set_close_on_exec(pair) : errno;
#endif
}

int cprocess_set_nonblocking(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return errno;
  return fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 ? 0 : errno;
}

void cprocess_reap(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

int cprocess_lock_shared(int descriptor) {
  return flock(descriptor, LOCK_SH | LOCK_NB) == 0 ? 0 : errno;
}

int cprocess_look(const char *path, cprocess_entry *entry) {
  struct stat info;
  if (lstat(path, &info) != 0) return errno;
  entry->mode = info.st_mode & 07777;
  entry->size = (uint64_t)info.st_size;
  entry->is_folder = S_ISDIR(info.st_mode);
  entry->is_file = S_ISREG(info.st_mode);
  entry->is_link = S_ISLNK(info.st_mode);
  return 0;
}

static int copy_bytes(int from, int to) {
  char bytes[64 * 1024];
  for (;;) {
    ssize_t got = read(from, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0 ? 0 : errno;
    for (ssize_t done = 0; done < got;) {
      ssize_t wrote = write(to, bytes + done, (size_t)(got - done));
      if (wrote < 0 && errno != EINTR) return errno;
      if (wrote > 0) done += wrote;
    }
  }
}

int cprocess_copy_file(const char *from, const char *to, mode_t mode) {
  // Not blocking: what was a file a moment ago may have become a fifo.
  int source = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (source < 0) return errno;
  int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (target < 0) {
    int error = errno;
    close(source);
    return error;
  }
  int error = copy_bytes(source, target);
  if (!error && fchmod(target, mode & 0777) != 0) error = errno;
  close(source);
  if (close(target) != 0 && !error) error = errno;
  return error;
}

// Each level below holds a descriptor open, so very deep folders are first moved up to the top.
enum { DEPTH_LIMIT = 100 };

typedef struct {
  int top;
  unsigned moved;
} Removal;

static void remove_entry(Removal *removal, int folder, const char *name, int depth);

static void empty_folder(Removal *removal, int folder, int depth) {
  int copy = dup(folder);
  DIR *listing = copy >= 0 ? fdopendir(copy) : NULL;
  if (!listing && copy >= 0) close(copy);
  for (struct dirent *item; listing && (item = readdir(listing));) {
    if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0) {
      remove_entry(removal, folder, item->d_name, depth);
    }
  }
  if (listing) closedir(listing);
}

static void remove_entry(Removal *removal, int folder, const char *name, int depth) {
  struct stat info;
  if (unlinkat(folder, name, 0) == 0 || errno == ENOENT) return;
  if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(info.st_mode)) return;
  // A program may have taken its own rights to a folder away: they are put back first.
  if ((info.st_mode & 0700) != 0700) fchmodat(folder, name, 0700, 0);
  if (depth >= DEPTH_LIMIT) {
    char higher[32];
    snprintf(higher, sizeof higher, ".heal-deep-%u", removal->moved++);
    renameat(folder, name, removal->top, higher);
    return;
  }
  int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  empty_folder(removal, fd, depth + 1);
  close(fd);
  unlinkat(folder, name, AT_REMOVEDIR);
}

bool cprocess_remove(const char *path) {
  if (unlink(path) == 0 || errno == ENOENT) return true;
  chmod(path, 0700);
  int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (top < 0) return false;
  Removal removal = {.top = top, .moved = 0};
  // What was moved up is emptied by a later round.
  unsigned before;
  do {
    before = removal.moved;
    lseek(top, 0, SEEK_SET);
    empty_folder(&removal, top, 0);
  } while (rmdir(path) != 0 && removal.moved > before);
  close(top);
  struct stat info;
  return lstat(path, &info) != 0;
}
