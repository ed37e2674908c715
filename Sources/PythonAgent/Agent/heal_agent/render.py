"""From edits of the tree to replacements of text, the smallest that give exactly the edited tree."""
import ast
from typing import Any, List, Optional, Sequence, Tuple

from .differ import Change, Coarser, Differ
from .edits.build import copy, same
from .printer import Printer
from .source import Source

TextEdit = Tuple[int, int, int, int, str, str]


class RenderError(Exception):
    """No text was found that parses to exactly the edited tree."""


class Renderer:
    """Renders edits of one text."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.source = Source(text)
        self._base: Optional[ast.Module] = None
        self._printer: Optional[Printer] = None

    def render(self, module: ast.Module, edits: Sequence[Any]) -> List[TextEdit]:
        """Text edits for these edits, none of which may be in force."""
        applied = []
        try:
            for edit in edits:
                edit.apply()
                applied.append(edit)
            wanted = copy(module)
        finally:
            for edit in reversed(applied):
                edit.undo()
        changes = self._changes(wanted)
        reason = "; ".join(dict.fromkeys(e.description for e in edits))
        return [(*self.source.point(start), *self.source.point(end), new, reason)
                for start, end, new in changes]

    def _changes(self, wanted: ast.Module) -> List[Change]:
        """The finest changes that give the wanted tree."""
        if self._base is None:
            self._base = ast.parse(self.text[self.source.bom:], self.path)
            self._printer = Printer(self.source, self._base)
        for fine, reuse in ((True, True), (False, True), (False, False)):
            assert self._printer is not None
            self._printer.reuse = reuse
            differ = Differ(self.source, self._printer, fine)
            try:
                changes = _merged(differ.module(self._base, wanted), self.text)
                if same(ast.parse(applied_to(self.text, changes)[self.source.bom:]), wanted):
                    return changes
            except (Coarser, SyntaxError, ValueError, RecursionError):
                continue
        raise RenderError(self.path)


def applied_to(text: str, changes: Sequence[Change]) -> str:
    """The text with the changes made."""
    for start, end, new in reversed(changes):
        text = text[:start] + new + text[end:]
    return text


def _merged(changes: List[Change], text: str) -> List[Change]:
    """Sorted, what touches put together; nothing may overlap."""
    merged: List[Change] = []
    for start, end, new in sorted(changes, key=lambda c: (c[0], c[1])):
        if merged and start < merged[-1][1]:
            raise Coarser
        if merged and start == merged[-1][1]:
            merged[-1] = (merged[-1][0], end, merged[-1][2] + new)
        else:
            merged.append((start, end, new))
    return [c for c in merged if text[c[0]:c[1]] != c[2]]
