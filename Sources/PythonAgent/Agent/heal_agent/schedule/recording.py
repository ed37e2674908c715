"""Answers the protocol's `record`: runs a script once, freely, in a process of its own, and tells what its threads did."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from typing import Any, Dict, List, Optional, Sequence

from .. import children, describe, pipes, program, stacks, startup
from ..errors import AgentError
from ..server import Task
from .recording_log import Log
from .recording_report import result
from .recording_run import RecordedRun
from .recording_threads import Raised
from .recording_waits import Wait
from .report import Tables
from .request import program_files

_EVENTS, _MOST_EVENTS, _ACCESSES = 100_000, 400_000, 300_000
_CPU = 0.5
"""CPU seconds of several threads after which nothing more is told: what telling costs is bounded, however long a program runs."""
_GRACE = 5.0
"""Seconds beyond its time after which a run that does not tell its end is ended from outside."""
_TELLING = 60.0
"""Seconds after which one that has begun to tell, and sends nothing, is ended: a busy machine makes it slow."""
_RESERVED = 4 << 30
"""Address space for stacks and arenas of threads, which they do not use."""
_CHUNK = 4200
_LOOK = 0.1


def answer(task: Task, root: str, close: "Sequence[int]") -> "Dict[str, Any]":
    """The run's result, with the tables that its numbers refer to."""
    run, limits = program.Run(root, task.params["run"]), dict(task.params.get("limits") or {})
    if not run.argv:
        raise AgentError("malformed", "record needs a script")
    _, imports = program_files(os.path.abspath(run.argv[0]), root)
    with task.interruptible():
        startup.warm([name for name in imports if startup.is_installed(name, root)], root)
    wall = float(limits.get("wall") or 10)
    child = pipes.Worker(lambda send: _Child(run, limits, wall, send).live("asyncio" in imports), close, stacks=True)
    found: "Dict[str, Any]" = {"rows": [], "times": []}
    where: "Optional[str]" = None
    end = time.monotonic() + wall + _GRACE
    try:
        while True:
            task.check()
            messages = child.messages(min(_LOOK, task.remaining(_LOOK)))
            if messages is None:
                break
            for message in messages:
                for name, value in message.items():
                    if name in ("rows", "times"):
                        found[name] += value
                    else:
                        found[name] = value
                end = time.monotonic() + _TELLING
            if time.monotonic() > end:
                where = _where(child.stack_text(), describe.Describer(root))
                break
    finally:
        status = child.end()
        children.end_strays(())
    return _assembled(found, where, status)


def _assembled(found: "Dict[str, Any]", where: "Optional[str]", status: "Optional[int]") -> "Dict[str, Any]":
    told = found.get("result")
    if told is None:
        lost = "blocked outside of the interpreter" + where if where is not None else "the program's process " + pipes.signal_name(status)
        told = {"end": "limit", "limits": [lost], "steps": 0, "choices": [], "shared": [], "exit": None, "stdout": "", "threads": []}
    else:
        told["events"]["rows"], told["times"] = found["rows"], found["times"]
    return {"results": [dict(told, index=0, table=0)], "tables": [found.get("tables") or {"places": [], "names": []}], "cpu": found.get("cpu", 0.0)}


def _where(text: str, describer: describe.Describer) -> str:
    """The innermost place of the program in the thread that was told first."""
    for entry in stacks.parse(text, describer):
        own = [frame for frame in entry["frames"] if not os.path.isabs(frame["path"])]
        if own:
            return " at %s:%d" % (own[-1]["path"], own[-1]["line"])
    return ""


class _Child:
    """The process in which the script runs."""

    def __init__(self, run: program.Run, limits: "Dict[str, Any]", wall: float, send: Any) -> None:
        self._run = run
        self._limits = limits
        self._wall = wall
        self._send = send
        self._output = tempfile.TemporaryFile()

    def live(self, has_tasks: bool) -> None:
        """Runs the script and leaves."""
        run, limits = self._run, self._limits
        self._streams()
        os.environ.update(run.env)
        describer = describe.Describer(run.root)
        Raised.describe = staticmethod(describer.exception)  # type: ignore[assignment,method-assign]
        log = Log(min(int(limits.get("events") or _EVENTS), _MOST_EVENTS), int(limits.get("accesses") or _ACCESSES))
        if has_tasks:
            log.limit("tasks of asyncio are not told apart")
        recorded = RecordedRun(run.root, run.argv, log, self._tell)
        program.standard_streams()
        gc.freeze()
        children.limit_memory(int(limits.get("memory") or run.memory) + _RESERVED)
        recorded.run(self._wall, run.output, float(limits.get("cpu") or _CPU))

    def _streams(self) -> None:
        stdin = tempfile.TemporaryFile()
        stdin.write((self._run.stdin or "").encode("utf-8", "surrogateescape"))
        stdin.seek(0)
        null = os.open(os.devnull, os.O_RDWR)
        for fd, source in enumerate((stdin.fileno(), self._output.fileno(), null)):
            os.dup2(source, fd)
        os.close(null)

    def _tell(self, run: RecordedRun, how: str, waits: "List[Wait]") -> None:
        """Tells the result and leaves, in whichever thread this is."""
        self._send({"cpu": children.cpu_seconds()})  # it has come to its end; putting together what it tells takes time
        sys.setswitchinterval(1e-4)  # other threads still run; this one soon gets its turn again after each write
        tables = Tables(run.sites)
        found = result(run, how, waits, tables, self._text())
        rows, times = found["events"].pop("rows"), found.pop("times")
        for name, values in (("rows", rows), ("times", times)):
            for first in range(0, len(values), _CHUNK):
                self._send({name: values[first:first + _CHUNK]})
        self._send({"result": found, "tables": tables.news() or {"places": [], "names": []}, "cpu": children.cpu_seconds()})
        os._exit(0)

    def _text(self) -> str:
        return os.pread(self._output.fileno(), 1 << 20, 0).decode("utf-8", "replace")
