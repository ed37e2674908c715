"""What a recorded run came to, in the form of a result of `schedule`, and when its entries happened."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from . import kinds
from .recording_locks import Lock, Recording
from .recording_log import WIDTH, What
from .recording_places import Record
from .recording_run import RecordedRun
from .recording_threads import Raised
from .recording_waits import Wait, cycle
from .report import Tables, _Names, _run_lengths


def result(run: RecordedRun, how: str, waits: "List[Wait]", tables: Tables, stdout: str) -> "Dict[str, Any]":
    """The result; `how` is `completed`, `stuck`, `wall` or `output`."""
    log = run.log
    names = _RecordedNames(run, tables)
    entries, positions = _in_order(run)
    circle = cycle(waits)
    ends = {"completed": "completed", "stuck": "deadlock" if circle else "hang"}
    found: "Dict[str, Any]" = {
        "end": "deadlock" if circle else ends.get(how, "cut"), "steps": len(entries), "choices": _run_lengths([entry[0] for entry in entries]),
        "shared": sorted({"%s\t%s" % (record.key(run.sites.name), name) for record, name in run.places.found}), "exit": run.exit, "stdout": stdout,
    }
    if found["end"] == "cut":
        found["cut"] = how
    elif log.cut is not None:
        found["cut"] = log.cut
    if Raised.found:
        found["exceptions"] = [dict(told, thread=thread.number, row=positions(row // WIDTH)) for thread, row, told in Raised.found]
    if log.limits:
        found["limits"] = sorted(log.limits)
    if log.unseen:
        found["unseen"] = sorted(log.unseen)
    if waits:
        found["cycle"] = circle
        found["blocked"] = [{
            "thread": one.thread.number, "kind": kinds.NAMES[one.kind], "object": names.wanted(one), "place": names.place(one.site),
            "holder": None if one.holder is None else one.holder.number,
            "holds": [names.lock(state) for state in Recording.held_by(one.thread)],
        } for one in waits]
    leaks = [[one.number, names.lock(state)] for one in log.threads if one.ended or how == "completed" and one.number == 0
             for state in Recording.held_by(one)]
    if leaks:
        found["leaks"] = leaks
    found["events"], found["times"] = _events(run, entries, tables, names)
    found["threads"] = [one.name for one in log.threads]
    return found


_Entry = Tuple[int, What, int, Any, int]


def _in_order(run: RecordedRun) -> "Tuple[List[_Entry], Any]":
    """The entries, with those that a thread made before others came put where they belong; and where an entry is now."""
    rows = run.log.rows[:]
    given = {(position // WIDTH, thread, what.kind, what.serial, what.field): what for position, thread, what in run.log.earlier}
    earlier = sorted(given)
    entries: "List[_Entry]" = []
    done = 0
    for key in earlier:
        entries.extend(_entries(rows, done, key[0]))
        done = max(done, key[0])
        entries.append((key[1], given[key], 0, None, 0))
    entries.extend(_entries(rows, done, len(rows) // WIDTH))
    before = [key[0] for key in earlier]
    return entries, lambda row: row + sum(1 for one in before if one <= row)


def _entries(rows: "List[Any]", first: int, last: int) -> "List[_Entry]":
    part = rows[first * WIDTH:last * WIDTH]
    return list(zip(part[::WIDTH], part[1::WIDTH], part[2::WIDTH], part[3::WIDTH], part[4::WIDTH]))


def _events(run: RecordedRun, entries: "List[_Entry]", tables: Tables, names: "_RecordedNames") -> "Tuple[Dict[str, Any], List[int]]":
    """The entries as flat numbers, and their times in microseconds: of what has none, that of the entry before."""
    fields = [tables.name(one) for one in run.places.fields()]
    rows: "List[int]" = []
    times: "List[int]" = []
    known: "Dict[What, Dict[int, Tuple[int, ...]]]" = {}
    last, now, started = 0, 0, run.log.started
    for thread, what, time, code, instruction in entries:
        place = id(code) + (instruction << 64)
        try:
            told = known[what][place]
        except KeyError:
            site = what.site if code is None else (code, instruction)
            field = fields[what.field] if what.field >= 0 else -1
            told = what.kind, what.serial, field, names.place(site), 0, 0
            known.setdefault(what, {})[place] = told
        rows.append(thread)
        rows += told
        if time > last:
            last, now = time, (time - started) // 1000
        times.append(now)
    objects: "List[int]" = []
    for serial in sorted(set(rows[2::7])):
        if serial:
            record = run.places.objects[serial - 1]
            objects += (serial, names.record(record), tables.name(record.key(run.sites.name)), names.place_made(record))
    return {"rows": rows, "sets": [[[], []]], "objects": objects}, times


class _RecordedNames(_Names):
    """Names of objects as a person would call them, for a run that nobody directed."""

    def __init__(self, run: RecordedRun, tables: Tables) -> None:
        super().__init__(run, tables)  # type: ignore[arg-type]
        self._places = run.sites

    def place(self, site: Any) -> int:
        return self._tables.place(self._places.number(site))

    def wanted(self, wait: Wait) -> int:
        """What a thread waits for."""
        if wait.kind == kinds.JOIN:
            return self._tables.name(wait.object._name)
        return self.lock(wait.object) if wait.kind == kinds.ACQUIRE else self._told(wait.object, type(wait.object).__name__)

    def lock(self, state: Any) -> int:
        lock = state.lock()
        return self._told(lock, getattr(lock, "label", "Lock"))

    def record(self, record: Record) -> int:
        """An object that entries are about."""
        value = record.object
        return self._tables.name(record.label) if record.is_named else self._told(value, record.label)

    def place_made(self, record: Record) -> int:
        """Where a lock was made."""
        return self.place(record.object._state.made if isinstance(record.object, Lock) else 0)

    def _told(self, value: Any, label: str) -> int:
        return self._tables.name(self._found().get(id(value)) or label)
