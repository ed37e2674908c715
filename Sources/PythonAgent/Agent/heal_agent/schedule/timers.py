"""Timers of an event loop: each stands for a task that waits for it, or is a function that is to be called at a time."""

from __future__ import annotations

import asyncio
from typing import Any, List

from . import kinds, tasks
from .clock import ORIGIN
from .primitives import SECOND, Run
from .scheduler import ScheduledThread, Scheduler
from .tasks import Member


class Alarm:
    """A timer that is running: which number stands for it, and what is told when it comes."""

    __slots__ = ("timer", "thread", "kind", "site", "deadline")

    def __init__(self, timer: Any, thread: ScheduledThread, kind: int, site: Any, deadline: int) -> None:
        self.timer = timer
        self.thread = thread
        self.kind = kind
        self.site = site
        self.deadline = deadline


class Timers(asyncio.BaseEventLoop):
    """The part of the loop that knows of timers."""

    # What `event_loop.EventLoop` knows.
    _enter: Any
    _mind: Any
    _spawn: Any
    _leave: Any

    def __init__(self) -> None:
        super().__init__()
        self._alarms: "List[Alarm]" = []
        self._due: "List[Any]" = []

    def time(self) -> float:
        run = self._enter()
        run.now += 1000
        return (run.now - ORIGIN) / SECOND

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        if when is None:
            raise TypeError("when cannot be None")
        self._check_closed()
        if self._debug:  # type: ignore[attr-defined]
            self._check_thread()  # type: ignore[attr-defined]
            self._check_callback(callback, "call_at")  # type: ignore[attr-defined]
        run = self._enter()
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        deadline = ORIGIN + round(when * SECOND)
        if deadline <= run.now:
            self._due.append(timer)
        else:
            self._arm(run, timer, callback, deadline)
        return timer

    def _arm(self, run: Scheduler, timer: Any, callback: Any, deadline: int) -> None:
        me, site = run.current, Run.sites.caller()
        module = getattr(callback, "__module__", None) or type(getattr(callback, "__self__", None)).__module__
        self._drop_cancelled()
        if isinstance(me, Member) and module.startswith("asyncio."):
            sleeps = getattr(callback, "__name__", "") == "_set_result_unless_cancelled"
            alarm = Alarm(timer, self._stand_in(run, me), kinds.SLEEP if sleeps else kinds.TIMEOUT, site, deadline)
        else:
            member = Member("timer (%s)" % tasks.coroutine_name(callback), self)
            self._spawn(run, member)
            alarm = Alarm(timer, member, kinds.START, site, deadline)
        self._alarms.append(alarm)
        self._mind(run)

    def _stand_in(self, run: Scheduler, me: Member) -> ScheduledThread:
        """A number for a timer of a task: the task's own, unless another timer has that."""
        used = {alarm.thread.number for alarm in self._alarms}
        for one in me.timers:
            if one.number not in used:
                return one
        extra = ScheduledThread(-1, me.name + " (time-out)", True, None)
        extra.dormant = True
        if not self._is_alone(run):
            record = Run.locations.record(extra, 0, "thread", extra.name)
            run.step(kinds.SPAWN, record.serial, -1, Run.sites.caller())
            record.key = "thread %d" % len(run.threads)
        run.add_within(extra, me.carrier)
        me.timers.append(extra)
        return extra

    def _drop_cancelled(self) -> None:
        if any(alarm.timer._cancelled for alarm in self._alarms):
            for alarm in self._alarms:
                if alarm.timer._cancelled and isinstance(alarm.thread, Member) and alarm.kind == kinds.START:
                    self._leave(alarm.thread)
            self._alarms = [alarm for alarm in self._alarms if not alarm.timer._cancelled]

    def _is_alone(self, run: Scheduler) -> bool:
        """Whether there was never a thread but the loop's: that one has ended depends on the schedule."""
        return all(one.carrier is run.current.carrier for one in run.threads)
