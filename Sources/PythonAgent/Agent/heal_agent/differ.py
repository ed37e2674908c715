"""Compares the tree of a source with the edited one and says which ranges of text change."""
import ast
import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Any, List, Tuple

from .edits.build import same
from .edits.sketch import symbol
from .printer import Printer, key, precedence, required
from .source import Source

Change = Tuple[int, int, str]
Row = Tuple[str, int, int, int, int]
_BLOCKS = ("body", "orelse", "finalbody")
_SKIP = re.compile(r"(?:[\s()\\]|#[^\r\n]*)*")
_WORDS = {"is not": r"is\s+not\b", "not in": r"not\s+in\b", "is": r"is\b(?!\s+not\b)", "in": r"in\b",
          "and": r"and\b", "or": r"or\b"}


class Coarser(Exception):
    """This place cannot be changed by itself: change what is around it."""


class Differ:
    """One walk over the tree of the source and the wanted one, side by side."""

    def __init__(self, source: Source, printer: Printer, fine: bool) -> None:
        self.source, self.printer, self.fine = source, printer, fine
        self.text = source.text
        self.changes: List[Change] = []

    def module(self, base: ast.Module, wanted: ast.Module) -> List[Change]:
        counts = Counter(key(n) for n in ast.walk(wanted) if isinstance(n, ast.stmt))
        self.printer.moved = {k for k, count in counts.items() if count == 1}
        try:
            self._block(base, wanted, "body")
        except Coarser:
            self.changes = [self._stretch(base.body, wanted.body)]
        return self.changes

    def _stretch(self, old: List[ast.stmt], new: List[ast.stmt]) -> Change:
        """The statements of a module from the first that differs to the last, on whole lines."""
        alone = [self.source.alone(s) for s in old]
        head = tail = 0
        while head < min(len(old), len(new)) and alone[head] and same(old[head], new[head]):
            head += 1
        while tail < min(len(old), len(new)) - head and alone[-tail - 1] and same(
                old[-tail - 1], new[-tail - 1]):
            tail += 1
        changed, made = old[head:len(old) - tail], new[head:len(new) - tail]
        if not changed:
            raise Coarser
        end = self.source.stops[self.source.line_of(self.source.end(changed[-1])) - 1]
        text = "\n".join(self.printer.statement(s, "") for s in made)
        return self.source.start(changed[0]), end, text

    # -- statements ----------------------------------------------------------------------------

    def _statement(self, base: Any, wanted: Any) -> None:
        """Two statements of one type at one place that may differ inside."""
        if same(base, wanted):
            return
        mark = len(self.changes)
        try:
            for field in base._fields:
                old, new = getattr(base, field, None), getattr(wanted, field, None)
                if not same(old, new):
                    self._field(base, wanted, field, old, new)
        except Coarser:
            del self.changes[mark:]
            self._whole(base, wanted)

    def _field(self, base: Any, wanted: Any, field: str, old: Any, new: Any) -> None:
        if field in _BLOCKS:
            self._block(base, wanted, field)
        elif field in ("handlers", "cases") and len(old) == len(new):
            for before, after in zip(old, new):
                for inner in before._fields:
                    if not same(getattr(before, inner), getattr(after, inner)):
                        self._field(before, after, inner, getattr(before, inner), getattr(after, inner))
        elif not self.fine:
            raise Coarser
        elif isinstance(old, ast.operator) and isinstance(base, ast.AugAssign):
            self._token(base.target, base.value, symbol(old) + "=", symbol(new) + "=")
        elif isinstance(old, ast.expr) and isinstance(new, ast.expr):
            self._expression(base, field, old, new)
        elif isinstance(old, ast.AST) and type(old) is type(new) and not hasattr(old, "lineno"):
            for inner in old._fields:
                if not same(getattr(old, inner), getattr(new, inner)):
                    self._field(old, new, inner, getattr(old, inner), getattr(new, inner))
        elif isinstance(old, list) and len(old) == len(new):
            for before, after in zip(old, new):
                if not same(before, after):
                    self._field(base, wanted, field, before, after)
        else:
            raise Coarser

    def _whole(self, base: ast.stmt, wanted: ast.stmt) -> None:
        """One statement in the place of another."""
        start, end = self.source.start(base), self.source.end(base)
        text = self.printer.statement(wanted, self.source.indentation(start))
        if isinstance(base, ast.If) and self.text.startswith("elif", start):
            if not isinstance(wanted, ast.If):
                raise Coarser
            text = "el" + text
        elif not self.source.alone(base) and ("\n" in text or hasattr(wanted, "body")):
            raise Coarser
        self.changes.append((start, end, text))

    # -- blocks --------------------------------------------------------------------------------

    def _block(self, base: Any, wanted: Any, field: str) -> None:
        old, new = getattr(base, field), getattr(wanted, field)
        if not old or not new:
            self._else(base, field, old, new)
            return
        for tag, i1, i2, j1, j2 in self._aligned(old, new):
            if tag == "pair":
                self._statement(old[i1], new[j1])
            else:
                self._gap(old, new, i1, i2, j1, j2)

    def _aligned(self, old: List[ast.stmt], new: List[ast.stmt]) -> List[Row]:
        """Unchanged statements, then those changed inside, then gaps widened to whole lines."""
        places = {key(s): i for i, s in enumerate(old)}
        marks: List[Any] = []
        for statement in new:
            at = places.get(key(statement))
            marks.append(at if at is not None and same(old[at], statement) else None)
        rows: List[Row] = []
        matcher = SequenceMatcher(None, list(range(len(old))), marks, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag == "equal":
                rows += [("pair", i1 + k, i1 + k + 1, j1 + k, j1 + k + 1) for k in range(i2 - i1)]
            else:
                rows += self._inner(old, new, i1, i2, j1, j2)
        return self._widened(old, rows)

    @staticmethod
    def _inner(old: List[ast.stmt], new: List[ast.stmt], i1: int, i2: int, j1: int,
               j2: int) -> List[Row]:
        rows: List[Row] = []
        matcher = SequenceMatcher(None, [key(s) for s in old[i1:i2]], [key(s) for s in new[j1:j2]],
                                  autojunk=False)
        for tag, a1, a2, b1, b2 in matcher.get_opcodes():
            if tag == "equal" or tag == "replace" and a2 - a1 == b2 - b1 == 1:
                kind = "pair" if tag == "equal" else "gap"
                rows += [(kind, i1 + a1 + k, i1 + a1 + k + 1, j1 + b1 + k, j1 + b1 + k + 1)
                         for k in range(a2 - a1)]
            else:
                rows.append(("gap", i1 + a1, i1 + a2, j1 + b1, j1 + b2))
        return rows

    def _widened(self, old: List[ast.stmt], rows: List[Row]
                 ) -> List[Row]:
        """Gaps swallow the neighbours that stand on their lines (`a; b`)."""
        alone = [self.source.alone(s) for s in old]
        result: List[Row] = []
        for row in rows:
            if result:
                last = result[-1]
                gap = "gap" in (row[0], last[0])
                before, after = last[2] - 1, row[2] - 1 if row[2] > row[1] else row[1]
                shares = 0 <= before < len(old) and after < len(old) and not (
                    alone[before] and alone[after]) and self._one_line(old, before, after)
                if gap and shares:
                    result[-1] = ("gap", last[1], row[2], last[3], row[4])
                    continue
            result.append(row)
        return result

    def _one_line(self, old: List[ast.stmt], before: int, after: int) -> bool:
        if before == after:
            return True
        return any(old[i].end_lineno == old[i + 1].lineno for i in range(before, after))

    def _gap(self, old: List[ast.stmt], new: List[ast.stmt], i1: int, i2: int, j1: int, j2: int) -> None:
        source = self.source
        touched = old[i1:i2]
        near = touched or [old[min(i1, len(old) - 1)]]
        if any(self.text.startswith("elif", source.start(s)) and isinstance(s, ast.If) for s in near):
            raise Coarser
        indent = source.indentation(source.start(near[0]))
        if len(touched) == 1 and j2 - j1 == 1:
            self._whole(touched[0], new[j1])
            return
        texts = [self.printer.statement(s, indent) for s in new[j1:j2]]
        if not touched:
            self._inserted(old, i1, new[j1], indent, texts)
            return
        start, end = source.start(touched[0]), source.end(touched[-1])
        first, last = source.line_of(start), source.line_of(end)
        if self.text[source.line_start(first):start].strip(" \t\f"):
            raise Coarser
        tail = self.text[end:source.stops[last - 1]].strip(" \t\f;")
        if tail and not tail.startswith("#"):
            raise Coarser
        if texts:
            if ";" in self.text[end:source.stops[last - 1]].split("#")[0]:
                end = source.stops[last - 1]
            self.changes.append((start, end, ("\n" + indent).join(texts)))
        elif last < len(source.starts):
            self.changes.append((source.line_start(first), source.line_start(last + 1), ""))
        else:
            self.changes.append((source.line_start(first), len(self.text), ""))

    def _inserted(self, old: List[ast.stmt], at: int, first: ast.stmt, indent: str,
                  texts: List[str]) -> None:
        source, lines = self.source, ("\n" + indent).join(texts)
        before = at == 0 or at < len(old) and getattr(first, "lineno", 0) == old[at].lineno
        anchor = old[at] if before else old[at - 1]
        if not source.alone(anchor):
            raise Coarser
        if before:
            start = source.start(anchor)
            self.changes.append((start, start, lines + "\n" + indent))
        else:
            last = source.line_of(source.end(anchor))
            if last < len(source.starts):  # at the next line's start, clear of a deletion above it
                start = source.line_start(last + 1)
                self.changes.append((start, start, indent + lines + "\n"))
            else:
                self.changes.append((len(self.text), len(self.text), "\n" + indent + lines))

    def _else(self, base: Any, field: str, old: List[ast.stmt], new: List[ast.stmt]) -> None:
        """An `else` branch that comes or goes."""
        if field != "orelse" or not isinstance(base, (ast.If, ast.For, ast.AsyncFor, ast.While)):
            raise Coarser
        source, last = self.source, base.body[-1]
        start, end = source.start(base), source.end(last)
        if source.line_of(source.start(base.body[0])) == base.lineno:
            raise Coarser
        if old:
            if not source.alone(old[-1]) or not source.alone(last):
                raise Coarser
            stop = source.stops[source.line_of(source.end(old[-1])) - 1]
            self.changes.append((source.stops[source.line_of(end) - 1], stop, ""))
            return
        if not source.alone(last):
            raise Coarser
        indent = source.indentation(start)
        stop = source.stops[source.line_of(end) - 1]
        if len(new) == 1 and isinstance(new[0], ast.If) and isinstance(base, ast.If):
            text = "el" + self.printer.statement(new[0], indent)
        else:
            inner = source.indentation(source.start(base.body[0]))
            text = "else:" + "".join("\n" + inner + self.printer.statement(s, inner) for s in new)
        self.changes.append((stop, stop, "\n" + indent + text))

    # -- expressions ---------------------------------------------------------------------------

    def _expression(self, parent: Any, field: str, base: Any, wanted: Any) -> None:
        if same(base, wanted):
            return
        mark = len(self.changes)
        if type(base) is type(wanted) and not isinstance(base, (ast.JoinedStr, ast.Name, ast.Constant)):
            try:
                self._inside(base, wanted)
                return
            except Coarser:
                del self.changes[mark:]
        if isinstance(base, ast.JoinedStr) or isinstance(base, (ast.Slice, ast.Starred)) and type(
                base) is not type(wanted):
            self.changes.append((self.source.start(base), self.source.end(base),
                                 self.printer.expression(wanted, required(parent, field))))
            return
        self._replaced(parent, field, base, wanted)

    def _replaced(self, parent: Any, field: str, base: ast.expr, wanted: ast.expr) -> None:
        start, end = self.source.start(base), self.source.end(base)
        need = required(parent, field)
        if need > 1 and self._bracketed(start, end):
            need = 1
        text = self.printer.expression(wanted, need)
        if isinstance(base, ast.GeneratorExp) and isinstance(parent, ast.Call) and field == "args" \
                and self.source.end(parent) == end and not isinstance(wanted, ast.GeneratorExp):
            text = f"({text})"
        if start and _wordy(self.text[start - 1]) and _wordy(text[:1]):
            text = " " + text
        if _wordy(self.text[end:end + 1]) and _wordy(text[-1:]):
            text += " "
        self.changes.append((start, end, text))

    def _bracketed(self, start: int, end: int) -> bool:
        """Whether parentheses of its own stand around a range."""
        before, after = self.text[:start].rstrip(" \t"), self.text[end:end + 200].lstrip(" \t")
        return before.endswith("(") and after.startswith(")") and not (
            before[-2:-1] and (_wordy(before[-2]) or before[-2] in ")]\"'"))

    def _inside(self, base: Any, wanted: Any) -> None:
        """Changes of an expression that keep its shape: operators, attribute names, children."""
        if isinstance(base, ast.BoolOp) and type(base.op) is type(wanted.op) and len(
                wanted.values) > len(base.values) and all(map(same, base.values, wanted.values)):
            self._appended(base, wanted)
            return
        for field in base._fields:
            old, new = getattr(base, field, None), getattr(wanted, field, None)
            if same(old, new):
                continue
            if field == "op" and isinstance(base, ast.BinOp):
                if precedence(base) != precedence(wanted):
                    raise Coarser
                self._token(base.left, base.right, symbol(old), symbol(new))
            elif field == "op" and isinstance(base, ast.BoolOp) and len(base.values) == len(wanted.values):
                for left, right in zip(base.values, base.values[1:]):
                    self._token(left, right, symbol(old), symbol(new))
            elif field == "ops" and len(old) == len(new):
                operands = [base.left, *base.comparators]
                for i, (before, after) in enumerate(zip(old, new)):
                    if type(before) is not type(after):
                        self._token(operands[i], operands[i + 1], symbol(before), symbol(after))
            elif field == "attr":
                end = self.source.end(base)
                if not self.text.startswith(old, end - len(old)):
                    raise Coarser
                self.changes.append((end - len(old), end, new))
            else:
                self._children(base, wanted, field, old, new)

    def _children(self, base: Any, wanted: Any, field: str, old: Any, new: Any) -> None:
        if isinstance(old, list) and isinstance(new, list):
            if len(old) != len(new):
                raise Coarser
            for before, after in zip(old, new):
                self._children(base, wanted, field, before, after)
        elif isinstance(old, ast.expr) and isinstance(new, ast.expr):
            if isinstance(base, ast.Lambda) and field == "args":
                raise Coarser
            self._expression(base, field, old, new)
        elif isinstance(old, (ast.keyword, ast.comprehension)) and type(old) is type(new):
            for inner in old._fields:
                before, after = getattr(old, inner), getattr(new, inner)
                if not same(before, after):
                    self._children(old, new, inner, before, after)
        elif not same(old, new):
            raise Coarser

    def _appended(self, base: ast.BoolOp, wanted: ast.BoolOp) -> None:
        end = self.source.end(base)
        word = symbol(base.op)
        more = [self.printer.expression(v, precedence(base) + 1)
                for v in wanted.values[len(base.values):]]
        self.changes.append((end, end, "".join(f" {word} {text}" for text in more)))

    def _token(self, left: ast.expr, right: ast.expr, old: str, new: str) -> None:
        """Replaces the operator between two operands."""
        at = self.source.end(left)
        skipped = _SKIP.match(self.text, at)
        at = skipped.end() if skipped else at
        match = re.compile(_WORDS.get(old, re.escape(old))).match(self.text, at)
        if match is None or match.end() > self.source.start(right):
            raise Coarser
        text = new
        if _wordy(new[0]) and _wordy(self.text[at - 1]):
            text = " " + text
        if _wordy(new[-1]) and _wordy(self.text[match.end()]):
            text += " "
        self.changes.append((match.start(), match.end(), text))


def _wordy(character: str) -> bool:
    return bool(character) and (character.isalnum() or character == "_")
