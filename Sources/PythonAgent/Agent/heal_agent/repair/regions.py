"""Regions: statements of one block that cover given places, and wider ones around them."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from .index import Function, Program
from .text import FUNCTIONS, Module, own_nodes

Path = List[Tuple[List[ast.stmt], int]]


class Region(NamedTuple):
    """Statements in a row."""

    module: Module
    function: "Optional[Function]"
    statements: "Tuple[ast.stmt, ...]"

    @property
    def key(self) -> "Any":
        return self.function.node if self.function is not None else self.module

    def contains(self, node: ast.AST) -> bool:
        """Whether a node of the same module stands in it."""
        return any(one in self.statements for one in (node, *self.module.up(node)))

    @property
    def has_await(self) -> bool:
        return any(isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for one in self.statements for node in own_nodes(one))

    @property
    def has_yield(self) -> bool:
        return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for one in self.statements for node in own_nodes(one))


def _path(module: Module, node: ast.AST, top: ast.AST) -> Path:
    """The blocks from a function's body down to a node, with the place in each."""
    found: Path = []
    one: "Optional[ast.AST]" = node
    while one is not None and one is not top:
        if isinstance(one, ast.stmt):
            block = module.block(one)
            found.append((block, block.index(one)))
        one = module.parents.get(one)
    return found[::-1]


def covering(program: Program, module: Module, nodes: "Sequence[ast.AST]") -> Region:
    """The smallest region that covers nodes of one function."""
    function = program.function(module, nodes[0])
    top: ast.AST = function.node if function is not None else module.tree
    paths = [_path(module, node, top) for node in nodes]
    depth = 0
    while all(len(path) > depth + 1 for path in paths) and len({path[depth][1] for path in paths}) == 1 and \
            len({id(path[depth + 1][0]) for path in paths}) == 1:
        depth += 1
    while depth and not _stands_alone(module, paths[0][depth][0][min(path[depth][1] for path in paths)]):
        depth -= 1
    block = paths[0][depth][0]
    places = [path[depth][1] for path in paths]
    return Region(module, function, tuple(block[min(places):max(places) + 1]))


def _stands_alone(module: Module, first: ast.stmt) -> bool:
    """Whether a region can begin with a statement: not behind another one on its line, and no `elif`."""
    is_elif = isinstance(first, ast.If) and module.lines[first.lineno - 1].lstrip().startswith("elif")
    return module.begins_line(first) and not is_elif


def wider(program: Program, region: Region) -> "Iterator[Region]":
    """Regions around a region: to the end of its block, the statement around it, and the whole function."""
    module, function = region.module, region.function
    block = module.block(region.statements[0])
    first, last = block.index(region.statements[0]), block.index(region.statements[-1])
    if last < len(block) - 1:
        yield Region(module, function, tuple(block[first:]))
    one = module.parents[region.statements[0]]
    while function is not None and one is not function.node and one in module.parents:
        if isinstance(one, ast.stmt) and not isinstance(one, FUNCTIONS):
            yield Region(module, function, (one,))
        one = module.parents[one]
    if function is not None:
        body = [one for one in function.body if not isinstance(one, (ast.Global, ast.Nonlocal))]
        if body:
            yield Region(module, function, tuple(body))


def across(program: Program, first: "Set[ast.AST]", second: "Set[ast.AST]", accesses: "Sequence[Tuple[Module, ast.AST]]") -> "Iterator[Region]":
    """Regions of functions that run both of two functions, by two calls or by a call and an access of their own; the smallest first."""
    found = []
    for function in program.functions:
        inside = [node for module, node in accesses if module is function.module and module.function(node) is function.node]
        ones, others, whole = list(inside), list(inside), False
        for node in function.nodes():
            hit = {found for one in program.called(node) for found in (one.node, *program.reached(one.node))}
            ones += [node] if hit & first else []
            others += [node] if hit & second else []
            whole = whole or bool(hit & first and hit & second)
        every = list(dict.fromkeys([*ones, *others]))
        if not ones or not others or len(every) < 2 or set(every) <= set(inside) or program.is_frame([function.node]):
            continue
        found.append(covering(program, function.module, every))
    found.sort(key=lambda one: (one.statements[-1].end_lineno or 0) - one.statements[0].lineno)
    yield from found[:3]


def grouped(program: Program, sites: "Sequence[Tuple[Module, ast.AST]]") -> "Dict[Any, List[Tuple[Module, ast.AST]]]":
    """Places by the function that they stand in, or by their module."""
    found: "Dict[Any, List[Tuple[Module, ast.AST]]]" = {}
    for module, node in sites:
        found.setdefault(module.function(node) or module, []).append((module, node))
    return found
