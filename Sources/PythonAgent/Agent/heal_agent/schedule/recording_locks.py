"""The interpreter's own locks with a note of who takes them: taken, then told; told, then given back.

A lock of ours is an object whose methods are functions in slots, so that one by one they can be the interpreter's own once
nothing is told any more. What happens inside of the standard library's classes is told by the locks and conditions that
they are made of, at the place of the program that called them.
"""

from __future__ import annotations

import _thread
import re
import sys
import types
import weakref
from _thread import get_ident
from typing import Any, Callable, Optional

from . import kinds
from .recording_log import Log, RecordedThread, What, clock
from .recording_places import Places
from .sites import Sites

_allocate, _RealRLock = _thread.allocate_lock, _thread.RLock
_frame = sys._getframe
ATTEMPT = "attempt"
"""The field of a lock that was taken by an attempt which would not have waited for ever."""


class Recording:
    """The run of this process."""

    log: Any = None
    places: Any = None
    sites: Any = None
    locks: "set[Any]" = set()
    is_exact = True
    """Whether holders are known in any case. Quiet locks do not note that they are given back: one that somebody else just got
    shows its holder before, unless all threads are known to wait, or there is none but this one."""

    @classmethod
    def begin(cls, log: Log, places: Places, sites: Sites) -> None:
        cls.log, cls.places, cls.sites = log, places, sites
        log.on_cut.append(cls.quieten)

    @classmethod
    def states(cls) -> "list[State]":
        """All locks that there are."""
        return [state for state in [one() for one in list(cls.locks)] if state is not None]

    @classmethod
    def leave(cls, thread: RecordedThread) -> None:
        """A thread ends: what it still holds is remembered by its number, since its identification may be given again."""
        for state in cls.states():
            if state.noted() == thread.ident and state.is_held():
                state.holder = -1 - thread.number

    @classmethod
    def held_by(cls, thread: RecordedThread) -> "list[State]":
        """The locks that a thread holds, or held when it ended."""
        wanted = -1 - thread.number if thread.ended else thread.ident
        return [one for one in cls.states() if one.owner() == wanted and one.is_held()]

    @classmethod
    def holder_of(cls, state: State) -> "Optional[RecordedThread]":
        """The thread that holds a lock, when it has noted it."""
        owner = state.owner()
        if owner < 0:
            return cls.log.threads[-1 - owner]  # type: ignore[no-any-return]
        return cls.log.by_ident.get(owner) if owner else None

    @classmethod
    def quieten(cls) -> None:
        """Lets all locks do no more than is needed to know in the end who holds them."""
        cls.is_exact = False
        for state in cls.states():
            lock = state.lock()
            if lock is not None:
                lock._be_quiet()


class State:
    """What is known of one lock. `holder` is the thread that holds it: noted after it was got, and 0 before it is given back.

    So a thread that got the lock and could not note it yet makes nobody else look like its holder.
    """

    __slots__ = ("real", "lock", "holder", "depth", "made", "serial", "whats", "__weakref__")

    def __init__(self, real: Any, lock: "Lock") -> None:
        self.real = real
        self.lock = weakref.ref(lock)
        self.holder = 0
        self.depth = 0
        self.made = Recording.sites.caller()
        self.serial = 0
        self.whats: "dict[int, What]" = {}

    def what(self, kind: int) -> What:
        """What an entry about this lock is about; the place comes with the entry."""
        found = self.whats.get(kind)
        if found is None:
            if not self.serial:
                self.serial = Recording.places.number(Recording.places.record(self.lock(), self.made))
            found = self.whats.setdefault(kind, What(kind, self.serial, -1, 0))
        return found

    def attempted(self, taken: bool, blocking: bool, timeout: float) -> What:
        """What an attempt to take it came to; one that would not have waited for ever has a field, since it can block nobody."""
        if not taken:
            return self.what(kinds.TIMEOUT if blocking and timeout else kinds.TRY)
        always = self.what(kinds.ACQUIRE)
        if blocking and timeout < 0:
            return always
        found = self.whats.get(-kinds.ACQUIRE)
        if found is None:
            found = self.whats.setdefault(-kinds.ACQUIRE, What(kinds.ACQUIRE, self.serial, Recording.places.field(ATTEMPT), 0))
        return found

    def owner(self) -> int:
        """Who holds the lock, by identification; -1 less its number of a thread that ended, 0 where it is not known."""
        return self.noted() if Recording.is_exact or type(self.real) is _RealRLock else 0

    def noted(self) -> int:
        """The same as far as it was noted; a reentrant lock knows itself."""
        if type(self.real) is not _RealRLock or self.holder < 0:
            return self.holder
        found = re.search(r"<locked .*owner=(\d+)", repr(self.real))
        return 0 if found is None else int(found.group(1))

    def is_held(self) -> bool:
        """Whether a thread holds the lock now."""
        if type(self.real) is _RealRLock:
            return "<locked" in repr(self.real)
        return bool(self.real.locked())


def tell(what: What, frame: Any) -> None:
    """Something that happens between threads, at the place of the program that led to the frame."""
    log, files = Recording.log, Recording.sites.files
    while frame is not None and frame.f_code.co_filename not in files:
        frame = frame.f_back
    if frame is None:
        log.sync(log.by_ident[get_ident()], what)
    else:
        log.sync(log.by_ident[get_ident()], what, frame.f_code, frame.f_lasti)


class Lock:
    """`threading.Lock`."""

    __slots__ = ("acquire", "release", "locked", "__enter__", "__exit__", "_is_owned", "_state", "__weakref__")
    label = "Lock"
    _make: "Callable[[], Any]" = staticmethod(_allocate)

    def __init__(self) -> None:
        state = State(self._make(), self)
        self._state = state
        self._fill(state)
        if Recording.log.cut is not None:
            self._be_quiet()
        locks = Recording.locks
        locks.add(weakref.ref(state, locks.discard))

    def _fill(self, state: State) -> None:
        self.locked = self._is_owned = state.real.locked
        self._put("__enter__", _entering(state))
        self._put("__exit__", _leaving(state))
        self.acquire, self.release = _acquiring(state), self.__exit__

    def _put(self, name: str, function: Any) -> None:
        getattr(type(self), name).__set__(self, function)

    def _be_quiet(self) -> None:
        self._put("__exit__", self._state.real.__exit__)
        self.release = self._state.real.release
        self._put("__enter__", _entering_quietly(self._state))

    def _at_fork_reinit(self) -> None:
        self._state.real._at_fork_reinit()

    def acquire_lock(self, blocking: bool = True, timeout: float = -1) -> bool:
        """The old name of `acquire`."""
        return self.acquire(blocking, timeout)  # type: ignore[no-any-return]

    def release_lock(self) -> None:
        """The old name of `release`."""
        self.release()

    def locked_lock(self) -> bool:
        """The old name of `locked`."""
        return self.locked()  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return repr(self._state.real)


def _entering(state: State) -> "Callable[[], bool]":
    log, acquire = Recording.log, state.real.acquire
    files, by_ident, add, rows, full = Recording.sites.files, log.by_ident, log.add, log.rows, log.full
    taken: Any = None

    def enter() -> bool:
        nonlocal taken
        ident = get_ident()  # as little as can be comes after: where threads may change while the lock is held, others queue up
        if log.solo:
            acquire()
            state.holder = ident
        else:
            me, frame = by_ident[ident], _frame(1)
            is_own = frame.f_code.co_filename in files
            acquire()
            state.holder = ident
            if taken is None:
                taken = state.what(kinds.ACQUIRE)
            if is_own:
                me.epoch = now = clock()
                add((me.number, taken, now, frame.f_code, frame.f_lasti))
                if len(rows) > full:
                    log.stop("events")
            else:
                tell(taken, frame)
        return True

    return enter


def _entering_quietly(state: State) -> "Callable[[], bool]":
    acquire = state.real.acquire

    def enter() -> bool:
        me = get_ident()
        acquire()
        state.holder = me
        return True

    return enter


def _leaving(state: State) -> "Callable[..., None]":
    log, release, locked = Recording.log, state.real.release, state.real.locked
    files, by_ident, add = Recording.sites.files, log.by_ident, log.add

    given: Any = None

    def leave(_kind: Any = None, _error: Any = None, _trace: Any = None) -> None:
        nonlocal given
        if not log.solo and locked():
            me = by_ident[get_ident()]
            if given is None:
                given = state.what(kinds.RELEASE)
            what = state.what(kinds.WAIT) if me.waits else given
            frame = _frame(1)
            if frame.f_code.co_filename in files:
                me.epoch = now = clock()
                add((me.number, what, now, frame.f_code, frame.f_lasti))
            else:
                tell(what, frame)
        state.holder = 0
        release()

    return leave


def _acquiring(state: State) -> "Callable[..., bool]":
    log, real = Recording.log, state.real

    def acquire(blocking: bool = True, timeout: float = -1) -> bool:
        taken: bool = real.acquire(blocking, timeout)
        if taken:
            state.holder = get_ident()
        if not log.solo:
            tell(state.attempted(taken, blocking, timeout), _frame(1))
        return taken

    return acquire


class RLock(Lock):
    """`threading.RLock`."""

    __slots__ = ("_release_save", "_acquire_restore", "_recursion_count")
    label = "RLock"
    _make = staticmethod(_RealRLock)

    def _fill(self, state: State) -> None:
        real = state.real
        self.locked = state.is_held
        self._is_owned = real._is_owned
        self._recursion_count = getattr(real, "_recursion_count", lambda: state.depth if real._is_owned() else 0)
        self._put("__enter__", _entering_again(state))
        self._put("__exit__", _leaving_again(state))
        self.acquire, self.release = _acquiring_again(state), self.__exit__
        self._release_save, self._acquire_restore = _giving_up(state), _taking_back(state)

    def _be_quiet(self) -> None:
        """The interpreter knows who holds it."""
        self._put("__exit__", self._state.real.__exit__)
        self._put("__enter__", _entering_blindly(self._state))
        self.release = self._state.real.release


def _entering_again(state: State) -> "Callable[[], bool]":
    log, acquire = Recording.log, state.real.acquire

    def enter() -> bool:
        acquire()
        state.depth += 1
        if state.depth == 1 and not log.solo:
            tell(state.what(kinds.ACQUIRE), _frame(1))
        return True

    return enter


def _entering_blindly(state: State) -> "Callable[[], bool]":
    acquire = state.real.acquire

    def enter() -> bool:
        return acquire()  # type: ignore[no-any-return]

    return enter


def _acquiring_again(state: State) -> "Callable[..., bool]":
    log, real = Recording.log, state.real

    def acquire(blocking: bool = True, timeout: float = -1) -> bool:
        taken: bool = real.acquire(blocking, timeout)
        if taken:
            state.depth += 1
            if state.depth > 1:
                return True
        if not log.solo:
            tell(state.attempted(taken, blocking, timeout), _frame(1))
        return taken

    return acquire


def _leaving_again(state: State) -> "Callable[..., None]":
    log, release, is_owned = Recording.log, state.real.release, state.real._is_owned

    def leave(_kind: Any = None, _error: Any = None, _trace: Any = None) -> None:
        if is_owned():
            if state.depth == 1 and not log.solo:
                tell(state.what(kinds.RELEASE), _frame(1))
            state.depth -= 1
        release()

    return leave


def _giving_up(state: State) -> "Callable[[], Any]":
    log, real = Recording.log, state.real

    def release_save() -> Any:
        if not log.solo and real._is_owned():
            tell(state.what(kinds.WAIT if log.current.waits else kinds.RELEASE), _frame(1))
        depth, state.depth = state.depth, 0
        return depth, real._release_save()

    return release_save


def _taking_back(state: State) -> "Callable[[Any], None]":
    log, real = Recording.log, state.real

    def acquire_restore(saved: Any) -> None:
        real._acquire_restore(saved[1])
        state.depth = saved[0]
        if not log.solo:
            tell(state.what(kinds.ACQUIRE), _frame(1))

    return acquire_restore


# They look as the interpreter's own do.
Lock.__module__ = RLock.__module__ = "_thread"
Lock.__name__ = Lock.__qualname__ = "lock"

#: The functions in which a thread waits for a lock, by their code: what it does there, and the local name of the lock's state.
WAITING = {code: (kinds.ACQUIRE, "state") for maker in (_entering, _entering_quietly, _entering_again, _entering_blindly, _acquiring, _acquiring_again, _taking_back)
           for code in maker.__code__.co_consts if isinstance(code, types.CodeType)}
