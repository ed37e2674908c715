"""Errors that cross the wire, each with a kind the other side can switch on."""

from __future__ import annotations

from typing import Callable

KINDS = ("malformed", "oversized", "unsupported", "unknownBase", "cancelled", "deadline", "failed", "environment",
         "usage")


class AgentError(Exception):
    """A request that could not be answered: `kind` is one of `KINDS`, the message is for a person."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class HostLost(AgentError):
    """The process that holds the program ended; `how` says in which way."""

    def __init__(self, how: str) -> None:
        super().__init__("failed", "the program's process %s" % how)
        self.how = how


class ControlClosed(BaseException):
    """The control descriptor reached its end: whoever started the agent is gone, so the agent goes too."""


class Detach(BaseException):
    """Raised in a freshly forked child to leave every frame of the agent behind.

    The child's own work starts from the outermost frame, so that a program sees a shallow stack, and the interpreter
    can be finalised as if it had been started for the program alone.
    """

    def __init__(self, task: "Callable[[], int]") -> None:
        super().__init__()
        self.task = task


class Stopped(BaseException):
    """Carries an `AgentError` out of plain computation, past every `except Exception` on the way."""

    def __init__(self, error: AgentError) -> None:
        super().__init__(error.message)
        self.error = error


class BatchStopped(Exception):
    """The agent asked a host to leave the batch in hand."""
