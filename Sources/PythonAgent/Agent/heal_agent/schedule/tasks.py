"""Tasks of asyncio as the scheduler sees them: each has a number like a thread, and takes its steps on its loop's thread."""

from __future__ import annotations

import asyncio
import asyncio.locks
import os
import types
import weakref
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import kinds
from .primitives import Run
from .scheduler import ScheduledThread, Scheduler

_ASYNCIO = os.path.dirname(os.path.abspath(asyncio.__file__)) + os.sep
_LOOP_FILES = frozenset((_ASYNCIO + "base_events.py", os.path.join(os.path.dirname(os.path.abspath(__file__)), "event_loop.py")))
#: What a loop is given to run when a task is to go on; `__step` and `__wakeup` are those of tasks in Python.
_STEPS = frozenset(("TaskStepMethWrapper", "TaskWakeupMethWrapper"))
_STEP_NAMES = frozenset(("task_wakeup", "__step", "__wakeup"))
_BOUND = (types.BuiltinFunctionType, types.MethodType)


class Member(ScheduledThread):
    """A task, or a timer that calls a function, of an event loop."""

    __slots__ = ("started", "place", "awaits", "record", "timers", "loop", "task")

    def __init__(self, name: str, loop: Any, task: Any = None) -> None:
        super().__init__(-1, name, True, None)
        self.started = False
        self.place: Any = 0
        self.awaits: Any = None
        self.loop = loop
        self.task = None if task is None else weakref.ref(task)
        self.record = Run.locations.record(self, 0, "thread", name)
        self.timers: "List[ScheduledThread]" = [self]

    def enter(self, run: Scheduler) -> None:
        """Gets its number."""
        run.add_within(self, run.current.carrier)
        self.record.key = "thread %d" % self.number


class Task(asyncio.Task):
    """A task whose place in a set does not depend on its address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._heal_serial = serial()
        self._heal_member: Any = None
        super().__init__(*args, **kwargs)

    def __hash__(self) -> int:
        return self._heal_serial


class Future(asyncio.Future):
    """A future likewise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._heal_serial = serial()
        super().__init__(*args, **kwargs)

    def __hash__(self) -> int:
        return self._heal_serial


class _Serials:
    """Counts what one run makes."""

    run: Any = None
    made = 0
    named = 0


def _renew() -> None:
    if _Serials.run is not Run.scheduler:
        _Serials.run, _Serials.made, _Serials.named = Run.scheduler, 0, 0


def serial() -> int:
    """The next number for a task or future."""
    _renew()
    _Serials.made += 1
    return _Serials.made


def next_name() -> str:
    """What a task is called that was given no name, as in a fresh interpreter."""
    _renew()
    _Serials.named += 1
    return "Task-%d" % _Serials.named


def task_of(callback: Any) -> Any:
    """The task that goes on when a loop calls this, or nothing."""
    kind = type(callback)
    if kind.__name__ in _STEPS or kind in _BOUND and callback.__name__ in _STEP_NAMES:
        owner = callback.__self__
        return owner if isinstance(owner, asyncio.Task) else None
    return None


def is_of_library(callback: Any) -> bool:
    """Whether a loop calls this for itself: neither code of the program nor a function of C, which may be given some."""
    inner = getattr(callback, "func", callback)
    return type(inner) in (types.FunctionType, types.MethodType) and str(inner.__module__).startswith("asyncio.")


def member_of(task: Any) -> "Optional[Member]":
    """A task's number in this run, if it has one."""
    member = getattr(task, "_heal_member", None) if isinstance(task, asyncio.Task) else None
    return member if member is not None and _Serials.run is Run.scheduler else None


def coroutine_name(coro: Any) -> str:
    """A coroutine's function, as a person would call it."""
    return getattr(coro, "__qualname__", type(coro).__name__).rpartition("<locals>.")[2]


def is_housekeeping(coro: Any) -> bool:
    """Whether a coroutine is the loop's own, such as what ends it."""
    code = getattr(coro, "cr_code", None)
    return code is not None and code.co_filename in _LOOP_FILES


def first_line(coro: Any) -> Any:
    """Where a coroutine begins, when it is the program's."""
    code = getattr(coro, "cr_code", None) or getattr(coro, "gi_code", None)
    if code is None or code.co_filename not in Run.sites.files:
        return 0
    return Run.sites.add(code.co_filename, code.co_firstlineno, -1)


class Ordered:
    """A weak set in the order of insertion."""

    def __init__(self) -> None:
        self._items: "Dict[int, Any]" = {}

    def add(self, one: Any) -> None:
        self._items[id(one)] = weakref.ref(one)

    def discard(self, one: Any) -> None:
        self._items.pop(id(one), None)

    def clear(self) -> None:
        self._items.clear()

    def __iter__(self) -> "Iterator[Any]":
        return iter([one for one in [ref() for ref in self._items.values()] if one is not None])

    def __len__(self) -> int:
        return len(list(iter(self)))


# Where a task waits

def suspended(task: Any) -> "Tuple[Any, Any, Optional[str]]":
    """The innermost place of the program where a task is suspended, which object of asyncio it waits for there, and in which call."""
    files = Run.sites.files
    site: Any = 0
    waited: Any = None
    call: "Optional[str]" = None
    for frame in _frames(task):
        code = frame.f_code
        if code.co_filename in files:
            site, waited, call = Run.sites.at(frame), None, None
        elif waited is None and code.co_varnames[:1] == ("self",) and code.co_filename.startswith(_ASYNCIO):
            waited = frame.f_locals.get("self")
            call = "%s.%s" % (type(waited).__name__, code.co_name)
    return site, waited, call


def _frames(task: Any) -> "List[types.FrameType]":
    """The frames of a suspended task, outermost first."""
    found: "List[types.FrameType]" = []
    one: Any = task.get_coro()
    while one is not None:
        if type(one) is types.CoroutineType:
            frame, one = one.cr_frame, one.cr_await
        elif type(one) is types.GeneratorType:
            frame, one = one.gi_frame, one.gi_yieldfrom
        else:
            break
        if frame is None:
            break
        found.append(frame)
    return found


def local_names(run: Scheduler) -> "List[Tuple[str, Any]]":
    """The variables of the program's suspended coroutines, by which a person knows what tasks wait for."""
    files = Run.sites.files
    found: "List[Tuple[str, Any]]" = []
    for task in unfinished(run):
        for frame in _frames(task):
            if frame.f_code.co_filename in files:
                found += [one for one in dict(frame.f_locals).items() if not one[0].startswith("__heal")]
    return found


def unfinished(run: Scheduler) -> "List[Any]":
    """The tasks that have not come to their end."""
    return [task for member in run.threads if isinstance(member, Member) and member.task is not None and not member.ended
            for task in [member.task()] if task is not None]


class Wait(NamedTuple):
    """What a task waits for."""

    member: Member
    kind: int
    object: Any
    site: Any
    holder: "Optional[int]"
    call: "Optional[str]"


def waits(run: Scheduler) -> "List[Wait]":
    """What tasks of loops that are running wait for."""
    found: "List[Wait]" = []
    for task in unfinished(run):
        member = member_of(task)
        if member is None or member.loop not in run.loops or member.wants is not None or not member.started:
            continue
        site, waited, call = suspended(task)
        future = task._fut_waiter
        kind, what, holder = kinds.WAKE, waited if waited is not None else future, None
        if isinstance(waited, asyncio.Lock):
            kind, owner = kinds.ACQUIRE, waited.__dict__.get("_heal_holder")
            holder = None if owner is None else owner.number
        elif isinstance(waited, asyncio.Semaphore):
            kind = kinds.ACQUIRE
        else:
            left = _awaited_tasks(future, waited)
            if left:
                kind, what = kinds.JOIN, left[0]
                holder = left[0].number if len(left) == 1 else None
        blocker = _blocker(run, member)
        found.append(Wait(member, kind, what, site, blocker if blocker is not None else holder, call if kind == kinds.WAKE else None))
    return found


def _awaited_tasks(future: Any, waited: Any) -> "List[Member]":
    """The tasks whose end is awaited."""
    tasks = [future, *getattr(future, "_children", ())]
    if type(waited).__name__ == "TaskGroup":
        tasks += sorted(waited._tasks, key=hash)
    found = [member_of(one) for one in tasks]
    return [one for one in found if one is not None and not one.ended]


def _blocker(run: Scheduler, member: Member) -> "Optional[int]":
    """A task that keeps the loop's thread from going on."""
    for one in run.threads:
        if one.carrier is member.carrier and one is not member and not one.ended and one.wants is not None and one.wants not in run.loops:
            return one.number
    return None


# What is left at the end

def leftovers(run: Scheduler) -> "Tuple[List[Tuple[Member, BaseException]], List[Tuple[Member, Any]]]":
    """Exceptions of tasks that nobody asked for, and tasks that never came to their end, with where they wait."""
    errors: "List[Tuple[Member, BaseException]]" = []
    pending: "List[Tuple[Member, Any]]" = []
    for member in run.threads:
        if not isinstance(member, Member) or member.task is None:
            continue
        task = member.task()
        if task is not None and task.done():
            if task._log_traceback and not task.cancelled():
                errors.append((member, task.exception()))
        elif not member.ended and member.loop not in run.loops:
            pending.append((member, suspended(task)[0] if task is not None else member.place))
    return errors, pending


# Locks and their like

def patch() -> None:
    """Lets locks of asyncio tell who holds them, and makes what is taken and given steps."""
    lock: Any = asyncio.Lock
    take, give, make = lock.acquire, lock.release, lock.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self._heal_holder = None
        self._heal_made = 0 if Run.scheduler is None else Run.sites.caller()

    async def acquire(self: Any) -> bool:
        await take(self)
        run = Run.scheduler
        if run is not None:
            _note(run, kinds.ACQUIRE, self, "Lock")
            self._heal_holder = run.current
            run.current.held.append(self)
        return True

    def release(self: Any) -> None:
        holder, run = self._heal_holder, Run.scheduler
        if run is not None and self.locked():
            _note(run, kinds.RELEASE, self, "Lock")
        give(self)
        self._heal_holder = None
        if holder is not None and self in holder.held:
            holder.held.remove(self)

    lock.__init__, lock.acquire, lock.release = __init__, acquire, release
    _announced(asyncio.Event, "set", kinds.NOTIFY, "Event")
    _announced(asyncio.Condition, "notify", kinds.NOTIFY, "Condition")
    _patch_as_completed()


def _announced(kind: Any, name: str, step: int, label: str) -> None:
    before = getattr(kind, name)

    def announced(self: Any, *args: Any) -> Any:
        run = Run.scheduler
        if run is not None:
            _note(run, step, self, label)
        return before(self, *args)

    announced.__name__, announced.__qualname__ = name, before.__qualname__
    setattr(kind, name, announced)


def _note(run: Scheduler, kind: int, what: Any, label: str) -> None:
    if not run.solo:
        site = Run.sites.caller()
        run.step(kind, Run.locations.record(what, site, None, label).serial, -1, site)


def _patch_as_completed() -> None:
    """Tasks are made in the order of what is given, not in that of a set of addresses."""
    before = asyncio.as_completed

    def as_completed(fs: Any, **named: Any) -> Any:
        if not asyncio.isfuture(fs) and not asyncio.iscoroutine(fs):
            fs = [asyncio.ensure_future(one) for one in dict.fromkeys(fs)]
        return before(fs, **named)

    as_completed.__doc__ = before.__doc__
    replaced: "Dict[str, Any]" = {"as_completed": as_completed}
    asyncio.__dict__.update(replaced)
    asyncio.tasks.__dict__.update(replaced)
