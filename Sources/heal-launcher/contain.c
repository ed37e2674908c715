// Inside of the sandbox: sets what a process can only set for itself, starts the program, waits for
// it and reports how it ended.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void add_mount(Containment *want, MountKind kind, const char *source, const char *target) {
  MountRequest *grown = realloc(want->mounts, (want->mount_count + 1) * sizeof *grown);
  if (!grown) exit(EXIT_SETUP);
  grown[want->mount_count++] = (MountRequest){kind, source, target, -1};
  want->mounts = grown;
}

static bool parse_flag(const char *name, Containment *want) {
  if (!strcmp(name, "--init")) want->init = true;
  else if (!strcmp(name, "--channel")) want->channel = true;
  else if (!strcmp(name, "--landlock")) want->landlock = true;
  else if (!strcmp(name, "--namespaces")) want->namespaces = true;
  else if (!strcmp(name, "--private-network")) want->private_network = true;
  else if (!strcmp(name, "--guard-signals")) want->guard_signals = true;
  else if (!strcmp(name, "--harden")) want->harden = true;
  else return false;
  return true;
}

static bool parse_value(const char *name, const char *value, Containment *want) {
  if (!strcmp(name, "--memory")) want->memory = strtoull(value, NULL, 10);
  else if (!strcmp(name, "--cpu")) want->cpu = strtoull(value, NULL, 10);
  else if (!strcmp(name, "--file-size")) want->file_size = strtoull(value, NULL, 10);
  else if (!strcmp(name, "--processes")) want->processes = strtoull(value, NULL, 10);
  else if (!strcmp(name, "--open-files")) want->open_files = strtoull(value, NULL, 10);
  else if (!strcmp(name, "--directory")) want->directory = value;
  else if (!strcmp(name, "--writable")) list_add(&want->writable, value);
  else if (!strcmp(name, "--hidden")) list_add(&want->hidden, value);
  else if (!strcmp(name, "--mount-empty")) add_mount(want, MOUNT_EMPTY, NULL, value);
  else if (!strcmp(name, "--mount-null")) add_mount(want, MOUNT_NULL, NULL, value);
  else return false;
  return true;
}

static bool parse(int argc, char **argv, Containment *want) {
  int i = 0;
  while (i < argc && strcmp(argv[i], "--") != 0) {
    int left = argc - i - 1;
    if (parse_flag(argv[i], want)) {
      i += 1;
    } else if (left >= 1 && parse_value(argv[i], argv[i + 1], want)) {
      i += 2;
    } else if (left >= 2 && !strcmp(argv[i], "--mount-writable")) {
      add_mount(want, MOUNT_WRITABLE, argv[i + 1], argv[i + 2]);
      i += 3;
    } else if (left >= 2 && !strcmp(argv[i], "--mount-readable")) {
      add_mount(want, MOUNT_READABLE, argv[i + 1], argv[i + 2]);
      i += 3;
    } else {
      return false;
    }
  }
  want->command = argv + i + 1;
  return i + 1 < argc;
}

static _Noreturn void fail(const char *what) {
  dprintf(REPORT_FD, "X %d %s\n", errno, what);
  _exit(EXIT_SETUP);
}

static void try(const char *failed) {
  if (failed) fail(failed);
}

void close_descriptors(unsigned first, unsigned last) {
  if (syscall(SYS_close_range, first, last, 0) == 0) return;
  for (unsigned fd = first; fd <= last && fd < 1024; fd++) close((int)fd);
}

// heal ignores some signals; an ignored signal stays ignored over exec, so all are reset.
static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become_program(const Containment *want, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(EXIT_SETUP);
  setsid();
  reset_signals();
  if (want->directory && chdir(want->directory) != 0) fail("enter the program's folder");
  try(limits_apply(want));
  // Even without a sandbox nothing that is started may gain rights by a set-user-ID program.
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("give up new privileges");
  if (want->landlock) try(landlock_apply(want));
  if (want->harden) try(capabilities_drop());
  fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
  if (want->channel) {
    close_descriptors(SELF_FD, CHANNEL_IN_FD - 1);
    close_descriptors(CHANNEL_OUT_FD + 1, ~0u);
  } else {
    close_descriptors(SELF_FD, ~0u);
  }
  close(CONTROL_FD);
  if (want->harden) try(seccomp_apply(want));
  // Changing credentials may have cleared it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  execvp(want->command[0], want->command);
  fail(want->command[0]);
}

// Waits for the program; as the first process of a namespace it also reaps orphans.
static int wait_for_program(pid_t program) {
  for (int status;;) {
    pid_t ended = waitpid(-1, &status, 0);
    if (ended == program) return status;
    if (ended < 0 && errno != EINTR) return -1;
  }
}

static int run_program(Containment *want) {
  // A program of the same user may not read or change this process, nor write a report of its own.
  prctl(PR_SET_DUMPABLE, 0);
  pid_t us = getpid();
  want->protected_pids[0] = us;
  want->protected_pids[1] = want->init ? 0 : getppid();
  pid_t program = fork();
  if (program < 0) fail("start a process");
  if (program == 0) become_program(want, us);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2 && null >= 0; fd++) dup2(null, fd);
  close(CHANNEL_IN_FD);
  close(CHANNEL_OUT_FD);
  int status = wait_for_program(program);
  if (status == -1) fail("wait for the program");
  dprintf(REPORT_FD, "E %d\n", status);
  if (want->init) {
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) continue;
  }
  return 0;
}

int contain_main(int argc, char **argv) {
  Containment want = {0};
  if (!parse(argc, argv, &want)) return EXIT_USAGE;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, "heal-contain");
  fcntl(SELF_FD, F_SETFD, FD_CLOEXEC);
  if (want.namespaces) {
    try(namespaces_enter(&want));
    pid_t init = fork();
    if (init < 0) fail("start a process in the namespace");
    if (init > 0) {
      close(REPORT_FD);
      while (waitpid(init, NULL, 0) < 0 && errno == EINTR) continue;
      return 0;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    want.init = true;
    try(namespaces_mount(&want));
  } else if (want.private_network && !network_isolate()) {
    want.refuse_network = true;
  }
  return run_program(&want);
}
