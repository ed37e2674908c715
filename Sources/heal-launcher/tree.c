// Finds, counts and kills the descendants of this process, whatever session or group they are in.
// It works because this process is their subreaper: an orphan becomes its child.
#include "launcher.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  pid_t pid, parent, group;
  size_t threads;
  uint64_t resident;
  char state;
  signed char descends;   // 1 yes, 0 no, -1 not known yet
} Entry;

typedef struct {
  Entry *entries;
  size_t count, room;
} Table;

static bool read_entry(const char *name, Entry *entry) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%.20s/stat", name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return false;
  text[length] = 0;
  // The command name may hold spaces and parentheses: fields are counted from the last one.
  char *rest = strrchr(text, ')');
  if (!rest) return false;
  int parent = 0, group = 0;
  unsigned long threads = 0;
  long pages = 0;
  int read_fields = sscanf(
      rest + 2, "%c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %lu %*d %*u %*u %ld",
      &entry->state, &parent, &group, &threads, &pages);
  if (read_fields != 5) return false;
  entry->pid = (pid_t)strtol(name, NULL, 10);
  entry->parent = parent;
  entry->group = group;
  entry->threads = threads;
  entry->resident = (uint64_t)(pages > 0 ? pages : 0) * (uint64_t)sysconf(_SC_PAGESIZE);
  entry->descends = -1;
  return true;
}

static int by_pid(const void *left, const void *right) {
  pid_t a = ((const Entry *)left)->pid, b = ((const Entry *)right)->pid;
  return (a > b) - (a < b);
}

static Table read_table(void) {
  Table table = {0};
  DIR *proc = opendir("/proc");
  if (!proc) return table;
  for (struct dirent *item; (item = readdir(proc));) {
    if (!isdigit((unsigned char)item->d_name[0])) continue;
    if (table.count == table.room) {
      size_t room = table.room ? table.room * 2 : 256;
      Entry *grown = realloc(table.entries, room * sizeof *grown);
      if (!grown) break;
      table.entries = grown;
      table.room = room;
    }
    if (read_entry(item->d_name, &table.entries[table.count])) table.count += 1;
  }
  closedir(proc);
  if (table.count) qsort(table.entries, table.count, sizeof(Entry), by_pid);
  return table;
}

static Entry *find_entry(const Table *table, pid_t pid) {
  Entry key = {.pid = pid};
  if (!table->count) return NULL;
  return bsearch(&key, table->entries, table->count, sizeof key, by_pid);
}

// Walks up to the first ancestor that is known, then marks the whole way: linear over all entries.
static bool descends_from_us(const Table *table, Entry *entry, pid_t us) {
  signed char answer = -1;
  size_t steps = 0;
  for (Entry *at = entry; answer < 0;) {
    // An ancestor is missing when it ended while the table was read.
    if (!at || at->pid == us || ++steps > table->count) answer = 0;
    else if (at->descends >= 0) answer = at->descends;
    else if (at->parent == us) answer = 1;
    else if (at->parent <= 1) answer = 0;
    else at = find_entry(table, at->parent);
  }
  steps = 0;
  for (Entry *at = entry; at && at->descends < 0 && at->pid != us && steps++ <= table->count;) {
    at->descends = answer;
    if (at->parent == us) break;
    at = find_entry(table, at->parent);
  }
  return answer == 1;
}

TreeUsage tree_usage(void) {
  TreeUsage usage = {0};
  Table table = read_table();
  pid_t us = getpid();
  for (size_t i = 0; i < table.count; i++) {
    if (!descends_from_us(&table, &table.entries[i], us)) continue;
    usage.tasks += table.entries[i].threads;
    usage.memory += table.entries[i].resident;
  }
  free(table.entries);
  return usage;
}

static void kill_descendants(void) {
  Table table = read_table();
  pid_t us = getpid(), ours = getpgrp();
  for (size_t i = 0; i < table.count; i++) {
    Entry *entry = &table.entries[i];
    if (entry->state == 'Z' || !descends_from_us(&table, entry, us)) continue;
    // A signal to a group reaches all of it at once, and a fork in progress fails: one by one, those
    // that fork without end could stay ahead of us.
    if (entry->group > 1 && entry->group != ours) kill(-entry->group, SIGKILL);
    kill(entry->pid, SIGKILL);
  }
  free(table.entries);
}

// True when no child is left at all.
static bool reap_finished(void) {
  for (;;) {
    pid_t pid = waitpid(-1, NULL, WNOHANG | __WALL);
    if (pid > 0 || (pid < 0 && errno == EINTR)) continue;
    return pid < 0;
  }
}

void tree_kill(void) {
  struct timespec pause = {.tv_nsec = 200 * 1000};
  while (!reap_finished()) {
    kill_descendants();
    if (reap_finished()) return;
    nanosleep(&pause, NULL);
    if (pause.tv_nsec < 20 * 1000 * 1000) pause.tv_nsec *= 2;
  }
}
