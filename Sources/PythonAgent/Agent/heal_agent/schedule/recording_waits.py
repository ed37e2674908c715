"""Who waits for what in a run that nobody directs, found by looking at the frames of its threads from outside."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any, Dict, List, NamedTuple, Optional

from . import kinds, recording_library, recording_locks, recording_threads
from .recording_locks import Recording, State
from .recording_log import RecordedThread

_WAITING = {**recording_locks.WAITING, **recording_library.WAITING, **recording_threads.WAITING}
_DEPTH = 4
"""Frames of the standard library that may lie between a wait and where its thread stands."""


class Wait(NamedTuple):
    """A thread that waits. `moment` is another one after each step of the thread."""

    thread: RecordedThread
    kind: int
    object: Any
    site: Any
    holder: "Optional[RecordedThread]"
    is_timed: bool
    moment: Any


def waits() -> "List[Wait]":
    """The threads that wait now, by their numbers."""
    frames = sys._current_frames()
    found = [_wait_of(one, frames[one.ident]) for one in Recording.log.threads if not one.ended and one.ident in frames]
    return [one for one in found if one is not None]


def _wait_of(thread: RecordedThread, frame: Any) -> "Optional[Wait]":
    moment = id(frame), frame.f_lasti, thread.epoch
    for _ in range(_DEPTH):
        if frame is None:
            return None
        known = _WAITING.get(frame.f_code)
        if known is not None:
            kind, name = known
            values = dict(frame.f_locals)
            wanted = values.get(name)
            if isinstance(wanted, State) and not wanted.is_held() or kind == kinds.WAKE and values.get("woken"):
                return None
            timed = values.get("timeout") not in (None, -1) or values.get("blocking") is False or values.get("block") is False
            return Wait(thread, kind, wanted, _place(frame), _holder(wanted), timed, moment)
        if frame.f_code.co_filename != threading.__file__:
            return None
        frame = frame.f_back
    return None


def _place(frame: Any) -> Any:
    while frame is not None and frame.f_code.co_filename not in Recording.sites.files:
        frame = frame.f_back
    return 0 if frame is None else (frame.f_code, frame.f_lasti)


def _holder(wanted: Any) -> "Optional[RecordedThread]":
    if isinstance(wanted, State):
        return Recording.holder_of(wanted)
    return getattr(wanted, "__dict__", {}).get(recording_threads._MINE)  # type: ignore[no-any-return]


def are_for_ever(now: "List[Wait]", before: "List[Wait]", rows: int) -> bool:
    """Whether nothing can end these waits: all threads are among them, without time limits, and were so a while ago.

    `rows` is the length of the log then. A signal could, and threads that nobody started here.
    """
    log = Recording.log
    alive = [one for one in log.threads if not one.ended]
    unknown = set(sys._current_frames()) - {one.ident for one in log.threads} - {threading.get_ident()}
    return (bool(now) and len(log.rows) == rows and [one.thread for one in now] == alive and not unknown
            and not any(one.is_timed for one in now) and _moments(now) == _moments(before)
            and not _has_handlers() and _are_asleep(alive) and _moments(waits()) == _moments(now) and len(log.rows) == rows)


def _moments(found: "List[Wait]") -> "List[Any]":
    return [one.moment for one in found]


def _are_asleep(threads: "List[RecordedThread]") -> bool:
    """Whether the system has all these threads asleep while nobody keeps them from going on.

    One that got what it waited for, but had no turn since, looks as if it waited. While a file is read, this thread does not hold
    the interpreter: then such a thread is ready to run, however busy the machine is. Where the system does not tell, none is.
    """
    for one in threads:
        try:
            with open("/proc/self/task/%d/stat" % one.native, "rb", buffering=0) as file:
                if file.read(1024).rpartition(b")")[2].split()[:1] != [b"S"]:
                    return False
        except OSError:
            return False
    return True


def _has_handlers() -> bool:
    return any(callable(signal.getsignal(one)) for one in (signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGHUP))


def cycle(found: "List[Wait]") -> "List[int]":
    """Threads that wait for each other in a circle, if any do."""
    holders: "Dict[int, Optional[int]]" = {one.thread.number: one.holder.number for one in found
                                          if one.holder is not None and not one.is_timed}
    for start in holders:
        trail: "List[int]" = []
        one: "Optional[int]" = start
        while one is not None and one not in trail:
            trail.append(one)
            one = holders.get(one)
        if one is not None:
            return trail[trail.index(one):]
    return []

