"""Guards at the start of a function: conditions that hold where tests fail and not where they pass, and what tests want there."""

from __future__ import annotations

import ast
from typing import Any, List, NamedTuple, Sequence, Tuple

from ..edits import build
from .choose import Kitchen, Moment, matches
from .conditions import bits
from .holes import Place
from .terms import Term

MOST_ANSWERS, MOST_CONDITIONS, MOST_GUARDS, MOST_SIZE = 12, 4, 24, 3


class Guard(NamedTuple):
    """`if condition: return answer`."""

    condition: ast.expr
    answer: ast.expr
    size: int


def guards(place: Place, moments: "Sequence[Moment]", kitchen: Kitchen) -> "List[Guard]":
    """The guards that give failing tests what they want and let passing ones be, smallest first."""
    failing = bits([one.failing for one in moments])
    known = bits([one.wanted is not None for one in moments])
    if not failing & known:
        return []
    pool = kitchen.pool(place, moments)
    found: "List[Tuple[int, Guard]]" = []
    made = kitchen.conditions(place, pool, len(moments))
    conditions, everywhere = made.found, made.everywhere
    for right, answer in _answers(pool.terms, moments, failing & known):
        few = bin(right & failing).count("1") < 2
        if few and answer.size > 1:
            continue  # one example fits too much
        chosen = [one for one in conditions if one.size <= MOST_SIZE and one.holds != everywhere and not one.raises
                  and not one.holds & ~right and one.holds & failing == right & failing]
        for condition in sorted(chosen, key=lambda one: one.size)[:MOST_CONDITIONS]:
            size = condition.size + answer.size
            found.append((size - 2 * bin(right & failing).count("1"), Guard(condition.node, answer.node, size)))
    found.sort(key=lambda one: one[0])
    return [guard for _, guard in found[:MOST_GUARDS]]


def _answers(terms: "Sequence[Term]", moments: "Sequence[Moment]", wanting: int) -> "List[Tuple[int, Term]]":
    """Expressions that are what some failing test wants, by where they are right; one for each such set."""
    found, seen = [], set()
    for term in [*terms, *_constants(len(moments))]:
        right = sum(1 << i for i, one in enumerate(moments) if one.wanted is not None and matches(term.row[i], one.wanted[0]))
        if term.size <= MOST_SIZE and right & wanting and (right, term.is_constant) not in seen:
            seen.add((right, term.is_constant))
            found.append((right, term))
    found.sort(key=lambda one: (-bin(one[0] & wanting).count("1"), one[1].size))
    return found[:MOST_ANSWERS]


def _constants(count: int) -> "List[Term]":
    nodes = [ast.List(elts=[], ctx=build.LOAD), ast.Tuple(elts=[], ctx=build.LOAD), ast.Dict(keys=[], values=[]), build.const(""),
             build.const(None), build.const(True), build.const(False), build.const(-1)]
    values: "List[Any]" = [[], (), {}, "", None, True, False, -1]
    return [Term(node, 1, (value,) * count, "constant", True) for node, value in zip(nodes, values)]
