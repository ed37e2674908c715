"""One thread runs at a time; before each step it announces what it is about to do, and the schedule says who goes on.

The running thread makes the choice itself and hands the baton, a lock per thread, to the chosen one. So a step at which
nothing changes hands costs no switch. Nothing here calls code of the program.
"""

from __future__ import annotations

import _thread
from bisect import insort
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

from . import kinds
from .policies import Policy

ROW = 7
"""Numbers a step: thread (-1 - thread for a further access of the same step), kind, object, field, place, enabled set, value."""

MICROSECOND = 1000
_FREE = (kinds.SLEEP, kinds.START)
"""What waits for nothing but a time: the others wait for something else too, and time out."""
EPOCH = 1_700_000_000 * 10**9


class Abandoned(BaseException):
    """Ends a thread that outlived its run: the program is over, and nothing that it does counts any more."""


class ScheduledThread:
    """A thread of the program in one run, or a task or timer of an event loop, which takes its steps on the thread `carrier`."""

    __slots__ = ("number", "name", "daemon", "baton", "own", "kind", "serial", "field", "site", "row", "wants", "deadline", "timed_out",
                 "held", "ended", "joiners", "handle", "timeouts", "births", "patience", "wrote", "unseen", "inside", "abandoned", "joined", "releases",
                 "carrier", "dormant", "starter", "met")

    def __init__(self, number: int, name: str, daemon: bool, handle: Any) -> None:
        self.number = number
        self.name = name
        self.daemon = daemon
        self.handle = handle
        self.baton: Any = None
        self.kind = self.serial = self.field = self.row = 0
        self.site: Any = 0
        self.wants: Any = None
        self.deadline: "Optional[int]" = None
        self.timed_out = self.ended = self.abandoned = self.joined = self.unseen = False
        self.held: "List[Any]" = []
        self.joiners: "List[ScheduledThread]" = []
        self.timeouts: "Dict[Any, int]" = {}
        self.births: "Dict[Any, int]" = {}
        self.wrote: Any = None
        self.inside: Any = None
        self.releases = kinds.RELEASE
        self.patience: "Optional[int]" = None
        self.carrier: "ScheduledThread" = self
        self.dormant = False
        self.starter: "Optional[ScheduledThread]" = None
        self.met: "List[ScheduledThread]" = []
        """The threads that have waited for this one's end."""
        self.own = 0
        """The number of the object that the thread is; `serial` is that of what it announces."""


class Bounds:
    """What ends a run that does not end by itself."""

    __slots__ = ("steps", "fuel", "fair", "timeouts", "strict")

    def __init__(self, steps: int = 20_000, fuel: int = 2_000_000, fair: int = 100, timeouts: int = 4, strict: bool = False) -> None:
        self.steps = steps
        self.fuel = fuel
        self.fair = fair
        self.timeouts = timeouts
        self.strict = strict


class Scheduler:
    """One run under one schedule: a prefix of thread numbers, one a step, and a policy for the rest.

    `fatal` is called, in whichever thread that is, when nothing can go on or a bound is reached, and must not return.
    """

    def __init__(self, prefix: "Sequence[int]", policy: Policy, bounds: Bounds, events: bool, values: bool,
                 fatal: "Callable[[str], None]") -> None:
        self.threads: "List[ScheduledThread]" = []
        self.ready: "List[int]" = []
        self.timed: "List[int]" = []
        self.current: Any = None
        self.solo = True
        self.over = False
        self.count = 0
        self.choices: "List[int]" = []
        self.rows: "List[Any]" = []
        self.sets: "Dict[Tuple[Tuple[int, ...], Tuple[int, ...]], int]" = {}
        self.assumed: "List[int]" = []
        self.bounded = False
        self.limits: "Dict[str, int]" = {}
        self.unseen: "Set[str]" = set()
        self._lead = EPOCH
        self.entropy: Any = None
        self.loops: "List[Any]" = []
        self._prefix = prefix
        self._policy = policy
        self._is_natural = getattr(policy, "is_natural", False)
        self.bounds = bounds
        self._events = events
        self._set: "Optional[int]" = None
        self._fatal = fatal
        self._planned = len(prefix)
        self._steps = bounds.steps
        self._no_value: "Optional[int]" = None if values else 0

    @property
    def now(self) -> int:
        """The virtual time in nanoseconds; each step takes a microsecond."""
        return self._lead + MICROSECOND * self.count

    @now.setter
    def now(self, moment: int) -> None:
        self._lead = moment - MICROSECOND * self.count

    # Threads

    def add(self, name: str, daemon: bool, handle: Any, baton: Any = None) -> ScheduledThread:
        """A new thread, which is not ready yet; `baton` is what the real thread that carries it waits for."""
        thread = ScheduledThread(len(self.threads), name, daemon, handle)
        if baton is None:
            baton = _thread.allocate_lock()
            baton.acquire()
        thread.baton = baton
        self.threads.append(thread)
        return thread

    def add_within(self, thread: ScheduledThread, carrier: ScheduledThread) -> None:
        """A task or timer that takes its steps on another thread; it gets the next number."""
        thread.number = len(self.threads)
        thread.carrier, thread.baton = carrier, carrier.baton
        self.threads.append(thread)

    def become(self, other: ScheduledThread) -> None:
        """What the running real thread does from now on are steps of another one that it carries."""
        self.ready.remove(self.current.number)
        insort(self.ready, other.number)
        self._set = None
        self.current = other

    def changed(self) -> None:
        """Those that wait for a time are others."""
        self._set = None

    def settle(self, me: ScheduledThread) -> None:
        """The running thread is alone again once nothing is left that could run beside it.

        A thread that runs a loop goes on in the place of what the loop runs, and beside all other threads.
        """
        waiting = [loop.actor for loop in self.loops if loop.actor.carrier is not me.carrier]
        self.solo = not waiting and all(one is me or one.dormant or one.ended and one.joined for one in self.threads)

    def make_ready(self, thread: ScheduledThread) -> None:
        """Lets a thread be chosen from now on."""
        insort(self.ready, thread.number)
        self._set = None
        if thread.deadline is not None:
            thread.deadline = None
            self.timed.remove(thread.number)

    def make_unready(self, thread: ScheduledThread) -> None:
        """A thread whose announced operation cannot be done any more; its patience begins."""
        self.ready.remove(thread.number)
        self._set = None
        self._be_patient(thread)

    def _be_patient(self, thread: ScheduledThread) -> None:
        if thread.patience is not None:
            thread.deadline = self.now + thread.patience
            insort(self.timed, thread.number)

    # Steps of the running thread

    def step(self, kind: int, serial: int, field: int, site: Any) -> None:
        """Announces an operation that can be done; returns when it is this thread's turn to do it."""
        me = self.current
        if self.over:
            raise Abandoned
        me.kind, me.serial, me.field, me.site = kind, serial, field, site
        count = self.count
        if count < self._planned or self.timed or kind == kinds.YIELD or count >= self._steps:
            chosen = self._choose(me)
        else:
            # What `_choose` does, for by far the most steps.
            ready = self.ready
            number = ready[0] if len(ready) == 1 else self._policy(ready, me.number, count)
            self.count = count + 1
            self.choices.append(number)
            chosen = me if number == me.number else self.threads[number]
            if self._events:
                if self._set is None:
                    self._set = self._set_now()
                rows = self.rows
                chosen.row = len(rows)
                rows += (number, chosen.kind, chosen.serial, chosen.field, chosen.site, self._set, self._no_value)
        if chosen is not me:
            self.current = chosen
            chosen.baton.release()
            me.baton.acquire()
            if self.over:
                raise Abandoned

    def wait(self, kind: int, serial: int, site: Any, wants: Any, can: bool, patience: "Optional[int]" = None) -> bool:
        """Announces an operation that cannot be done at all times (`can`: now); false when `patience` nanoseconds were over
        before it could."""
        me = self.current
        if self.over:
            raise Abandoned
        me.kind, me.serial, me.field, me.site, me.wants, me.patience = kind, serial, -1, site, wants, patience
        me.timed_out = False
        if not can:
            self.make_unready(me)
        chosen = self._choose(me)
        if chosen is not me:
            self._hand(me, chosen)
        me.wants = me.patience = None
        return not me.timed_out

    def turn(self, me: ScheduledThread, can: bool) -> ScheduledThread:
        """The next iteration of an event loop that `me` runs, as announced there: answers `me`, or the timer whose time has come.

        `can` says whether the loop has something to do without one. Timers stand among those that wait for a time.
        """
        if self.over:
            raise Abandoned
        if not can:
            self.ready.remove(me.number)
            self._set = None
        chosen = self._choose(me)
        if chosen is not me:
            self._hand(me, chosen)
        chosen = self.current
        self.further(kinds.TOUCH, me.serial, -1)
        if chosen is not me:
            self.ready.remove(chosen.number)
            if me.number not in self.ready:
                insort(self.ready, me.number)
            self._set = None
            self.current = me
        me.wants = None
        return chosen

    def further(self, kind: int, serial: int, field: int) -> None:
        """Another access of the step that the running thread was just allowed."""
        if self._events:
            me = self.current
            self.rows += (-1 - me.number, kind, serial, field, me.site, 0, self._no_value)

    def value(self, value: Any) -> None:
        """What the running thread's last step read or wrote."""
        if self._events:
            self.rows[self.current.row + 6] = value

    def revise(self, kind: int) -> None:
        """The running thread's last step turned out to be of another kind."""
        if self._events:
            self.rows[self.current.row + 1] = kind

    def leave(self, me: ScheduledThread) -> None:
        """The running thread has ended; another one goes on."""
        me.ended = True
        self.ready.remove(me.number)
        self._set = None
        for other in me.joiners:
            if other.wants is me:
                self.make_ready(other)
        if self.over:
            return
        chosen = self._choose(me)
        self.current = chosen
        chosen.baton.release()

    def give_way(self, site: Any) -> None:
        """A step of a loop in which nothing is seen to happen: another thread goes on, if there is one."""
        self.step(kinds.YIELD, 0, -1, site)

    def limit(self, what: str) -> None:
        """Notes something that this run could not control."""
        self.limits[what] = self.limits.get(what, 0) + 1

    def end(self, how: str) -> None:
        """Ends the run where it stands."""
        self.over = True
        self._fatal(how)

    # Choosing

    def _hand(self, me: ScheduledThread, chosen: ScheduledThread) -> None:
        self.current = chosen
        chosen.baton.release()
        me.baton.acquire()
        if self.over:
            raise Abandoned

    def _choose(self, me: ScheduledThread) -> ScheduledThread:
        """Who goes on, recorded as the next step."""
        count = self.count
        ready = self.ready
        if self.timed or not ready:
            ready = self._candidates(me)
        if count < self._planned:
            number = self._prefix[count]
            if number not in ready:
                self.end("divergence")
        elif len(ready) == 1:
            number = ready[0]
        elif self._is_natural and not self.ready:
            number = min(ready, key=self._deadline)
        elif me.kind == kinds.YIELD and me.number in ready:
            others = [one for one in ready if one != me.number]
            number = others[0] if len(others) == 1 else self._policy(others, me.number, count)
        else:
            number = self._policy(ready, me.number, count)
        if count >= self._steps:
            self.end("steps")
        self.count = count + 1
        self.choices.append(number)
        chosen = me if number == me.number else self.threads[number]
        if chosen.deadline is not None:
            self._time_out(chosen)
        if self._events:
            if self._set is None:
                self._set = self._set_now()
            chosen.row = len(self.rows)
            self.rows += (number, chosen.kind, chosen.serial, chosen.field, chosen.site, self._set, self._no_value)
        if chosen.deadline is not None:
            chosen.deadline = None
            self.timed.remove(number)
            insort(self.ready, number)
            self._set = None
        return chosen

    def _set_now(self) -> int:
        """The number of the set of threads that can go on now."""
        return self.sets.setdefault((tuple(self.ready), tuple(self.timed)), len(self.sets))

    def _candidates(self, me: ScheduledThread) -> "List[int]":
        """Those that can go on, counting the ones that wait for a time."""
        if self.ready and (self.bounds.strict or not self.timed):
            if not self.timed or me.kind != kinds.YIELD or self.ready != [me.number]:
                return self.ready
        if not self.timed:
            self.end("stuck")
        if self.bounds.strict:
            return [min(self.timed, key=self._deadline)]
        patient = [one for one in self.timed if not self._is_bounded(self.threads[one])]
        if not self.ready and not patient:
            return [min(self.timed, key=self._deadline)]
        if len(patient) < len(self.timed):
            self.bounded = True
        return sorted(self.ready + patient)

    def _deadline(self, number: int) -> int:
        return self.threads[number].deadline  # type: ignore[return-value]

    def _is_bounded(self, thread: ScheduledThread) -> bool:
        return thread.kind not in _FREE and thread.timeouts.get(thread.site, 0) >= self.bounds.timeouts

    def _time_out(self, chosen: ScheduledThread) -> None:
        """A time has come: the clock moves there; said where others could run, or had an earlier time."""
        deadline: Any = chosen.deadline
        if self.ready or any(self.threads[one].deadline < deadline for one in self.timed):  # type: ignore[operator]
            self.assumed.append(self.count - 1)
        self.now = max(self.now, deadline)
        chosen.timed_out = True
        if chosen.kind not in _FREE:
            chosen.timeouts[chosen.site] = chosen.timeouts.get(chosen.site, 0) + 1
            chosen.kind = kinds.TIMEOUT
