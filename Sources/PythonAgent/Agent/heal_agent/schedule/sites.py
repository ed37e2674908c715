"""Places in the source that steps are told by: numbers for what was rewritten, frames for calls from elsewhere."""

from __future__ import annotations

import sys
import types
from typing import Any, Dict, List, Optional, Tuple

from ..describe import relative

Position = Tuple[str, int, int]
"""File, line from 1, column in UTF-8 bytes from 0 (-1: not known)."""


class Sites:
    """All places of a program, by number; lives as long as the process."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._names: "Dict[int, str]" = {}
        self._paths: "Dict[str, str]" = {}
        self._positions: "List[Any]" = [("", 0, -1)]
        self._numbers: "Dict[Any, int]" = {}
        self._instructions: "Dict[Tuple[int, int], int]" = {}
        self._codes: "List[types.CodeType]" = []  # kept, so that no other code gets the address of one
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

    def caller(self) -> int:
        """Where the program itself is, seen from a function that it called."""
        frame: "Optional[types.FrameType]" = sys._getframe(2)
        files = self.files
        while frame is not None:
            if frame.f_code.co_filename in files:
                return self.at(frame)
            frame = frame.f_back
        return 0

    def at(self, frame: types.FrameType) -> int:
        """Where a frame is: cheap to take, resolved when it is told."""
        code = frame.f_code
        key = id(code), frame.f_lasti
        number = self._instructions.get(key)
        if number is None:
            self._codes.append(code)
            self._instructions[key] = number = len(self._positions)
            self._positions.append((code, frame.f_lasti))
        return number

    def where(self) -> str:
        """The same in words."""
        return self.name(self.caller()).rpartition(":")[0]

    def position(self, number: int) -> Position:
        found = self._positions[number]
        if len(found) == 2:
            code, instruction = found
            self._positions[number] = found = (code.co_filename, *_position(code, instruction))
        return found

    def name(self, number: int) -> str:
        """A place's name, the same in every process."""
        name = self._names.get(number)
        if name is None:
            path, line, column = self.position(number)
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
