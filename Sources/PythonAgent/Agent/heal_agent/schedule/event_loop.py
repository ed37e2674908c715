"""The event loop of asyncio under the scheduler.

What is ready goes on first in, first out, as in asyncio: that is the program's own order. Free is when timers come: at the
beginning of each iteration any of them may, or none while something is ready. So a sleeping task stands among the threads
that wait for a time. A task's steps between two awaits are recorded under its own number; all that the tasks of one loop
do is ordered by the loop, of which each begins and ends with an access.
"""

from __future__ import annotations

import asyncio
from bisect import insort
from typing import Any, Dict, List, Optional

from . import kinds, outside, tasks
from .primitives import Run
from .scheduler import Abandoned, ScheduledThread, Scheduler
from .tasks import Member
from .threads import Threads
from .timers import Alarm, Timers


class EventLoop(Timers):
    """The loop that programs get."""

    def __init__(self, selector: Any = None) -> None:
        super().__init__()
        self._asyncgens: Any = tasks.Ordered()
        self._run: "Optional[Scheduler]" = None
        self._serial = 0
        self._actor: "Optional[ScheduledThread]" = None
        self._members: "List[Member]" = []
        self._called: "Dict[int, Member]" = {}
        self._turns = 0
        self._signals: "Dict[int, Any]" = {}

    @property
    def actor(self) -> "Optional[ScheduledThread]":
        """The thread on which it runs."""
        return self._actor

    # Its life

    def _enter(self) -> Scheduler:
        """The run under way, for which the loop is known by a number."""
        run = Run.scheduler
        if run is None or self._run is not None and self._run is not run:
            raise RuntimeError("an event loop does not outlive its run")
        if self._run is None:
            self._run = run
            number = sum(1 for one in Run.locations.objects if isinstance(one.object, EventLoop)) + 1
            self._serial = Run.locations.record(self, 0, "Event loop %d" % number, "event loop").serial
        return run

    def run_forever(self) -> None:
        self._check_closed()
        self._check_running()
        run = self._enter()
        self._actor = actor = run.current
        actor.dormant = True
        for member in self._members:
            member.dormant = False
            if member.started and member.carrier is not actor.carrier:
                run.unseen.add("what an event loop does that goes on in another thread, at " + Run.sites.where())
            for one in member.timers:
                one.carrier, one.baton = actor.carrier, actor.baton
        run.loops.append(self)
        self._mind(run)
        self._mark(run)
        try:
            super().run_forever()
        finally:
            run.loops.remove(self)
            self._actor = None
            actor.dormant = False
            if not run.over:
                self._mark(run)
            for one in self._members:
                one.dormant = True
            if not run.over:
                run.settle(actor)

    def _mind(self, run: Scheduler) -> None:
        """Steps are told from where two things of the loop can come in either order."""
        if self._actor is not None and (len(self._members) > 1 or len(self._alarms) > 1):
            run.solo = False

    def _mark(self, run: Scheduler) -> None:
        """A step of the loop's thread that is not a task's: what it does comes after what tasks did, and before what they do."""
        if not run.solo:
            run.step(kinds.WAKE, self._serial, -1, 0)
            run.further(kinds.TOUCH, self._serial, -1)

    # Tasks

    def create_future(self) -> Any:
        return tasks.Future(loop=self)

    def create_task(self, coro: Any, **named: Any) -> Any:
        self._check_closed()
        run = self._enter()
        fresh = named.get("name") is None
        if fresh:
            named["name"] = tasks.next_name()
        if self._task_factory is None:  # type: ignore[attr-defined]
            task = tasks.Task(coro, loop=self, **named)
            if task._source_traceback:
                del task._source_traceback[-1]
        else:
            task = super().create_task(coro, **named)
        if isinstance(task, asyncio.Task) and not task.done() and not tasks.is_housekeeping(coro):
            name = named["name"]
            self._admit(run, task, "%s (%s)" % (name, tasks.coroutine_name(coro)) if fresh else str(name))
        return task

    def _admit(self, run: Scheduler, task: Any, name: str) -> Member:
        """Gives a task its number."""
        member = Member(name, self, task)
        member.place = tasks.first_line(task.get_coro())
        member.dormant = self._actor is None
        task._heal_member = member
        self._spawn(run, member)
        return member

    def _spawn(self, run: Scheduler, member: Member) -> None:
        """Tasks and timers are numbered in the order of the steps that make them, like threads."""
        self._members.append(member)
        self._mind(run)
        if not run.solo:
            run.step(kinds.SPAWN, member.record.serial, -1, Run.sites.caller())
        member.enter(run)

    def _leave(self, member: Member) -> None:
        member.ended = member.joined = True
        self._members.remove(member)

    # From other threads

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:
        run = self._enter()
        if not run.solo and self._is_elsewhere(run):
            run.step(kinds.NOTIFY, 0, -1, Run.sites.caller())
        return super().call_soon_threadsafe(callback, *args, context=context)

    def _is_elsewhere(self, run: Scheduler) -> bool:
        """Whether the running thread is not the loop's."""
        return self._actor is None or run.current.carrier is not self._actor.carrier

    def _call_soon(self, callback: Any, args: Any, context: Any) -> Any:
        run = self._run
        if run is not None and not run.solo and not run.over:
            # What is ready goes on in its order, so that it matters who comes first: the loop's own thread too.
            run.further(kinds.TOUCH, self._serial, -1)
        handle = super()._call_soon(callback, args, context)  # type: ignore[misc]
        if handle._source_traceback:
            del handle._source_traceback[-1]
        return handle

    def _write_to_self(self) -> None:
        run, actor = Run.scheduler, self._actor
        if run is not None and actor is not None and actor.wants is self and actor.number not in run.ready and not run.over:
            run.make_ready(actor)

    # Iterations

    def _run_once(self) -> None:
        run = self._run
        if run is None or run.over:
            raise Abandoned
        self._drop_cancelled()
        self._ready.extend(sorted(self._due, key=lambda timer: timer._when))  # type: ignore[attr-defined]
        self._due.clear()
        if self._turns > run.bounds.steps:
            run.end("steps")
        if run.solo:
            self._turn_alone(run)
        else:
            self._turn(run)
        ready = self._ready  # type: ignore[attr-defined]
        for _ in range(len(ready)):
            handle = ready.popleft()
            if handle._cancelled:
                continue
            task = tasks.task_of(handle._callback)
            member = self._called.pop(id(handle), None)
            if task is not None and not tasks.is_housekeeping(task.get_coro()):
                self._go_on(run, task, handle)
            elif member is not None:
                self._call(run, member, handle)
            elif run.solo or task is not None or tasks.is_of_library(handle._callback):
                handle._run()
            else:
                self._mark(run)
                handle._run()
                self._mark(run)

    def _turn_alone(self, run: Scheduler) -> None:
        """Without a choice: one timer at most, and it comes when nothing is ready."""
        self._turns += 1
        if self._ready or self._stopping:  # type: ignore[attr-defined]
            return
        if not self._alarms:
            run.end("stuck")
        alarm = self._alarms[0]
        run.now = max(run.now, alarm.deadline)
        self._come(alarm)

    def _turn(self, run: Scheduler) -> None:
        """Timers come, as the schedule has it, until the loop is to go on."""
        actor: Any = self._actor
        shown = list(self._alarms)
        is_alone = self._is_alone(run)
        for alarm in shown:
            one = alarm.thread
            one.kind, one.serial, one.field, one.site, one.deadline = alarm.kind, 0, -1, alarm.site, alarm.deadline
            if alarm.kind == kinds.START:
                one.serial = one.record.serial  # type: ignore[attr-defined]
            insort(run.timed, one.number)
        run.changed()
        while True:
            self._turns += 1
            can = bool(self._ready) or self._stopping  # type: ignore[attr-defined]
            if can and not shown and is_alone:
                break
            waits = self._turns <= run.bounds.fair
            if run.bounds.strict and any(alarm.deadline <= run.now for alarm in shown) or not waits and shown:
                can = can and not run.bounds.strict
            actor.kind, actor.serial, actor.field, actor.site = kinds.WAKE if waits else kinds.YIELD, self._serial, -1, 0
            actor.wants = self
            chosen = run.turn(actor, can)
            if chosen is actor:
                break
            alarm = next(one for one in shown if one.thread is chosen)
            shown.remove(alarm)
            alarm.thread.deadline = None
            self._turns = 0
            if not alarm.timer._cancelled:
                self._come(alarm)
        for alarm in shown:
            alarm.thread.deadline = None
            run.timed.remove(alarm.thread.number)
        run.changed()

    def _come(self, alarm: Alarm) -> None:
        self._alarms.remove(alarm)
        self._ready.append(alarm.timer)  # type: ignore[attr-defined]
        if alarm.kind == kinds.START:
            self._called[id(alarm.timer)] = alarm.thread  # type: ignore[assignment]

    def _go_on(self, run: Scheduler, task: Any, handle: Any) -> None:
        """A task's steps up to where it awaits something that is not there."""
        actor: Any = self._actor
        member = tasks.member_of(task) or self._admit(run, task, "%s (%s)" % (task.get_name(), tasks.coroutine_name(task.get_coro())))
        run.become(member)
        self._begin(run, member)
        member.started = True
        try:
            handle._run()
        finally:
            if not run.over:
                self._pause(run, member, task)
                run.become(actor)

    def _begin(self, run: Scheduler, member: Member) -> None:
        if run.solo:
            return
        kind, serial, awaited = kinds.START, member.record.serial, member.awaits
        if member.started:
            kind, serial = kinds.WAKE, 0
            if isinstance(awaited, Member):
                kind = kinds.JOIN if awaited.ended else kinds.WAKE
                serial = awaited.record.serial
            elif awaited is not None:
                serial = Run.locations.record(awaited, member.place, None, type(awaited).__name__).serial
        run.step(kind, serial, -1, member.place)
        run.further(kinds.TOUCH, self._serial, -1)

    def _pause(self, run: Scheduler, member: Member, task: Any) -> None:
        if task.done():
            if not run.solo:
                run.step(kinds.END, member.record.serial, -1, 0)
                run.further(kinds.TOUCH, self._serial, -1)
            self._leave(member)
            if len(self._members) == 1 and len(self._alarms) < 2:
                run.settle(self._members[0])
        elif not run.solo:
            member.place, waited, _ = tasks.suspended(task)
            awaited = tasks.member_of(task._fut_waiter)
            member.awaits = awaited if awaited is not None else None if isinstance(waited, (asyncio.Lock, asyncio.Semaphore)) else waited
            serial = 0
            if awaited is None and member.awaits is not None:
                serial = Run.locations.record(waited, member.place, None, type(waited).__name__).serial
            run.step(kinds.WAIT, serial, -1, member.place)
            run.further(kinds.TOUCH, self._serial, -1)

    def _call(self, run: Scheduler, member: Member, handle: Any) -> None:
        """A function that was to be called later."""
        actor: Any = self._actor
        run.become(member)
        self._mark(run)
        try:
            handle._run()
        finally:
            if not run.over:
                if not run.solo:
                    run.step(kinds.END, member.record.serial, -1, 0)
                    run.further(kinds.TOUCH, self._serial, -1)
                self._leave(member)
                run.become(actor)

    # What is told, and what is not there

    def call_exception_handler(self, context: "Dict[str, Any]") -> None:
        error, run = context.get("exception"), Run.scheduler
        if isinstance(error, Exception) and run is not None and not run.over and self._exception_handler is None:  # type: ignore[attr-defined]
            thread = tasks.member_of(context.get("task") or context.get("future")) or run.current
            Threads.runs.raised(thread, error)
        super().call_exception_handler(context)

    async def shutdown_default_executor(self, timeout: Any = None) -> None:
        """Without its time limit: that is none of the program's."""
        await super().shutdown_default_executor()

    def add_signal_handler(self, sig: int, callback: Any, *args: Any) -> None:
        self._signals[sig] = callback  # no signal comes

    def remove_signal_handler(self, sig: int) -> bool:
        return self._signals.pop(sig, None) is not None


for _name in outside.NAMES:
    setattr(EventLoop, _name, outside.refusing(_name))


def replacements() -> "Dict[Any, Any]":
    """What stands in for asyncio's own loop."""
    return {asyncio.SelectorEventLoop: EventLoop}


leftovers = tasks.leftovers


def forget() -> None:
    """Policies and loops of an earlier run are gone."""
    asyncio.events._event_loop_policy = None  # type: ignore[attr-defined]
    asyncio._set_running_loop(None)
