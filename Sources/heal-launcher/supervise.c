// Outside of the sandbox: starts the command, watches heal, the clock and the process tree.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// How often the process tree is looked at: a cheap look, and now and then a thorough one.
enum { TICK_MS = 20, THOROUGH_TICKS = 25 };
// Launcher and bubblewrap, which are counted with the program; and the room between the number at
// which the supervisor ends everything and the number beyond which the kernel starts no more.
enum { OWN_PROCESSES = 4, HARD_CAP_ROOM = 28 };

typedef struct {
  uint64_t wall_ms, cpu_s, memory, processes;
  const char *lock;
  char **command;
} Order;

typedef struct {
  const char *reason;   // why the supervisor ended the program, or "none"
  int status;           // of the program, as wait gives it
  bool reported;        // `contain` said how the program ended
  char failure[256];    // `contain` said why it could not start
} Ending;

static uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool parse_order(int argc, char **argv, Order *order) {
  int i = 0;
  for (; i < argc && strcmp(argv[i], "--") != 0; i += 2) {
    if (i + 1 >= argc) return false;
    uint64_t number = strtoull(argv[i + 1], NULL, 10);
    if (!strcmp(argv[i], "--wall-ms")) order->wall_ms = number;
    else if (!strcmp(argv[i], "--cpu")) order->cpu_s = number;
    else if (!strcmp(argv[i], "--memory")) order->memory = number;
    else if (!strcmp(argv[i], "--processes")) order->processes = number;
    else if (!strcmp(argv[i], "--lock")) order->lock = argv[i + 1];
    else return false;
  }
  order->command = argv + i + 1;
  return i + 1 < argc;
}

// As long as this lock is held nobody removes the work folder under the program's feet.
static void hold_lock(const char *path) {
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0) flock(fd, LOCK_SH | LOCK_NB);
}

static void release_program_descriptors(void) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2 && null >= 0; fd++) dup2(null, fd);
  close(CHANNEL_IN_FD);
  close(CHANNEL_OUT_FD);
}

// Starts the command with the report pipe and this executable at their fixed descriptors.
static pid_t start(const Order *order, const Groups *groups, int nice, int *report) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  int high_report = fcntl(ends[1], F_DUPFD_CLOEXEC, 20);
  int high_self = fcntl(self, F_DUPFD_CLOEXEC, 20);
  pid_t supervisor = getpid();
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor) _exit(EXIT_SETUP);
    setpriority(PRIO_PROCESS, 0, nice);
    groups_join(groups);
    dup2(high_report, REPORT_FD);
    dup2(high_self, SELF_FD);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(order->command[0], order->command);
    dprintf(REPORT_FD, "X %d start the sandbox (%s)\n", errno, order->command[0]);
    _exit(EXIT_SETUP);
  }
  int kept = fcntl(ends[0], F_DUPFD_CLOEXEC, 20);
  close(ends[0]);
  close(ends[1]);
  close(self);
  close(high_report);
  close(high_self);
  *report = kept;
  return pid;
}

// A cheap look first: when the whole machine grew by more than a limit, processes are counted.
static const char *exceeded(const Order *order, const struct sysinfo *before, bool thorough) {
  struct sysinfo now;
  if (sysinfo(&now) != 0) return NULL;
  uint64_t unit = now.mem_unit ? now.mem_unit : 1;
  bool many = order->processes && (uint16_t)(now.procs - before->procs) < 0x8000 &&
              (uint16_t)(now.procs - before->procs) > order->processes;
  bool large = order->memory && before->freeram > now.freeram &&
               (before->freeram - now.freeram) * unit > order->memory;
  if (!many && !large && !thorough) return NULL;
  TreeUsage usage = tree_usage();
  if (order->processes && usage.tasks > order->processes + OWN_PROCESSES) return "processes";
  if (order->memory && usage.memory > order->memory + order->memory / 8) return "memory";
  return NULL;
}

static const char *watch(const Order *order, pid_t child, int children) {
  struct sysinfo before;
  sysinfo(&before);
  uint64_t began = now_ms();
  bool count = order->processes || order->memory;
  struct pollfd wait_for[2] = {
    {.fd = CONTROL_FD, .events = POLLIN}, {.fd = children, .events = POLLIN}};
  for (unsigned ticks = 1;; ticks++) {
    uint64_t spent = now_ms() - began;
    if (order->wall_ms && spent >= order->wall_ms) return "wall";
    uint64_t left = order->wall_ms ? order->wall_ms - spent : 3600 * 1000;
    if (count && left > TICK_MS) left = TICK_MS;
    if (poll(wait_for, 2, (int)left) < 0 && errno != EINTR) return "lost";
    if (wait_for[0].revents) return "asked";
    struct signalfd_siginfo drained;
    if (wait_for[1].revents && read(children, &drained, sizeof drained) > 0) {
      siginfo_t state = {0};
      // Orphans that came to us are reaped at the end; here only the command itself counts.
      if (waitid(P_PID, (id_t)child, &state, WEXITED | WNOHANG | WNOWAIT) == 0 && state.si_pid) {
        return "none";
      }
      while (waitid(P_ALL, 0, &state, WEXITED | WNOHANG | WNOWAIT) == 0 && state.si_pid &&
             state.si_pid != child) {
        waitpid(state.si_pid, NULL, 0);
        state.si_pid = 0;
      }
    }
    const char *reason = count ? exceeded(order, &before, ticks % THOROUGH_TICKS == 0) : NULL;
    if (reason) return reason;
  }
}

static void read_report(int report, Ending *ending) {
  char text[300] = {0};
  size_t length = 0;
  for (ssize_t got; length < sizeof text - 1;) {
    got = read(report, text + length, sizeof text - 1 - length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    length += (size_t)got;
  }
  int number = 0, used = 0;
  if (sscanf(text, "E %d", &number) == 1) {
    ending->status = number;
    ending->reported = true;
  } else if (sscanf(text, "X %d %n", &number, &used) == 1) {
    text[strcspn(text, "\n")] = 0;
    snprintf(ending->failure, sizeof ending->failure, "%.150s: %s", text + used, strerror(number));
  }
}

static double seconds(struct timeval user, struct timeval kernel) {
  return (double)(user.tv_sec + kernel.tv_sec) + (double)(user.tv_usec + kernel.tv_usec) / 1e6;
}

// A limit that the kernel enforced shows in how the program ended.
static const char *kernel_reason(const Order *order, const Ending *ending, double cpu, long peak) {
  if (!ending->reported) return "none";
  bool signalled = WIFSIGNALED(ending->status);
  int signal = signalled ? WTERMSIG(ending->status) : 0;
  if (signal == SIGXCPU) return "cpu";
  if (signal == SIGXFSZ) return "fileSize";
  if (signal == SIGKILL && order->cpu_s && cpu >= (double)order->cpu_s) return "cpu";
  bool failed = signalled || WEXITSTATUS(ending->status) != 0;
  uint64_t resident = (uint64_t)peak * 1024;
  uint64_t slack = order->memory / 8 > (64u << 20) ? order->memory / 8 : (64u << 20);
  if (failed && order->memory && resident + slack >= order->memory) return "memory";
  return "none";
}

static void answer(
    const Order *order, const Groups *groups, Ending *ending, uint64_t wall_ms) {
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  double cpu = seconds(used.ru_utime, used.ru_stime);
  bool by_itself = !strcmp(ending->reason, "none");
  bool failed = ending->status != 0 || !ending->reported;
  if (by_itself && failed && groups_ran_out_of_memory(groups)) {
    ending->reason = "memory";
  } else if ((by_itself || !strcmp(ending->reason, "wall")) && failed &&
             groups_ran_out_of_processes(groups)) {
    ending->reason = "processes";
  } else if (by_itself) {
    ending->reason = kernel_reason(order, ending, cpu, used.ru_maxrss);
    if (!ending->reported) ending->reason = "setup";
  }
  char text[512];
  int length = snprintf(
      text, sizeof text, "%s %d %.6f %ld %llu %d %s\n", ending->reason, ending->status, cpu,
      used.ru_maxrss, (unsigned long long)wall_ms, ending->reported ? 1 : 0, ending->failure);
  if (length > 0) send(CONTROL_FD, text, (size_t)length, MSG_NOSIGNAL);
}

int supervise_main(int argc, char **argv) {
  Order order = {0};
  if (!parse_order(argc, argv, &order)) return EXIT_USAGE;
  setsid();
  close_descriptors(CONTROL_FD + 1, CHANNEL_IN_FD - 1);
  close_descriptors(CHANNEL_OUT_FD + 1, ~0u);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "heal-supervise");
  int nice = getpriority(PRIO_PROCESS, 0);
  if (geteuid() == 0) setpriority(PRIO_PROCESS, 0, -10);   // must outrun a fork bomb
  fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC);
  hold_lock(order.lock);
  signal(SIGPIPE, SIG_IGN);
  sigset_t child_ends;
  sigemptyset(&child_ends);
  sigaddset(&child_ends, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_ends, NULL);
  int children = signalfd(-1, &child_ends, SFD_CLOEXEC | SFD_NONBLOCK);

  uint64_t began = now_ms();
  int report = -1;
  Groups groups = {0};
  uint64_t most = order.processes ? order.processes + OWN_PROCESSES + HARD_CAP_ROOM : 0;
  // Joining a group waits for the whole kernel, some milliseconds. Root pays that, since no limit on
  // processes holds for root; for everybody else RLIMIT_NPROC and the watch over the tree do.
  if (geteuid() == 0) groups_open(&groups, most, order.memory + order.memory / 8);
  pid_t child = start(&order, &groups, nice, &report);
  release_program_descriptors();
  Ending ending = {.reason = "lost"};
  if (child > 0) {
    ending.reason = watch(&order, child, children);
    tree_kill();
    read_report(report, &ending);
  }
  answer(&order, &groups, &ending, now_ms() - began);
  groups_close(&groups);
  return 0;
}
