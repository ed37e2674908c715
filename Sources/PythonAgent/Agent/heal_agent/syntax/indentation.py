"""Search for the indentation that gives logical lines a valid block structure."""

from __future__ import annotations

import heapq
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .edits import Edit, Patch
from .lexer import Line, width
from .skeleton import Stub, fault, key, stub

# Structures that one search may compile, and lines moved as one.
WORK = 700
LONGEST_RUN = 60
MARGIN = 1.2


class Move(NamedTuple):
    """Shift lines first…last (half-open) so that the first starts at `indent`; or give a header a `pass`."""

    first: int
    last: int
    indent: str
    cost: float
    reason: str
    insert_pass: bool = False


class Structure(NamedTuple):
    """A valid structure: the patch that gives it, and how unlikely it is."""

    patch: Patch
    cost: float


class Layout:
    """The logical lines of a text with their stubs and indentations."""

    def __init__(self, text: str, lines: Sequence[Line]) -> None:
        self.text = text
        self.lines = lines
        self.stubs: List[Stub] = [stub(line) for line in lines]
        self.indents: List[str] = [line.indent.replace("\f", "") for line in lines]
        self.unit = indent_unit(self.indents, self.stubs)
        self.names = [frozenset(t.text for t in line.tokens if t.kind == "name") for line in lines]
        self.gaps = [_blank_before(text, line) for line in lines]

    def targets(self, index: int) -> frozenset:
        """Names that a header binds for its body."""
        words = [t.text for t in self.lines[index].tokens]
        if self.stubs[index].word == "for" and "in" in words:
            return frozenset(words[1 : words.index("in")]) - {",", "(", ")"}
        if self.stubs[index].word in ("def", "with", "except"):
            return frozenset(w for w in words[2:] if w.isidentifier())
        return frozenset()


def indent_unit(indents: Sequence[str], stubs: Sequence[Stub]) -> str:
    """One step of indentation as most headers of the text have it."""
    votes: Dict[str, int] = {}
    for i in range(1, len(indents)):
        if stubs[i - 1].opens and indents[i].startswith(indents[i - 1]) and len(indents[i]) > len(indents[i - 1]):
            step = indents[i][len(indents[i - 1]) :]
            votes[step] = votes.get(step, 0) + 1
    return max(votes, key=lambda s: (votes[s], s == "    ")) if votes else "    "


def _blank_before(text: str, line: Line) -> bool:
    start = line.start - len(line.indent)
    return start >= 2 and text[:start].rstrip(" \t").endswith(("\n\n", "\n\r\n", "\r\r"))


def structures(text: str, lines: Sequence[Line], limit: int) -> List[Structure]:
    """Valid structures for `lines`, likeliest first; one that is valid already gives the empty patch."""
    layout = Layout(text, lines)
    first = fault(layout.stubs, layout.indents)
    if first is None:
        return [Structure(Patch(), 0.0)]
    results: Dict[Tuple[str, ...], Tuple[float, Tuple[Move, ...], Tuple[int, ...]]] = {}
    queue: List = [(0.0, 0, tuple(layout.indents), (), ())]
    seen = {(tuple(layout.indents), ())}
    work, serial, best = 0, 0, float("inf")
    while queue and work < WORK:
        cost, _, indents, moves, passes = heapq.heappop(queue)
        if cost > best + MARGIN or len(moves) > 12:
            break
        current = fault(layout.stubs, indents, passes)
        work += 1
        if current is None:
            continue
        for move in sorted(_moves(layout, indents, current.index, current.phase), key=lambda m: m.cost):
            new, added = _moved(indents, passes, move)
            if (new, added) in seen or work >= WORK or cost + move.cost > best + MARGIN:
                continue
            seen.add((new, added))
            after = fault(layout.stubs, new, added)
            work += 1
            if after is None:
                total = cost + move.cost
                best = min(best, total)
                results[(new, added)] = (total, (*moves, move), added)  # type: ignore[index]
            elif key(after) > key(current):
                serial += 1
                heapq.heappush(queue, (cost + move.cost, serial, new, (*moves, move), added))
    ranked = sorted(results.items(), key=lambda r: r[1][0])[:limit]
    return [
        Structure(_patch(layout, indents_passes[0], found[2], found[1]), found[0])  # type: ignore[arg-type]
        for indents_passes, found in ranked
    ]


def _moved(indents: Tuple[str, ...], passes: Tuple[int, ...], move: Move) -> Tuple[Tuple[str, ...], Tuple[int, ...]]:
    if move.insert_pass:
        return indents, (*passes, move.first)
    old = indents[move.first]
    new = list(indents)
    for i in range(move.first, move.last):
        rest = indents[i][len(old) :] if indents[i].startswith(old) else None
        if rest is None:
            step = width(indents[i]) - width(old)
            rest = " " * max(step, 0)
            if step < 0:
                new[i] = move.indent[: max(0, len(move.indent) + step)]
                continue
        new[i] = move.indent + rest
    return tuple(new), passes


def _moves(layout: Layout, indents: Sequence[str], at: int, phase: int) -> Iterator[Move]:
    """Moves near the faulty line."""
    previous = at - 1
    bodiless = previous >= 0 and layout.stubs[previous].opens and width(indents[at]) <= width(indents[previous])
    if bodiless:
        yield from _body_moves(layout, indents, previous)
    if layout.stubs[at].opens and at + 1 == len(indents):
        yield Move(at, at + 1, "", 0.7, "give the empty block a 'pass'", True)
    levels = _levels(indents, at, layout)
    starts = [at]
    i = at
    while i > 0 and len(starts) < 7:
        i -= 1
        if width(indents[i]) <= width(indents[at]) and layout.stubs[i].opens and i != previous:
            break
        if width(indents[i]) == width(indents[at]):
            starts.append(i)
            if layout.stubs[i].word in ("def", "class"):
                break
    if previous >= 0 and previous not in starts:
        starts.append(previous)
    header = _header_of_gap(layout, indents, at)
    if header is not None and width(indents[header]) != width(indents[at]):
        yield Move(header, header + 1, indents[at], 0.28, "indent the line more, to fit the block it belongs to")
    for start in starts:
        for indent in _levels(indents, start, layout) if start != at else levels:
            if indent == indents[start] or bodiless and start == at and width(indent) > width(indents[previous]):
                continue
            yield from _runs(layout, indents, start, indent, at, phase)


def _header_of_gap(layout: Layout, indents: Sequence[str], at: int) -> Optional[int]:
    """A header less deep than line `at` whose body is deeper: the two steps speak of a header moved by itself."""
    i = at - 1
    while i >= 0 and width(indents[i]) > width(indents[at]):
        i -= 1
    if i >= 0 and i < at - 1 and layout.stubs[i].opens and width(indents[i]) < width(indents[at]):
        return i
    return None


def _body_moves(layout: Layout, indents: Sequence[str], header: int) -> Iterator[Move]:
    """Give the header the lines after it as its body, or a `pass`."""
    word = layout.stubs[header].word
    indent = indents[header] + layout.unit
    first = header + 1
    level = width(indents[first])
    bound = layout.targets(header)
    count = 0
    last = first
    while last < len(indents) and last - first < LONGEST_RUN and width(indents[last]) >= level:
        if count and (width(indents[last]) == level and layout.stubs[last].word in ("elif", "else", "except", "finally", "case")):
            break
        last += 1
        while last < len(indents) and width(indents[last]) > level:
            last += 1
        count += 1
        if width(indents[last - 1]) == level or True:
            cost = 0.3 + _run_cost(layout, indents, first, last, word, bound)
            yield Move(first, last, indent, cost, f"indent the body of the '{word}' line")
    yield Move(header, header + 1, "", 1.6 if word not in ("def", "class", "except") else 1.0, f"give the empty '{word}' block a 'pass'", True)


def _run_cost(
    layout: Layout, indents: Sequence[str], first: int, last: int, word: str, bound: frozenset
) -> float:
    """How unlikely it is that exactly lines first…last are the body of a header."""
    cost = 0.0
    level = width(indents[first])
    here = [i for i in range(first, last) if width(indents[i]) <= level]
    used = set(bound)
    if layout.gaps[first]:
        cost += 0.8  # a body does not start after an empty line
    for position, i in enumerate(here):
        if position and layout.gaps[i]:
            cost += 0.5 if word != "def" else 0.2
        if layout.stubs[i].word in ("def", "class", "@") and position and word != "class":
            cost += 0.8
        end = here[position + 1] if position + 1 < len(here) else last
        names = frozenset().union(*layout.names[i:end])
        if word in ("for", "with") and position and not names & used:
            cost += 0.35
        elif word in ("if", "elif", "else", "while", "except", "try", "finally") and position:
            cost += 0.12
        elif word == "def" and position:
            cost -= 0.05 if not layout.gaps[i] else 0.0
        if position and layout.stubs[here[position - 1]].word in ("return", "break", "continue", "raise"):
            cost += 0.8
        assigned = layout.lines[i].tokens[1:2]
        if assigned and assigned[0].text in ("=", "+=") and bound:
            used |= {layout.lines[i].tokens[0].text}
    if last < len(indents) and width(indents[last]) == level and not layout.gaps[last]:
        if layout.names[last] & bound:
            cost += 0.5
        if word == "def" and layout.stubs[last].word not in ("def", "class", "@"):
            cost += 0.5
    return cost


def _levels(indents: Sequence[str], at: int, layout: Layout) -> List[str]:
    """Indentations that line `at` could have: those of the open blocks, and of a body opened just before."""
    found: List[str] = []
    limit = None
    for i in range(at - 1, -1, -1):
        here = width(indents[i])
        if limit is None:
            if layout.stubs[i].opens:
                found.append(indents[i] + layout.unit)
            limit = here + 1
        if here < limit:
            found.append(indents[i])
            limit = here
        if here == 0:
            break
    if not found or found[-1]:
        found.append("")
    return list(dict.fromkeys(found))


def _runs(
    layout: Layout, indents: Sequence[str], start: int, indent: str, at: int, phase: int
) -> Iterator[Move]:
    """Runs of lines from `start` moved to `indent`, the whole block or the first statements of it."""
    level = width(indents[start])
    shift = abs(width(indent) - level)
    off_grid = level % max(width(layout.unit), 1) != 0
    sandwiched = start == at - 1 and start > 0 and width(indents[at]) == width(indent)
    base = 0.35 + 0.05 * shift / max(width(layout.unit), 1) + (0.0 if off_grid or start == at else 0.3)
    if sandwiched:
        base = 0.3
    if off_grid:
        base -= 0.1 - 0.03 * shift
    direction = "less" if width(indent) < level else "more"
    reason = f"indent the line {direction}, to fit the block it belongs to"
    count, last = 0, start
    if start + 1 < len(indents) and width(indents[start + 1]) > level:
        opens = layout.stubs[start].opens
        if not opens or width(indents[start + 1]) > width(indent):
            yield Move(start, start + 1, indent, base + (0.05 if opens else 0.0), reason)
    while last < len(indents) and last - start < LONGEST_RUN:
        if count and width(indents[last]) < level:
            break
        last += 1
        while last < len(indents) and width(indents[last]) > level:
            last += 1
        count += 1
        ends = last >= len(indents) or width(indents[last]) < level
        partial = 0.0 if ends or count == 1 else 0.25
        if phase == 1 and last <= at:
            partial += 0.5
        gaps = sum(0.3 for i in range(start + 1, last) if layout.gaps[i] and width(indents[i]) == level)
        same_level = ends or width(indents[last]) != level
        left = 0.0 if same_level else 0.25 if count == 1 and not layout.gaps[last] else 0.0
        moved_header = 0.2 if layout.stubs[start].word in ("def", "class") else 0.0
        yield Move(start, last, indent, base + partial + gaps + left + min(0.04 * (last - start - 1), 0.6) + moved_header, reason)
        if count == 8 and not ends:
            while last < len(indents) and last - start < LONGEST_RUN and width(indents[last]) >= level:
                last += 1
            yield Move(start, last, indent, base + 0.4, reason)
            break


def _patch(
    layout: Layout, indents: Sequence[str], passes: Sequence[int], moves: Sequence[Move]
) -> Patch:
    """The textual edits for new indentations, one per changed line."""
    edits: List[Edit] = []
    for i, line in enumerate(layout.lines):
        reason = next((m.reason for m in moves if m.first <= i < m.last and not m.insert_pass), "mend the indentation")
        if indents[i] != layout.lines[i].indent:
            start = line.start - len(line.indent)
            edits.append(Edit(start, line.start, indents[i], reason))
            edits += _continuations(layout.text, line, indents[i], reason)
        if i in passes:
            word = layout.stubs[i].word
            new = "\n" + indents[i] + layout.unit + "pass"
            edits.append(Edit(line.end, line.end, new, f"give the empty '{word}' block a 'pass'"))
    return Patch(sorted(edits, key=lambda e: e.start))


def _continuations(text: str, line: Line, indent: str, reason: str) -> Iterator[Edit]:
    """Shift the further physical lines of a statement along with its first."""
    old = line.indent
    spans = [(t.start, t.end) for t in line.tokens if t.kind == "string" and "\n" in t.text]
    at = text.find("\n", line.start, line.end)
    while at >= 0:
        start = at + 1
        inside = any(a < start <= b for a, b in spans)
        if not inside and old and text.startswith(old, start):
            yield Edit(start, start + len(old), indent, reason)
        elif not inside and not old and text[start : start + 1] not in ("\n", "\r", ""):
            yield Edit(start, start, indent, reason)
        at = text.find("\n", start, line.end)


def uniform_tabs(text: str, lines: Sequence[Line], unit: Optional[str] = None) -> Iterator[Structure]:
    """Whole-text replacements of mixed leading tabs by spaces: a tab as four, eight or two columns."""
    if not any("\t" in line.indent for line in lines):
        return
    for cost, size in ((0.3, 4), (0.5, 8), (0.9, 2)):
        edits = []
        for line in lines:
            if "\t" in line.indent:
                new = line.indent.expandtabs(size)
                start = line.start - len(line.indent)
                edits.append(Edit(start, line.start, new, "indent with spaces only, not with tabs and spaces"))
        yield Structure(Patch(edits), cost)
