// Caps over all processes together, where this user may make control groups: version 1 or 2.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool write_text(const char *folder, const char *name, const char *text) {
  char path[4096];
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return false;
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  close(fd);
  return done;
}

// The number after `key` in a file of lines such as "oom_kill 1", or the file's own number.
static uint64_t read_number(const char *folder, const char *name, const char *key) {
  char path[4096], text[1024];
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = 0;
  if (!key) return strtoull(text, NULL, 10);
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    size_t width = strlen(key);
    if (!strncmp(line, key, width) && line[width] == ' ') return strtoull(line + width, NULL, 10);
  }
  return 0;
}

// Where a controller is mounted: its own hierarchy of version 1, else that of version 2.
static bool find_mount(const char *controller, bool *unified, char *point, size_t room) {
  FILE *mounts = fopen("/proc/self/mounts", "re");
  if (!mounts) return false;
  char line[4096], where[1024], type[64], options[1024];
  bool found = false;
  while (fgets(line, sizeof line, mounts)) {
    if (sscanf(line, "%*s %1023s %63s %1023s", where, type, options) != 3) continue;
    bool old = false;
    for (char *part = strtok(options, ","); part; part = strtok(NULL, ",")) {
      if (!strcmp(type, "cgroup") && !strcmp(part, controller)) old = true;
    }
    if (!old && (strcmp(type, "cgroup2") != 0 || found)) continue;
    snprintf(point, room, "%s", where);
    *unified = !old;
    found = true;
    if (old) break;
  }
  fclose(mounts);
  return found;
}

// The group of this process in the hierarchy, such as "/user.slice".
static bool find_own_group(const char *controller, bool unified, char *group, size_t room) {
  FILE *groups = fopen("/proc/self/cgroup", "re");
  if (!groups) return false;
  char line[4096];
  bool found = false;
  while (!found && fgets(line, sizeof line, groups)) {
    line[strcspn(line, "\n")] = 0;
    char *names = strchr(line, ':');
    char *path = names ? strchr(names + 1, ':') : NULL;
    if (!path) continue;
    *path++ = 0;
    names += 1;
    found = unified && !*names;
    for (char *part = strtok(names, ","); part && !unified; part = strtok(NULL, ",")) {
      if (!strcmp(part, controller)) found = true;
    }
    if (found) snprintf(group, room, "%s", strcmp(path, "/") == 0 ? "" : path);
  }
  fclose(groups);
  return found;
}

static bool make_group(const char *above, const char *probe, char *group, size_t room) {
  char path[5200];
  struct stat info;
  if (snprintf(group, room, "%s/heal-%d", above, getpid()) >= (int)room) return false;
  if (mkdir(group, 0755) != 0) return false;
  snprintf(path, sizeof path, "%s/%s", group, probe);
  // A group of version 2 may lack the controller.
  if (stat(path, &info) == 0) return true;
  rmdir(group);
  return false;
}

// Our own group first, then the one above it, which version 2 asks for, then the top.
static bool open_group(const char *controller, const char *old, const char *new, Group *group) {
  char point[1024], own[2048], above[3200];
  if (!find_mount(controller, &group->unified, point, sizeof point)) return false;
  if (!find_own_group(controller, group->unified, own, sizeof own)) return false;
  const char *limit = group->unified ? new : old;
  for (int attempt = 0; attempt < 3; attempt++) {
    if (attempt == 1 && strrchr(own, '/')) *strrchr(own, '/') = 0;
    if (attempt == 2) own[0] = 0;
    snprintf(above, sizeof above, "%s%s", point, own);
    if (make_group(above, limit, group->path, sizeof group->path)) return true;
  }
  group->path[0] = 0;
  return false;
}

void groups_open(Groups *groups, uint64_t processes, uint64_t memory) {
  char text[32];
  if (processes && open_group("pids", "pids.max", "pids.max", &groups->processes)) {
    snprintf(text, sizeof text, "%llu", (unsigned long long)processes);
    write_text(groups->processes.path, "pids.max", text);
  }
  if (!memory) return;
  Group *group = &groups->memory;
  if (groups->processes.path[0] && groups->processes.unified) *group = groups->processes;
  else if (!open_group("memory", "memory.limit_in_bytes", "memory.max", group)) return;
  snprintf(text, sizeof text, "%llu", (unsigned long long)memory);
  bool capped = write_text(
      group->path, group->unified ? "memory.max" : "memory.limit_in_bytes", text);
  if (group->unified) write_text(group->path, "memory.swap.max", "0");
  else write_text(group->path, "memory.memsw.limit_in_bytes", text);
  if (!capped && strcmp(group->path, groups->processes.path) != 0) rmdir(group->path);
  if (!capped) group->path[0] = 0;
}

void groups_join(const Groups *groups) {
  if (groups->processes.path[0]) write_text(groups->processes.path, "cgroup.procs", "0");
  if (groups->memory.path[0]) write_text(groups->memory.path, "cgroup.procs", "0");
}

bool groups_ran_out_of_memory(const Groups *groups) {
  const Group *group = &groups->memory;
  if (!group->path[0]) return false;
  const char *name = group->unified ? "memory.events" : "memory.oom_control";
  return read_number(group->path, name, "oom_kill") > 0;
}

bool groups_ran_out_of_processes(const Groups *groups) {
  return groups->processes.path[0] &&
         read_number(groups->processes.path, "pids.events", "max") > 0;
}

void groups_close(Groups *groups) {
  Group *all[] = {&groups->processes, &groups->memory};
  struct timespec pause = {.tv_nsec = 1000 * 1000};
  for (int i = 0; i < 2; i++) {
    // The kernel lets go of a dead process a moment after it was reaped.
    for (int tries = 0; all[i]->path[0] && tries < 200; tries++) {
      if (rmdir(all[i]->path) == 0 || errno != EBUSY) break;
      nanosleep(&pause, NULL);
    }
  }
}
