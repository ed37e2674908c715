"""The virtual clock: it moves with every step and read, and jumps to where a thread slept to. Nobody waits for real time."""

from __future__ import annotations

import datetime
import os
import time
from typing import Any, Callable, Dict

from . import kinds
from .primitives import SECOND, Run, nanoseconds
from .scheduler import EPOCH, MICROSECOND

_real: "Dict[str, Any]" = {name: getattr(time, name) for name in (
    "time", "monotonic", "perf_counter", "process_time", "thread_time", "sleep", "time_ns", "monotonic_ns", "perf_counter_ns",
    "process_time_ns", "thread_time_ns", "localtime", "gmtime", "ctime", "strftime", "asctime")}
ORIGIN = EPOCH - 1000 * SECOND
"""When the clocks that do not tell the time of day were zero."""


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


def _asctime(moment: Any = None, /) -> str:
    return _real["asctime"](time.localtime() if moment is None else moment)


def _of_system(name: str) -> "Callable[[int], Any]":
    """`clock_gettime`, by the number of a clock."""
    real, whole = getattr(time, name), name.endswith("_ns")

    def read(clk_id: int, /) -> Any:
        if Run.scheduler is None:
            return real(clk_id)
        moment = _now() - (0 if clk_id in (time.CLOCK_REALTIME, getattr(time, "CLOCK_TAI", None)) else ORIGIN)
        return moment if whole else moment / SECOND

    read.__name__ = read.__qualname__ = name
    return read


_real_times = os.times


def _times() -> Any:
    if Run.scheduler is None:
        return _real_times()
    passed = (_now() - ORIGIN) / SECOND
    return os.times_result((passed, 0.0, 0.0, 0.0, passed))


class Moments:
    """Where `datetime` and its like are asked for the time: those are types that cannot be changed."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def now(self, tz: Any = None) -> Any:
        return _from_timestamp(self._kind, time.time(), tz)

    def utcnow(self) -> Any:
        return self.now(datetime.timezone.utc).replace(tzinfo=None)

    def today(self) -> Any:
        return _from_timestamp(self._kind, time.time())


def moments(owner: Any, name: str) -> Any:
    """What to take `owner.now` and its like from, when `owner` is one of those types, or a class derived from one; else nothing."""
    kind = owner if issubclass(type(owner), type) else type(owner)
    if Run.scheduler is None or not issubclass(kind, datetime.date):
        return None
    holder = next((one for one in type.mro(kind) if name in vars(one)), None)
    return Moments(kind) if holder in (datetime.date, datetime.datetime) else None


def _from_timestamp(kind: Any, *arguments: Any) -> Any:
    holder = datetime.datetime if issubclass(kind, datetime.datetime) else datetime.date
    return vars(holder)["fromtimestamp"].__get__(None, kind)(*arguments)


def replacements() -> "Dict[Any, Any]":
    """What stands in for the functions of `time`."""
    found: "Dict[Any, Any]" = {_real["sleep"]: sleep, _real["strftime"]: _strftime, _real["asctime"]: _asctime, os.times: _times}
    for name in ("clock_gettime", "clock_gettime_ns"):
        if hasattr(time, name):
            found[getattr(time, name)] = _of_system(name)
    for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        for full in (name, name + "_ns"):
            found[_real[full]] = _reader(full, 0 if name == "time" else ORIGIN)
    for name in ("localtime", "gmtime", "ctime"):
        found[_real[name]] = _of_now(name)
    return found
