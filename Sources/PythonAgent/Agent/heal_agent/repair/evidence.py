"""What is known of a failure, in one form, whoever found it out."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import AgentError


class Place(NamedTuple):
    """A position in the program; line 0 when it is not known."""

    path: str = ""
    line: int = 0
    column: int = 0


class Access(NamedTuple):
    """A thread reads or writes a place in memory."""

    thread: int
    kind: str
    """`READ`, `WRITE`, or `UPDATE` for both at once."""
    subject: str
    """What is accessed, as a person would say it."""
    place: Place


class Conflict(NamedTuple):
    """Accesses of one place in memory by several threads that nothing keeps apart."""

    subject: str
    accesses: "Tuple[Access, ...]"
    """Those that show the conflict first: two for a race, three for an atomicity violation."""
    is_pattern: bool
    """Whether the first three are an atomicity violation: two of one thread, one of another between them."""


class Held(NamedTuple):
    """A lock in the hands of a thread."""

    thread: int
    lock: str
    made: Place
    taken: Place


class Wait(NamedTuple):
    """A thread that waits at the end."""

    thread: int
    kind: str
    wants: str
    made: Place
    """Where the lock that it wants was made."""
    place: Place
    holder: "Optional[int]"
    holds: "Tuple[Held, ...]"


class Evidence:
    """All that is known."""

    def __init__(self) -> None:
        self.kind = ""
        self.exceptions: "List[Dict[str, Any]]" = []
        self.conflicts: "List[Conflict]" = []
        self.waits: "List[Wait]" = []
        self.cycle: "List[int]" = []
        self.leaks: "List[Held]" = []

    @property
    def is_stuck(self) -> bool:
        """Whether threads wait for ever."""
        return bool(self.waits)

    def in_circle(self) -> "List[Wait]":
        """The waits that make up a circle, in its order."""
        return [one for thread in self.cycle for one in self.waits if one.thread == thread]

    def places(self) -> "List[Place]":
        """Every place that has to do with the failure, the nearest first."""
        found = [one.place for one in self.waits] + [held.taken for one in self.waits for held in one.holds]
        found += [held.taken for held in self.leaks]
        for conflict in self.conflicts:
            found += [one.place for one in conflict.accesses[:3]]
        for one in self.exceptions:
            found += [Place(frame["path"], frame["line"]) for frame in reversed(one.get("frames") or ())]
        return [one for one in dict.fromkeys(found) if one.line]


def read(params: "Dict[str, Any]") -> Evidence:
    """The evidence in a request: `failure`, or `results` of `schedule` with their `tables`."""
    found = Evidence()
    if params.get("failure") is not None:
        _read_failure(params["failure"], found)
    if params.get("results"):
        from .trace import add

        for result in params["results"]:
            add(result, params["tables"][result.get("table", 0)], found)
    if not found.kind and params.get("failure") is None and not params.get("results"):
        raise AgentError("malformed", "repairs needs a failure or results")
    return found


def _read_failure(failure: "Dict[str, Any]", found: Evidence) -> None:
    found.kind = str(failure.get("kind") or "")
    found.exceptions = list(failure.get("exceptions") or ())
    for one in failure.get("conflicts") or ():
        accesses = tuple(Access(int(access["thread"]), access["kind"], access.get("subject") or one["subject"], place(access["place"]))
                         for access in one["accesses"])
        found.conflicts.append(Conflict(one["subject"], accesses, bool(one.get("pattern"))))
    for one in failure.get("waits") or ():
        holds = tuple(_held(int(one["thread"]), held) for held in one.get("holds") or ())
        found.waits.append(Wait(int(one["thread"]), one["kind"], one["wants"], place(one.get("made")), place(one["place"]),
                                one.get("holder"), holds))
    found.cycle = [int(one) for one in failure.get("cycle") or ()]
    found.leaks = [_held(int(one["thread"]), one) for one in failure.get("leaks") or ()]


def _held(thread: int, held: "Dict[str, Any]") -> Held:
    return Held(thread, held["lock"], place(held.get("made")), place(held.get("taken")))


def place(found: "Optional[Sequence[Any]]") -> Place:
    """A place as it travels: path, line, column."""
    if not found or not found[1]:
        return Place()
    return Place(str(found[0]), int(found[1]), int(found[2]) if len(found) > 2 and found[2] else 0)
