"""Line coverage of the program's own files, kept in shared memory so that it outlives the process that ran them.

`sys.monitoring` where there is one (Python 3.12: each line costs one call), else a trace function.
"""

from __future__ import annotations

import mmap
import sys
import threading
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import describe

_CAPACITY = 4 * 1024 * 1024
Place = Tuple[int, int]  # offset, length


class CoverageBuffer:
    """One byte a line; files get their place when they are first run."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, _CAPACITY)
        self.places: "Dict[str, Place]" = {}
        self._used = 0

    def place(self, path: str, lines: int) -> "Optional[Place]":
        """The place for a file of that many lines; `None` when the buffer is full."""
        known = self.places.get(path)
        if known is not None:
            return known
        length = lines + 2
        if self._used + length > _CAPACITY:
            return None
        self.places[path] = (self._used, length)
        self._used += length
        return self.places[path]

    def adopt(self, path: str, offset: int, length: int) -> None:
        """Takes over a place that a child chose; out-of-range ones are ignored."""
        if 0 <= offset and 0 < length and offset + length <= _CAPACITY:
            self.places[path] = (offset, length)
            self._used = max(self._used, offset + length)

    def lines(self) -> "Dict[str, List[int]]":
        """Which lines of which files were run."""
        found = {}
        for path, (offset, length) in self.places.items():
            region = self.memory[offset : offset + length]
            lines = [number for number, hit in enumerate(region) if hit and number]
            if lines:
                found[path] = lines
        return found

    def clear(self) -> None:
        """Forgets which lines were run."""
        for offset, length in self.places.values():
            self.memory[offset : offset + length] = bytes(length)


class Recorder:
    """Marks the lines that run in files for which `wanted` answers yes."""

    def __init__(self, buffer: CoverageBuffer, root: str, wanted: "Optional[Callable[[str], bool]]" = None,
                 announce: "Optional[Callable[[str, int, int], None]]" = None) -> None:
        self._buffer = buffer
        self._root = root
        self._wanted = wanted
        self._announce = announce
        self._offsets: "Dict[str, Optional[Place]]" = {}
        self._tracers: "Dict[str, Any]" = {}
        self._tool: "Optional[int]" = None
        self._monitoring = getattr(sys, "monitoring", None)

    def start(self) -> None:
        """Begins recording, in this thread and those started later."""
        if self._monitoring is not None:
            self._start_monitoring()
        if self._tool is None:
            threading.settrace(self._trace)
            sys.settrace(self._trace)

    def stop(self) -> None:
        """Ends recording."""
        if self._tool is not None:
            self._monitoring.set_events(self._tool, 0)
            return
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def _place(self, filename: str) -> "Optional[Place]":
        try:
            return self._offsets[filename]
        except KeyError:
            pass
        found = None
        if describe.is_own(filename, self._root) and (self._wanted is None or self._wanted(filename)):
            path = describe.relative(filename, self._root)
            new = path not in self._buffer.places
            found = self._buffer.place(path, _count_lines(filename))
            if found is not None and new and self._announce is not None:
                self._announce(path, *found)
        self._offsets[filename] = found
        return found

    # Trace function

    def _trace(self, frame: Any, event: str, argument: Any) -> Any:
        filename = frame.f_code.co_filename
        try:
            tracer = self._tracers[filename]
        except KeyError:
            tracer = self._tracers[filename] = self._tracer(filename)
        return tracer if tracer is None else tracer(frame, "line", None)

    def _tracer(self, filename: str) -> Any:
        place = self._place(filename)
        if place is None:
            return None
        memory, offset, length = self._buffer.memory, place[0], place[1]

        def local(frame: Any, event: str, argument: Any) -> Any:
            if event == "line":
                line = frame.f_lineno
                if line is not None and line < length:
                    memory[offset + line] = 1
            return local

        return local

    # sys.monitoring

    def _start_monitoring(self) -> None:
        monitoring: Any = self._monitoring
        if self._tool is None:
            for tool in (3, 4, 1, 5, 2):
                if monitoring.get_tool(tool) is None:
                    monitoring.use_tool_id(tool, "heal")
                    self._tool = tool
                    break
            else:
                return
            monitoring.register_callback(self._tool, monitoring.events.PY_START, self._entered)
            monitoring.register_callback(self._tool, monitoring.events.LINE, self._line)
        monitoring.set_events(self._tool, monitoring.events.PY_START)
        monitoring.restart_events()

    def _entered(self, code: Any, offset: int) -> Any:
        monitoring: Any = self._monitoring
        if self._place(code.co_filename) is not None:
            monitoring.set_local_events(self._tool, code, monitoring.events.LINE)
            self._line(code, code.co_firstlineno)  # as the trace function does: the header runs at each call
        return monitoring.DISABLE

    def _line(self, code: Any, line: int) -> Any:
        place = self._offsets.get(code.co_filename)
        if place is not None and 0 < line < place[1]:
            self._buffer.memory[place[0] + line] = 1
        return self._monitoring.DISABLE  # type: ignore[union-attr]


def tracing_is_slow() -> bool:
    """Whether recording slows loops down: a trace function is called for each line, each time."""
    return not hasattr(sys, "monitoring")


def _count_lines(filename: str) -> int:
    try:
        with open(filename, "rb") as file:
            data = file.read(32 * 1024 * 1024)
    except OSError:
        return 10_000  # the program may have deleted its own file
    return data.count(b"\n") + data.count(b"\r") + 1
