"""Locks under the scheduler, and what the standard library's own classes need to run on them as they are.

Condition, Event, Semaphore, Barrier, Timer, the queues and the executors stay CPython's own Python code: only locks,
threads and clocks are replaced. Places where that code looks at state without holding a lock are made steps here.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, List, Optional

from . import kinds
from .locations import Locations
from .scheduler import ScheduledThread, Scheduler
from .sites import Sites

SECOND = 10**9


class Run:
    """The run under way, if any: what primitives act on. There is one in a process at a time."""

    scheduler: Any = None
    locations: Any = None
    sites: Any = None

    @classmethod
    def begin(cls, scheduler: Scheduler, locations: Locations, sites: Sites) -> None:
        cls.scheduler, cls.locations, cls.sites = scheduler, locations, sites

    @classmethod
    def end(cls) -> None:
        cls.scheduler = None


def nanoseconds(timeout: Any) -> int:
    """A time-out in seconds as the scheduler counts."""
    return int(timeout * SECOND)


class Lock:
    """`threading.Lock`."""

    def __init__(self) -> None:
        self._run: Any = None
        self.holder: "Optional[ScheduledThread]" = None
        self.pending: "List[ScheduledThread]" = []
        self.record: Any = None
        self.made = 0 if Run.scheduler is None else Run.sites.caller()

    label = "Lock"

    def _enter(self, site: Any) -> bool:
        """Forgets an earlier run; true when the operation has to be a step."""
        run = Run.scheduler
        if self._run is not run:
            self._run, self.holder, self.pending = run, None, []
            self.record = None
        if run is None or run.solo:
            return False
        if self.record is None:
            self.record = Run.locations.record(self, site, None, self.label)
        return Run.locations.touch(self.record, "", True)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Takes the lock, waiting for it as long as is allowed."""
        if timeout != -1:
            if not blocking:
                raise ValueError("can't specify a timeout for a non-blocking call")
            if timeout < 0:
                raise ValueError("timeout value must be a non-negative number")
            if timeout > threading.TIMEOUT_MAX:
                raise OverflowError("timeout value is too large")
        run = Run.scheduler
        site = 0 if run is None else Run.sites.caller()
        visible = self._enter(site)
        if run is None:
            return self._take_outside(blocking)
        me = run.current
        if not visible and self.holder is None:
            self._take(me)
            return True
        if self.record is None:
            self.record = Run.locations.record(self, site, None, self.label)
        if not blocking or timeout == 0:
            return self._try(run, me, site)
        self.pending.append(me)
        patience = None if timeout == -1 else nanoseconds(timeout)
        in_time = run.wait(kinds.ACQUIRE, self.record.serial, site, self, self.holder is None, patience)
        self.pending.remove(me)
        if in_time:
            self._take(me)
        return in_time

    def _try(self, run: Scheduler, me: ScheduledThread, site: Any) -> bool:
        run.step(kinds.ACQUIRE, self.record.serial, -1, site)
        if self.holder is not None:
            run.revise(kinds.TRY)
            return False
        self._take(me)
        return True

    def _take(self, me: ScheduledThread) -> None:
        self.holder = me
        me.held.append(self)
        for other in self.pending:
            if other.number in self._run.ready and other is not me:
                self._run.make_unready(other)

    def _take_outside(self, blocking: bool) -> bool:
        """Between runs there is one thread."""
        if self.holder is not None:
            if not blocking:
                return False
            raise RuntimeError("a lock is held for ever")
        self.holder = _OUTSIDE
        return True

    def release(self) -> None:
        """Gives the lock back; any thread may."""
        run = Run.scheduler
        site = 0 if run is None else Run.sites.caller()
        visible = self._enter(site)
        if run is not None and run.over:
            return
        if self.holder is None:
            raise RuntimeError("release unlocked lock")
        if visible:
            run.step(run.current.releases, self.record.serial, -1, site)
        self._free()

    def _free(self) -> None:
        holder, self.holder = self.holder, None
        if holder is not None and self in holder.held:
            holder.held.remove(self)
        for other in self.pending:
            if other.number not in self._run.ready:
                self._run.make_ready(other)

    def locked(self) -> bool:
        """Whether somebody holds the lock."""
        if self._enter(0):
            Run.scheduler.step(kinds.READ, self.record.serial, -1, Run.sites.caller())
        return self.holder is not None

    def _is_owned(self) -> bool:
        """What a condition asks before it waits or notifies: it takes its lock for its own when anybody holds it.

        CPython tries to acquire it. One that the thread itself holds needs no step: nobody else can change that.
        """
        run = Run.scheduler
        return run is not None and self._run is run and self.holder is run.current or self.locked()

    acquire_lock, release_lock, locked_lock = acquire, release, locked

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: Any) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self.holder = None

    def __repr__(self) -> str:
        return "<%s %s.%s object>" % ("unlocked" if self.holder is None else "locked", type(self).__module__, type(self).__qualname__)


_OUTSIDE = ScheduledThread(0, "", False, None)


class RLock(Lock):
    """`threading.RLock`."""

    label = "RLock"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def _owner(self) -> bool:
        run = Run.scheduler
        return self._run is run and self.holder is not None and (run is None or self.holder.carrier is run.current.carrier)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Takes the lock, or takes it once more."""
        if self._owner():
            self._count += 1
            return True
        taken = Lock.acquire(self, blocking, timeout)
        if taken:
            self._count = 1
        return taken

    def release(self) -> None:
        """Gives the lock back once."""
        run = Run.scheduler
        if run is not None and run.over:
            return
        if not self._owner():
            raise RuntimeError("cannot release un-acquired lock")
        if self._count > 1:
            self._count -= 1
            return
        Lock.release(self)
        self._count = 0

    def __enter__(self) -> bool:
        return self.acquire()

    def _is_owned(self) -> bool:
        return self._owner()

    def _recursion_count(self) -> int:
        return self._count if self._owner() else 0

    def _release_save(self) -> int:
        count, self._count = self._count, 1
        self.release()
        return count

    def _acquire_restore(self, count: int) -> None:
        Lock.acquire(self)
        self._count = count


class Waiter:
    """One waiting thread of a condition: stands where CPython has a lock that `notify` releases."""

    def __init__(self, condition: Any, thread: ScheduledThread) -> None:
        self.condition = condition
        self.record: Any = None
        self.call = _call()
        self._thread = thread
        self._notified = False

    def release(self) -> None:
        """Wakes the thread."""
        self._notified = True
        if self._thread.wants is self and not Run.scheduler.over:
            Run.scheduler.make_ready(self._thread)

    def acquire(self, patience: "Optional[int]", site: Any) -> bool:
        """Waits to be woken; false when time was over first."""
        run, self.record = Run.scheduler, Run.locations.record(self.condition, site, None, "Condition")
        if patience is not None and patience <= 0 and not self._notified:
            return False
        return run.wait(kinds.WAKE, self.record.serial, site, self, self._notified, patience) or self._notified


def _call() -> str:
    """The function of the library that the program called to wait, such as `Queue.get`."""
    frame: Any = sys._getframe(3)
    outermost = None
    while frame is not None and frame.f_code.co_filename not in Run.sites.files:
        outermost, frame = frame, frame.f_back
    if outermost is None:
        return "Condition.wait"
    owner = outermost.f_locals.get("self")
    name = outermost.f_code.co_name
    return name if owner is None else "%s.%s" % (type(owner).__name__, name)


def _wait(self: Any, timeout: Any = None) -> bool:
    """`Condition.wait`, but for what stands in its queue."""
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    run, site = Run.scheduler, Run.sites.caller()
    # Whoever notifies does something to this thread: that is a step once both were seen.
    Run.locations.touch(Run.locations.record(self, site, None, "Condition"), "", True)
    waiter = Waiter(self, run.current)
    self._waiters.append(waiter)
    run.current.releases = kinds.WAIT
    saved = self._release_save()
    run.current.releases = kinds.RELEASE
    woken = False
    try:
        woken = waiter.acquire(None if timeout is None else nanoseconds(max(timeout, 0)), site)
        return woken
    finally:
        if not run.over:
            self._acquire_restore(saved)
            if not woken:
                try:
                    self._waiters.remove(waiter)
                except ValueError:
                    pass


def note(object: Any, kind: int, label: str) -> bool:
    """A step of its own for what CPython does without a lock; false when nobody else can notice it."""
    run = Run.scheduler
    if run is not None and not run.solo:
        site = Run.sites.caller()
        record = Run.locations.record(object, site, None, label)
        if Run.locations.touch(record, "", kind != kinds.READ):
            run.step(kind, record.serial, -1, site)
            return True
    return False


def _notify(self: Any, n: int = 1) -> None:
    run = Run.scheduler
    if self._is_owned() and not note(self, kinds.NOTIFY, "Condition") and run is not None and not run.solo:
        run.further(kinds.NOTIFY, Run.locations.known(self).serial, -1)
    _notify_before(self, n)


def _is_set(self: Any) -> bool:
    note(self, kinds.READ, "Event")
    return self._flag


def _set(self: Any) -> None:
    with self._cond:
        note(self, kinds.WRITE, "Event")
        self._flag = True
        self._cond.notify_all()


def _clear(self: Any) -> None:
    with self._cond:
        note(self, kinds.WRITE, "Event")
        self._flag = False


_notify_before = threading.Condition.notify


def patch() -> None:
    """Lets the standard library's classes run under the scheduler, whoever has their names."""
    threading.Condition.wait = _wait  # type: ignore[method-assign]
    threading.Condition.notify = _notify  # type: ignore[method-assign]
    threading.Event.is_set = threading.Event.isSet = _is_set  # type: ignore[method-assign]
    threading.Event.set, threading.Event.clear = _set, _clear  # type: ignore[method-assign]
