"""Other indentations that parse as well, for lines that follow a repaired header."""

from __future__ import annotations

from typing import Any, Callable, List

from .check import compile_error
from .edits import Edit, Patch
from .lexer import logical_lines, width


def reindentations(
    text: str, patch: Patch, score: float, limit: int, make: Callable[[Patch, float], Any]
) -> List[Any]:
    """Variants of a repair in which the statement after a mended block header, or the end of its block, moves.

    A header without its colon is often a slip of a hurried hand, and so is the depth of what
    follows; both readings parse, and only the oracle can tell them apart.
    """
    mended = patch.apply(text)
    lines = logical_lines(mended)
    if not lines or len(lines) > 3000:
        return []
    touched = _touched_lines(patch, lines)
    found: List[Any] = []
    for i in touched:
        if len(found) >= limit:
            break
        if not lines[i].opens_block:
            continue
        for edits in _variants(mended, lines, i):
            joined = patch
            for edit in sorted(edits, key=lambda e: -e.start):
                joined = joined.then(edit)
            if compile_error(joined.apply(text)) is None:
                found.append(make(joined, score + 1.5))
                if len(found) >= limit:
                    break
    return found


def _touched_lines(patch: Patch, lines: List[Any]) -> List[int]:
    places, delta = [], 0
    for edit in patch.edits:
        places.append(edit.start + delta)
        delta += len(edit.new) - (edit.end - edit.start)
    return [i for i, line in enumerate(lines) if any(line.start <= p <= line.end for p in places)]


def _variants(text: str, lines: List[Any], header: int) -> List[List[Edit]]:
    base = width(lines[header].indent)
    body_end = header + 1
    while body_end < len(lines) and width(lines[body_end].indent) > base:
        body_end += 1
    if body_end == header + 1:
        return []
    inner = lines[header + 1].indent
    found: List[List[Edit]] = []
    if body_end < len(lines) and width(lines[body_end].indent) == base:
        block = [body_end]
        # A header that was moved by itself left its body where it belongs.
        fits = body_end + 1 < len(lines) and width(lines[body_end + 1].indent) > width(inner)
        while not fits and block[-1] + 1 < len(lines) and width(lines[block[-1] + 1].indent) > base:
            block.append(block[-1] + 1)
        step = inner[len(lines[header].indent) :]
        found.append([_shift(lines[i], lines[i].indent + step, "move the line into the block above") for i in block])
    last = body_end - 1
    if last > header + 1 and lines[last].indent == inner:
        found.append([_shift(lines[last], lines[header].indent, "move the line out of the block above")])
    return found


def _shift(line: Any, indent: str, reason: str) -> Edit:
    return Edit(line.start - len(line.indent), line.start, indent, reason, 1.5)
