"""Turns offers into edits of a file's tree."""

from __future__ import annotations

import ast
import json
from typing import Any, Dict, List, Sequence

from ..edits import build
from ..edits.collector import Collector
from ..edits.primitives import Insert
from ..edits.sketch import sketch
from ..errors import AgentError
from .holes import KINDS_OF_MISSING, ONLY, SKIP, statements

_KEPT = ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop


def offers_of(text: str) -> "Dict[str, List[Any]]":
    """The offers by file, as they travel."""
    try:
        offers = json.loads(text)
    except ValueError:
        raise AgentError("malformed", "offers are no JSON") from None
    if not isinstance(offers, dict) or not all(isinstance(rows, list) and all(map(_is_row, rows)) for rows in offers.values()):
        raise AgentError("malformed", "offers are not as this agent makes them")
    return offers


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and [type(one) for one in row] in ([int, str, str, int], [str, str, str, int])


def offer_all(offers: "Sequence[Sequence[Any]]", out: Collector) -> None:
    """All edits that synthesis offers in one file."""
    try:
        _offer_all(offers, out)
    except SyntaxError:
        raise AgentError("malformed", "an offer is no expression") from None


def _offer_all(offers: "Sequence[Sequence[Any]]", out: Collector) -> None:
    tree = out.tree
    for number, kind, source, size in offers:
        if isinstance(number, str):
            _insert(number, kind, source, size, out)
        elif number < 0:
            _condition(number, kind, parsed(source).value, size, out)
        elif number < len(tree.sites):
            site = tree.sites[number]
            if out.suspicion(site.statement) >= 0:
                out.replace(site, kind, parsed(source).value, size=size)


def _condition(number: int, kind: str, test: ast.expr, size: int, out: Collector) -> None:
    """A statement under a condition, or one under which a loop goes on at once or ends."""
    position, role = divmod(number, len(KINDS_OF_MISSING))
    everything = statements(out.tree)
    if not 0 <= -1 - position < len(everything):
        return
    block, statement = everything[-1 - position]
    if out.suspicion(statement) < 0:
        return
    if KINDS_OF_MISSING[role] == ONLY:
        new = ast.If(test=test, body=[statement], orelse=[])
        out.swap_statement(block, kind, statement, new, lambda: f"do `{sketch(statement)}` only if `{sketch(test)}`", size)
    else:
        leave = ast.Continue() if KINDS_OF_MISSING[role] == SKIP else ast.Break()
        guard = ast.If(test=test, body=[leave], orelse=[])
        out.primitives(kind, [Insert(block.items, statement, [guard], False)], size, statement, block,
                       lambda: f"`{sketch(leave)}` if `{sketch(test)}`", (id(block.items), number, sketch(test)), [guard])


def _insert(qualname: str, kind: str, source: str, size: int, out: Collector) -> None:
    """A statement at the start of a function."""
    node = out.tree.outermost.get(qualname, (None,))[0]
    block = next((one for one in out.tree.blocks if one.owner is node and one.field == "body"), None)
    if block is None or out.suspicion(block.statements()[0]) < 0:
        return
    first, new = block.statements()[0], parsed(source)
    out.primitives(kind, [Insert(block.items, first, [new], False)], size, first, block,
                   "insert `%s`" % " ".join(source.split()), (id(block.items), source), [new])


def parsed(source: str) -> "Any":
    """The statement that a source text is, without positions."""
    node = ast.parse(source).body[0]
    for one in ast.walk(node):
        if not isinstance(one, _KEPT):
            for field in build.POSITION:
                if hasattr(one, field):
                    delattr(one, field)
    return node
