// Resource limits, capabilities and the system-call filter of the program.
#include "launcher.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static bool set_limit(int resource, uint64_t soft, uint64_t hard) {
  struct rlimit now;
  if (getrlimit((__rlimit_resource_t)resource, &now) != 0) return false;
  if (now.rlim_max != RLIM_INFINITY && hard > now.rlim_max) hard = now.rlim_max;
  if (soft > hard) soft = hard;
  struct rlimit wanted = {.rlim_cur = soft, .rlim_max = hard};
  return setrlimit((__rlimit_resource_t)resource, &wanted) == 0;
}

const char *limits_apply(const Containment *want) {
  if (!set_limit(RLIMIT_CORE, 0, 0)) return "forbid core dumps";
  if (want->memory && !set_limit(RLIMIT_AS, want->memory, want->memory)) return "limit memory";
  // The soft limit sends SIGXCPU; whoever ignores that is killed a second later.
  if (want->cpu && !set_limit(RLIMIT_CPU, want->cpu, want->cpu + 1)) return "limit CPU time";
  if (want->file_size && !set_limit(RLIMIT_FSIZE, want->file_size, want->file_size)) {
    return "limit file sizes";
  }
  if (want->open_files && !set_limit(RLIMIT_NOFILE, want->open_files, want->open_files)) {
    return "limit open files";
  }
  if (want->processes) {
    // The kernel counts all tasks of the user, in older versions even across user namespaces; the
    // tasks of the whole machine bound those from above. Root is exempt: the supervisor counts.
    struct sysinfo machine;
    uint64_t others = sysinfo(&machine) == 0 ? machine.procs : 4096;
    // Room for the supervisor to see that there are too many.
    uint64_t most = others + want->processes + 32;
    if (!set_limit(RLIMIT_NPROC, most, most)) return "limit processes";
  }
  return NULL;
}

const char *capabilities_drop(void) {
  for (int capability = 0; capability < 64; capability++) {
    if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) {
      prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}, {0}};
  return syscall(SYS_capset, &header, none) == 0 ? NULL : "drop capabilities";
}

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef OUR_ARCHITECTURE
// Nothing that a program under repair needs: the machine's clock, name, modules, keys, mounts.
// io_uring goes too, since it opens sockets past this filter.
static const int refused_calls[] = {
  SYS_keyctl, SYS_add_key, SYS_request_key, SYS_bpf, SYS_perf_event_open, SYS_kexec_load,
  SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_reboot, SYS_swapon, SYS_swapoff,
  SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname,
  SYS_mount, SYS_umount2, SYS_pivot_root, SYS_setns, SYS_open_by_handle_at, SYS_chroot,
  SYS_acct, SYS_quotactl, SYS_syslog, SYS_io_uring_setup, SYS_userfaultfd,
};

enum { FILTER_ROOM = 160 };
typedef struct {
  struct sock_filter code[FILTER_ROOM];
  unsigned short length;
} Filter;

static void emit(Filter *filter, struct sock_filter instruction) {
  if (filter->length < FILTER_ROOM) filter->code[filter->length++] = instruction;
}

static void emit_load(Filter *filter, size_t offset) {
  emit(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void emit_refusal(Filter *filter, int error) {
  emit(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error));
}

// Refuses `call` when the low half of its first argument is one of `values`.
static void emit_argument_rule(
    Filter *filter, int call, const uint32_t *values, unsigned count, int error) {
  // Skips: the load, each comparison with its refusal, and the reload of the number.
  unsigned char length = (unsigned char)(2 + 2 * count);
  emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, length));
  emit_load(filter, offsetof(struct seccomp_data, args[0]));
  for (unsigned i = 0; i < count; i++) {
    emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, values[i], 0, 1));
    emit_refusal(filter, error);
  }
  emit_load(filter, offsetof(struct seccomp_data, nr));
}

static void emit_signal_rules(Filter *filter, const Containment *want) {
  uint32_t victims[5] = {(uint32_t)-1};
  unsigned count = 1;
  for (int i = 0; i < 2; i++) {
    if (!want->protected_pids[i]) continue;
    victims[count++] = (uint32_t)want->protected_pids[i];
    victims[count++] = (uint32_t)-want->protected_pids[i];
  }
  emit_argument_rule(filter, SYS_kill, victims, count, EPERM);
  emit_argument_rule(filter, SYS_tkill, victims, count, EPERM);
  emit_argument_rule(filter, SYS_tgkill, victims, count, EPERM);
  emit_argument_rule(filter, SYS_rt_sigqueueinfo, victims, count, EPERM);
  emit_argument_rule(filter, SYS_pidfd_open, victims, count, EPERM);
}

const char *seccomp_apply(const Containment *want) {
  Filter filter = {.length = 0};
  emit_load(&filter, offsetof(struct seccomp_data, arch));
  emit(&filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0));
  emit(&filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  emit_load(&filter, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
  // The x32 numbers would be a way around every rule below.
  emit(&filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  emit_refusal(&filter, ENOSYS);
#endif
  for (size_t i = 0; i < sizeof refused_calls / sizeof *refused_calls; i++) {
    unsigned call = (unsigned)refused_calls[i];
    emit(&filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    emit_refusal(&filter, refused_calls[i] == SYS_io_uring_setup ? ENOSYS : EPERM);
  }
  if (want->guard_signals) emit_signal_rules(&filter, want);
  if (want->refuse_network) {
    const uint32_t families[] = {AF_INET, AF_INET6, AF_PACKET, 40 /* AF_VSOCK */};
    emit_argument_rule(&filter, SYS_socket, families, 4, ENETUNREACH);
  }
  emit(&filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  struct sock_fprog program = {.len = filter.length, .filter = filter.code};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) return NULL;
  // Without a filter the other protections still stand; the probe reports what is missing.
  return NULL;
}
#else
const char *seccomp_apply(const Containment *want) {
  (void)want;
  return NULL;
}
#endif
