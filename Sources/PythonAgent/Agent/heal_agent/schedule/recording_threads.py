"""Threads of a run that nobody directs: their numbers, starts, ends and joins, and what they raised."""

from __future__ import annotations

import _thread
import functools
import sys
import threading
from typing import Any, Callable, Dict, List, Tuple

from . import kinds
from .recording_locks import Recording, tell
from .recording_log import RecordedThread, What

_real_start_new = _thread.start_new_thread
_Thread: Any = threading.Thread
_real_init, _real_start, _real_join = _Thread.__init__, _Thread.start, _Thread.join
_real_alive, _real_bootstrap = _Thread.is_alive, _Thread._bootstrap_inner
_real_make_hook: Any = threading._make_invoke_excepthook  # type: ignore[attr-defined]
_MINE = "_heal_recorded"


class Raised:
    """Exceptions that ended threads, described at once: kept, they would keep what their frames hold."""

    describe: "Callable[[BaseException], Dict[str, Any]]"
    found: "List[Tuple[RecordedThread, int, Dict[str, Any]]]" = []

    @classmethod
    def note(cls, thread: RecordedThread, error: Any) -> None:
        """Notes what a thread raised and nobody caught."""
        if isinstance(error, BaseException) and not isinstance(error, SystemExit):
            cls.found.append((thread, len(Recording.log.rows), cls.describe(error)))


def register_main() -> RecordedThread:
    """The main thread is number 0."""
    thread: RecordedThread = Recording.log.new_thread("MainThread")
    thread.ident, thread.native = _thread.get_ident(), _thread.get_native_id()
    Recording.log.by_ident[thread.ident] = thread
    return thread


def _spawn(handle: Any, name: str, target: Any, frame: Any) -> RecordedThread:
    """Numbers a thread that is about to be started; what the one before it holds is told when it is the first."""
    log, places = Recording.log, Recording.places
    if log.solo and log.cut is None:
        log.begin()
        me = log.current
        for state in Recording.states():
            if state.owner() == me.ident and state.is_held():
                log.sync(me, state.what(kinds.ACQUIRE), *(state.made or (None, 0)))
    thread: RecordedThread = log.new_thread(name)
    thread.first = _first_line(handle, target)
    if not log.solo:
        thread.serial = places.record(handle, 0, "thread %d" % thread.number, name).serial
        tell(What(kinds.SPAWN, thread.serial, -1, 0), frame)
    return thread


def _first_line(handle: Any, target: Any) -> Any:
    """Where a thread begins, in the program."""
    for one in (target, getattr(type(handle), "run", None)):
        code = getattr(getattr(one, "__func__", one), "__code__", None)
        if code is not None and code.co_filename in Recording.sites.files:
            return Recording.sites.add(code.co_filename, code.co_firstlineno, -1)
    return 0


def _live(thread: RecordedThread, work: "Callable[[], None]") -> None:
    """A thread's life, from its first entry to its last."""
    log = Recording.log
    thread.ident, thread.native = _thread.get_ident(), _thread.get_native_id()
    log.by_ident[thread.ident] = thread
    if not log.solo:
        log.sync(thread, What(kinds.START, thread.serial, -1, thread.first))
    try:
        work()
    finally:
        if not log.solo:
            log.sync(thread, What(kinds.END, thread.serial, -1, 0))
        Recording.leave(thread)
        thread.ended = True


def joined(thread: RecordedThread, frame: Any) -> None:
    """Somebody knows now that a thread has ended."""
    log = Recording.log
    if not log.solo:
        tell(What(kinds.JOIN, thread.serial, -1, 0), frame)
    thread.joined = True
    log.settle(log.current)


# What the program calls

@functools.wraps(_real_init)
def _init(self: Any, *args: Any, **named: Any) -> None:
    _real_init(self, *args, **named)
    started = self._started  # the interpreter's own business: its lock is none of the program's
    started._cond = threading.Condition(_thread.allocate_lock())


@functools.wraps(_real_start)
def _start(self: Any) -> None:
    if not getattr(self, "_initialized", False) or self._started.is_set() or _MINE in self.__dict__:
        _real_start(self)
        return
    thread = self.__dict__[_MINE] = _spawn(self, self._name, getattr(self, "_target", None), sys._getframe(1))
    try:
        _real_start(self)
    except BaseException:
        thread.ended = thread.joined = True
        raise
    thread.name = self._name


def _bootstrap_inner(self: Any) -> None:
    thread = self.__dict__.get(_MINE)
    if thread is None:
        _real_bootstrap(self)
    else:
        _live(thread, lambda: _real_bootstrap(self))


@functools.wraps(_real_join)
def _join(self: Any, timeout: Any = None) -> None:
    _real_join(self, timeout)
    thread = self.__dict__.get(_MINE)
    if thread is not None and thread.ended and not _real_alive(self):
        joined(thread, sys._getframe(1))


@functools.wraps(_real_alive)
def _is_alive(self: Any) -> bool:
    found: bool = _real_alive(self)
    thread = self.__dict__.get(_MINE)
    if not found and thread is not None and thread.ended and not thread.joined:
        joined(thread, sys._getframe(1))
    return found


def _make_invoke_excepthook() -> Any:
    real = _real_make_hook()

    def invoke(thread: Any) -> None:
        Raised.note(Recording.log.current, sys.exc_info()[1])
        real(thread)

    return invoke


def _start_new_thread(function: Any, args: Any, kwargs: Any = None, /) -> int:
    name = "Thread (%s)" % getattr(function, "__name__", "?")
    thread = _spawn(function, name, function, sys._getframe(1))

    def body() -> None:
        try:
            function(*args, **(kwargs or {}))
        except BaseException as error:
            Raised.note(thread, error)
            raise

    return _real_start_new(_live, (thread, body))


def patch() -> None:
    """Lets the standard library's Thread, and whatever derives from it, tell of its life."""
    _Thread.__init__, _Thread.start, _Thread.join, _Thread.is_alive = _init, _start, _join, _is_alive
    _Thread._bootstrap_inner = _bootstrap_inner
    threading._make_invoke_excepthook = _make_invoke_excepthook  # type: ignore[attr-defined]


def replacements() -> "Dict[Any, Any]":
    """What stands in for functions of `_thread`."""
    return {_real_start_new: _start_new_thread}


#: The function in which a thread waits for another one's end, by its code.
WAITING = {_join.__code__: (kinds.JOIN, "self")}
