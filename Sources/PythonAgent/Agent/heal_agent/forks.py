"""One process for each candidate, as cheaply as that can be had.

Most of what a fork costs is memory pages: each that parent or child touches afterwards is copied, or at least asked for
anew. So all that can be is made ready before, and what happens between two forks touches few objects.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import Any, Callable, Dict, List, Sequence, Tuple

from . import children
from .errors import BatchStopped

_LOOK, _SHORT_LOOK = 100, 2  # milliseconds between two looks at a process: when its end is told, and when it is not
_BLOCK = 1 << 18
Send = Callable[[Dict[str, Any]], None]


class Forks:
    """The forks of one batch, one at a time. Each may send messages, and its process group ends with it."""

    def __init__(self, close: "Sequence[int]", stop_fd: int, is_over: "Callable[[int, float], bool]") -> None:
        self._is_over = is_over
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._close = (*close, self._reading)
        self._poll = select.poll()
        self._stop_fd = stop_fd
        for fd in (stop_fd, self._reading):
            self._poll.register(fd, select.POLLIN)
        self._watched = -1
        self._parent = os.getpid()
        self._text = b""
        # What `os.fork` does beside forking may be left out only while there is one thread.
        self._fork: "Callable[[], int]" = children.fork_single if children.os_threads() == 1 else os.fork

    def end(self) -> None:
        """Closes what the batch needed."""
        os.close(self._reading)
        os.close(self._writing)

    def run(self, jobs: "Sequence[Tuple[int, Any]]", begin: "Callable[[int], None]",
            work: "Callable[[int, Any, Send], None]") -> "Tuple[List[int], List[Dict[str, Any]]]":
        """Calls `work` with each job in a fork; `begin` is called here before. Answers whose time was over, and messages."""
        over: "List[int]" = []
        fork, await_end, parent, close, die_with = self._fork, self._await, self._parent, self._close, children.die_with_parent
        set_group, kill_group, wait, close_fd, leave = os.setpgid, os.killpg, os.waitpid, os.close, os._exit
        for index, job in jobs:
            begin(index)
            pid = fork()
            if not pid:
                try:
                    set_group(0, 0)
                    die_with(parent)
                    for fd in close:
                        close_fd(fd)
                    work(index, job, self._send)
                    leave(0)
                finally:
                    leave(70)
            try:
                if await_end(pid):
                    over.append(index)
            finally:
                # The group holds whatever the fork started, and keeps its number until the fork is reaped.
                try:
                    kill_group(pid, 9)
                except (ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)  # not a leader yet
                wait(pid, 0)
        self._take()
        return over, self._messages()

    def _send(self, message: "Dict[str, Any]") -> None:
        # A line of its own even where the fork before was ended in the middle of one.
        data = b"\n" + json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        while data:
            data = data[os.write(self._writing, data):]

    def _await(self, pid: int) -> bool:
        """Until the fork has ended (or its time is over: then true)."""
        end = _end_of(pid)
        if end != self._watched:
            self._watch(end)
        try:
            if self._poll.poll(_LOOK if end >= 0 else _SHORT_LOOK) == [(end, 1)]:
                return False
            return self._await_long(pid, end)
        finally:
            if end >= 0:
                os.close(end)

    def _watch(self, end: int) -> None:
        if self._watched >= 0:
            self._poll.unregister(self._watched)
        if end >= 0:
            self._poll.register(end, select.POLLIN)
        self._watched = end

    def _await_long(self, pid: int, end: int) -> bool:
        begin = time.monotonic() - _LOOK / 1000
        while True:
            ready = {fd for fd, _ in self._poll.poll(_LOOK if end >= 0 else _SHORT_LOOK)}
            if self._reading in ready:
                self._take()
            if end in ready or end < 0 and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return False
            if self._stop_fd in ready:
                raise BatchStopped()
            if self._is_over(pid, time.monotonic() - begin):
                return True

    def _take(self) -> None:
        try:
            while True:
                data = os.read(self._reading, _BLOCK)
                self._text += data
                if len(data) < _BLOCK:
                    return
        except BlockingIOError:
            pass

    def _messages(self) -> "List[Dict[str, Any]]":
        lines, self._text = self._text.split(b"\n"), b""
        found = []
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # cut off, or what the program wrote there itself
            if isinstance(message, dict):
                found.append(message)
        return found


def _end_of(pid: int) -> int:
    """A descriptor that can be read when the process has ended; -1 where the system has none."""
    try:
        return os.pidfd_open(pid)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return -1
