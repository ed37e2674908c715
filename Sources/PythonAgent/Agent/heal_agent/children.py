"""Forked children: limits, process groups, and the certainty that none outlives the agent."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import stat
import sys
import time
from typing import Callable, Dict, Iterable, List, Optional, Set, Tuple

_TICKS = float(os.sysconf("SC_CLK_TCK")) if hasattr(os, "sysconf") else 100.0
_PAGE = resource.getpagesize()
_HUGE, _MADV_COLLAPSE = 2 << 20, 25
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
#: Seconds to wait for a process to come free.
_PATIENCE = 10

#: Asks a child for the stacks of all its threads. A real-time signal, since programs hardly ever use those.
DUMP_SIGNAL = getattr(signal, "SIGRTMAX", signal.SIGUSR2) - (3 if hasattr(signal, "SIGRTMAX") else 0)


def _libc():
    """The C library with the interpreter's lock held during calls; `None` where it cannot be had."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes

        library = ctypes.PyDLL(None)
        library.prctl.argtypes = [ctypes.c_int] + 4 * [ctypes.c_ulong]
        library.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        library.fork.argtypes = []
    except (ImportError, OSError, AttributeError):
        return None
    return library


_LIBC = _libc()
_prctl = _LIBC.prctl if _LIBC is not None else None
_bare_fork = _LIBC.fork if _LIBC is not None else None


def fork_single() -> int:
    """Forks a process that has one thread.

    What `os.fork` does beside forking mends what other threads may have left half-done (locks, the list of threads), and
    costs as much as a small candidate: with one thread there is nothing to mend. Random numbers go on as in the parent,
    the same for every candidate, where `os.fork` would seed them anew.
    """
    return fork(os.fork if _bare_fork is None else _bare_fork)


def fork(call: "Callable[[], int]" = os.fork) -> int:
    """Forks; while there may be no more processes, since others of the same user have them all, it waits its turn.

    Raises `BlockingIOError` when none came free for `_PATIENCE` seconds: no number of a process is ever negative, which
    would mean all of them to `kill`.
    """
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            pid = call()
        except BlockingIOError:
            pid = -1
        if pid >= 0:
            return pid
        if time.monotonic() > end:
            raise BlockingIOError(errno.EAGAIN, "no process could be started for %d s" % _PATIENCE)
        time.sleep(0.02)


def die_with_parent(parent: int) -> None:
    """Has the kernel kill this process when its parent dies; `parent` closes the race with a death before the call."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def live_on() -> None:
    """Undoes `die_with_parent`: for a process whose parent is expected to die before it."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, 0, 0, 0, 0)


def into_huge_pages() -> None:
    """Moves this process's heap into huge pages where the kernel can (6.1 and later): a fork copies fewer table entries.

    Takes some milliseconds; worth it before dozens of forks, and again when they have split the pages.
    """
    if _LIBC is None:
        return
    try:
        with open("/proc/self/maps") as file:
            rows = [line.split() for line in file]
    except OSError:
        return
    for row in rows:
        if row[1] == "rw-p" and row[5:] in ([], ["[heap]"]):
            start, end = (int(part, 16) for part in row[0].split("-"))
            for place in range(-(-start // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE):
                _LIBC.madvise(place, _HUGE, _MADV_COLLAPSE)


def become_subreaper() -> None:
    """Makes orphaned descendants children of this process, so that daemons can be found and ended."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def high_descriptor(fd: int) -> int:
    """A close-on-exec duplicate of `fd` far above what programs use; closes the original unless it is 0, 1 or 2."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    base = 900 if soft == resource.RLIM_INFINITY or soft > 1000 else max(3, int(soft) - 40)
    copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, base)
    if fd > 2:
        os.close(fd)
    return copy


def close_descriptors(keep: "Iterable[int]") -> None:
    """Closes every descriptor above 2 that is not to be kept."""
    kept = set(keep)
    try:
        open_now = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        open_now = list(range(3, 1024))
    for fd in open_now:
        if fd > 2 and fd not in kept:
            try:
                os.close(fd)
            except OSError:
                pass


def reset_signals() -> None:
    """Gives a child the signal handling of a freshly started interpreter."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGALRM, signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def _lower(kind: int, soft: int, hard: "Optional[int]" = None) -> None:
    _, ceiling = resource.getrlimit(kind)
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (ValueError, OSError):
        pass


def limit_memory(extra: int) -> None:
    """Allows this process `extra` bytes of address space beyond what it has now (what the agent holds is not charged)."""
    _lower(resource.RLIMIT_AS, address_space() + extra)


def cpu_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def limit_cpu(seconds: float) -> None:
    """Ends this process by SIGXCPU after whole CPU seconds, and by SIGKILL one later."""
    whole = max(1, int(seconds + 0.999))
    _lower(resource.RLIMIT_CPU, whole, whole + 1)


def no_core_dumps() -> None:
    """A crash of the program leaves no file behind."""
    _lower(resource.RLIMIT_CORE, 0)


def address_space() -> int:
    """Virtual memory of this process in bytes; 0 where that cannot be read."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def os_threads() -> int:
    """How many threads the kernel sees in this process; 1 where that cannot be read."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def written_files() -> "List[str]":
    """Regular files that this process holds open for writing: forks share their ends and places."""
    found = []
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return []
    for fd in numbers:
        try:
            if stat.S_ISREG(os.fstat(fd).st_mode) and fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                found.append(os.readlink("/proc/self/fd/%d" % fd))
        except OSError:
            continue  # the one that listed them
    return found


def kill_group(group: int) -> None:
    """Ends a process group at once; a group that is gone already is fine."""
    for send in (os.killpg, os.kill):
        try:
            send(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def _stat(pid: str) -> "Optional[Tuple[int, int, float]]":
    """Parent, process group and CPU seconds of one process."""
    try:
        with open("/proc/%s/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return int(fields[1]), int(fields[2]), (int(fields[11]) + int(fields[12])) / _TICKS
    except (OSError, ValueError, IndexError):
        return None


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used so far, its children left out."""
    seen = _stat(str(pid))
    return seen[2] if seen is not None else 0.0


def demand(pids: "Iterable[int]") -> float:
    """Seconds for which the threads of these processes ran or waited for a processor: on a busy machine a loop gets only
    a share of one, and still wants all of it. CPU seconds where the kernel does not tell."""
    total = 0.0
    for pid in pids:
        folder = "/proc/%d/task" % pid
        try:
            for thread in os.listdir(folder):
                with open("%s/%s/schedstat" % (folder, thread), "rb") as file:
                    ran, waited = file.read().split()[:2]
                total += (int(ran) + int(waited)) / 1e9
        except (OSError, ValueError):
            total += cpu_of(pid)
    return total


def runs(pids: "Iterable[int]", looks: int = 20, pause: float = 0.005) -> bool:
    """Whether one of these processes has a thread that runs or waits for a processor, in most of several looks: what holds
    also where the whole machine stands still for a while, and neither counts as running nor as waiting."""
    seen = 0
    for _ in range(looks):
        seen += any(_is_runnable(pid) for pid in pids)
        time.sleep(pause)
    return 2 * seen > looks


def _is_runnable(pid: int) -> bool:
    folder = "/proc/%d/task" % pid
    try:
        for thread in os.listdir(folder):
            with open("%s/%s/stat" % (folder, thread), "rb") as file:
                if file.read().rpartition(b")")[2].split()[0] == b"R":
                    return True
    except (OSError, IndexError):
        pass
    return False


def processes() -> "Dict[int, Tuple[int, int, float]]":
    """Every process that /proc shows: id to parent, group and CPU seconds."""
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return {}
    found = {}
    for name in names:
        seen = _stat(name)
        if seen is not None:
            found[int(name)] = seen
    return found


def descendants(root: int, table: "Optional[Dict[int, Tuple[int, int, float]]]" = None) -> "Set[int]":
    """The processes below `root`, itself left out."""
    table = processes() if table is None else table
    below: "Dict[int, List[int]]" = {}
    for pid, (parent, _, _) in table.items():
        below.setdefault(parent, []).append(pid)
    found: "Set[int]" = set()
    todo = list(below.get(root, ()))
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.add(pid)
            todo.extend(below.get(pid, ()))
    return found


def has_children() -> bool:
    """Whether this process has any child (cheap; `True` where the kernel does not tell)."""
    try:
        with open("/proc/self/task/%d/children" % os.getpid(), "rb") as file:
            return bool(file.read(1))
    except OSError:
        return True


def end_strays(keep: "Iterable[int]", patience: float = 2.0) -> None:
    """Kills and reaps every descendant that is not below or among `keep` (daemons that left their session included)."""
    me, kept = os.getpid(), set(keep)
    end = time.monotonic() + patience
    while has_children() and time.monotonic() < end:
        table = processes()
        spared = set(kept)
        for pid in kept:
            spared |= descendants(pid, table)
        strays = descendants(me, table) - spared
        if not strays:
            return
        for pid in strays:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        for pid in strays:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
        time.sleep(0.002)


def reap(pid: int, patience: float = 2.0) -> "Optional[Tuple[int, object]]":
    """Waits for a child that has been killed: its wait status and resource usage, or `None` if it is not ours."""
    end = time.monotonic() + patience
    pause = 0.0002
    while True:
        try:
            done, status, usage = os.wait4(pid, os.WNOHANG)
        except ChildProcessError:
            return None
        if done:
            return status, usage
        if time.monotonic() > end:
            return None
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def exit_of(status: int) -> "Dict[str, Optional[int]]":
    """The protocol's `exit` for a wait status."""
    if os.WIFSIGNALED(status):
        return {"code": None, "signal": os.WTERMSIG(status)}
    return {"code": os.WEXITSTATUS(status), "signal": None}
