"""Processes that run schedules: one makes everything ready and forks; each fork runs schedules until one of them spoils it.

A schedule spoils its process when it deadlocks, hangs, is cut or leaves a thread behind. What a fork ran is known from
shared memory, so that one that is killed costs one schedule.
"""

from __future__ import annotations

import _thread
import faulthandler
import gc
import json
import mmap
import os
import signal
import struct
import tempfile
import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from .. import children, describe, stacks
from . import imports, placement, report
from .execution import Execution, Schedule, Script
from .scheduler import Bounds

Send = Callable[["Dict[str, Any] | bytes"], None]
_COLLECT_EVERY = 200
#: Address space of a thread's stack, and what the C library reserves for threads without using it.
_STACK, _ARENAS = 2 << 20, 2 << 30
_NOW = struct.Struct("qq")


class Job:
    """What a request asks for."""

    def __init__(self, params: "Dict[str, Any]") -> None:
        limits = params.get("limits") or {}
        self.schedules: "List[Dict[str, Any]]" = params["schedules"]
        self.bounds = Bounds(int(limits.get("steps") or 20_000), int(limits.get("fuel") or 2_000_000), int(limits.get("fair") or 100),
                             int(limits.get("timeouts") or 4), params.get("timing") == "strict")
        self.wall = float(limits.get("wall") or 10)
        self.memory = int(limits.get("memory") or 2 << 30)
        self.shared: "List[str]" = list(params.get("shared") or ())
        self.events = bool(params.get("events"))
        self.values = bool(params.get("values"))
        self.is_forking = params.get("isolation") == "fork"
        self.modules = bool(params.get("modules"))
        self.seconds = float(params.get("seconds") or 3600)


class Template:
    """The process that forks."""

    def __init__(self, script: Script, job: Job, send: Send, mark: bytes) -> None:
        self._mark = mark
        self._table = -1
        self._script = script
        self._job = job
        self._send = send
        self._progress = mmap.mmap(-1, mmap.PAGESIZE)
        self._describer = describe.Describer(script.root)
        self._end = time.monotonic() + job.seconds
        self._stacks = tempfile.TemporaryFile()

    def run(self) -> None:
        """Runs all schedules, or as many as there is time for."""
        index, count = 0, len(self._job.schedules)
        while index < count and time.monotonic() < self._end:
            _NOW.pack_into(self._progress, 0, index, 0)
            self._send({"table": index})
            self._table += 1
            pid = children.fork()
            if pid == 0:
                self._become(index)
            lost = self._await(pid)
            reached, told = _NOW.unpack_from(self._progress, 0)
            if told == 0 and reached < count and lost is not None:
                self._result({"index": reached, "end": "limit", "limits": [lost], "steps": 0, "choices": [], "shared": [], "exit": None,
                              "stdout": "", "threads": []})
            index = reached + 1

    def _await(self, pid: int) -> "str | None":
        """Waits for a fork; says what went wrong, if it had to be ended or did not end by itself."""
        last, since, cpu = None, time.monotonic(), 0.0
        pause = 0.0005
        watch = placement.Watch(pid)
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
                    return None
                return "the process ended with status %d" % (os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status))
            now = self._progress[:_NOW.size]
            if now != last:
                last, since, cpu = now, time.monotonic(), children.cpu_of(pid)
            elif time.monotonic() - since > self._job.wall:
                self._ask_where(pid)
                busy = children.cpu_of(pid) - cpu > self._job.wall / 2
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return "one step took longer than %g s" % self._job.wall if busy else "blocked outside the model" + self._where()
            watch.look()
            time.sleep(pause)
            pause = min(pause * 1.5, 0.01)

    def _ask_where(self, pid: int) -> None:
        os.kill(pid, children.DUMP_SIGNAL)
        time.sleep(0.1)

    def _where(self) -> str:
        """The innermost place of the program in the thread that the fork told first."""
        self._stacks.seek(0)
        for entry in stacks.parse(self._stacks.read().decode("utf-8", "replace"), self._describer):
            own = [frame for frame in entry["frames"] if not os.path.isabs(frame["path"])]
            if own and entry["thread"] != "main":
                return " at %s:%d" % (own[-1]["path"], own[-1]["line"])
        return ""

    def _become(self, first: int) -> None:
        """A fork's whole life."""
        try:
            children.die_with_parent(os.getppid())
            self._stacks.truncate(0)
            faulthandler.register(children.DUMP_SIGNAL, file=self._stacks, all_threads=True, chain=False)
            _thread.stack_size(_STACK)
            children.limit_memory(self._job.memory + _ARENAS)
            gc.freeze()
            gc.disable()
            tables = report.Tables(self._script.sites)
            placement.stay_here()
            for index in range(first, len(self._job.schedules)):
                if time.monotonic() > self._end and index > first:
                    _NOW.pack_into(self._progress, 0, index - 1, 1)
                    break
                _NOW.pack_into(self._progress, 0, index, 0)
                if not self._one(index, tables) or self._job.is_forking:
                    break
                if index % _COLLECT_EVERY == _COLLECT_EVERY - 1:
                    gc.collect()
                    placement.stay_here()
            os._exit(0)
        except BaseException:
            import traceback

            os.write(2, traceback.format_exc().encode())
            os._exit(70)

    def _one(self, index: int, tables: report.Tables) -> bool:
        def fatal(execution: Execution, how: str) -> None:
            self._tell(index, execution, how, tables)
            os._exit(0)

        job = self._job
        execution = Execution(self._script, Schedule(job.schedules[index], job.bounds, job.shared, job.events, job.values), fatal)
        clean = execution.run()
        self._tell(index, execution, "completed", tables)
        return clean

    def _tell(self, index: int, execution: Execution, how: str, tables: report.Tables) -> None:
        found = {"index": index, **report.result(execution, how, tables, self._describer)}
        events = report.events(execution, tables) if execution.schedule.events else None
        news = tables.news()
        if news is not None:
            self._send({"new": news, "of": self._table})
        if self._job.modules and index == 0:
            self._send({"modules": imports.loaded(self._script.root)})
        self._result(found, events)
        _NOW.pack_into(self._progress, 0, index, 1)

    def _result(self, found: "Dict[str, Any]", events: "Optional[str]" = None) -> None:
        """Sends a result as the text that it will be in the answer: nobody reads it on the way."""
        found["table"] = self._table
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        if events is not None:
            text = '%s,"events":%s}' % (text[:-1], events)
        self._send(self._mark + text.encode("utf-8", "replace"))


def known_files(script: Script, paths: "Sequence[str]") -> None:
    """Rewrites the modules that are likely to be imported, once for all forks; what does not compile shows itself in a run."""
    for path in paths:
        for values in (False, True):
            try:
                script.code(path, values)
            except (OSError, SyntaxError, ValueError, RecursionError):
                break
