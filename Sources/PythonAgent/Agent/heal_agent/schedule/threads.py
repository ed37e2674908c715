"""Threads under the scheduler: the standard library's Thread on carriers, real threads that are used again and again."""

from __future__ import annotations

import _thread
import contextvars
import itertools
import threading
from typing import Any, Callable, Dict, List, Optional

from . import kinds
from .primitives import Run, nanoseconds
from .scheduler import Abandoned, ScheduledThread, Scheduler

_IDENT = 0x7F0000000000
_LIST = "thread list"
LISTED = _LIST + "\t"
"""The shared place that stands for which threads there are."""
_real_start = _thread.start_new_thread


class Carrier:
    """A real thread that carries one scheduled thread after another."""

    idle: "List[Carrier]" = []

    def __init__(self) -> None:
        self.baton = _thread.allocate_lock()
        self.baton.acquire()
        self.job: Any = None
        _real_start(self._carry, ())

    def _carry(self) -> None:
        while True:
            self.baton.acquire()
            job, self.job = self.job, None
            contextvars.Context().run(job)

    @classmethod
    def get(cls) -> "Carrier":
        """One that has nothing to do."""
        return cls.idle.pop() if cls.idle else cls()


class ThreadRuns:
    """The threads of one run: starts them, and tells of what they raised."""

    def __init__(self, scheduler: Scheduler, raised: "Callable[[ScheduledThread, BaseException], None]", is_listed: bool) -> None:
        self._scheduler = scheduler
        self.raised = raised
        self.unwound = _thread.allocate_lock()
        self.unwound.acquire()
        self._is_listed = is_listed

    def start(self, name: str, daemon: bool, handle: Any, work: "Callable[[], None]", first: Any) -> ScheduledThread:
        """Starts a thread; its first step is its beginning."""
        run = self._scheduler
        run.solo = False
        key = handle if handle is not None else work
        record = Run.locations.record(key, 0, "thread %d" % len(run.threads), name)
        record.label = name
        run.step(kinds.SPAWN, record.serial, -1, Run.sites.caller())
        if handle is not None and handle._started._flag:
            raise RuntimeError("threads can only be started once")
        self._list(run)
        try:
            carrier = Carrier.get()
        except RuntimeError:
            run.limit("no more threads could be started")
            run.end("limit")
        thread = run.add(name, daemon, handle, carrier.baton)
        thread.own, thread.starter = record.serial, run.current
        thread.kind, thread.serial, thread.field, thread.site = kinds.START, thread.own, -1, first
        carrier.job = lambda: self._live(thread, carrier, work)
        run.make_ready(thread)
        return thread

    def _live(self, thread: ScheduledThread, carrier: Carrier, work: "Callable[[], None]") -> None:
        run = self._scheduler
        abandoned = run.over
        try:
            if not abandoned:
                work()
        except SystemExit:
            pass
        except Abandoned:
            abandoned = True
        except BaseException as error:
            self._tell(thread, error)
        if not abandoned:
            try:
                run.step(kinds.END, thread.own, -1, 0)
                self._list(run)
            except Abandoned:
                abandoned = True
        Carrier.idle.append(carrier)
        if abandoned or run.over:
            thread.ended = thread.abandoned = True
            self.unwound.release()
        else:
            run.leave(thread)

    def _tell(self, thread: ScheduledThread, error: BaseException) -> None:
        self.raised(thread, error)
        handle = thread.handle
        try:
            if handle is not None:
                handle._invoke_excepthook(handle)
        except BaseException:
            pass

    def _list(self, run: Scheduler) -> None:
        """The threads that there are have become others, if anybody ever looks."""
        if self._is_listed:
            run.further(kinds.WRITE, self._listing().serial, -1)

    def look(self, run: Scheduler) -> None:
        """Somebody looks which threads there are."""
        if not self._is_listed:
            self._is_listed = True
            Run.locations.found.append(LISTED)
        if not run.solo:
            run.step(kinds.READ, self._listing().serial, -1, Run.sites.caller())

    def _listing(self) -> Any:
        return Run.locations.record(self, 0, _LIST, "threads")

    def abandon(self) -> bool:
        """Ends the threads that outlive the program; false when one does not come back."""
        for thread in self._scheduler.threads[1:]:
            if not thread.ended and thread.carrier is thread:
                thread.baton.release()
                if not self.unwound.acquire(timeout=0.5):
                    return False
        return True


class Threads:
    """What `threading` and `_thread` call, for the run under way."""

    runs: Any = None


def ident_of(thread: ScheduledThread) -> int:
    """The identification that a thread of the program sees."""
    return _IDENT + 4096 * (thread.carrier.number + 1)


def _first_line(handle: Any, target: Any) -> Any:
    """Where a thread begins, in the program."""
    for one in (target, getattr(type(handle), "run", None)):
        code = getattr(getattr(one, "__func__", one), "__code__", None)
        if code is not None and code.co_filename in Run.sites.files:
            return Run.sites.add(code.co_filename, code.co_firstlineno, -1)
    return 0


def _start(self: Any) -> None:
    if not self._initialized:
        raise RuntimeError("thread.__init__() not called")
    if self._started._flag and _is_known(self):
        raise RuntimeError("threads can only be started once")
    context = getattr(self, "_context", None)  # since 3.14
    work = self.run if context is None else lambda: context.run(self.run)
    thread = Threads.runs.start(self._name, self._daemonic, self, work, _first_line(self, getattr(self, "_target", None)))
    self._started._flag = True
    self._ident = self._native_id = ident_of(thread)
    self._heal_thread = thread


def _join(self: Any, timeout: Any = None) -> None:
    if not self._initialized:
        raise RuntimeError("Thread.__init__() not called")
    run = Run.scheduler
    if run is not None and not _is_known(self):
        _look(run, self)
    if not self._started._flag:
        raise RuntimeError("cannot join thread before it is started")
    thread = self.__dict__.get("_heal_thread")
    if run is None or thread is None:
        return
    if thread is run.current.carrier:
        raise RuntimeError("cannot join current thread")
    join(run, thread, None if timeout is None else nanoseconds(max(timeout, 0)), Run.sites.caller())


def join(run: Scheduler, thread: ScheduledThread, patience: "Optional[int]", site: Any) -> None:
    """Waits for a thread's end. Once nothing is left that could run beside the waiting one, it is alone again."""
    me = run.current
    if not thread.ended:
        thread.joiners.append(me)
    run.wait(kinds.JOIN, thread.own, site, thread, thread.ended, patience)
    if thread.ended:
        thread.joined = True
        thread.met.append(me)
        run.settle(me)


def _is_alive(self: Any) -> bool:
    run = Run.scheduler
    if run is None or self is threading.main_thread():
        return self is threading.main_thread()
    if not run.solo:
        _look(run, self)
    thread = self.__dict__.get("_heal_thread")
    return thread is not None and not thread.ended


def _look(run: Scheduler, handle: Any) -> None:
    """A step that finds out whether a thread was started, or has ended."""
    site = Run.sites.caller()
    record = Run.locations.known(handle) or Run.locations.record(handle, site, None, "thread")
    run.step(kinds.READ, record.serial, -1, site)


def _is_known(handle: Any) -> bool:
    """Whether the running thread knows from what it did itself that a thread was started."""
    run, thread = Run.scheduler, handle.__dict__.get("_heal_thread")
    return run is None or run.solo or thread is not None and thread.starter.carrier is run.current.carrier


def _current_thread() -> Any:
    run = Run.scheduler
    if run is None:
        return threading._main_thread  # type: ignore[attr-defined]
    thread = run.current.carrier
    if thread.handle is None:
        thread.handle = threading.Thread(name="Dummy-%d" % thread.number, daemon=True)
        thread.handle._started._flag = True
        thread.handle._ident, thread.handle._heal_thread = ident_of(thread), thread
    return thread.handle


def _enumerate() -> "List[Any]":
    run = Run.scheduler
    if run is None:
        return [_current_thread()]
    Threads.runs.look(run)
    return [one.handle for one in run.threads if not one.ended and one.carrier is one and one.handle is not None]


def _active_count() -> int:
    return len(_enumerate())


def _get_ident() -> int:
    run = Run.scheduler
    return _real_ident() if run is None else ident_of(run.current)


_real_ident = _thread.get_ident


def _start_new_thread(function: Any, args: Any, kwargs: Any = None, /) -> int:
    run = Run.scheduler
    if run is None:
        return _real_start(function, args, {} if kwargs is None else kwargs)
    name = "Thread (%s)" % getattr(function, "__name__", "?")
    thread = Threads.runs.start(name, True, None, lambda: function(*args, **(kwargs or {})), _first_line(None, function))
    return ident_of(thread)


def patch() -> None:
    """Lets the standard library's Thread, and whatever derives from it, start and end under the scheduler."""
    thread: Any = threading.Thread
    thread.start, thread.join, thread.is_alive = _start, _join, _is_alive


def replacements() -> "Dict[Any, Any]":
    """What stands in for functions of `threading` and `_thread`."""
    return {threading.current_thread: _current_thread, threading.enumerate: _enumerate, threading.active_count: _active_count,
            _thread.get_ident: _get_ident, _thread.start_new_thread: _start_new_thread,
            **{getattr(threading, old): new for old, new in (("currentThread", _current_thread), ("activeCount", _active_count))
               if hasattr(threading, old)}}


def forget() -> None:
    """Names and numbers begin anew, as in a fresh interpreter."""
    threading._counter = itertools.count(1).__next__  # type: ignore[attr-defined]
    main: Any = threading._main_thread  # type: ignore[attr-defined]
    main._name, main._daemonic = "MainThread", False
    main._ident = _IDENT + 4096
    threading.excepthook = _excepthook


_excepthook = threading.excepthook
