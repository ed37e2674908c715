"""One run of a script that nobody directs: real threads, locks and clocks, the program's own modules rewritten to tell of state."""

from __future__ import annotations

import _thread
import atexit
import importlib.abc
import importlib.machinery
import io
import linecache
import os
import sys
import threading
import time
import types
from typing import Any, Callable, List, Optional, Sequence

from .. import describe, program
from . import kinds, recording_library, recording_locks, recording_threads, recording_waits
from .recording_hooks import RecordingHooks
from .recording_locks import Recording
from .recording_log import Log, What, clock
from .recording_places import Places
from .recording_rewrite import compile_recorded
from .recording_waits import Wait
from .recording_sites import RecordedSites
from .sites import Sites

_LOOK = 0.05
"""Seconds between two looks at whether the threads wait for ever."""
_BUSY = 0.002
"""CPU seconds between two looks that a process of waiting threads does not use."""
_LOCK, _RLOCK = type(_thread.allocate_lock()), type(_thread.RLock())
_UNTOUCHED = frozenset(("_thread", "builtins", "sys", "gc", "threading"))


class RecordedRun:
    """One run; `ended` is called in whichever thread finds out how it ended, once, and does not return."""

    def __init__(self, root: str, argv: "List[str]", log: Log, ended: "Callable[[RecordedRun, str, List[Wait]], None]") -> None:
        self.root = root
        self.argv = argv
        self.log = log
        self.sites = RecordedSites(root)
        self.places = Places(log, self.sites)
        self.exit: "Optional[int]" = None
        self.space: "dict[str, Any]" = {}
        self.script, self.scheduler = self, types.SimpleNamespace(loops=())  # what names are told by
        self._ended = ended
        self._process = os.getpid()
        self._once = _thread.allocate_lock()

    def run(self, wall: float, output: int, cpu: float) -> None:
        """Runs the script to its end, or until `wall` seconds are over; tells no more after `cpu` CPU seconds of several threads."""
        Recording.begin(self.log, self.places, self.sites)
        main = recording_threads.register_main()
        _thread.start_new_thread(self._watch, (wall, output, cpu))
        self._install()
        self.log.started = clock()
        self.exit = self._main()
        self._finish()
        if os.getpid() != self._process:
            sys.stdout.flush()
            os._exit(self.exit)
        if not self.log.solo:
            self.log.sync(main, What(kinds.END, 0, -1, 0))
        Recording.is_exact = Recording.is_exact or all(one.ended for one in self.log.threads[1:])
        self._end("completed", [])

    def _end(self, how: str, waits: "List[Wait]") -> None:
        if self._once.acquire(False):
            self.log.close()
            self._ended(self, how, waits)
        _thread.allocate_lock().acquire()
        while True:
            threading.Event().wait()

    def _install(self) -> None:
        recording_library.patch()
        recording_threads.patch()
        os.register_at_fork(before=lambda: self.log.limit("processes that the program forks are not recorded"), after_in_child=self._leave)
        sys.stdout = Output(self.log, self.places, self.sites.caller, sys.stdout)
        _replace_everywhere(self.root)
        sys.meta_path.insert(0, _Finder(self.root, self.sites))
        RecordingHooks(self.log, self.places, self.sites).install()

    def _leave(self) -> None:
        """A process that the program forked is none of ours."""
        self.log.stop("events")

    # The life of the program

    def _main(self) -> int:
        try:
            module = program.become_main(self.argv)
            self.space = module.__dict__
            path = module.__dict__["__file__"]
            exec(_code(path, self.sites), module.__dict__)
        except SystemExit as leaving:
            return program.exit_status(leaving)
        except BaseException as error:
            error.__traceback__ = program.without_agent(error.__traceback__)
            recording_threads.Raised.note(self.log.threads[0], error)
            try:
                sys.excepthook(type(error), error, error.__traceback__)
            except BaseException:  # a hook of the program may raise anything
                pass
            return 1
        return 0

    def _finish(self) -> None:
        """Executors are told, threads awaited and exit functions run, as the interpreter does."""
        for call in reversed(getattr(threading, "_threading_atexits", ())):
            call()
        while True:
            others = [one for one in threading.enumerate() if not one.daemon and one is not threading.current_thread()]
            if not others:
                break
            others[0].join()
        atexit._run_exitfuncs()
        try:
            sys.stdout.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the program closed or replaced it

    # From outside

    def _watch(self, wall: float, output: int, cpu: float) -> None:
        """Ends the run when its time is over, when its threads wait for ever, or when it writes without end."""
        pause, end, before, rows = _thread.allocate_lock(), clock() + int(wall * 1e9), [], -1  # type: ignore[var-annotated]
        used, spent = time.process_time(), 0.0
        pause.acquire()
        while clock() < end:
            pause.acquire(True, min(_LOOK, max(0.0, (end - clock()) / 1e9)))
            if os.fstat(1).st_size > output:
                self._end("output", [])
            busy, used = used, time.process_time()
            if not self.log.solo:
                spent += used - busy
                if spent > cpu:
                    self.log.stop("cpu")
            if used - busy > _BUSY:
                continue  # a look at frames keeps what they hold alive meanwhile
            now = recording_waits.waits()
            if recording_waits.are_for_ever(now, before, rows):
                Recording.is_exact = True
                self._end("stuck", recording_waits.waits())
            before, rows = now, len(self.log.rows)
        self._end("wall", recording_waits.waits())


class Output(io.TextIOWrapper):
    """Standard output, on the real one: each write is told."""

    def __init__(self, log: Log, places: Places, caller: Any, real: Any) -> None:
        super().__init__(real.buffer, real.encoding, real.errors, newline="\n")
        self._log = log
        self._places = places
        self._caller = caller
        self.mode = "w"
        self._real = real  # it would close the descriptor

    def write(self, text: str) -> int:
        """Writes to the stream, and tells before."""
        if not self._log.solo:
            record = self._places.record(self, 0, "standard output", "standard output")
            self._log.step(kinds.OUTPUT, record.serial, -1, self._caller())
        return super().write(text)


def _code(path: str, sites: Sites) -> types.CodeType:
    with open(path, "rb") as file:
        source = file.read()
    linecache.getlines(path)
    return compile_recorded(source, path, sites)  # type: ignore[no-any-return]


class _Finder(importlib.abc.MetaPathFinder):
    """Gives the program's own modules their rewritten code."""

    def __init__(self, root: str, sites: Sites) -> None:
        self._root = root
        self._sites = sites

    def find_spec(self, fullname: str, path: "Optional[Sequence[str]]", target: Any = None) -> Any:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        origin = getattr(spec, "origin", None)
        if spec is None or not isinstance(origin, str) or not origin.endswith(".py") or not describe.is_own(origin, self._root):
            return None
        spec.loader = _Loader(fullname, origin, self._sites)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, sites: Sites) -> None:
        super().__init__(fullname, path)
        self._sites = sites

    def get_code(self, fullname: str) -> types.CodeType:
        return _code(self.path, self._sites)


def _replace_everywhere(root: str) -> None:
    """Puts locks that tell in the place of the interpreter's, wherever their names are held already.

    Locks that exist already are the standard library's own and stay, but for those of installed packages.
    """
    table: "dict[int, Any]" = {id(old): new for old, new in recording_threads.replacements().items()}
    table.update({id(_thread.allocate_lock): recording_locks.Lock, id(threading.Lock): recording_locks.Lock, id(_LOCK): recording_locks.Lock,
                  id(threading.RLock): recording_locks.RLock, id(_thread.RLock): recording_locks.RLock})
    queue: Any = sys.modules["queue"]
    table[id(queue.SimpleQueue)] = recording_library.SimpleQueue
    own = __package__.rpartition(".")[0]
    kept = list(table), threading.RLock, queue.SimpleQueue  # so that no other object gets their addresses
    for name, module in list(sys.modules.items()):
        if type(module) is types.ModuleType and name not in _UNTOUCHED and not name.startswith((own, "importlib", "_frozen")):
            _replace(module.__dict__, table)
    space: Any = threading.__dict__
    space.update(Lock=recording_locks.Lock, RLock=recording_locks.RLock)
    substitute = types.ModuleType("_thread", _thread.__doc__)
    substitute.__dict__.update({name: table.get(id(value), value) for name, value in vars(_thread).items()})
    sys.modules["_thread"] = substitute
    assert kept


def _replace(space: "dict[str, Any]", table: "dict[int, Any]") -> None:
    installed = "-packages" in (space.get("__file__") or "")
    for name, value in list(space.items()):
        new = table.get(id(value))
        if new is not None:
            space[name] = new
        elif installed and type(value) in (_LOCK, _RLOCK):
            space[name] = recording_locks.Lock() if type(value) is _LOCK else recording_locks.RLock()
        elif installed and isinstance(value, type) and value.__module__ == space.get("__name__"):
            for key, one in list(vars(value).items()):
                if type(one) in (_LOCK, _RLOCK):
                    setattr(value, key, recording_locks.Lock() if type(one) is _LOCK else recording_locks.RLock())
