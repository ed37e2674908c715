"""Positions in a text: offsets, and lines and columns as the wire protocol counts them."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import List, Tuple

_NEWLINE = re.compile(r"\r\n|\n|\r")


class Source:
    """A text with its line starts. Lines end at LF, CRLF or CR only; both counts are from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: List[int] = [0] + [m.end() for m in _NEWLINE.finditer(text)]

    def position(self, offset: int) -> Tuple[int, int]:
        """Line and column of the scalar at `offset`."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Offset of a line and column; places outside the text are moved to its nearest end."""
        if line < 1:
            return 0
        if line > len(self.starts):
            return len(self.text)
        start, end = self.line_bounds(line)
        return min(start + max(column, 1) - 1, end)

    def line_bounds(self, line: int) -> Tuple[int, int]:
        """Offsets of the first character of a line and of the end of its text, line end left out."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def line(self, line: int) -> str:
        """The text of one line without its line end; empty for a line that does not exist."""
        if not 1 <= line <= len(self.starts):
            return ""
        start, end = self.line_bounds(line)
        return self.text[start:end]

    def range(self, start: int, end: int) -> List[int]:
        """The half-open protocol range [line, column, endLine, endColumn] of two offsets."""
        return [*self.position(start), *self.position(end)]

    @property
    def line_end(self) -> str:
        """The line end that the text uses, LF when it has none."""
        found = _NEWLINE.search(self.text)
        return found.group() if found else "\n"
