"""Conflicts, waits and leaks of a run that `schedule` gave, for those who ask with the result alone.

Atomicity violations are the four unserialisable patterns of Lu et al. ("AVIO", ASPLOS 2006): read-write-read,
write-write-read, write-read-write and read-write-write, the middle one of another thread. Races are accesses without a common lock (the lock sets of
Savage et al., "Eraser", 1997) which starts, ends and notifications of threads do not order.
"""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Set, Tuple

from ..schedule import kinds
from .evidence import Access, Conflict, Evidence, Held, Place, Wait

_ACCESS = {kinds.READ: "READ", kinds.WRITE: "WRITE", kinds.TOUCH: "UPDATE"}
_STRIDE = 7
_BAD = {"RWR", "WWR", "WRW", "RWW"}
_LONG = 400


class _Event(NamedTuple):
    access: Access
    locks: "FrozenSet[int]"
    clock: "Tuple[int, ...]"


class _Run:
    """The events of a result."""

    def __init__(self, result: "Dict[str, Any]", table: "Dict[str, Any]") -> None:
        self._places, self._names = table["places"], table["names"]
        self.objects: "Dict[int, Tuple[str, Place]]" = {}
        self._threads: "Dict[int, int]" = {}
        events = result.get("events") or {"rows": [], "objects": []}
        flat = events["objects"]
        for index in range(0, len(flat), 4):
            self.objects[flat[index]] = (self._names[flat[index + 1]], self.place(flat[index + 3]))
            key = str(self._names[flat[index + 2]])
            if key.startswith("thread "):
                self._threads[flat[index]] = int(key[7:])
        self.rows = [events["rows"][index:index + _STRIDE] for index in range(0, len(events["rows"]), _STRIDE)]
        self.locations: "Dict[Tuple[int, str], List[_Event]]" = {}
        self.taken: "Dict[Tuple[int, str], Place]" = {}
        self._count = len(result.get("threads") or ()) or 1 + max([abs(row[0]) for row in self.rows] or [0])
        self._read()

    def place(self, number: int) -> Place:
        path, line, column = self._places[number]
        return Place(path, line, column)

    def name(self, number: int) -> str:
        return str(self._names[number])

    def _read(self) -> None:
        held: "Dict[int, Dict[int, int]]" = {}
        clocks = {thread: [0] * self._count for thread in range(self._count)}
        threads = {serial: thread for serial, thread in self._threads.items() if thread < self._count}
        sent: "Dict[int, List[int]]" = {}
        ended: "Dict[int, List[int]]" = {}
        for thread, kind, serial, field, place, _, _ in self.rows:
            thread = thread if thread >= 0 else -1 - thread
            if thread >= self._count:
                continue
            mine, locks = clocks[thread], held.setdefault(thread, {})
            mine[thread] += 1
            if kind in _ACCESS:
                self._access(thread, kind, serial, field, place, locks, mine)
            elif kind in (kinds.ACQUIRE, kinds.WAKE):
                locks[serial] = locks.get(serial, 0) + 1
                self.taken[thread, self.objects.get(serial, ("", Place()))[0]] = self.place(place)
                if kind == kinds.WAKE:
                    _join(mine, sent.get(serial))
            elif kind in (kinds.RELEASE, kinds.WAIT):
                locks.pop(serial, None) if locks.get(serial, 0) <= 1 or kind == kinds.WAIT else locks.update({serial: locks[serial] - 1})
            elif kind == kinds.NOTIFY:
                _join(sent.setdefault(serial, [0] * self._count), mine)
            elif kind == kinds.SPAWN and serial in threads:
                _join(clocks[threads[serial]], mine)
            elif kind == kinds.END:
                ended[thread] = list(mine)
            elif kind == kinds.JOIN and serial in threads:
                _join(mine, ended.get(threads[serial]))

    def _access(self, thread: int, kind: int, serial: int, field: int, place: int, locks: "Dict[int, int]", clock: "List[int]") -> None:
        name, _ = self.objects.get(serial, ("", Place()))
        word = self.name(field) if field >= 0 else ""
        is_name = bool(re.match(r"[^\W\d]\w*\Z", word))
        subject = word if name.startswith("globals") or not name else name + "." + word if is_name else name
        access = Access(thread, _ACCESS[kind], subject, self.place(place))
        if access.place.line:
            self.locations.setdefault((serial, word if is_name else ""), []).append(_Event(access, frozenset(locks), tuple(clock)))


def _join(clock: "List[int]", other: "Optional[List[int]]") -> None:
    for index, value in enumerate(other or ()):
        clock[index] = max(clock[index], value)


def add(result: "Dict[str, Any]", table: "Dict[str, Any]", found: Evidence) -> None:
    """Adds what one failing result tells."""
    run = _Run(result, table)
    known = {(one.get("thread"), str(one.get("frames"))) for one in found.exceptions}
    found.exceptions += [one for one in result.get("exceptions") or () if (one.get("thread"), str(one.get("frames"))) not in known]
    if not found.waits:
        _add_waits(result, run, found)
    for thread, name in result.get("leaks") or ():
        lock = run.name(name)
        found.leaks.append(Held(thread, lock, _made(run, lock), run.taken.get((thread, lock), Place())))
    if not found.kind:
        found.kind = _kind(result, found)
    _add_conflicts(run, _words(result), found)


def _add_waits(result: "Dict[str, Any]", run: _Run, found: Evidence) -> None:
    for one in result.get("blocked") or ():
        thread, wants = one["thread"], run.name(one["object"])
        holds = tuple(Held(thread, run.name(lock), _made(run, run.name(lock)), run.taken.get((thread, run.name(lock)), Place()))
                      for lock in one.get("holds") or ())
        found.waits.append(Wait(thread, one["kind"], wants, _made(run, wants), run.place(one["place"]), one.get("holder"), holds))
    found.cycle = found.cycle or list(result.get("cycle") or ())


def _made(run: _Run, name: str) -> Place:
    return next((made for known, made in run.objects.values() if known == name and made.line), Place())


def _kind(result: "Dict[str, Any]", found: Evidence) -> str:
    if result["end"] == "deadlock":
        return "self-deadlock" if len(found.cycle) == 1 else "deadlock"
    if result["end"] == "hang":
        ended = {one.thread for one in found.waits}
        return "lock-leak" if any(one.kind == "ACQUIRE" and one.holder not in ended for one in found.waits) else "hang"
    return "lock-leak" if found.leaks and not found.exceptions else "schedule-dependent-failure"


def _words(result: "Dict[str, Any]") -> "Set[str]":
    """The words of the lines at which it failed, and of the messages."""
    text = " ".join("%s %s" % (one.get("message"), " ".join(frame.get("code") or "" for frame in one.get("frames") or ()))
                    for one in result.get("exceptions") or ())
    return set(re.findall(r"\w+", text))


def _add_conflicts(run: _Run, words: "Set[str]", found: Evidence) -> None:
    lines = {(frame["path"], frame["line"]) for one in found.exceptions for frame in one.get("frames") or ()}
    ranked: "List[Tuple[int, Conflict]]" = []
    for events in run.locations.values():
        best = _conflict(events[:_LONG])
        if best is None:
            continue
        score, shown = best
        if not any(one.access.kind == "READ" and one.access.thread for one in events):
            score -= 4  # Changes of one container that do not depend on what it holds
        score += 5 if words & set(re.findall(r"\w+", shown[0].subject)[-1:]) else 0
        score += 3 if any(one.place[:2] in lines for one in shown) else 0
        rest = tuple(dict.fromkeys(one.access for one in events if one.access not in shown))
        ranked.append((score, Conflict(shown[0].subject, (*shown, *rest), len(shown) == 3)))
    ranked.sort(key=lambda one: -one[0])
    known = {one.subject for one in found.conflicts}
    found.conflicts += [one for _, one in ranked if one.subject not in known]


def _conflict(events: "List[_Event]") -> "Optional[Tuple[int, Tuple[Access, ...]]]":
    """How much accesses of one place look like a bug, and those that do."""
    if len({one.access.thread for one in events}) < 2 or all(one.access.kind == "READ" for one in events):
        return None
    best: "Optional[Tuple[int, Tuple[Access, ...]]]" = None
    for first, between, second in _triples(events):
        pattern = "".join("R" if one.access.kind == "READ" else "W" for one in (first, between, second))
        if pattern in _BAD or "UPDATE" in (first.access.kind, second.access.kind):
            score = (4 if pattern == "RWW" else 2) + (3 if _concurrent(first, between) or _concurrent(between, second) else 0)
            if best is None or score > best[0]:
                best = score, (first.access, between.access, second.access)
    if best is not None:
        return best
    for index, one in enumerate(events):
        for other in events[index + 1:]:
            if not (one.access.kind == other.access.kind == "READ") and _concurrent(one, other):
                return 3, (one.access, other.access)
    return None


def _triples(events: "List[_Event]") -> "Iterator[Tuple[_Event, _Event, _Event]]":
    last: "Dict[int, int]" = {}
    for index, second in enumerate(events):
        before = last.get(second.access.thread)
        if before is not None:
            for between in events[before + 1:index]:
                yield events[before], between, second
        last[second.access.thread] = index


def _concurrent(one: _Event, other: _Event) -> bool:
    if one.locks & other.locks or one.access.thread == other.access.thread:
        return False
    return not (one.clock[one.access.thread] <= other.clock[one.access.thread] or other.clock[other.access.thread] <= one.clock[other.access.thread])
