"""Places in the source that steps are told by: numbers for what was rewritten, frames for calls from elsewhere."""

from __future__ import annotations

import sys
import types
from typing import Any, Dict, List, Optional, Tuple

from ..describe import relative

Position = Tuple[str, int, int]
"""File, line from 1, column in UTF-8 bytes from 0 (-1: not known)."""


class Sites:
    """All places of a program; lives as long as the process."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._names: "Dict[int, str]" = {}
        self._paths: "Dict[str, str]" = {}
        self._positions: "List[Position]" = [("", 0, -1)]
        self._numbers: "Dict[Any, int]" = {}
        self.files: "Dict[str, int]" = {}

    def add_file(self, path: str) -> int:
        """The number of a file that is being rewritten."""
        return self.files.setdefault(path, len(self.files) + 1)

    def add(self, path: str, line: int, column: int) -> int:
        """The number of a place."""
        key = (path, line, column)
        number = self._numbers.get(key)
        if number is None:
            self._numbers[key] = number = len(self._positions)
            self._positions.append(key)
        return number

    def caller(self) -> Any:
        """Where the program itself is, seen from a function that it called: cheap to take, resolved when it is told."""
        frame: "Optional[types.FrameType]" = sys._getframe(2)
        files = self.files
        while frame is not None:
            code = frame.f_code
            if code.co_filename in files:
                return code, frame.f_lasti
            frame = frame.f_back
        return 0

    def where(self) -> str:
        """The same in words."""
        return self.name(self.caller()).rpartition(":")[0]

    def number(self, site: Any) -> int:
        """The number of a place in either form."""
        if type(site) is int:
            return site
        number = self._numbers.get(site)
        if number is None:
            code, instruction = site
            line, column = _position(code, instruction)
            self._numbers[site] = number = self.add(code.co_filename, line, column)
        return number

    def position(self, number: int) -> Position:
        return self._positions[number]

    def name(self, site: Any) -> str:
        """A place's name, the same in every process."""
        number = self.number(site)
        name = self._names.get(number)
        if name is None:
            path, line, column = self._positions[number]
            self._names[number] = name = "%s:%d:%d" % (self.path(path), line, column)
        return name

    def path(self, path: str) -> str:
        """A file as the protocol names it."""
        found = self._paths.get(path)
        if found is None:
            self._paths[path] = found = relative(path, self._root) if path else ""
        return found


def _position(code: types.CodeType, instruction: int) -> "Tuple[int, int]":
    if hasattr(code, "co_positions"):
        for index, (line, _, column, _) in enumerate(code.co_positions()):
            if index == instruction // 2:
                return line or code.co_firstlineno, -1 if column is None else column
        return code.co_firstlineno, -1
    found = code.co_firstlineno
    import dis

    for offset, line in dis.findlinestarts(code):
        if offset > instruction:
            break
        if line is not None:
            found = line
    return found, -1
