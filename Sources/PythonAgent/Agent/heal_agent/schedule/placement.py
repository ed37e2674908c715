"""Which processor a process that runs schedules is on.

Its threads hand over to each other and never run side by side. On two processors each hand-over would wake a thread that
then waits for the interpreter's lock, so all stay on one. Where others keep that one busy, they may go elsewhere again.
"""

from __future__ import annotations

import os
import time
from typing import List

from .. import children

_LOOK = 0.5
"""Seconds between two looks at whether a process gets on."""
_SHARE = 0.05
"""How much of a processor one must get to stay; what is left to it beside others of higher priority is much less."""
_all = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def stay_here() -> None:
    """Keeps this process, which has one thread or whose threads wait, on the processor where it is."""
    if len(_all) < 2:
        return
    try:
        _let(os.getpid())
        with open("/proc/self/stat", "rb") as file:
            here = int(file.read().rpartition(b")")[2].split()[36])
        _let(os.getpid(), [here])
    except (OSError, ValueError, IndexError):
        return


class Watch:
    """Lets a process go elsewhere when it gets next to nothing of its processor."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._since = time.monotonic()
        self._cpu = 0.0

    def look(self) -> None:
        """To be called often."""
        now = time.monotonic()
        if len(_all) < 2 or now - self._since < _LOOK:
            return
        cpu = children.cpu_of(self._pid)
        if cpu - self._cpu < (now - self._since) * _SHARE:
            _let(self._pid)
        self._since, self._cpu = now, cpu


def _let(pid: int, processors: "List[int]" = ()) -> None:  # type: ignore[assignment]
    """Sets where all threads of a process may run: on those processors, or on any."""
    try:
        for thread in os.listdir("/proc/%d/task" % pid):
            os.sched_setaffinity(int(thread), processors or _all)
    except (OSError, ValueError):
        return  # it has ended
