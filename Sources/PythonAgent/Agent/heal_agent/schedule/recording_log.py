"""What happened in a run that nobody directs: one list that all threads append to, in the order of what they do to locks.

An entry is five values in one flat list: the thread's number, what was done (`What`), the time (0: that of the entry before),
and where, as code and instruction, for what is not rewritten. One call of `extend` adds an entry, which no other thread can
cut in two. Nothing here takes a lock: a garbage collection may run code of the program, and with it these hooks, anywhere.
"""

from __future__ import annotations

import builtins
import time
from _thread import get_ident, get_native_id
from typing import Any, Dict, List, Optional, Set, Tuple

WIDTH = 5
OFF = "__heal_off__"
"""The name by which rewritten code finds out that there is nothing to tell."""

clock = time.perf_counter_ns


class What:
    """What an entry is about: a kind of event on one field of one object, from one place.

    `stamp` is the last entry's epoch: an access that its thread repeats at the same place, having done nothing to a lock or
    another thread in between, tells nothing new.
    """

    __slots__ = ("kind", "serial", "field", "site", "stamp")

    def __init__(self, kind: int, serial: int, field: int, site: Any) -> None:
        self.kind = kind
        self.serial = serial
        self.field = field
        self.site = site
        self.stamp: Any = None


class RecordedThread:
    """A thread of the program. Its epoch is the time object of its last operation on a lock or thread, told by identity."""

    __slots__ = ("number", "name", "ident", "native", "ended", "joined", "epoch", "births", "waits", "serial", "first",
                 "unseen", "inside", "wrote")

    def __init__(self, number: int, name: str) -> None:
        self.number = number
        self.name = name
        self.ident = self.native = self.serial = 0
        self.ended = self.joined = False
        self.epoch: Any = clock()
        self.births: "Dict[Any, int]" = {}
        self.waits = False
        self.first: Any = 0
        self.unseen = False
        self.inside: Any = None
        self.wrote: Any = None


class _ByIdent(Dict[int, RecordedThread]):
    """Threads by the identification that the interpreter gives them; one that was started elsewhere gets a number when it is met."""

    def __init__(self, log: "Log") -> None:
        super().__init__()
        self._log = log

    def __missing__(self, ident: int) -> RecordedThread:
        thread = self._log.new_thread("Thread %d" % len(self._log.threads))
        thread.ident, thread.native = ident, get_native_id()
        return self.setdefault(ident, thread)


class Log:
    """The entries of one run, and who its threads are.

    `solo` says that nothing is to be told: there is one thread only, or a bound was reached.
    """

    def __init__(self, events: int, accesses: int) -> None:
        self.rows: "List[Any]" = []
        self.add = self.rows.extend
        self.full = events * WIDTH
        self.earlier: "List[Tuple[int, int, What]]" = []
        self.threads: "List[RecordedThread]" = []
        self.by_ident = _ByIdent(self)
        self.started = clock()
        self.limits: "Dict[str, int]" = {}
        self.unseen: "Set[str]" = set()
        self.cut: "Optional[str]" = None
        self.on_cut: "List[Any]" = []
        self._left = accesses
        self._numbers = iter(range(1 << 60)).__next__
        self._whats: "Dict[Tuple[int, int, int, Any], What]" = {}
        self.solo = True
        self._switch(True)

    # Threads

    def new_thread(self, name: str) -> RecordedThread:
        """The next thread; numbers follow the order of starts."""
        thread = RecordedThread(self._numbers(), name)
        self.threads.append(thread)
        return thread

    @property
    def current(self) -> RecordedThread:
        """The thread that asks."""
        return self.by_ident[get_ident()]

    def begin(self) -> None:
        """There is more than one thread from now on."""
        if self.solo and self.cut is None:
            self._switch(False)

    def settle(self, me: RecordedThread) -> None:
        """Told when a thread was joined: without any other that could run, there is nothing to tell."""
        if not self.solo and all(one is me or one.ended and one.joined for one in self.threads):
            self._switch(True)

    def _switch(self, solo: bool) -> None:
        self.solo = solo
        builtins.__dict__[OFF] = solo

    # Entries

    def step(self, kind: int, serial: int, field: int, site: Any) -> None:
        """An access, from rewritten code."""
        key = (kind, serial, field, site)
        what = self._whats.get(key)
        if what is None:
            what = self._whats.setdefault(key, What(kind, serial, field, site))
        self.access(self.by_ident[get_ident()], what)

    def access(self, me: RecordedThread, what: What) -> None:
        """An access, unless it tells nothing new."""
        if what.stamp is not me.epoch:
            what.stamp = me.epoch
            self.add((me.number, what, 0, None, 0))
            if len(self.rows) > self.full:
                self.stop("events")

    def further(self, kind: int, serial: int, field: int) -> None:
        """Another object of the access before."""
        me = self.by_ident[get_ident()]
        for index in range(len(self.rows) - WIDTH, max(-1, len(self.rows) - 60 * WIDTH), -WIDTH):
            if self.rows[index] == me.number and self.rows[index + 1].kind == kind:
                self.step(kind, serial, field, self.rows[index + 1].site)
                return

    def sync(self, me: RecordedThread, what: What, code: Any = None, instruction: int = 0) -> None:
        """Something between threads; what the thread accesses from now on is told anew."""
        now = clock()
        self.add((me.number, what, now, code, instruction))
        me.epoch = now
        if len(self.rows) > self.full:
            self.stop("events")

    def value(self, value: Any) -> None:
        """Values are not kept."""

    # Bounds

    def spend(self, accesses: int) -> None:
        """Many accesses were looked at; when it is enough, none is any more."""
        self._left -= accesses
        if self._left <= 0:
            self.stop("events")

    def stop(self, why: str) -> None:
        """Nothing is told from now on; who holds which lock is still known."""
        if self.cut is None:
            self.cut = why
            self._switch(True)
            for one in self.on_cut:
                one()

    def close(self) -> None:
        """The run is over."""
        self._switch(True)

    def limit(self, what: str) -> None:
        """Notes something that recording does not see."""
        self.limits[what] = self.limits.get(what, 0) + 1
