"""One run of a script, watched from outside: output, limits, stacks, and what the child tells of itself."""

from __future__ import annotations

import json
import mmap
import os
import resource
import signal
import struct
import time
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from . import children, describe, program, stacks
from .capture import Capture
from .coverage import CoverageBuffer
from .errors import Detach
from .server import Task

_TICK = 0.1
_MAX_PROCESSES = 200
_MAX_NOTES = 4 << 20
_DUMP_PATIENCE = 0.5

Prepare = Callable[[program.Report], None]
"""What is done in the program's process before its first line."""


def observe(task: Task, root: str, params: "Dict[str, Any]", close: "List[int]") -> "Dict[str, Any]":
    """Answers an `observe` request."""
    run = program.Run(root, params["run"])
    watched = Watched(run, bool(params.get("coverage")), close)
    try:
        watched.start()
        watched.watch(task)
    finally:
        if os.getpid() == watched.owner:
            watched.end()
    return watched.observation()


class Watched:
    """A script under way. The program's parent is a process of its own, so that a program may kill its parent."""

    def __init__(self, run: program.Run, coverage: bool, close: "List[int]", prepare: "Optional[Prepare]" = None) -> None:
        self.owner = os.getpid()
        self._run = run
        self._close = close
        self._prepared = prepare
        self._header = mmap.mmap(-1, mmap.PAGESIZE)
        self._coverage = CoverageBuffer() if coverage else None
        self.out, self.err = Capture(), Capture()
        self._notes, self._stacks = bytearray(), bytearray()
        self._input = b"" if run.stdin is None else run.stdin.encode("utf-8", "surrogateescape")
        self._fds: "Dict[str, int]" = {}
        self._keeper = 0
        self._pid = 0
        self._status: "Optional[int]" = None
        self._usage: "Tuple[float, int]" = (0.0, 0)
        self._stop = "finished"
        self._notes_end: "Optional[int]" = None
        self._samples: "List[Tuple[float, float]]" = []
        self._next_sample = 0.0
        self._begin = self._finish = 0.0

    # Starting

    def start(self) -> None:
        """Forks the keeper, which forks the program."""
        pipes = {name: os.pipe() for name in ("stdin", "stdout", "stderr", "notes", "stacks", "status", "life")}
        self._begin = time.monotonic()
        self._keeper = children.fork()
        if self._keeper == 0:
            self._keep(pipes)
        for name, (reading, writing) in pipes.items():
            ours, theirs = (writing, reading) if name in ("stdin", "life") else (reading, writing)
            os.close(theirs)
            os.set_blocking(ours, False)
            self._fds[name] = ours
        if not self._input:
            self._drop("stdin")

    def _keep(self, pipes: "Dict[str, Tuple[int, int]]") -> None:
        """The keeper: waits for the program, tells how it ended, and ends it when the agent is gone."""
        try:
            children.reset_signals()
            os.setsid()
            waking, wake = os.pipe()
            pid = children.fork()
            if pid == 0:
                raise Detach(program.detached(lambda: self._become(pipes)))
            for reading, writing in (pipes[name] for name in ("stdin", "stdout", "stderr", "notes", "stacks")):
                os.close(reading)
                os.close(writing)
            os.close(pipes["life"][1])
            os.write(pipes["status"][1], b"pid %d\n" % pid)
            os.set_blocking(wake, False)
            signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
            signal.signal(signal.SIGCHLD, lambda number, frame: None)
            self._await(pid, pipes["life"][0], waking, pipes["status"][1])
        except Exception:
            os._exit(70)

    @staticmethod
    def _await(pid: int, life: int, waking: int, status_to: int) -> None:
        import select

        while True:
            done, status, usage = os.wait4(pid, os.WNOHANG)
            if done:
                total = usage.ru_utime + usage.ru_stime
                below = resource.getrusage(resource.RUSAGE_CHILDREN)
                total = max(total, below.ru_utime + below.ru_stime)
                os.write(status_to, b"exit %d %f %d\n" % (status, total, usage.ru_maxrss))
                os._exit(0)
            ready, _, _ = select.select([life, waking], [], [], 1.0)
            if life in ready:  # nothing is ever written there: this is its end, and the agent's
                children.kill_group(pid)
                os._exit(0)
            if waking in ready:
                os.read(waking, 512)

    def _become(self, pipes: "Dict[str, Tuple[int, int]]") -> int:
        os.setsid()
        children.reset_signals()
        if self._run.stdin is not None:
            os.dup2(pipes["stdin"][0], 0)
        os.dup2(pipes["stdout"][1], 1)
        os.dup2(pipes["stderr"][1], 2)
        notes = children.high_descriptor(os.dup(pipes["notes"][1]))
        dumps = children.high_descriptor(os.dup(pipes["stacks"][1]))
        children.close_descriptors((notes, dumps))
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, signal.SIG_DFL)
        children.no_core_dumps()
        program.watch_stacks(dumps)
        return program.run_script(self._run, program.Report(notes, self._header), self._coverage, self._prepared)

    # Watching

    def watch(self, task: Task) -> None:
        """Reads until the program has ended, or a limit was reached and it was ended."""
        deadline = self._begin + self._run.wall
        while self._status is None:
            now = time.monotonic()
            if now >= deadline:
                self._limit(self._idle_or_busy())
                break
            readable = [fd for name, fd in self._fds.items() if name not in ("stdin", "life")]
            ready = task.wait(readable, min(_TICK, deadline - now, 0.005 if self._input else _TICK))
            self._feed()
            self._read(ready)
            if self.out.total + self.err.total > self._run.output:
                self._limit("output")
                break
            if "status" not in self._fds and self._status is None:
                self._adopt()
            self._sample()
            if self._stop != "finished":
                break
        self._finish = time.monotonic()

    def _feed(self) -> None:
        fd = self._fds.get("stdin")
        if fd is None:
            return
        try:
            written = os.write(fd, self._input[: 1 << 16])
        except BlockingIOError:
            return
        except OSError:
            written = len(self._input)
        self._input = self._input[written:]
        if not self._input:
            self._drop("stdin")

    def _read(self, ready: "List[int]") -> None:
        for name, fd in list(self._fds.items()):
            if fd not in ready:
                continue
            try:
                data = os.read(fd, 1 << 18)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self._drop(name)
            elif name in ("stdout", "stderr"):
                (self.out if name == "stdout" else self.err).add(data)
            elif name == "status":
                self._told(data)
            else:
                kept = self._notes if name == "notes" else self._stacks
                if len(kept) < _MAX_NOTES:
                    kept += data

    def _told(self, data: bytes) -> None:
        for line in data.decode("ascii", "replace").splitlines():
            word, *values = line.split()
            if word == "pid":
                self._pid = int(values[0])
            elif word == "exit":
                self._status = int(values[0])
                self._usage = (float(values[1]), int(values[2]) * 1024)

    def _adopt(self) -> None:
        """The keeper is gone before the program: as subreaper we are the program's parent now."""
        if not self._pid:
            self._status = 256
            return
        try:
            done, status, usage = os.wait4(self._pid, os.WNOHANG)
        except ChildProcessError:
            self._status = signal.SIGKILL if not _exists(self._pid) else None
            return
        if done:
            self._status = status
            self._usage = (usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)

    def _sample(self) -> None:
        now = time.monotonic()
        if now < self._next_sample or not self._pid:
            return
        self._next_sample = now + (_TICK if now - self._begin < 2 else 3 * _TICK)
        cpu, members = self._group_usage()
        self._samples = [one for one in self._samples if one[0] > now - 1.5] + [(now, children.demand(members))]
        if len(members) > _MAX_PROCESSES:
            self._limit("processes")
        elif cpu > self._run.cpu + 0.2:
            self._limit("endlessLoop")

    def _group_usage(self) -> "Tuple[float, Set[int]]":
        table = children.processes()
        members = children.descendants(self._pid, table) | {
            pid for pid, (_, group, _) in table.items() if group == self._pid}
        members.add(self._pid)
        return sum(table[pid][2] for pid in members if pid in table), members

    def _idle_or_busy(self) -> str:
        """Busy when it wanted to compute for a good part of the last second, else waiting for what does not come."""
        members = self._group_usage()[1]
        wanted, now = children.demand(members), time.monotonic()
        earlier = [one for one in self._samples if one[0] <= now - 0.15] or [(self._begin, 0.0)]
        since, before = earlier[0]
        busy = wanted - before > 0.25 * (now - since) or children.runs(members)
        return "endlessLoop" if busy else "hang"

    def _limit(self, stop: str) -> None:
        """A limit was reached: the stacks are asked for, then the whole group is ended."""
        self._stop = stop
        self._notes_end = len(self._notes)  # what it says from here on, the request for stacks may have caused
        if stop in ("endlessLoop", "hang") and self._pid:
            self._ask_for_stacks()
        if self._pid:
            children.kill_group(self._pid)

    def _ask_for_stacks(self) -> None:
        before = len(self._stacks)
        try:
            os.kill(self._pid, children.DUMP_SIGNAL)
        except (ProcessLookupError, PermissionError):
            return
        end = time.monotonic() + _DUMP_PATIENCE
        quiet = 0
        while time.monotonic() < end and "stacks" in self._fds and quiet < 2:
            time.sleep(0.01)
            size = len(self._stacks)
            self._read([self._fds["stacks"]])
            quiet = quiet + 1 if len(self._stacks) == size > before else 0

    def end(self) -> None:
        """Nothing of the run is left: not the group, not daemons, not the keeper."""
        self._finish = self._finish or time.monotonic()
        if self._pid:
            children.kill_group(self._pid)
        if self._status is None:
            self._collect()
        self._drain()
        for name in list(self._fds):
            self._drop(name)
        children.reap(self._keeper, 0.2)
        self._kill_keeper()

    def _collect(self) -> None:
        """After a kill, waits for the keeper to tell how the program ended."""
        end = time.monotonic() + 2
        while self._status is None and time.monotonic() < end:
            if "status" in self._fds:
                self._read([self._fds["status"]])
            else:
                self._adopt()
            if self._status is None:
                time.sleep(0.002)

    def _drain(self) -> None:
        for name in ("stdout", "stderr", "notes", "stacks"):
            for _ in range(64):
                before = (self.out.total, self.err.total, len(self._notes), len(self._stacks))
                if name in self._fds:
                    self._read([self._fds[name]])
                if before == (self.out.total, self.err.total, len(self._notes), len(self._stacks)):
                    break

    def _kill_keeper(self) -> None:
        try:
            os.kill(self._keeper, signal.SIGKILL)
            os.waitpid(self._keeper, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def _drop(self, name: str) -> None:
        fd = self._fds.pop(name, None)
        if fd is not None:
            os.close(fd)

    # Telling

    def observation(self) -> "Dict[str, Any]":
        """The protocol's OBSERVATION."""
        describer = describe.Describer(self._run.root)
        notes = self._read_notes()
        exception = notes.get("exception")
        ended_by_us = self._stop != "finished" or self._status is None
        exit = children.exit_of(signal.SIGKILL if ended_by_us else self._status or 0)
        (threads,) = struct.unpack_from("Q", self._header, program.THREADS)
        return {
            "exit": exit,
            "stop": self._why(exit, exception),
            "stdout": self.out.text(),
            "stderr": self.err.text(),
            "exception": exception,
            "wall": round(self._finish - self._begin, 4),
            "cpu": round(self._usage[0], 4),
            "peakMemory": self._usage[1],
            "threadsStarted": threads,
            "stacks": stacks.parse(self._stacks.decode("utf-8", "replace"), describer),
            "coverage": self._coverage.lines() if self._coverage is not None else {},
            "refused": notes["refused"],
            "attributes": notes.get("attributes", {}),
            "impure": notes["impure"],
            "elsewhere": notes.get("elsewhere", []),
            "started": bool(self._header[program.STARTED]),
        }

    def _why(self, exit: "Dict[str, Optional[int]]", exception: "Optional[Dict[str, Any]]") -> str:
        if self._stop == "endlessLoop" and self._usage[1] > 0.5 * self._run.memory:
            return "memory"  # the time went into growing
        if self._stop != "finished":
            return self._stop
        if exit["signal"] == signal.SIGXCPU:
            return "endlessLoop"
        if exception is not None and exception.get("type") == "MemoryError":
            return "memory"
        if exit["signal"] is not None:
            at_cap = self._usage[1] > 0.9 * self._run.memory
            return "memory" if at_cap and exit["signal"] in (signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV) else "killed"
        return "finished"

    def _read_notes(self) -> "Dict[str, Any]":
        found: "Dict[str, Any]" = {"refused": [], "impure": {}}
        for line in self._notes[: self._notes_end].split(b"\n"):
            try:
                note = json.loads(line) if line else {}
            except ValueError:
                continue  # cut off by a kill
            if "file" in note and self._coverage is not None:
                self._coverage.adopt(*note["file"])
            if "impure" in note:
                found["impure"][note["impure"][0]] = note["impure"][1]
            if "refused" in note:
                entry = {"operation": note["refused"][0], "what": note["refused"][1]}
                if entry not in found["refused"]:
                    found["refused"].append(entry)
            for name in ("exception", "attributes", "elsewhere"):
                if name in note:
                    found[name] = note[name]
        return found


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
