"""Whole-file syntax repairs: mend the lines, then the block structure, keep what compiles."""

from __future__ import annotations

import heapq
import warnings
from typing import Any, Dict, List, NamedTuple, Sequence, Set, Tuple

from .alternatives import reindentations
from .check import compile_error, newer_syntax
from .edits import Patch
from .indentation import structures, uniform_tabs
from .lexer import CLOSERS, Line, logical_lines, strict_or_recovered, width
from .mend import WORK, Mender
from .source import Source

# A larger text is repaired in a window of this many lines around its first error.
WINDOW_LINES = 1500
# Mended lines of one text at most, and parses spent on all of them together.
MOST_ERRORS = 200
TOTAL_WORK = 12_000
DEEPEST_WINDOWS = 12


class Repair(NamedTuple):
    """A repair of a whole text."""

    patch: Patch
    score: float


def repairs(files: Dict[str, str], limit: int) -> List[Dict[str, Any]]:
    """Syntax repairs of a program, best first; the edits of one span every file that does not compile."""
    broken = [(path, text) for path, text in sorted(files.items()) if compile_error(text, path) is not None]
    per_file: List[Tuple[str, Source, List[Repair]]] = []
    for path, text in broken:
        found = repair_text(text, limit)
        if found:
            per_file.append((path, Source(text), found))
    if not per_file:
        return []
    choices = _combinations([found for _, _, found in per_file], limit)
    results = []
    for total, picks in choices:
        edits: List[Dict[str, Any]] = []
        for (path, source, found), pick in zip(per_file, picks):
            edits += found[pick].patch.wire(path, source)
        results.append({"edits": edits, "score": round(1.0 / (1.0 + total), 4)})
    return results


def _combinations(lists: Sequence[Sequence[Any]], limit: int) -> List[Tuple[float, Tuple[int, ...]]]:
    """The `limit` cheapest picks of one item per list; items have a `score` to be summed."""
    start = tuple(0 for _ in lists)
    queue = [(sum(items[0].score for items in lists), start)]
    seen = {start}
    found = []
    while queue and len(found) < limit:
        cost, picks = heapq.heappop(queue)
        found.append((cost, picks))
        for i, pick in enumerate(picks):
            if pick + 1 < len(lists[i]):
                new = (*picks[:i], pick + 1, *picks[i + 1 :])
                if new not in seen:
                    seen.add(new)
                    heapq.heappush(queue, (cost + lists[i][pick + 1].score - lists[i][pick].score, new))
    return found


def repair_text(text: str, limit: int = 5) -> List[Repair]:
    """Repairs of one text, likeliest (lowest score) first; empty when it compiles or none was found."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _repair(text, limit)


def _repair(text: str, limit: int) -> List[Repair]:
    error = compile_error(text)
    if error is None or newer_syntax(text) is not None:
        return []
    if text.count("\n") + text.count("\r") <= 2 * WINDOW_LINES:
        return _repair_window(text, limit, text)
    return _repair_large(text, error, limit)


def _repair_large(text: str, error: SyntaxError, limit: int) -> List[Repair]:
    """Repairs one window after the other, each around the error that compile() reports then."""
    patch, score, current = Patch(), 0.0, text
    for _ in range(DEEPEST_WINDOWS):
        source = Source(current)
        start, end = _window(source, error.lineno or 1)
        part = current[start:end]
        found = _repair_window(part, 1, part)
        if not found:
            return []
        for edit in reversed(found[0].patch.edits):
            shifted = edit._replace(start=edit.start + start, end=edit.end + start)
            patch = patch.then(shifted)
        current = patch.apply(text)
        score += found[0].score
        following = compile_error(current)
        if following is None:
            return [Repair(patch, score)]
        if (following.lineno or 0) <= (error.lineno or 0):
            return []
        error = following
    return []


def _window(source: Source, line: int) -> Tuple[int, int]:
    """Offsets of a stretch around `line` that starts and ends at top-level statements."""
    first = max(1, line - WINDOW_LINES // 2)
    last = min(len(source.starts), line + WINDOW_LINES // 2)
    while first > 1 and not source.line(first).startswith(("def ", "class ", "import ", "from ", "@")):
        first -= 1
        if line - first > WINDOW_LINES:
            break
    while last < len(source.starts) and not source.line(last).startswith(("def ", "class ", "import ", "@")):
        last += 1
        if last - line > WINDOW_LINES:
            break
    end = len(source.text) if last >= len(source.starts) else source.starts[last - 1]
    return source.starts[first - 1], end


def _repair_window(text: str, limit: int, context: str) -> List[Repair]:
    known = _known_names(context)
    mender = Mender(known)
    results: Dict[str, Repair] = {}
    for base, cost in _triple_quotes(text, mender):
        mended = base.apply(text)
        if compile_error(mended) is None:
            _keep(results, mended, Repair(base, cost))
        else:
            _mend_lines(text, mended, base, cost, mender, limit, results)
        if len(results) >= limit and base.edits:
            break
    ranked = sorted(results.items(), key=lambda r: (r[1].score, len(r[1].patch.edits), r[0]))
    found = [repair for _, repair in ranked[:limit]]
    if found and len(found) < limit:
        found += reindentations(text, found[0].patch, found[0].score, limit - len(found), Repair)
    return found


def _keep(results: Dict[str, Repair], text: str, repair: Repair) -> None:
    if text not in results or results[text].score > repair.score:
        results[text] = repair


def _known_names(text: str) -> Set[str]:
    """Names that occur at least twice, or that the text plainly binds."""
    counts: Dict[str, int] = {}
    bound: Set[str] = set()
    for line in logical_lines(text, recover=True):
        names = [t.text for t in line.tokens if t.kind == "name"]
        for name in names:
            counts[name] = counts.get(name, 0) + 1
        if names and names[0] in ("def", "class", "import", "from", "for", "with", "global"):
            bound.update(names)
        targets: List[str] = []
        for token in line.tokens:
            if token.text in ("=", "+=", "(") and targets:
                bound.update(targets if token.text != "(" else ())
                break
            if token.kind == "name":
                targets.append(token.text)
    return bound | {name for name, count in counts.items() if count > 1}


def _triple_quotes(text: str, mender: Mender) -> List[Tuple[Patch, float]]:
    """Where a triple-quoted string has no end: places to end it. Else the empty patch alone."""
    lines = logical_lines(text)
    found = [t for line in lines for t in line.tokens if t.kind in ("string", "broken")]
    triples = [t for t in found if t.text.lstrip("rRbBuUfFtT")[:3] in ('"""', "'''")]
    if not triples or triples[-1].kind != "broken":
        return [(Patch(), 0.0)]
    from .string_edits import _close_triple

    places = []
    for rank, token in enumerate(reversed(triples)):
        if "\n" in token.text and rank < 12:
            places += [e for e in list(_close_triple(token))[:8]]
    scored = []
    for edit in sorted(places, key=lambda e: e.cost)[:48]:
        new = text[: edit.start] + edit.new + text[edit.end :]
        part = new[: edit.start + 12_000]
        bad = sum(1 for line in logical_lines(part)[:400] if mender.error(line.text(part)) is not None)
        scored.append((bad + edit.cost, edit))
    scored.sort(key=lambda s: (s[0], s[1].start))
    return [(Patch().then(edit), edit.cost) for _, edit in scored[:3]] or [(Patch(), 0.0)]


def _mend_lines(
    original: str, text: str, base: Patch, cost: float, mender: Mender, limit: int, results: Dict[str, Repair]
) -> None:
    """Mends every stretch that is no statement, then the structure, for the cheapest combinations."""
    lines, recovered = strict_or_recovered(text)
    stretches = _stretches(text, lines, mender)
    if len(stretches) > MOST_ERRORS:
        return  # no program with slips, but another kind of text
    options: List[List[Repair]] = []
    budget = max(200, min(WORK, TOTAL_WORK // max(len(stretches), 1)))
    for start, end in stretches:
        mends = mender.mends(text[start:end], 6, budget)
        if not mends or mender.work > TOTAL_WORK:
            return  # one stretch that stays broken leaves the whole text broken
        options.append([Repair(m.patch.shifted(start), m.cost) for m in mends])
    for total, picks in _combinations(options, max(limit, 3) if options else 1):
        patch, current = base, text
        for repairs_of_line, pick in reversed(list(zip(options, picks))):
            for edit in reversed(repairs_of_line[pick].patch.edits):
                patch = patch.then(edit)
                current = current[: edit.start] + edit.new + current[edit.end :]
        if compile_error(current) is None:
            _keep(results, current, Repair(patch, cost + total))
        else:
            _restructure(current, patch, cost + total, limit, results)
        if len(results) >= limit:
            break


def _restructure(text: str, patch: Patch, cost: float, limit: int, results: Dict[str, Repair]) -> None:
    """Adds the structures of `text` that compile to `results`."""
    lines = logical_lines(text)
    found = list(structures(text, lines, limit))
    if any("\t" in line.indent for line in lines) and any(" " in line.indent for line in lines):
        for uniform in uniform_tabs(text, lines):
            spaced = uniform.patch.apply(text)
            for structure in structures(spaced, logical_lines(spaced), 1):
                joined = uniform.patch
                for edit in reversed(structure.patch.edits):
                    joined = joined.then(edit)
                found.append(structure._replace(patch=joined, cost=structure.cost + uniform.cost))
    for structure in found:
        current = structure.patch.apply(text)
        if compile_error(current) is not None:
            continue
        joined = patch
        for edit in reversed(structure.patch.edits):
            joined = joined.then(edit)
        _keep(results, current, Repair(joined, cost + structure.cost))


def _stretches(text: str, lines: Sequence[Line], mender: Mender) -> List[Tuple[int, int]]:
    """Offsets of the stretches that do not parse, with earlier lines that an unopened bracket may need."""
    found: List[Tuple[int, int]] = []
    for i, line in enumerate(lines):
        if mender.error(line.text(text)) is None and line.balanced:
            continue
        if len(found) > MOST_ERRORS:
            break
        start, end = line.start, line.end
        if line.extra and line.tokens[0].kind == "op" and line.tokens[0].text in CLOSERS or _over_indented(lines, i):
            start = lines[_opening_line(lines, i)].start
        if _trailing_operator(line) and i + 1 < len(lines) and width(lines[i + 1].indent) > width(line.indent):
            end = lines[i + 1].end
        if line.broken and line.tokens[-1].text.rstrip().endswith("\\") and i + 1 < len(lines):
            end = lines[i + 1].end
        if found and start < found[-1][1]:
            found[-1] = (min(start, found[-1][0]), max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _over_indented(lines: Sequence[Line], i: int) -> bool:
    """A line with an unopened bracket that is deeper than a line before it which opens no block."""
    if not lines[i].extra or not i:
        return False
    return width(lines[i - 1].indent) < width(lines[i].indent) and not lines[i - 1].opens_block or (
        width(lines[i - 1].indent) == width(lines[i].indent) and lines[i - 1].tokens[-1].text == ","
    )


def _opening_line(lines: Sequence[Line], i: int) -> int:
    """The line before that an unopened bracket of line `i` most likely belongs to."""
    own = width(lines[i].indent)
    starts_with_closer = lines[i].tokens[0].text in CLOSERS
    for j in range(i - 1, max(-1, i - 12), -1):
        here = width(lines[j].indent)
        if here < own or (starts_with_closer and here <= own):
            return j
    return i


def _trailing_operator(line: Line) -> bool:
    return line.tokens[-1].kind == "op" and line.tokens[-1].text not in CLOSERS and line.tokens[-1].text not in (":", ",", ";")

