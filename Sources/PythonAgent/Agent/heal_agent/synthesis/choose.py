"""Which expressions are worth a try at a hole: those that give what failing tests are known to want, smallest first.

What tests pass is evidence too: what changes nothing there comes first.
"""

from __future__ import annotations

import ast
import math
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from ..edits import build
from ..edits.scope import own_nodes
from .conditions import Condition, Conditions, bits, condition_of, joined, units_of
from .holes import CONDITION, ONLY, RETURN, SKIP, STOP, Hole
from .interpret import Interpreter
from .terms import Pool, Term, grow
from .values import ERROR, is_plain, name_of

MOST_MOMENTS, MOST_NAMES, MOST_PARTS = 28, 8, 10
OFFERS = {CONDITION: 40, RETURN: 20, ONLY: 12, SKIP: 12, STOP: 12}
_COMPARED, _JOINED = 80, 300
_PARTS = (ast.BinOp, ast.Subscript, ast.Attribute, ast.Call, ast.Compare)


class Moment(NamedTuple):
    """A visit with what is known of it."""

    test: int
    names: "Dict[str, Any]"
    value: Any  #: of the present expression
    failing: bool
    wanted: "Optional[Tuple[Any]]"  #: what it is to be for the test to pass, in a tuple of one
    lesson: int = 0  #: what is wanted in the moments of one lesson is wanted together; another lesson of the test will do


class Choice(NamedTuple):
    """An expression for a hole; `size` is how far from the present one it is thought to be."""

    node: ast.expr
    size: int


class Kitchen:
    """Pools of terms of one module, shared by holes that are reached in the same moments."""

    def __init__(self, constants: "Dict[str, Any]", words: "FrozenSet[str]") -> None:
        self._constants, self._words = constants, words
        self._pools: "Dict[Any, Pool]" = {}
        self._conditions: "Dict[Any, Conditions]" = {}

    def pool(self, site: Any, moments: "Sequence[Moment]") -> Pool:
        """The terms that can be made at a place."""
        names = _names(site, moments)
        key = (id(site.scope), tuple([tuple([(name, name_of(one.names.get(name, ERROR))) for name in names]) for one in moments]))
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = Pool([one.names for one in moments], self._words)
            self._fill(pool, site, names, moments)
        return pool

    def _fill(self, pool: Pool, site: Any, names: "Sequence[str]", moments: "Sequence[Moment]") -> None:
        for name in names:
            pool.add_name(name)
        nodes = list(own_nodes(site.scope.node))
        for name in _globals(nodes, self._constants, names):
            pool.add(build.name(name), 1, (self._constants[name],) * len(moments))
        for value in _literals(nodes):
            pool.add_constant(value)
        interpreters = [Interpreter(one.names, self._constants) for one in moments]
        for node in _parts(site, nodes):
            pool.add(node, min(3, build.measure(node)), tuple([one.value(node) for one in interpreters]))
        grow(pool)

    def conditions(self, site: Any, pool: Pool, count: int) -> Conditions:
        """The conditions over the pool of a place."""
        found = self._conditions.get(id(pool))
        if found is None:
            found = self._conditions[id(pool)] = Conditions(count, units_of(own_nodes(site.scope.node)))
            found.add_comparisons(pool.terms, _COMPARED)
        return found


def _names(site: Any, moments: "Sequence[Moment]") -> "List[str]":
    bound = [name for name in moments[0].names if all(name in one.names for one in moments if one.failing)] if moments else []
    near = [node.id for node in ast.walk(site.statement) if isinstance(node, ast.Name)] if not hasattr(site.statement, "body") else \
        [node.id for node in ast.walk(site.node) if isinstance(node, ast.Name)]
    order = {name: number for number, name in reversed(list(enumerate([*near, *site.scope.names(site.statement.lineno), *sorted(bound)])))}
    return sorted(bound, key=lambda name: order[name])[:MOST_NAMES]


def _globals(nodes: "Sequence[ast.AST]", constants: "Dict[str, Any]", local: "Sequence[str]") -> "List[str]":
    used = {node.id: None for node in nodes if isinstance(node, ast.Name)}
    return [name for name in used if name in constants and name not in local][:4]


def _literals(nodes: "Sequence[ast.AST]") -> "List[Any]":
    found: "Dict[Any, Any]" = {(int, number): number for number in (0, 1, 2)}
    for node in nodes:
        if isinstance(node, ast.Constant) and type(node.value) in (int, str, float) and (
                not isinstance(node.value, str) or len(node.value) <= 20):
            found.setdefault((type(node.value), node.value), node.value)
    return list(found.values())[:9]


def _parts(site: Any, nodes: "Sequence[ast.AST]") -> "List[Any]":
    """Expressions of the function, the nearest first."""
    found, seen = [], set()
    for node in sorted((node for node in nodes if isinstance(node, _PARTS)), key=lambda node: abs(node.lineno - site.node.lineno)):
        if isinstance(getattr(node, "ctx", build.LOAD), ast.Load) and build.measure(node) <= 6:
            mark = build.fingerprint(node)
            if mark not in seen:
                seen.add(mark)
                found.append(node)
    return found[:MOST_PARTS]


def matches(value: Any, wanted: Any) -> bool:
    """Whether a test that wants one value would take another."""
    if value is ERROR or not is_plain(value) or not is_plain(wanted):
        return False
    if type(value) in (int, float) and type(wanted) in (int, float) and float in (type(value), type(wanted)):
        return math.isclose(value, wanted, rel_tol=1e-6, abs_tol=1e-9)
    try:
        return bool(value == wanted)
    except Exception:
        return False


def choices(hole: Hole, moments: "Sequence[Moment]", kitchen: Kitchen) -> "List[Choice]":
    """The expressions that a hole is offered."""
    pool = kitchen.pool(hole.site, moments)
    return _values(hole, moments, pool) if hole.role == RETURN else _conditions(hole, moments, pool, kitchen)


def _count(bits: int) -> int:
    return bin(bits).count("1")


def _conditions(hole: Hole, moments: "Sequence[Moment]", pool: Pool, kitchen: Kitchen) -> "List[Choice]":
    present = condition_of(hole.site.node, 1, tuple([one.value for one in moments]))  # type: ignore[arg-type]
    if present is None:
        return []
    lessons = _lessons(moments)
    passing = bits([not one.failing for one in moments])
    ranked: "List[Tuple[float, int, Condition]]" = []
    for number, condition in enumerate(_candidates(hole, present, lessons, kitchen.conditions(hole.site, pool, len(moments)))):
        missed = _missed(condition, lessons)
        changed = (condition.holds ^ present.holds | condition.raises) & passing
        if missed and (missed == len(lessons) or hole.number < 0) or changed and hole.number < 0:
            continue  # where a condition is missing, much would fit one example or another
        ranked.append((condition.size + 3 * _count(changed) / max(1, _count(passing)) + 2 * missed, number, condition))
    ranked.sort(key=lambda one: one[:2])
    chosen = [(size, condition) for size, _, condition in ranked if not build.same(condition.node, hole.site.node)]
    return [Choice(condition.node, max(1, round(size))) for size, condition in chosen[:OFFERS[hole.role]]]


def _candidates(hole: Hole, present: Condition, lessons: "Sequence[Any]", known: Conditions) -> "List[Condition]":
    """Conditions that were made, the present one with each of them, and, where none decides right alone, pairs."""
    found = list(known.found)
    if hole.number >= 0 and not isinstance(hole.site.parent, ast.BoolOp):
        for condition in known.found[:_JOINED]:
            for op in (ast.And, ast.Or):
                found += [joined(op, present, condition, known.everywhere), joined(op, condition, present, known.everywhere)]
    if not any(_missed(condition, lessons) == 0 for condition in found):
        small = [condition for condition in known.found if condition.size <= 3 and not condition.raises][:50]
        found += [joined(op, one, other, known.everywhere) for i, one in enumerate(small) for other in small[i + 1:]
                  for op in (ast.And, ast.Or)]
    return found


def _missed(condition: Condition, lessons: "Sequence[Sequence[Tuple[int, int]]]") -> int:
    """How many of the tests that taught something would not pass for what a condition decides."""
    wrong, raises = condition.holds, condition.raises
    return sum([not any([(wrong ^ wanted | raises) & mask == 0 for mask, wanted in ways]) for ways in lessons])


def _lessons(moments: "Sequence[Moment]") -> "List[List[Tuple[int, int]]]":
    """For each test that taught something: where a condition must decide, and where it must hold, in each way that passes."""
    found: "Dict[int, Dict[int, List[int]]]" = {}
    for number, one in enumerate(moments):
        if one.wanted is not None:
            way = found.setdefault(one.test, {}).setdefault(one.lesson, [0, 0])
            way[0] |= 1 << number
            way[1] |= bool(one.wanted[0]) << number
    return [[(mask, wanted) for mask, wanted in ways.values()] for ways in found.values()]


def _values(hole: Hole, moments: "Sequence[Moment]", pool: Pool) -> "List[Choice]":
    known = [(number, one) for number, one in enumerate(moments) if one.wanted is not None]
    ranked: "List[Tuple[int, int, Term]]" = []
    for number, term in enumerate(pool.terms):
        if not term.is_constant and not build.same(term.node, hole.site.node):
            wrong = [one for i, one in known if not matches(term.row[i], one.wanted[0])]  # type: ignore[index]
            # Some tests may fail for another reason as well; one that passes wants what it gets.
            if all(one.failing for one in wrong) and sum(one.failing for _, one in known) > len(wrong):
                ranked.append((term.size + 2 * len(wrong), number, term))
    ranked.sort(key=lambda one: one[:2])
    return [Choice(term.node, size) for size, _, term in ranked[:OFFERS[RETURN]]]
