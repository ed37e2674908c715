"""Conditions over the terms of one place, as bits: one for each recorded moment."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ..edits import build
from .interpret import Unclear, truth
from .terms import BOOL, MAP, NUMBER, OBJECT, OTHER, SEQUENCE, SET, TEXT, Row, Term, mapped
from .values import ERROR

MOST_GUARDED = 60
COUNT, ELEMENT = "count", "element"


class Condition(NamedTuple):
    """An expression by where it holds and where it raises, as bits by moment."""

    node: ast.expr
    size: int
    holds: int
    raises: int


def bits(flags: "Iterable[Any]") -> int:
    """Flags as the bits of a number, the first one lowest."""
    found, bit = 0, 1
    for flag in flags:
        if flag:
            found |= bit
        bit <<= 1
    return found


def condition_of(node: ast.expr, size: int, row: Row) -> "Optional[Condition]":
    """An expression as a condition; `None` where only the program knows whether its value counts as true."""
    try:
        holds = bits([value is not ERROR and truth(value) for value in row])
    except Unclear:
        return None
    return Condition(node, size, holds, bits([value is ERROR for value in row]))


class Conditions:
    """The conditions of one place, up to a few for each way to hold."""

    def __init__(self, count: int, units: "Dict[str, str]", alike: int = 3) -> None:
        self.everywhere = (1 << count) - 1
        self._units = units  # of names: whether they count or are elements
        self._alike = alike
        self._known: "Dict[Tuple[int, int], int]" = {}
        self.found: "List[Condition]" = []

    def _add(self, holds: int, raises: int, size: int, make: "Callable[[], ast.expr]") -> None:
        """Keeps a condition unless it raises everywhere, or enough hold in the same moments."""
        known = self._known.get((holds, raises), 0)
        if known < self._alike and raises != self.everywhere:
            self._known[holds, raises] = known + 1
            self.found.append(Condition(make(), size, holds, raises))

    def add_comparisons(self, terms: "Sequence[Term]", most: int) -> None:
        """Emptiness, identity with None, comparisons of terms of one kind, and membership."""
        chosen = sorted(terms, key=lambda term: term.size)[:most]
        for term in chosen:
            if not term.is_constant:
                self._add_alone(term)
        pairs = [(left, right) for i, left in enumerate(chosen) for right in chosen[i + 1:]
                 if not (left.is_constant and right.is_constant)]
        units = {id(term.node): self._unit(term.node) for term in chosen}
        sized = [(left.size + right.size + 3 * ({units[id(left.node)], units[id(right.node)]} == {COUNT, ELEMENT}), left, right)
                 for left, right in pairs]
        sized.sort(key=lambda row: row[0])
        for size, left, right in sized:
            self._compared(left, right, size)
            self._contained(left, right)
            self._contained(right, left)
        self._add_guarded()

    def _add_guarded(self) -> None:
        """What raises where something is empty, asked only where it is not."""
        alone = [one for one in self.found if not one.raises and one.size <= 2 and not isinstance(one.node, ast.Compare)]
        raising = [one for one in self.found if one.raises and one.size <= 4][:MOST_GUARDED]
        for guard in alone:
            for other in raising:
                for op in (ast.And, ast.Or):
                    made = joined(op, guard, other, self.everywhere)
                    if not made.raises:
                        self._add(made.holds, 0, made.size, lambda node=made.node: node)

    def _unit(self, node: ast.AST) -> "Optional[str]":
        """Whether a number counts something or is an element of something, as far as its text tells."""
        if isinstance(node, ast.Name):
            return self._units.get(node.id)
        if isinstance(node, ast.BinOp):
            return self._unit(node.left) or self._unit(node.right)
        if isinstance(node, ast.Subscript):
            return None if isinstance(node.slice, ast.Slice) else ELEMENT
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            return COUNT if name in ("len", "count", "index") else ELEMENT if name in ("max", "min", "sum") else None
        return None

    def _add_alone(self, term: Term) -> None:
        node = term.node
        if term.kind in (BOOL, SEQUENCE, TEXT, SET, MAP) and term.size <= 2:
            made = condition_of(node, term.size, term.row)
            if made is not None:
                self._add(made.holds, made.raises, made.size, lambda: node)
                self._add(self.everywhere & ~made.holds & ~made.raises, made.raises, made.size + 1, lambda: build.negation(node))
        if term.kind in (OTHER, OBJECT):
            raising = bits([value is ERROR for value in term.row])
            none = bits([value is None for value in term.row])
            self._add(none, raising, term.size + 1, lambda: build.compare(node, ast.Is(), build.const(None)))
            self._add(self.everywhere & ~none & ~raising, raising, term.size + 1,
                      lambda: build.compare(node, ast.IsNot(), build.const(None)))

    def _compared(self, left: Term, right: Term, size: int) -> None:
        a, b = left.kind, right.kind
        ordered = a in (NUMBER, BOOL) and b in (NUMBER, BOOL) or a == b == TEXT
        if not ordered and (a != b or a in (OBJECT, OTHER) or a == SEQUENCE and type(left.row[0]) is not type(right.row[0])):
            return
        if left.is_constant or right.size > left.size and not right.is_constant:
            left, right = right, left
        try:
            raising = bits([x is ERROR or y is ERROR for x, y in zip(left.row, right.row)])
            equal = bits([x == y for x, y in zip(left.row, right.row)]) & ~raising
            less = bits([x is not ERROR and y is not ERROR and x < y for x, y in zip(left.row, right.row)]) if ordered else 0
        except Exception:
            return
        every = self.everywhere & ~raising
        holding = ((ast.Lt, less), (ast.LtE, less | equal), (ast.Eq, equal), (ast.NotEq, every & ~equal),
                   (ast.Gt, every & ~less & ~equal), (ast.GtE, every & ~less))
        remainder = isinstance(left.node, ast.BinOp) and isinstance(left.node.op, ast.Mod)
        for op, holds in holding[2:4] if not ordered else (holding[2:4] + holding[:2] + holding[4:]) if remainder else holding:
            self._add(holds, raising, size, lambda o=op: build.compare(left.node, o(), right.node))

    def _contained(self, item: Term, holder: Term) -> None:
        if holder.kind not in (SEQUENCE, SET, MAP, TEXT) or item.kind == OBJECT or holder.kind == TEXT and item.kind != TEXT \
                or holder.kind == item.kind != TEXT or holder.is_constant or item.is_constant and item.kind == NUMBER or _is_made_over(holder.node):
            return
        row = mapped(lambda x, y: x in y, item.row, holder.row)
        raising, inside = bits([value is ERROR for value in row]), bits([value is True for value in row])
        size = item.size + holder.size
        self._add(inside, raising, size, lambda: build.compare(item.node, ast.In(), holder.node))
        self._add(self.everywhere & ~inside & ~raising, raising, size, lambda: build.compare(item.node, ast.NotIn(), holder.node))


def joined(op: type, left: Condition, right: Condition, everywhere: int) -> Condition:
    """`left and right`, `left or right`: the right one is asked only where the left one leaves it open."""
    asked = left.holds if op is ast.And else everywhere & ~left.holds
    fails = left.raises | right.raises & asked
    holds = (left.holds & right.holds if op is ast.And else left.holds | right.holds) & ~fails
    return Condition(build.both(op(), left.node, right.node), left.size + right.size + 1, holds, fails)


def units_of(nodes: "Iterable[ast.AST]") -> "Dict[str, str]":
    """Of the names that loops give values to: whether they count, or are elements of what is looped over."""
    found = {}
    for node in nodes:
        if isinstance(node, (ast.For, ast.comprehension)) and isinstance(node.target, ast.Name):
            function = node.iter.func if isinstance(node.iter, ast.Call) else None
            found[node.target.id] = COUNT if isinstance(function, ast.Name) and function.id == "range" else ELEMENT
    return found


def _is_made_over(node: ast.expr) -> bool:
    """Whether it only holds what another holds already."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "list", "sorted", "tuple")
