"""Edits on a text, composed so that they always refer to the original."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from .source import Source


class Edit(NamedTuple):
    """Replace [start, end) by `new`; `cost` is how unlikely the slip is that this undoes."""

    start: int
    end: int
    new: str
    reason: str
    cost: float = 1.0


class Patch:
    """Edits in the coordinates of the original text, sorted and apart from each other."""

    __slots__ = ("edits",)

    def __init__(self, edits: Sequence[Edit] = ()) -> None:
        self.edits: Tuple[Edit, ...] = tuple(edits)

    def then(self, edit: Edit) -> "Patch":
        """This patch followed by an edit of the already patched text."""
        before: List[Edit] = []
        after: List[Edit] = []
        touched: List[Tuple[Edit, int, int]] = []
        delta = 0
        first_delta = last_delta = None
        for old in self.edits:
            start = old.start + delta
            end = start + len(old.new)
            if end < edit.start:
                before.append(old)
            elif start > edit.end:
                if first_delta is None:
                    first_delta = last_delta = delta
                after.append(old)
            else:
                if first_delta is None or not touched:
                    first_delta = delta
                touched.append((old, start, end))
            delta += len(old.new) - (old.end - old.start)
            if not after:
                last_delta = delta
        if first_delta is None:
            first_delta = delta
        if last_delta is None:
            last_delta = 0
        return Patch((*before, _merged(edit, touched, first_delta, last_delta), *after))

    def apply(self, text: str) -> str:
        """The patched text."""
        parts, at = [], 0
        for edit in self.edits:
            parts += (text[at : edit.start], edit.new)
            at = edit.end
        parts.append(text[at:])
        return "".join(parts)

    def shifted(self, by: int) -> "Patch":
        """The same patch for a text that starts `by` characters earlier."""
        return Patch([e._replace(start=e.start + by, end=e.end + by) for e in self.edits])

    def wire(self, path: str, source: Source) -> List[Dict[str, Any]]:
        """The edits as the protocol words them; `source` is the original."""
        return [
            {
                "path": path,
                "range": source.range(e.start, e.end),
                "new": e.new,
                "reason": e.reason,
            }
            for e in self.edits
        ]


def _merged(edit: Edit, touched: List[Tuple[Edit, int, int]], before: int, after: int) -> Edit:
    """`edit` joined with the earlier edits it touches, in original coordinates."""
    start, end, new = edit.start - before, edit.end - after, edit.new
    reasons: List[str] = []
    if touched:
        first, first_start, _ = touched[0]
        last, last_start, last_end = touched[-1]
        if first_start < edit.start:
            new = first.new[: edit.start - first_start] + new
        if last_end > edit.end:
            new += last.new[edit.end - last_start :]
        start = first.start if first_start <= edit.start else edit.start - before
        end = last.end if last_end >= edit.end else edit.end - after
        reasons = [old.reason for old, _, _ in touched]
    if edit.reason not in reasons:
        reasons.append(edit.reason)
    cost = edit.cost + sum(old.cost for old, _, _ in touched)
    return Edit(start, end, new, "; ".join(reasons), cost)
