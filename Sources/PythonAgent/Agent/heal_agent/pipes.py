"""A forked worker that tells what it does in JSON lines, and whose group can be ended at any time."""

from __future__ import annotations

import faulthandler
import json
import os
import select
import signal
import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from . import children


class Worker:
    """A child of the host. `work` gets a function that sends one message; the child leaves when it returns."""

    def __init__(self, work: "Callable[[Callable[[Any], None]], None]", close: "Sequence[int]" = (),
                 stacks: bool = False) -> None:
        self._lines = b""
        self._status: "Optional[int]" = None
        self.fd, writing = os.pipe()
        self._stacks, stack_writing = os.pipe() if stacks else (-1, -1)
        parent = os.getpid()
        self.pid = children.fork()
        if self.pid == 0:
            self._become(parent, work, writing, stack_writing, close)
        os.close(writing)
        if stacks:
            os.close(stack_writing)

    def _become(self, parent: int, work: Any, writing: int, stack_writing: int, close: "Sequence[int]") -> None:
        try:
            os.setpgid(0, 0)
            children.die_with_parent(parent)
            os.close(self.fd)
            for fd in close:
                os.close(fd)
            if stack_writing >= 0:
                os.close(self._stacks)
                faulthandler.enable(file=stack_writing, all_threads=True)
                faulthandler.register(children.DUMP_SIGNAL, file=stack_writing, all_threads=True, chain=False)

            def send(message: "Dict[str, Any] | bytes") -> None:
                line = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
                data = line + b"\n"
                while data:
                    data = data[os.write(writing, data):]

            work(send)
            os._exit(0)
        except BaseException:
            os._exit(70)

    def messages(self, timeout: float, others: "Sequence[int]" = ()) -> "Optional[List[Dict[str, Any]]]":
        """What came within the time (nothing: an empty list); `None` when the worker has closed its side.

        Returns early when one of the other descriptors has something to read.
        """
        lines = self.lines(timeout, others)
        if lines is None:
            return None
        return [message for message in map(parsed, lines) if message is not None]

    def lines(self, timeout: float, others: "Sequence[int]" = ()) -> "Optional[List[bytes]]":
        """The same, as it was sent."""
        ready, _, _ = select.select([self.fd, *others], [], [], max(0.0, timeout))
        if self.fd not in ready:
            return [] if not self._gone() else None
        data = os.read(self.fd, 1 << 18)
        if not data:
            return None
        *whole, self._lines = (self._lines + data).split(b"\n")
        return whole

    def _gone(self) -> bool:
        """Whether the worker has ended although something it started holds its side open."""
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found is not None

    def cpu(self) -> float:
        """CPU seconds that the worker has used so far, its children left out."""
        return children.cpu_of(self.pid)

    def demand(self) -> float:
        """Seconds for which the worker ran or wanted to run, its children left out."""
        return children.demand((self.pid,))

    def runs(self) -> bool:
        """Whether the worker computes now, its children left out."""
        return children.runs((self.pid,))

    def stack_text(self, patience: float = 0.3) -> str:
        """The stacks of all its threads, as far as it answers."""
        if self._stacks < 0:
            return ""
        try:
            os.kill(self.pid, children.DUMP_SIGNAL)
        except (ProcessLookupError, PermissionError):
            pass
        text, end = b"", time.monotonic() + patience
        while time.monotonic() < end:
            ready, _, _ = select.select([self._stacks], [], [], 0.03 if text else max(0.0, end - time.monotonic()))
            if not ready:
                break
            data = os.read(self._stacks, 1 << 16)
            if not data:
                break
            text += data
        return text.decode("utf-8", "replace")

    def end(self) -> "Optional[int]":
        """Kills the group, reaps the worker and answers its wait status (what it ended with, when it was faster)."""
        if self.fd < 0:
            return self._status
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # Not a leader yet, or its group is gone but for itself.
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            _, status = os.waitpid(self.pid, 0)  # it was killed: this does not take long
        except ChildProcessError:
            status = None
        for fd in (self.fd, self._stacks):
            if fd >= 0:
                os.close(fd)
        self.fd = self._stacks = -1
        self._status = status
        return status


def parsed(line: bytes) -> "Optional[Dict[str, Any]]":
    """The message of a line; nothing when it is none: what the program wrote there itself."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def silence() -> None:
    """Sends the output of this process nowhere, and gives it no input."""
    import sys

    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    sys.stdout = open(os.devnull, "w", encoding="utf-8", errors="replace")
    sys.stderr = open(os.devnull, "w", encoding="utf-8", errors="replace")
    sys.stdin = open(os.devnull, encoding="utf-8")


def signal_name(status: "Optional[int]") -> str:
    """How a worker ended, in words."""
    if status is None:
        return "was lost"
    if os.WIFSIGNALED(status):
        try:
            return "was ended by %s" % signal.Signals(os.WTERMSIG(status)).name
        except ValueError:
            return "was ended by signal %d" % os.WTERMSIG(status)
    return "ended itself with status %d" % os.WEXITSTATUS(status)
