"""Notices what code does beyond its own memory: an audit hook, which code under test cannot take out again."""

from __future__ import annotations

import _collections_abc
import os
import sys
import tempfile
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

# What leaves a mark that a fork does not undo, by audit event.
_DISK = frozenset((
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.chown",
    "os.utime", "os.chflags", "os.lchmod", "os.setxattr", "os.removexattr", "shutil.rmtree", "shutil.move", "shutil.copyfile",
    "shutil.copytree", "shutil.make_archive", "shutil.unpack_archive", "sqlite3.connect", "os.mknod", "os.mkfifo",
))
_PROCESSES = frozenset((
    "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn", "subprocess.Popen",
    "os.kill", "os.killpg",
))
_NETWORK = frozenset(("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"))
_NEW_SOCKET = "socket.__new__"  # changes nothing by itself, and may be what is refused
_SURROUNDINGS = frozenset(("os.chdir", "os.putenv", "os.unsetenv", "os.chroot", "signal.pthread_kill"))
_THREADS = frozenset(("_thread.start_new_thread", "_thread.start_joinable_thread"))
_ALL = _DISK | _PROCESSES | _NETWORK | _SURROUNDINGS | _THREADS | frozenset(("open", _NEW_SOCKET))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HARMLESS = ("/dev/null", "/dev/tty", "/dev/full", "/dev/zero")

DISK, PROCESS, NETWORK, SURROUNDINGS, THREAD = "disk", "process", "network", "surroundings", "thread"


def _kind(event: str) -> str:
    if event in _PROCESSES:
        return PROCESS
    if event in _NETWORK:
        return NETWORK
    if event in _SURROUNDINGS:
        return SURROUNDINGS
    return THREAD if event in _THREADS else DISK


def _writes(arguments: "Tuple[Any, ...]") -> bool:
    path, mode, flags = (tuple(arguments) + (None, None, None))[:3]
    if isinstance(path, int) or path in _HARMLESS:
        return False
    if isinstance(flags, int) and flags & _WRITING:
        return True
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")


def watch_threads(started: "Callable[[], None]") -> None:
    """Calls `started` at each thread start where the interpreter raises no audit event for it (before Python 3.12)."""
    if sys.version_info >= (3, 12):
        return
    import _thread

    original = _thread.start_new_thread

    def start_new_thread(*arguments: Any, **named: Any) -> int:
        started()
        return original(*arguments, **named)

    _thread.start_new_thread = start_new_thread  # type: ignore[assignment]
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._start_new_thread = start_new_thread  # type: ignore[attr-defined]


def watch_processes(started: "Callable[[], None]") -> None:
    """Calls `started` where a process is started without any audit event, as multiprocessing does by default since 3.14."""
    try:
        import _posixsubprocess
    except ImportError:
        return
    original = _posixsubprocess.fork_exec

    def fork_exec(*arguments: Any) -> int:
        started()
        return original(*arguments)

    _posixsubprocess.fork_exec = fork_exec  # type: ignore[assignment]


class Watch:
    """Counts impure operations of this process, and those that the sandbox refuses; armed only while code under test runs."""

    def __init__(self) -> None:
        self.armed = False
        self.events: "List[Tuple[str, str]]" = []
        self.seen: "Dict[str, int]" = {}
        self.refused: "List[Tuple[str, str]]" = []
        #: What was refused while modules were imported: it may be behind the failure of any test.
        self.early: "List[Tuple[str, str]]" = []
        self._refusals: "Optional[Refusals]" = None
        self._installed = False

    def watch_refusals(self, root: str) -> None:
        """From now on also notes what the sandbox refuses."""
        self._refusals = Refusals(root)

    def install(self) -> None:
        """Adds the hook to this process; it stays for the process's life and in all its forks."""
        if not self._installed:
            self._installed = True
            sys.addaudithook(self._hook)
            watch_threads(lambda: self._hook("_thread.start_new_thread", ()))
            watch_processes(lambda: self._hook("os.posix_spawn", ()))

    def arm(self) -> None:
        """Starts to note operations, from none."""
        self.seen = {}
        self.events = []
        self.refused = []
        self.armed = True

    def disarm(self) -> "Dict[str, int]":
        """Stops; answers how many operations of each kind were seen."""
        self.armed = False
        return self.seen

    def _hook(self, event: str, arguments: "Tuple[Any, ...]") -> None:
        if not self.armed or event not in _ALL:
            return
        if self._refusals is not None:
            self.note_refusal(self._refusals.of(event, arguments))
        if event == _NEW_SOCKET or event == "open" and not _writes(arguments):
            return
        if event == "socket.getaddrinfo" or event == "socket.connect" and len(arguments) > 1:
            if _is_local(arguments[1] if event == "socket.connect" else arguments[:1]):
                return
        kind = _kind(event)
        if kind == DISK and _is_temporary(arguments):
            kind = "temporary"
        self.seen[kind] = self.seen.get(kind, 0) + 1
        if len(self.events) < 20:
            self.events.append((event, _what(arguments)))


    def note_refusal(self, found: "Optional[Tuple[str, str]]") -> None:
        """Notes an operation that the sandbox refused."""
        notes = self.refused if self.armed else self.early
        if found is not None and found not in notes and len(notes) < 20:
            notes.append(found)


def _is_temporary(arguments: "Tuple[Any, ...]") -> bool:
    """Files below the temporary folder have names of their own in each process, so forks do not meet there."""
    folder = tempfile.tempdir
    first = arguments[0] if arguments else None
    if isinstance(first, bytes):
        first = os.fsdecode(first)
    # The folder itself is opened for files without a name.
    return bool(folder) and isinstance(first, str) and (first + os.sep).startswith(str(folder) + os.sep)


def _is_local(address: Any) -> bool:
    """Whether an address is the loopback or a socket in the file system."""
    if isinstance(address, (str, bytes)):
        return True
    host = address[0] if isinstance(address, tuple) and address else None
    if isinstance(host, bytes):
        host = host.decode("utf-8", "replace")
    return host in (None, "", "localhost", "::1", "0.0.0.0", "::") or str(host).startswith("127.")


def _what(arguments: "Tuple[Any, ...]") -> str:
    shown = [repr(one)[:80] for one in arguments[:2] if type(one) in (str, bytes, int, tuple)]
    return ", ".join(shown)


WATCH = Watch()


class Refusals:
    """Tells of an operation whether the sandbox refuses it."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)
        self._busy = False

    def of(self, event: str, arguments: "Tuple[Any, ...]") -> "Optional[Tuple[str, str]]":
        """The refused operation that an audit event stands for, with its target."""
        if self._busy:  # finding out raises events of its own
            return None
        self._busy = True
        try:
            return self._refused(event, arguments)
        except Exception:
            return None  # a strange argument is the program's affair
        finally:
            self._busy = False

    def _refused(self, event: str, arguments: "Tuple[Any, ...]") -> "Optional[Tuple[str, str]]":
        if event == "open":
            return self._refused_write(arguments[0]) if _writes(arguments) else None
        if event in ("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.rename", "os.symlink", "os.chmod"):
            return self._refused_write(arguments[0])
        if event in ("socket.connect", "socket.sendto"):
            return self._refused_connection(arguments[1])
        if event == "socket.getaddrinfo" and not _is_local(arguments[:1]) and not (has_sockets() and has_route()):
            return "network", str(arguments[0])
        if event == _NEW_SOCKET and len(arguments) > 1 and not has_sockets(arguments[1]):
            return "network", "by a socket of any kind"
        return None

    def _refused_write(self, path: Any) -> "Optional[Tuple[str, str]]":
        """Whether writing here must fail although the user could do it outside: only outside of the root."""
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, (str, os.PathLike)):
            return None
        full = os.path.realpath(os.fspath(path))
        if (full + os.sep).startswith(self._root + os.sep) or full.startswith(("/dev/", "/proc/")):
            return None
        place = full if os.path.lexists(full) else os.path.dirname(full)
        if not os.path.lexists(place) or os.access(place, os.W_OK):
            return None
        return "write", full

    def _refused_connection(self, address: Any) -> "Optional[Tuple[str, str]]":
        if not isinstance(address, tuple) or _is_local(address):
            return None
        what = "%s:%s" % (address[0], address[1]) if len(address) > 1 else str(address)
        return None if can_reach(address) else ("network", what)


class RefusalWatch:
    """For one observed run: operations that the sandbox refuses, and how many threads were started."""

    def __init__(self, root: str, note: "Callable[[str, str], None]", thread_started: "Callable[[], None]",
                 impure: "Callable[[str, str], None]") -> None:
        self._refusals = Refusals(root)
        self._impure = impure
        self._kinds: "set[str]" = set()
        self._note = note
        self._thread_started = thread_started
        self._noted: "set[Tuple[str, str]]" = set()
        self._busy = False

    def install(self) -> None:
        """Adds the hook to this process."""
        sys.addaudithook(self._hook)
        watch_threads(lambda: self._hook("_thread.start_new_thread", ()))
        watch_processes(lambda: self._hook("os.posix_spawn", ()))

    def _hook(self, event: str, arguments: "Tuple[Any, ...]") -> None:
        if event not in _ALL or self._busy:
            return
        self._busy = True
        try:
            self._note_kind(event, arguments)
            if event in _THREADS:
                self._thread_started()
                return
            found = self._refusals.of(event, arguments)
            if found is not None and found not in self._noted and len(self._noted) < 50:
                self._noted.add(found)
                self._note(*found)
        except Exception:
            pass  # a strange argument is the program's affair
        finally:
            self._busy = False

    def _note_kind(self, event: str, arguments: "Tuple[Any, ...]") -> None:
        if event == _NEW_SOCKET or event == "open" and not _writes(arguments):
            return
        kind = _kind(event)
        if kind not in self._kinds:
            self._kinds.add(kind)
            self._impure(kind, "%s(%s)" % (event, _what(arguments)))


def watch_environment(withheld: "Iterable[str]", root: str, note: "Callable[[Tuple[str, str]], None]") -> None:
    """Calls `note` when code below `root` reads a variable that the sandbox left out, and has nothing to put in its place."""
    names = frozenset(withheld)
    if not names:
        return
    own = os.path.realpath(root) + os.sep
    between = {os.__file__, _collections_abc.__file__, "<frozen os>", "<frozen _collections_abc>"}
    original = os._Environ.__getitem__  # type: ignore[attr-defined]

    def told(mapping: Any, key: Any) -> None:
        if mapping is not os.environ or not isinstance(key, str) or key not in names or mapping.encodekey(key) in mapping._data:
            return
        frame = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename in between:
            if frame.f_code.co_name == "__contains__" or frame.f_locals.get("default") is not None:
                return
            frame = frame.f_back  # type: ignore[assignment]
        place = os.path.realpath(frame.f_code.co_filename) if frame is not None else ""
        if place.startswith(own) and "site-packages" not in place:
            note(("environment", key))

    # Compiled under the name of its module, so that it looks in tracebacks like what it stands for.
    scope: "Dict[str, Any]" = {"told": told, "original": original}
    exec(compile("def __getitem__(self, key):\n    told(self, key)\n    return original(self, key)\n", os.__file__, "exec"), scope)
    os._Environ.__getitem__ = scope["__getitem__"]  # type: ignore[attr-defined]


def has_sockets(family: int = 2) -> bool:
    """Whether a socket of this family (2 is IPv4) can be made: some sandboxes refuse them as a whole, with the loopback."""
    import errno
    import socket

    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.errno != errno.ENETUNREACH
    return True


def has_route() -> bool:
    """Whether this process sees any network beyond the loopback."""
    for path, column in (("/proc/net/route", 0), ("/proc/net/ipv6_route", -1)):
        try:
            with open(path) as file:
                rows = file.read().split("\n")
        except OSError:
            continue
        names = {row.split()[column] for row in rows if len(row.split()) > 2}
        if names - {"lo", "Iface"}:
            return True
    return not os.path.exists("/proc/net/route")


def can_reach(address: "Tuple[Any, ...]") -> bool:
    """Whether the kernel would route to this address; a datagram socket tells without sending anything."""
    import socket

    family = socket.AF_INET6 if ":" in str(address[0]) else socket.AF_INET
    host = str(address[0])
    try:
        socket.inet_pton(family, host)
    except OSError:
        return has_route()  # a name: whether it resolves depends on the network
    probe = socket.socket(family, socket.SOCK_DGRAM)
    try:
        probe.connect((host, int(address[1]) or 9))
    except OSError:
        return False
    finally:
        probe.close()
    return True


def _is_place(path: Any, root: str) -> bool:
    """Whether an operation was about the root itself, which is no ordinary folder in a sandbox."""
    return isinstance(path, (str, bytes)) and os.path.realpath(os.fsdecode(path)) == os.path.realpath(root)


def refusal_of(error: BaseException, root: str) -> "Optional[Tuple[str, str]]":
    """The refused operation that an uncaught exception speaks of, if it does."""
    import errno

    seen = 0
    current: "Optional[BaseException]" = error
    while current is not None and seen < 8:
        if isinstance(current, OSError):
            number = current.errno
            if number in (errno.EBUSY, errno.EACCES, errno.EPERM, errno.EROFS) and _is_place(current.filename, root):
                return "remove", "the program's own folder"
            if number == errno.EXDEV and current.filename2:
                return "move", "%s to %s" % (os.fsdecode(current.filename), os.fsdecode(current.filename2))
            if number in (errno.EROFS, errno.EPERM, errno.EACCES) and current.filename:
                return "write", os.fsdecode(current.filename) if isinstance(current.filename, (str, bytes)) else "?"
            if number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
                return "network", str(current)
            if type(current).__name__ == "gaierror" and not has_route():
                return "network", str(current)
        current = current.__cause__ or current.__context__
        seen += 1
    return None
