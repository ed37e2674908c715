// heal-launcher: starts one program under supervision, inside a sandbox, with limits.
//
//   heal   ──control socket──▶ supervise ──▶ [bwrap] ──▶ contain ──▶ the program
//
// `supervise` stays outside of the sandbox: it ends everything when heal goes away, when a limit is
// reached, or when the program ends. `contain` runs inside: it sets what a process can only set for
// itself, starts the program and reports how it ended.
#ifndef HEAL_LAUNCHER_H
#define HEAL_LAUNCHER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Descriptors with a fixed number. The program itself gets 0, 1, 2 and, for a channel, 10 and 11.
enum {
  CONTROL_FD = 3,   // supervise: socket to heal; end of file means that heal is gone
  REPORT_FD = 4,    // contain: where to say how the program ended
  SELF_FD = 5,      // this executable, which may have no path inside of the sandbox
  CHANNEL_IN_FD = 10,
  CHANNEL_OUT_FD = 11,
};

enum { EXIT_USAGE = 64, EXIT_SETUP = 70 };

// A growing list of borrowed strings.
typedef struct {
  const char **items;
  size_t count;
} StringList;

void close_descriptors(unsigned first, unsigned last);
void list_add(StringList *list, const char *item);

// One mount of the `namespaces` mechanism.
typedef enum { MOUNT_WRITABLE, MOUNT_READABLE, MOUNT_EMPTY, MOUNT_NULL } MountKind;
typedef struct {
  MountKind kind;
  const char *source;
  const char *target;
  int tree;
} MountRequest;

// What `contain` was asked for. A limit of 0 means none.
typedef struct {
  bool init;               // this process is the first of its process namespace
  bool channel;            // descriptors 10 and 11 go to the program
  bool landlock;
  bool namespaces;
  bool private_network;    // try a network namespace of our own
  bool refuse_network;     // no socket to anywhere, where there is no namespace
  bool guard_signals;      // refuse signals to everybody and to the processes below
  bool harden;             // drop capabilities, refuse dangerous system calls
  pid_t protected_pids[2];
  uint64_t memory, cpu, file_size, processes, open_files;
  const char *directory;
  StringList writable, hidden;
  MountRequest *mounts;
  size_t mount_count;
  char **command;
} Containment;

int supervise_main(int argc, char **argv);
int contain_main(int argc, char **argv);
int guard_main(int argc, char **argv);
int check_main(int argc, char **argv);

// The process tree (tree.c).
typedef struct {
  size_t tasks;      // processes and threads
  uint64_t memory;   // resident bytes, shared pages counted for each
} TreeUsage;

TreeUsage tree_usage(void);
// Kills every descendant and reaps until none is left.
void tree_kill(void);

// Control groups (cgroup.c). An empty path means that there is no such group here.
typedef struct {
  char path[4096];
  bool unified;   // version 2
} Group;
typedef struct {
  Group processes, memory;
} Groups;

void groups_open(Groups *groups, uint64_t processes, uint64_t memory);
// Moves the calling process into the groups.
void groups_join(const Groups *groups);
bool groups_ran_out_of_memory(const Groups *groups);
bool groups_ran_out_of_processes(const Groups *groups);
void groups_close(Groups *groups);

// Steps of `contain`. Each returns NULL or the name of what failed, with errno set.
const char *limits_apply(const Containment *want);
const char *capabilities_drop(void);
const char *seccomp_apply(const Containment *want);
const char *landlock_apply(const Containment *want);
const char *namespaces_enter(const Containment *want);
const char *namespaces_mount(const Containment *want);
// True when this process now has a network of its own, with loopback up.
bool network_isolate(void);
bool loopback_up(void);
const char *identity_map(uid_t user, gid_t group);

#endif
