// Landlock: everything may be read but what is hidden, and only the named folders be written.
#include "launcher.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's interface, spelt out: the headers of older systems lack it or its newer rights.
struct ruleset_attributes {
  uint64_t handled_fs, handled_network, scoped;
};
struct path_rule {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, RULE_PATH = 1, ASK_VERSION = 1 };

#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_REFER (1ull << 13)
#define FS_TRUNCATE (1ull << 14)
#define FS_FIRST_VERSION ((1ull << 13) - 1)
#define FS_READ (FS_EXECUTE | FS_READ_FILE | FS_READ_DIR)
#define FS_ON_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)
#define SCOPE_ABSTRACT_SOCKETS 1ull
#define SCOPE_SIGNALS 2ull

typedef struct {
  int ruleset;
  uint64_t handled;
} Rules;

static void allow(const Rules *rules, const char *path, uint64_t rights) {
  int fd = open(path, O_PATH | O_CLOEXEC | O_NOFOLLOW);
  struct stat info;
  if (fd < 0) return;
  if (fstat(fd, &info) == 0 && !S_ISLNK(info.st_mode)) {
    struct path_rule rule = {.allowed = rights & rules->handled, .parent = fd};
    if (!S_ISDIR(info.st_mode)) rule.allowed &= FS_ON_FILES;
    syscall(ADD_RULE, rules->ruleset, RULE_PATH, &rule, 0);
  }
  close(fd);
}

// True when `path` is `folder` or lies in it.
static bool lies_in(const char *path, const char *folder) {
  size_t length = strlen(folder);
  if (length == 1) return true;
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static bool is_hidden(const Containment *want, const char *path) {
  for (size_t i = 0; i < want->hidden.count; i++) {
    if (strcmp(path, want->hidden.items[i]) == 0) return true;
  }
  return false;
}

static bool holds_hidden(const Containment *want, const char *folder) {
  for (size_t i = 0; i < want->hidden.count; i++) {
    if (lies_in(want->hidden.items[i], folder)) return true;
  }
  return false;
}

// A right on a folder cannot be taken back below it. So a folder that holds something hidden gets
// no rule itself, but each of its other entries does.
static void allow_reading(const Rules *rules, const Containment *want, const char *folder) {
  if (is_hidden(want, folder)) return;
  if (!holds_hidden(want, folder)) {
    allow(rules, folder, FS_READ);
    return;
  }
  DIR *listing = opendir(folder);
  if (!listing) return;
  for (struct dirent *item; (item = readdir(listing));) {
    if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, "..")) continue;
    char path[4096];
    int length = snprintf(
        path, sizeof path, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, item->d_name);
    if (length > 0 && (size_t)length < sizeof path) allow_reading(rules, want, path);
  }
  closedir(listing);
}

static void allow_devices(const Rules *rules) {
  static const char *const devices[] = {
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx",
  };
  uint64_t use = FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE;
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) allow(rules, devices[i], use);
  allow(rules, "/dev/pts", use);
  allow(rules, "/dev/shm", rules->handled & ~FS_EXECUTE);
}

const char *landlock_apply(const Containment *want) {
  long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
  if (version < 1) return "use Landlock";
  struct ruleset_attributes attributes = {.handled_fs = FS_FIRST_VERSION};
  if (version >= 2) attributes.handled_fs |= FS_REFER;
  if (version >= 3) attributes.handled_fs |= FS_TRUNCATE;
  if (version >= 6) attributes.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
  size_t size = version >= 6 ? sizeof attributes : version >= 4 ? 16 : 8;
  int ruleset = (int)syscall(CREATE_RULESET, &attributes, size, 0);
  if (ruleset < 0) return "make Landlock rules";
  Rules rules = {.ruleset = ruleset, .handled = attributes.handled_fs};
  allow_reading(&rules, want, "/");
  allow_devices(&rules);
  for (size_t i = 0; i < want->writable.count; i++) {
    allow(&rules, want->writable.items[i], rules.handled);
  }
  long applied = syscall(RESTRICT_SELF, ruleset, 0);
  close(ruleset);
  return applied == 0 ? NULL : "apply Landlock rules";
}
