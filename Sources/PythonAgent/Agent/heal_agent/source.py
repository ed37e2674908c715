"""Positions in a source text: CPython's (line, UTF-8 column) and the protocol's (line, scalar column)."""
import ast
import re
from bisect import bisect_right
from typing import Any, List, Tuple

_LINE_END = re.compile(r"\r\n|\r|\n")


class Source:
    """A text with its lines, which end at \\n, \\r\\n or \\r only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bom = 1 if text.startswith("\ufeff") else 0
        ends = list(_LINE_END.finditer(text))
        self.starts: List[int] = [0] + [m.end() for m in ends]
        self.stops: List[int] = [m.start() for m in ends] + [len(text)]
        self.ascii = text.isascii()

    def offset(self, line: int, column: int) -> int:
        """The index into the text of a position as the parser gives it."""
        start = self.starts[line - 1] + (self.bom if line == 1 else 0)
        if self.ascii:
            return start + column
        raw = self.text[start:self.stops[line - 1]].encode("utf-8", "surrogatepass")
        return start + len(raw[:column].decode("utf-8", "surrogatepass"))

    def point(self, offset: int) -> Tuple[int, int]:
        """The protocol's line and column of an index into the text."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def start(self, node: Any) -> int:
        """Where a node begins; a decorated definition begins at its first decorator's `@`."""
        offset = self.offset(node.lineno, node.col_offset)
        decorators = getattr(node, "decorator_list", None)
        if decorators:
            first = self.offset(decorators[0].lineno, decorators[0].col_offset)
            offset = min(offset, self.text.rindex("@", 0, first))
        return offset

    def end(self, node: Any) -> int:
        return self.offset(node.end_lineno, node.end_col_offset)

    def segment(self, node: ast.AST) -> str:
        return self.text[self.start(node):self.end(node)]

    def line_of(self, offset: int) -> int:
        return bisect_right(self.starts, offset)

    def line_start(self, line: int) -> int:
        """Where a line's text begins, after a byte order mark."""
        if line > len(self.starts):
            return len(self.text)
        return self.starts[line - 1] + (self.bom if line == 1 else 0)

    def indentation(self, offset: int) -> str:
        """The white space at the start of the line that holds this index."""
        start = self.line_start(self.line_of(offset))
        match = re.compile(r"[ \t\f]*").match(self.text, start)
        return match.group() if match else ""

    def alone(self, node: ast.AST) -> bool:
        """Whether a statement shares none of its lines with other code."""
        first, last = self.start(node), self.end(node)
        head = self.text[self.line_start(self.line_of(first)):first]
        tail = self.text[last:self.stops[self.line_of(last) - 1]]
        return not head.strip(" \t\f") and bool(re.fullmatch(r"[ \t\f]*(#.*)?", tail, re.S))

    def unit(self) -> str:
        """One step of indentation, as the first indented line has it."""
        for start in self.starts[1:]:
            match = re.compile(r"([ \t]+)[^\s#]").match(self.text, start)
            if match:
                return "\t" if match.group(1).startswith("\t") else match.group(1)[:8]
        return "    "

    def place(self, edit: Any) -> None:
        """Turns an edit's byte columns from 0 into columns in scalars from 1."""
        edit.column = self.point(self.offset(edit.line, edit.column))[1]
        if edit.end_column < 0:
            stop = self.stops[edit.end_line - 1]
            edit.end_column = stop - self.starts[edit.end_line - 1] + 1
        else:
            edit.end_column = self.point(self.offset(edit.end_line, edit.end_column))[1]
