"""One file of a program as the rules see it: its tree, read from a shadow copy that parses."""

from __future__ import annotations

import ast
import warnings
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ..syntax.check import compile_error
from ..syntax.edits import Patch
from ..syntax.repair import Repair, repair_text
from ..syntax.source import Source


# The tree of a larger text would take more memory than a diagnosis may cost.
LARGEST = 1_500_000


class Module:
    """A file with its text, the repair that makes it parse, and the tree of the repaired text."""

    def __init__(self, path: str, text: str, alternatives: int = 4) -> None:
        self.path = path
        self.original = Source(text)
        self.error: Optional[SyntaxError] = compile_error(text, path)
        self.repairs: List[Repair] = repair_text(text, alternatives) if self.error else []
        self.patch = self.repairs[0].patch if self.repairs else Patch()
        self.source = Source(self.patch.apply(text)) if self.repairs else self.original
        self.tree: Optional[ast.Module] = self._parse()
        self.parents: Dict[ast.AST, ast.AST] = {}
        self._order: List[ast.AST] = []
        self._by_kind: Dict[type, List[ast.AST]] = {}
        if self.tree is not None:
            self._index(self.tree)

    @property
    def name(self) -> str:
        """The dotted name that another file of the program would import this one by."""
        parts = self.path[:-3].split("/") if self.path.endswith(".py") else self.path.split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def text(self) -> str:
        return self.source.text

    def _parse(self) -> Optional[ast.Module]:
        if len(self.source.text) > LARGEST:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(self.source.text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None

    def _index(self, tree: ast.AST) -> None:
        stack: List[ast.AST] = [tree]
        while stack:
            node = stack.pop()
            self._order.append(node)
            self._by_kind.setdefault(type(node), []).append(node)
            children = list(ast.iter_child_nodes(node))
            for child in children:
                self.parents[child] = node
            stack.extend(reversed(children))

    def walk(self, *kinds: type) -> Iterator[Any]:
        """All nodes of the given kinds, in source order."""
        if len(kinds) == 1 and (kinds[0] in self._by_kind or not kinds[0].__subclasses__()):
            yield from self._by_kind.get(kinds[0], ())
            return
        for node in self._order:
            if isinstance(node, kinds):
                yield node

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around `node`, nearest first."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def enclosing(self, node: ast.AST, *kinds: type) -> Optional[Any]:
        """The nearest node of the given kinds around `node`."""
        return next((a for a in self.ancestors(node) if isinstance(a, kinds)), None)

    def offset(self, line: int, byte_column: int) -> int:
        """Offset of a line and a UTF-8 column, as trees count them."""
        start, end = self.source.line_bounds(min(max(line, 1), len(self.source.starts)))
        text = self.source.text[start:end]
        if not text.isascii():
            byte_column = len(text.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "ignore"))
        return min(start + byte_column, end)

    def span(self, node: ast.AST) -> Tuple[int, int]:
        """Offsets of a node in the parsed text."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end_line, end_column = getattr(node, "end_lineno", line), getattr(node, "end_col_offset", column)
        return self.offset(line, column), self.offset(end_line or line, end_column or column)

    def code(self, node: ast.AST) -> str:
        """The source text of a node."""
        start, end = self.span(node)
        return self.source.text[start:end]

    def _back(self, offset: int, after: bool) -> Tuple[int, bool]:
        """The original offset of one in the parsed text, and whether it lies inside a syntax edit."""
        delta = 0
        for edit in self.patch.edits:
            start = edit.start + delta
            end = start + len(edit.new)
            if offset < start or (offset == start and (not after or not edit.new and edit.start == edit.end)):
                break
            if offset < end:
                return edit.start, True
            delta += len(edit.new) - (edit.end - edit.start)
        return offset - delta, False

    def original_range(self, start: int, end: int) -> List[int]:
        """The protocol range, in the original text, of offsets in the parsed text."""
        first, _ = self._back(start, True)
        last, _ = self._back(end, False)
        return self.original.range(first, max(first, last))

    def editable_range(self, start: int, end: int) -> Optional[List[int]]:
        """As `original_range`, but None where a syntax edit lies inside the range."""
        first, inside_first = self._back(start, True)
        last, inside_last = self._back(end, False)
        if inside_first or inside_last or last - first != end - start:
            return None
        return self.original.range(first, last)

    def offset_of_original_line(self, line: int) -> Tuple[int, int]:
        """Offsets, in the parsed text, of a line of the original."""
        start, end = self.original.line_bounds(min(max(line, 1), len(self.original.starts)))
        delta = 0
        for edit in self.patch.edits:
            if edit.end <= start:
                delta += len(edit.new) - (edit.end - edit.start)
        inner = sum(len(e.new) - (e.end - e.start) for e in self.patch.edits if start < e.end <= end or start <= e.start < end)
        return start + delta, end + delta + inner

    def nodes_on_line(self, line: int, *kinds: type) -> List[Any]:
        """Nodes of the given kinds that start on, or span, a line of the original text."""
        first, _ = self.offset_of_original_line(line)
        parsed_line = self.source.position(first)[0]
        found = [n for n in self.walk(*kinds) if getattr(n, "lineno", -1) == parsed_line]
        if not found:
            found = [
                n for n in self.walk(*kinds)
                if getattr(n, "lineno", 1 << 30) <= parsed_line <= (getattr(n, "end_lineno", None) or 0)
            ]  # fmt: skip
        return found
