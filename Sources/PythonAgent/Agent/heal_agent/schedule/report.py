"""What a run came to, in the protocol's form: how it ended, who waits for whom, what was raised and leaked, and the steps."""

from __future__ import annotations

import sys
import threading
import traceback
import types
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from ..describe import Describer
from . import kinds
from .execution import Execution
from .locations import Record
from .primitives import Lock, Waiter
from .scheduler import ROW, ScheduledThread
from .sites import Sites

#: How a run that did not come to its end by itself is told.
_ENDS = {"steps": "cut", "fuel": "cut", "output": "cut", "divergence": "divergence"}


class _Numbers(Dict[Any, int]):
    """Numbers for what comes up, in the order in which it does."""

    def __init__(self, told: "Callable[[Any], Any]") -> None:
        super().__init__()
        self._told = told
        self.new: "List[Any]" = []

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        self.new.append(self._told(key))
        return number


class Tables:
    """Places and names that results of one process refer to by number; what was added is sent along with each result."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self.places = _Numbers(self._place)
        self.names = _Numbers(str)

    def _place(self, site: int) -> "List[Any]":
        path, line, column = self._sites.position(site)
        return [self._sites.path(path), line, column + 1 if column >= 0 else 0]

    def place(self, site: int) -> int:
        return self.places[site]

    def name(self, text: str) -> int:
        return self.names[text]

    def news(self) -> "Optional[Dict[str, Any]]":
        """What was added since the last time."""
        places, names = self.places.new, self.names.new
        if not places and not names:
            return None
        self.places.new, self.names.new = [], []
        return {"places": places, "names": names}


def result(execution: Execution, how: str, tables: Tables, describer: Describer) -> "Dict[str, Any]":
    """One run's result; `how` is `completed`, or why it was ended."""
    run = execution.scheduler
    found: "Dict[str, Any]" = {
        "end": _ENDS.get(how, how), "steps": run.count, "choices": _run_lengths(run.choices), "shared": execution.locations.found,
        "exit": execution.exit, "stdout": execution.output.text(),
    }
    if found["end"] == "cut":
        found["cut"] = how
    if execution.exceptions:
        found["exceptions"] = [dict(describer.exception(error), thread=thread.number) for thread, error in execution.exceptions]
    if run.assumed:
        found["assumed"] = run.assumed
    if run.bounded:
        found["bounded"] = True
    if run.limits:
        found["limits"] = sorted(run.limits)
    if run.unseen:
        found["unseen"] = sorted(run.unseen)
    names = _Names(execution, tables)
    if how == "stuck":
        found.update(_stuck(execution, names))
    leaks = [lock for one in run.threads if one.ended and not one.abandoned or how == "completed" and one.number == 0 for lock in one.held]
    if leaks:
        found["leaks"] = [[number, names.of(lock)] for lock in leaks for number in [_holder(lock)] if number is not None]
    if execution.pending:
        found["pending"] = [[one.number, names.place(site)] for one, site in execution.pending]
    if execution.unawaited:
        found["unawaited"] = [list(one) for one in execution.unawaited]
    found["threads"] = [one.name for one in run.threads]
    carried = [[one.number, one.carrier.number] for one in run.threads if one.carrier is not one]
    if carried:
        found["carriers"] = carried
    return found


def _run_lengths(choices: "List[int]") -> "List[int]":
    found: "List[int]" = []
    last, times = -1, 0
    for one in choices:
        if one == last:
            times += 1
            continue
        if times:
            found += (last, times)
        last, times = one, 1
    if times:
        found += (last, times)
    return found


class _Wait(NamedTuple):
    """A thread or task that cannot go on."""

    thread: ScheduledThread
    kind: int
    object: Any
    site: Any
    holder: "Optional[int]"
    call: "Optional[str]"


def _stuck(execution: Execution, names: "_Names") -> "Dict[str, Any]":
    """Who waits for what; a deadlock when they wait in a circle, else nobody is left who could wake them."""
    run = execution.scheduler
    waiting = [_Wait(one, one.kind, one.wants, one.site, _holder(one.wants), getattr(one.wants, "call", None)) for one in run.threads
               if not one.ended and one.wants is not None and one.wants not in run.loops]
    if run.loops:
        from . import tasks

        waiting += [_Wait(*one) for one in tasks.waits(run)]
    waiting.sort(key=lambda one: one.thread.number)
    cycle = _cycle(waiting)
    return {
        "end": "deadlock" if cycle else "hang",
        "cycle": cycle,
        "blocked": [{
            "thread": one.thread.number, "kind": kinds.NAMES[one.kind], "object": names.of(one.object), "place": names.place(one.site),
            "holder": one.holder, "holds": [names.of(lock) for lock in one.thread.held], **({} if one.call is None else {"call": one.call}),
        } for one in waiting],
    }


def _holder(wanted: Any) -> "Optional[int]":
    if isinstance(wanted, ScheduledThread):
        return wanted.number
    holder = wanted.holder if isinstance(wanted, Lock) else getattr(wanted, "__dict__", {}).get("_heal_holder")
    return None if holder is None else holder.number


def _cycle(waiting: "List[_Wait]") -> "List[int]":
    holders = {one.thread.number: one.holder for one in waiting}
    for start in holders:
        trail: "List[int]" = []
        one: "Optional[int]" = start
        while one is not None and one not in trail:
            trail.append(one)
            one = holders.get(one)
        if one is not None:
            return trail[trail.index(one):]
    return []


def events(execution: Execution, tables: Tables) -> str:
    """The steps as flat numbers, in JSON; places, fields and values by their numbers in the tables, 0 standing for no value."""
    run = execution.scheduler
    rows = run.rows
    names = _Names(execution, tables)
    fields = [*map(tables.name, execution.locations.fields()), -1]
    rows[3::ROW] = map(fields.__getitem__, rows[3::ROW])
    rows[4::ROW] = map(tables.places.__getitem__, rows[4::ROW])
    if execution.schedule.values:
        rows[6::ROW] = [0 if one is None else tables.name(one) + 1 for one in rows[6::ROW]]
    objects: "List[int]" = []
    for serial in sorted(set(rows[2::ROW])):
        if serial:
            record = execution.locations.objects[serial - 1]
            objects += (serial, tables.name(names.called(record)), tables.name(record.key), names.made(record))
    sets = [[list(ready), list(timed)] for ready, timed in run.sets]
    # What a list of numbers looks like is JSON already, and much cheaper.
    return '{"rows":%s,"sets":%s,"objects":%s}' % (rows, sets, objects)


_UNNAMED = frozenset((int, str, float, bool, type(None), bytes, types.FunctionType, types.ModuleType, types.MethodType))
#: What is named itself, and nothing in it.
_CLOSED = (Lock, threading.Thread)


class _Names:
    """Names of objects as a person would call them: by the variable or attribute that holds them."""

    def __init__(self, execution: Execution, tables: Tables) -> None:
        self._execution = execution
        self._tables = tables
        self._known: "Optional[Dict[int, str]]" = None

    def place(self, site: Any) -> int:
        return self._tables.place(site)

    def of(self, value: Any) -> int:
        """The name of what a thread waits for, as a number of the table."""
        if isinstance(value, ScheduledThread):
            return self._tables.name(value.name)
        if isinstance(value, Waiter):
            value = value.condition
        record = self._execution.locations.known(value)
        label = record.label if record is not None else getattr(value, "label", type(value).__name__)
        return self._tables.name(self._found().get(id(value)) or label)

    def called(self, record: Record) -> str:
        if record.key.startswith(("thread ", "globals of ", "standard ")):
            return record.label
        return self._found().get(id(record.object)) or record.label

    def made(self, record: Record) -> int:
        """Where a lock was made; the table's first place where that is not known."""
        made = record.object.made if isinstance(record.object, Lock) else getattr(record.object, "__dict__", {}).get("_heal_made", 0)
        return self.place(made)

    def _found(self) -> "Dict[int, str]":
        if self._known is None:
            self._known = {}
            for name, value in list(self._execution.space.items()):
                if not name.startswith("__"):
                    self._note(value, name, 3)
            for name, value in self._locals():
                self._note(value, name, 2)
            if self._execution.scheduler.loops:
                from . import tasks

                for name, value in tasks.local_names(self._execution.scheduler):
                    self._note(value, name, 2)
        return self._known

    def _locals(self) -> "List[Tuple[str, Any]]":
        """The variables of the program's functions that exceptions passed, or in which threads are still, outermost first."""
        frames: "List[types.FrameType]" = []
        for _, error in self._execution.exceptions:
            frames += [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        if self._execution.exit is None:
            for innermost in sys._current_frames().values():
                frames += reversed([frame for frame, _ in traceback.walk_stack(innermost)])
        files = self._execution.script.sites.files
        return [one for frame in frames if frame.f_code.co_filename in files
                for one in dict(frame.f_locals).items() if not one[0].startswith("__")]

    def _note(self, value: Any, name: str, depth: int) -> None:
        known: Any = self._known
        kind = type(value)
        if kind in _UNNAMED or id(value) in known or len(known) > 2000:
            return
        known[id(value)] = name
        if depth == 0 or isinstance(value, _CLOSED):
            return
        inside: "List[Tuple[str, Any]]" = []
        if kind in (list, tuple):
            inside = [("%s[%d]" % (name, index), one) for index, one in enumerate(value[:50])]
        elif kind is dict:
            inside = [("%s[%r]" % (name, key), one) for key, one in list(value.items())[:50] if type(key) in (str, int)]
        elif isinstance(value, type):
            inside = [("%s.%s" % (name, key), one) for key, one in list(type.__dict__["__dict__"].__get__(value).items()) if key[:2] != "__"]
        else:
            try:
                space = object.__getattribute__(value, "__dict__")
            except AttributeError:
                space = {}
            inside = [("%s.%s" % (name, key), one) for key, one in list(space.items())] if type(space) is dict else []
        for inner, one in inside:
            self._note(one, inner, depth - 1)
