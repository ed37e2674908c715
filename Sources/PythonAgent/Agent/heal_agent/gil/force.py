"""Answers the protocol's `force`: runs the plain, unrewritten program once, threads being paused at the switches of a schedule."""

from __future__ import annotations

import json
import os
import threading
from typing import Any, Dict, List

from .. import describe, program, sources
from ..errors import AgentError
from ..observe import Watched
from ..server import Task
from . import model
from .answer import Judge
from .events import Event
from .pauses import Pauses, Switch


def answer(task: Task, root: str, close: "List[int]") -> "Dict[str, Any]":
    """What the run came to."""
    params = task.params
    sources.write(root, params.get("files") or {})
    limits = {**(params["run"].get("limits") or {}), "wall": params["seconds"]}
    run = program.Run(root, {**params["run"], "limits": limits})
    judge = Judge(root, run.argv[0], model.version())
    switches, order = [_switch(judge, one) for one in params["switches"]], [int(one) for one in params["order"]]
    pauses = Pauses(switches, order, judge.files, model.version(), int(params["calm"]))
    forced = _Forced(run, pauses, close)
    try:
        forced.start()
        forced.watch(task)
    finally:
        if os.getpid() == forced.owner:
            forced.end()
    return forced.result()


def _switch(judge: Judge, told: "List[Any]") -> Switch:
    try:
        thread, other, count, after, before = told
        one, then = Event.of(after), None if before is None else Event.of(before)
        switch = Switch(int(thread), int(other), int(count), one.kind == "START")
    except (TypeError, ValueError):
        raise AgentError("malformed", "a switch is two threads, a count, the event before it and the one after it, or null") from None
    for key, offset, _, at_once in judge.instructions(one):
        switch.after.setdefault(key, set()).add(offset)
        if at_once:
            switch.at_once.add((key, offset))
    for key, offset, within, _ in judge.instructions(then) if then is not None else ():
        switch.before.setdefault(key, set()).add(offset)
        if within:
            switch.within.add((key, offset))
    return switch


class _Forced(Watched):
    """A run of the plain program with pauses."""

    def __init__(self, run: program.Run, pauses: Pauses, close: "List[int]") -> None:
        super().__init__(run, False, close, self._prepare)
        self._pauses = pauses

    def _prepare(self, report: program.Report) -> None:
        describer = describe.Describer(self._run.root)
        before = threading.excepthook

        def note(raised: Any) -> None:
            if raised.exc_type is not SystemExit and raised.exc_value is not None:
                report.line({"raised": describer.exception(raised.exc_value)})
            before(raised)

        threading.excepthook = note
        self._pauses.install(lambda number: report.line({"taken": number}))

    def result(self) -> "Dict[str, Any]":
        """The protocol's answer."""
        seen = self.observation()
        notes = [json.loads(line) for line in self._notes.split(b"\n") if line.startswith((b'{"raised"', b'{"taken"')) and line.endswith(b"}")]
        exceptions = [note["raised"] for note in notes if "raised" in note]
        if seen["exception"] is not None:
            exceptions.append(seen["exception"])
        waiting = [[own[-1]["path"], own[-1]["line"]] for own in
                   ([frame for frame in entry["frames"] if not os.path.isabs(frame["path"])] for entry in seen["stacks"]) if own]
        return {
            "end": seen["stop"], "exit": seen["exit"]["code"], "stdout": seen["stdout"]["head"] + seen["stdout"]["tail"], "exceptions": exceptions,
            "waiting": waiting, "taken": sorted({note["taken"] for note in notes if "taken" in note}),
        }
