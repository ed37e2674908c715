"""One process for each candidate, as cheaply as that can be had.

Most of what a fork costs is memory pages: each that parent or child touches afterwards is copied, or at least asked for
anew. So all that can be is made ready before, and what happens between two forks touches few objects.
"""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import children
from .errors import BatchStopped

_LOOK, _SHORT_LOOK = 100, 2  # milliseconds between two looks at a process: when its end is told, and when it is not
_BLOCK = 1 << 18
Send = Callable[[Dict[str, Any]], None]


class Ended(NamedTuple):
    """How one fork came to its end: whether it had to be ended, its wait status, what it wrote and what it told."""

    over: bool
    status: int
    output: bytes
    messages: "List[Dict[str, Any]]"


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
        self._fork: "Callable[[], int]" = children.fork_single if children.os_threads() == 1 else children.fork

    def end(self) -> None:
        """Closes what the batch needed."""
        os.close(self._reading)
        os.close(self._writing)

    def run(self, jobs: "Sequence[Tuple[int, Any]]", begin: "Callable[[int], None]", work: "Callable[[int, Any, Send], None]",
            is_late: "Callable[[], bool]") -> "Tuple[int, List[int], List[Dict[str, Any]]]":
        """Calls `work` with each job in a fork, none of them once it is late; `begin` is called here before.

        Answers how many were begun, whose time was over, and messages.
        """
        begun, over = 0, []  # type: int, List[int]
        fork, await_end, end_group, become = self._fork, self._await, self._end_group, self._become
        for index, job in jobs:
            if is_late():
                break
            begin(index)
            begun += 1
            pid = fork()
            if not pid:
                become(work, index, job)
            try:
                if await_end(pid):
                    over.append(index)
            finally:
                end_group(pid)
        self._take()
        return begun, over, self._messages()

    def one(self, work: "Callable[[int, Send], None]", room: int) -> Ended:
        """Calls `work` in a fork with a descriptor to write output to, of which more than `room` is refused."""
        reading, writing = os.pipe()
        pid = self._fork()
        if not pid:
            os.close(reading)
            self._become(work, writing)
        os.close(writing)
        output, over, status = _Output(reading, room), True, -1
        try:
            over = self._await(pid, output)
        finally:
            status = self._end_group(pid)
            output.end()
        return Ended(over, status, output.data, self._messages())

    def _become(self, work: "Callable[..., None]", *arguments: Any) -> None:
        """The child's whole life."""
        try:
            os.setpgid(0, 0)
            children.die_with_parent(self._parent)
            for fd in self._close:
                os.close(fd)
            work(*arguments, self._send)
            os._exit(0)
        finally:
            os._exit(70)

    @staticmethod
    def _end_group(pid: int) -> int:
        """The group holds whatever the fork started, and keeps its number until the fork is reaped."""
        try:
            os.killpg(pid, 9)
        except (ProcessLookupError, PermissionError):
            os.kill(pid, 9)  # not a leader yet
        return os.waitpid(pid, 0)[1]

    def _send(self, message: "Dict[str, Any]") -> None:
        # A line of its own even where the fork before was ended in the middle of one.
        data = b"\n" + json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        while data:
            data = data[os.write(self._writing, data):]

    def _await(self, pid: int, output: "Optional[_Output]" = None) -> bool:
        """Until the fork has ended (or its time is over: then true)."""
        end = _end_of(pid)
        if end != self._watched:
            self._watch(end)
        try:
            if output is None and self._poll.poll(_LOOK if end >= 0 else _SHORT_LOOK) == [(end, 1)]:
                return False
            return self._await_long(pid, end, output)
        finally:
            if end >= 0:
                os.close(end)

    def _watch(self, end: int) -> None:
        if self._watched >= 0:
            self._poll.unregister(self._watched)
        if end >= 0:
            self._poll.register(end, select.POLLIN)
        self._watched = end

    def _await_long(self, pid: int, end: int, output: "Optional[_Output]") -> bool:
        begin = time.monotonic()
        if output is not None:
            self._poll.register(output.fd, select.POLLIN)
        try:
            while True:
                ready = {fd for fd, _ in self._poll.poll(_LOOK if end >= 0 else _SHORT_LOOK)}
                if self._reading in ready:
                    self._take()
                if output is not None and output.fd in ready and not output.take():
                    self._poll.unregister(output.fd)
                    is_full, output = output.full(), None
                    if is_full:
                        return True
                if end in ready or end < 0 and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                    self._take()
                    return output is not None and output.rest()
                if self._stop_fd in ready:
                    raise BatchStopped()
                if self._is_over(pid, time.monotonic() - begin):
                    return True
        finally:
            if output is not None:
                self._poll.unregister(output.fd)

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


class _Output:
    """What a fork writes, read as it comes."""

    def __init__(self, fd: int, room: int) -> None:
        self.fd = fd
        self.data = b""
        self._room = room
        os.set_blocking(fd, False)

    def take(self) -> bool:
        """Reads what is there; false at its end, and when it is too much."""
        try:
            data = os.read(self.fd, _BLOCK)
        except BlockingIOError:
            return True
        self.data += data
        return bool(data) and not self.full()

    def full(self) -> bool:
        """Whether there was more than is allowed."""
        return len(self.data) > self._room

    def rest(self) -> bool:
        """Reads what the ended fork left; a process that it started may hold the other end. True when it is too much."""
        before = -1
        while len(self.data) != before and not self.full():
            before = len(self.data)
            self.take()
        return self.full()

    def end(self) -> None:
        os.close(self.fd)


def _end_of(pid: int) -> int:
    """A descriptor that can be read when the process has ended; -1 where the system has none."""
    try:
        return os.pidfd_open(pid)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return -1
