"""Best-first search for the edits that make one stretch of text a row of well-formed statements."""

from __future__ import annotations

import ast
import builtins
import heapq
import keyword
import re
import sys
import warnings
from typing import AbstractSet, Dict, Iterator, List, NamedTuple, Optional, Tuple

from .bracket_edits import bracket_edits
from .edits import Edit, Patch
from .gap_edits import call_edits, gap_edits, removal_edits, unusual_characters
from .lexer import logical_lines, tokens as lex
from .shape import code_like, oddity
from .string_edits import string_edits
from .token_edits import header_edits, keyword_edits, operator_edits

# Parses that one stretch may cost, and how far behind the best a further result may lie.
WORK = 1500
MARGIN = 1.6
DEEPEST = 4
_WORD = re.compile(r"\b[^\W\d]\w*")
_DEFINED = re.compile(r"\b(?:def|class)\s+(\w+)")
_PREFIXES = {
    "elif": "if 1:\n pass\n",
    "else": "if 1:\n pass\n",
    "except": "try:\n pass\n",
    "finally": "try:\n pass\n",
}
_SOFT = sys.version_info >= (3, 10)
_KNOWN_ALWAYS = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"self", "cls", "match", "case", "_", "end"}


class Mend(NamedTuple):
    """One way to mend a stretch: the text it becomes, how, and how unlikely it is."""

    text: str
    patch: Patch
    cost: float


def statement_tree(text: str) -> Optional[ast.AST]:
    """The tree of one logical line taken alone, or None when it is no statement."""
    found = _parse(text)
    return found if isinstance(found, ast.AST) else None


def _framed(text: str) -> Tuple[str, int]:
    """`text` with what its kind of line needs around it, and the number of lines put before."""
    match = _WORD.match(text)
    word = match.group() if match else text[:1]
    open_block = text.endswith(":")
    if word == "@":
        return text + "\ndef f(): pass\n", 0
    if word == "try" and open_block:
        return text + "\n pass\nfinally:\n pass\n", 0
    if _SOFT and word == "case" and open_block:
        return "match x:\n " + text + "\n  pass\n", 1
    if _SOFT and word == "match" and open_block:
        return text + "\n case _: pass\n", 0
    prefix = _PREFIXES.get(word, "")
    return prefix + text + ("\n pass\n" if open_block else "\n"), prefix.count("\n")


def _parse(text: str) -> object:
    """The tree of one logical line, or the (line, column) of its first error."""
    framed, before = _framed(text)
    try:
        return compile(framed, "<line>", "exec", ast.PyCF_ONLY_AST, True)
    except SyntaxError as error:
        return (error.lineno or 1) - before, error.offset or 0
    except (ValueError, MemoryError, RecursionError, OverflowError):
        return 0, 0


def line_error(text: str) -> Optional[Tuple[int, int]]:
    """Where one logical line taken alone stops being a statement, or None."""
    found = _parse(text)
    return found if isinstance(found, tuple) else None


class Mender:
    """Mends stretches of one text; remembers what it has parsed."""

    def __init__(self, known: AbstractSet[str]) -> None:
        self.known = known
        self.work = 0
        self._errors: Dict[str, Optional[Tuple[int, int]]] = {}

    def error(self, text: str) -> Optional[Tuple[int, int]]:
        """The first error of a stretch of one or more logical lines."""
        if text not in self._errors:
            self.work += 1 + len(text) // 400
            self._errors[text] = self._error(text)
        return self._errors[text]

    def _error(self, text: str) -> Optional[Tuple[int, int]]:
        if not text.strip():
            return None
        if "\n" not in text and "\r" not in text:
            return line_error(text)
        lines = logical_lines(text)
        for line in lines:
            found = (1, 0) if not line.balanced else line_error(line.text(text))
            if found is not None:
                return line.number - 1 + found[0], found[1]
        return None

    def candidates(self, text: str) -> Iterator[Edit]:
        """Every single edit worth trying on a stretch."""
        found = lex(text)
        if not found:
            return
        yield from unusual_characters(text)
        yield from header_edits(text, found)
        yield from keyword_edits(text, found)
        yield from operator_edits(text, found)
        yield from string_edits(text, found)
        yield from bracket_edits(text, found, self.known)
        if len(found) <= 120:
            yield from gap_edits(text, found)
            yield from call_edits(text, found)
            yield from removal_edits(text, found)

    def mends(self, text: str, limit: int, budget: int = WORK) -> List[Mend]:
        """Ways to mend `text`, likeliest first; none when the work allowed is used up before one is found."""
        spent = self.work + budget
        queue: List[Tuple[float, int, str, Patch, int]] = [(0.0, 0, text, Patch(), 0)]
        seen = {text}
        serial = 0
        found: Dict[str, Mend] = {}
        best = float("inf")
        error = self.error(text)
        if error is None:
            return []
        while queue and self.work < spent:
            cost, _, current, patch, depth = heapq.heappop(queue)
            if cost > best + MARGIN or depth >= DEEPEST:
                break
            before = self.error(current) or (0, 0)
            for edit in sorted(self.candidates(current), key=lambda e: e.cost):
                if self.work >= spent or cost + edit.cost > best + MARGIN:
                    break
                new = current[: edit.start] + edit.new + current[edit.end :]
                if new in seen:
                    continue
                seen.add(new)
                after = self.error(new)
                if after is None:
                    mend = self._judged(new, patch.then(edit), cost + edit.cost, text)
                    if mend is not None and (new not in found or found[new].cost > mend.cost):
                        found[new] = mend
                        best = min(best, mend.cost)
                elif after > before or (edit.cost <= 0.7 and depth < 2) or self._fewer_faults(current, new):
                    serial += 1
                    further = 0.5 if after > before else 0.9
                    heapq.heappush(queue, (cost + edit.cost + further, serial, new, patch.then(edit), depth + 1))
        ranked = _without_idle_brackets(sorted(found.values(), key=lambda m: (m.cost, len(m.text), m.text)))
        return [m for m in ranked if m.cost <= best + MARGIN][:limit]

    def _fewer_faults(self, old: str, new: str) -> bool:
        return _faults(new) < _faults(old)

    def _judged(self, new: str, patch: Patch, cost: float, old: str) -> Optional[Mend]:
        """A mend with the likelihood of what it reads as taken into account."""
        for line in logical_lines(new):
            tree = statement_tree(line.text(new))
            if tree is None:
                return None
            cost += oddity(tree)
        if not new.strip():
            cost += 1.0
        old_words = set(_WORD.findall(old))
        before = {t.text for t in lex(old) if t.kind == "string"}
        cost += sum(0.5 for t in lex(new) if t.kind == "string" and t.text not in before and code_like(t.text))
        defined = set(_DEFINED.findall(new))
        for word in set(_WORD.findall(new)) - old_words - defined:
            if word not in self.known and word not in _KNOWN_ALWAYS:
                cost += 0.8
        for word in old_words & set(_WORD.findall(new)):
            if word not in self.known and word not in _KNOWN_ALWAYS:
                cost += 0.4
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                compile(_framed(new)[0], "<line>", "exec", 0, True)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass
        cost += sum(2.0 for w in caught if issubclass(w.category, SyntaxWarning))
        return Mend(new, patch, cost)


def _without_idle_brackets(mends: List[Mend]) -> List[Mend]:
    """Of mends that read the same to the parser, the shortest, at the place of the likeliest."""
    kept: Dict[str, Mend] = {}
    for mend in mends:
        tree = statement_tree(mend.text) if "\n" not in mend.text else None
        read = ast.dump(tree) if tree is not None else mend.text
        known = kept.get(read)
        if known is None:
            kept[read] = mend
        elif len(mend.text) < len(known.text) and mend.cost <= known.cost + 0.5:
            kept[read] = mend._replace(cost=known.cost)
    return list(kept.values())


def _faults(text: str) -> int:
    """Brackets without partner, broken strings and stray characters of a stretch."""
    faults = 0
    for line in logical_lines(text):
        faults += len(line.unclosed) + len(line.extra)
        faults += sum(1 for t in line.tokens if t.kind in ("broken", "stray"))
    return faults
