"""The agent's loop: frames in, answers out, with cancel, deadlines and the end of the control descriptor."""

from __future__ import annotations

import collections
import contextlib
import os
import platform
import select
import signal
import sys
import time
from typing import Any, Deque, Dict, Iterator, List, Optional, Set

from . import PROTOCOL_VERSION, children, frames
from .errors import AgentError, ControlClosed, Detach, Stopped

_PULSE = 0.05


class Server:
    """Owns the control descriptors; handles one request at a time, in the order of arrival."""

    def __init__(self, control_in: int, control_out: int, root: str) -> None:
        self._root = root
        self._in = control_in
        self._out = control_out
        self._buffer = frames.FrameBuffer()
        self._queue: "Deque[Dict[str, Any]]" = collections.deque()
        self._cancelled: "Set[Any]" = set()
        self._waiting: "Set[Any]" = set()
        self._closed = False

    def run(self) -> int:
        """Answers requests until the control descriptor ends; whatever was started is dead by then."""
        from .session import Session

        self._send({"hello": {
            "protocol": PROTOCOL_VERSION,
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
            "pid": os.getpid(),
        }})
        owner = os.getpid()
        session = Session(self._root, self.descriptors())
        try:
            while True:
                request = self._next()
                if request is None:
                    return 0
                self._answer(session, request)
        except (ControlClosed, BrokenPipeError):
            return 0
        finally:
            if os.getpid() == owner:
                session.end()
                children.end_strays(())

    def descriptors(self) -> "List[int]":
        """What a child has to close first."""
        return sorted({self._in, self._out})

    # Requests

    def _next(self) -> "Optional[Dict[str, Any]]":
        while not self._queue:
            if self._closed:
                return None
            self.pump(None)
        return self._queue.popleft()

    def _answer(self, session: Any, request: "Dict[str, Any]") -> None:
        number = request["id"]
        task = Task(self, request)
        try:
            task.check()
            reply = {"id": number, "ok": session.handle(task)}
            frame = frames.encode(reply)
        except AgentError as error:
            frame = frames.encode(failure(number, error))
        except Stopped as stopped:
            frame = frames.encode(failure(number, stopped.error))
        except (Detach, ControlClosed):
            raise
        except RecursionError:
            frame = frames.encode(failure(number, AgentError("failed", "the source is nested too deeply")))
        except MemoryError:
            frame = frames.encode(failure(number, AgentError("failed", "not enough memory for this request")))
        except Exception as error:  # a fault of ours costs one request, never the agent
            frame = frames.encode(failure(number, AgentError("failed", internal(error))))
        self._cancelled.discard(number)
        self._waiting.discard(number)
        self._write(frame)

    def _send(self, message: "Dict[str, Any]") -> None:
        self._write(frames.encode(message))

    def _write(self, frame: bytes) -> None:
        try:
            frames.write_all(self._out, frame)
        except OSError:
            raise ControlClosed() from None

    # Control

    def pump(self, timeout: "Optional[float]", others: "List[int]" = ()) -> "List[int]":  # type: ignore[assignment]
        """Waits for control or `others`, takes in what control says, and answers which of the others are ready."""
        watched = list(others)
        if not self._closed:
            watched.append(self._in)
        poll = select.poll()
        for fd in watched:
            poll.register(fd, select.POLLIN | select.POLLHUP | select.POLLERR)
        ready = [fd for fd, _ in poll.poll(None if timeout is None else max(0.0, timeout) * 1000)]
        if self._in in ready:
            ready.remove(self._in)
            self._take()
        return ready

    def _take(self) -> None:
        try:
            data = os.read(self._in, 1 << 16)
        except InterruptedError:
            return
        except OSError:
            data = b""
        if not data:
            self._closed = True
            return
        for body in self._buffer.feed(data):
            try:
                if isinstance(body, AgentError):
                    raise body
                self._sort_in(frames.decode(body))  # type: ignore[arg-type]
            except AgentError as error:
                self._send(failure(None, error))

    def _sort_in(self, message: "Dict[str, Any]") -> None:
        if "cancel" in message:
            if message["cancel"] in self._waiting:
                self._cancelled.add(message["cancel"])
            return
        number = message.get("id")
        if isinstance(number, bool) or not isinstance(number, int):
            raise AgentError("malformed", "a request has no integer id")
        problem = malformation(message)
        if problem is not None:
            self._send(failure(number, AgentError("malformed", problem)))
            return
        if number in self._waiting:
            self._send(failure(number, AgentError("malformed", "request %d is under way already" % number)))
            return
        message["received"] = time.monotonic()
        self._waiting.add(number)
        self._queue.append(message)

    def is_cancelled(self, number: int) -> bool:
        return number in self._cancelled

    def is_closed(self) -> bool:
        return self._closed

    def event(self, number: int, event: "Dict[str, Any]") -> None:
        self._send({"id": number, "event": event})


class Task:
    """One request under way: its parameters, and the points at which it may be stopped."""

    def __init__(self, server: Server, request: "Dict[str, Any]") -> None:
        self._server = server
        self.number: int = request["id"]
        self.name: str = request["request"]
        self.params: "Dict[str, Any]" = request.get("params") or {}
        limit = request.get("deadline")
        self.deadline: "Optional[float]" = None if limit is None else request["received"] + float(limit)

    def remaining(self, otherwise: float) -> float:
        """Seconds until the deadline, `otherwise` without one."""
        return otherwise if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def check(self) -> None:
        """Raises when this request was cancelled, is out of time, or nobody listens any more."""
        if self._server.is_closed():
            raise ControlClosed()
        if self._server.is_cancelled(self.number):
            raise AgentError("cancelled", "request %d was cancelled" % self.number)
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise AgentError("deadline", "request %d ran out of time" % self.number)

    def wait(self, descriptors: "List[int]", timeout: float) -> "List[int]":
        """Waits at most `timeout` seconds for one of the descriptors; raises as `check` does."""
        self.check()
        ready = self._server.pump(min(timeout, self.remaining(timeout)), descriptors)
        self.check()
        return ready

    def event(self, event: "Dict[str, Any]") -> None:
        """Reports progress."""
        self._server.event(self.number, event)

    @contextlib.contextmanager
    def interruptible(self) -> "Iterator[None]":
        """Lets cancel, deadline and end of control stop plain computation in this process."""
        owner = os.getpid()

        def pulse(signum: int, frame: Any) -> None:
            self._server.pump(0)
            try:
                self.check()
            except AgentError as error:
                raise Stopped(error) from None

        signal.signal(signal.SIGALRM, pulse)
        signal.setitimer(signal.ITIMER_REAL, _PULSE, _PULSE)
        try:
            yield
        finally:
            if os.getpid() == owner:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_IGN)


def malformation(message: "Dict[str, Any]") -> "Optional[str]":
    """What is wrong with a request's shape, if anything."""
    if not isinstance(message.get("request"), str):
        return "a request has no name"
    if not isinstance(message.get("params") or {}, dict):
        return "params is not an object"
    limit = message.get("deadline")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, (int, float)) or limit != limit):
        return "deadline is not a number"
    return None


def failure(number: "Optional[int]", error: AgentError) -> "Dict[str, Any]":
    """The reply that refuses request `number`."""
    return {"id": number, "error": {"kind": error.kind, "message": error.message}}


def internal(error: BaseException) -> str:
    """One line that lets a maintainer find a fault of ours."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        code = trace.tb_frame.f_code
        place = " at %s:%d" % (os.path.basename(code.co_filename), trace.tb_lineno)
    return "fault in the agent (%s: %s%s, Python %s)" % (
        type(error).__name__, error, place, sys.version.split()[0])
