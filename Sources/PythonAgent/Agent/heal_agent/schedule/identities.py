"""Hashes of threads and futures that do not depend on their addresses.

Executors and `wait` keep them in sets and go through these, or sort by `id`: who is awaited first would be another one in
each process.
"""

from __future__ import annotations

import threading
from typing import Any

from .primitives import Run

_NUMBER = "_heal_number"


class _Made:
    """Counts what was asked for its number in one run."""

    run: Any = None
    count = 0


def _number(one: Any) -> int:
    """How many had been asked for in this run when it was the first time for this one."""
    if _Made.run is not Run.scheduler:
        _Made.run, _Made.count = Run.scheduler, 0
    space = one.__dict__
    number = space.get(_NUMBER)
    if number is None:
        _Made.count += 1
        space[_NUMBER] = number = _Made.count
    return number


def patch() -> None:
    """For whatever derives from the standard library's classes, unless it has a hash of its own."""
    import concurrent.futures._base as futures

    threading.Thread.__hash__ = futures.Future.__hash__ = _number  # type: ignore[method-assign]
    # `wait` takes the locks of futures in the order of their ids.
    futures.id = _number  # type: ignore[attr-defined]


def forget() -> None:
    """The main thread outlives a run; its number does not."""
    threading._main_thread.__dict__.pop(_NUMBER, None)  # type: ignore[attr-defined]
