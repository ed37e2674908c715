"""The virtual clock: it moves with every step and read, and jumps to where a thread slept to. Nobody waits for real time."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict

from . import kinds
from .primitives import SECOND, Run, nanoseconds
from .scheduler import EPOCH, MICROSECOND

_real: "Dict[str, Any]" = {name: getattr(time, name) for name in (
    "time", "monotonic", "perf_counter", "process_time", "thread_time", "sleep", "time_ns", "monotonic_ns", "perf_counter_ns",
    "process_time_ns", "thread_time_ns", "localtime", "gmtime", "ctime", "strftime")}


def _now() -> int:
    run = Run.scheduler
    run.now += MICROSECOND
    return run.now


def _reader(name: str, since: int) -> "Callable[[], Any]":
    real, whole = _real[name], name.endswith("_ns")

    def read() -> Any:
        if Run.scheduler is None:
            return real()
        moment = _now() - since
        return moment if whole else moment / SECOND

    read.__name__ = read.__qualname__ = name
    return read


def sleep(seconds: Any, /) -> None:
    """`time.sleep` on the virtual clock."""
    run = Run.scheduler
    if run is None:
        _real["sleep"](seconds)
        return
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if run.solo:
        run.now += nanoseconds(seconds)
    elif seconds == 0:
        run.step(kinds.SLEEP, 0, -1, Run.sites.caller())
    else:
        run.wait(kinds.SLEEP, 0, Run.sites.caller(), None, False, nanoseconds(seconds))


def _of_now(name: str) -> "Callable[..., Any]":
    """`localtime` and its like, which look at the clock when they are given no time."""
    real = _real[name]

    def convert(seconds: Any = None, /) -> Any:
        return real(_now() // SECOND if seconds is None and Run.scheduler is not None else seconds)

    convert.__name__ = convert.__qualname__ = name
    return convert


def _strftime(form: str, moment: Any = None, /) -> str:
    return _real["strftime"](form, time.localtime() if moment is None else moment)


def replacements() -> "Dict[Any, Any]":
    """What stands in for the functions of `time`."""
    found: "Dict[Any, Any]" = {_real["sleep"]: sleep, _real["strftime"]: _strftime}
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        for full in (name, name + "_ns"):
            found[_real[full]] = _reader(full, 0 if name == "time" else EPOCH - 1000 * SECOND)
    for name in ("localtime", "gmtime", "ctime"):
        found[_real[name]] = _of_now(name)
    return found
