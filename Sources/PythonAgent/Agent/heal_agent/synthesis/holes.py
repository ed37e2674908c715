"""Where synthesis looks: conditions and returned values, and where a condition could be missing; the most suspicious first."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, Union

from ..edits.scope import Scope
from ..edits.tree import Block, Site, Tree

CONDITION, RETURN = "condition", "return"
#: A statement done only under a condition, or a condition under which a loop goes on at once or ends.
ONLY, SKIP, STOP = "only", "skip", "stop"
KINDS_OF_MISSING = (ONLY, SKIP, STOP)
_NESTED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Hole:
    """An expression of the program that others may take the place of, or a place where a condition is missing."""

    __slots__ = ("number", "site", "role", "suspicion", "nested")

    def __init__(self, number: int, site: "Union[Site, Place]", role: str, suspicion: float, nested: bool) -> None:
        self.number = number  #: its place among the tree's sites; below 0 for one that is missing
        self.site = site
        self.role = role
        self.suspicion = suspicion
        self.nested = nested  #: it stands in a comprehension, where `locals()` is another's


def holes(tree: Tree, suspicion: "Callable[[ast.stmt], float]", scopes: "Tuple[type, ...]", most: int) -> "List[Hole]":
    """The holes of one file in code of these scopes."""
    found = []
    inside: "Dict[int, bool]" = {}
    for number, site in enumerate(tree.sites):
        parent = tree.site_of.get(id(site.parent))
        up = inside.get(id(site.parent), False) or isinstance(site.parent, (*_NESTED, ast.comprehension)) \
            or parent is not None and isinstance(parent.node, _NESTED)
        inside[id(site.node)] = up
        if isinstance(site.parent, ast.comprehension):
            inside[id(site.parent)] = True
        role = _role(site)
        if role is None or site.quoted is not None or not isinstance(site.scope.node, scopes) or _in_lambda(tree, site):
            continue
        weight = suspicion(site.statement)
        if weight > 0:
            found.append(Hole(number, site, role, weight, up))
    found.sort(key=lambda hole: (-round(hole.suspicion, 3), hole.number))
    return found[:most]


class Place(NamedTuple):
    """A statement as a hole knows its surroundings."""

    scope: Scope
    block: Block
    statement: ast.stmt

    @property
    def node(self) -> ast.stmt:
        """What stands here now."""
        return self.statement

    @property
    def parent(self) -> ast.AST:
        """What it hangs on."""
        return self.block.owner


def statements(tree: Tree) -> "List[Tuple[Block, ast.stmt]]":
    """All statements of a file, in an order that is the same for the same text."""
    return [(block, statement) for block in tree.blocks for statement in block.statements()]


def missing(tree: Tree, suspicion: "Callable[[ast.stmt], float]", scopes: "Tuple[type, ...]", most: int) -> "List[Hole]":
    """Where a condition could be missing: around single statements, and at the start of loops."""
    found = []
    for number, (block, statement) in enumerate(statements(tree)):
        weight = suspicion(statement)
        if weight <= 0 or not isinstance(block.scope.node, scopes):
            continue
        place, at = Place(block.scope, block, statement), -1 - number
        roles = [ONLY] if _may_be_left_out(block, statement) else []
        if block.loops and block.field == "body" and block.owner is block.loops[-1] and statement is block.statements()[0]:
            roles += [SKIP, STOP]
        found += [Hole(len(KINDS_OF_MISSING) * at + KINDS_OF_MISSING.index(role), place, role, weight, False) for role in roles]
    found.sort(key=lambda hole: (-round(hole.suspicion, 3), -hole.number))
    return found[:most]


def _may_be_left_out(block: Block, statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call)
    if isinstance(block.owner, ast.If) and len(block.statements()) == 1:
        return False  # its condition may ask for more
    return isinstance(statement, (ast.AugAssign, ast.Return, ast.Break, ast.Continue)) \
        or isinstance(statement, ast.Assign) and bool(block.loops)


def _in_lambda(tree: Tree, site: Site) -> bool:
    node: Any = site.parent
    while isinstance(node, ast.expr):
        if isinstance(node, ast.Lambda):
            return True
        above = tree.site_of.get(id(node))
        if above is None:
            return getattr(node, "heal_lambda", False)
        node = above.parent
    return False


def _role(site: Site) -> "Optional[str]":
    node, parent, field = site.node, site.parent, site.field
    if isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr)):
        return None
    if isinstance(parent, ast.Return):
        return RETURN
    if isinstance(parent, ast.BoolOp) or field == "ifs" or field == "test" and not isinstance(parent, ast.Assert):
        return CONDITION
    return None
