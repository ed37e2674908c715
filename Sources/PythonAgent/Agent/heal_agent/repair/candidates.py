"""Candidates: changed texts with a reason, and what all that make them have in hand."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from .evidence import Evidence, Place
from .index import Function, Program
from .locks import Drafts, Lock, inventory
from .text import FUNCTIONS, Module, NoEdit, assertions, own_nodes


class Candidate(NamedTuple):
    """A change of the program that may heal it."""

    kind: str
    why: str
    rank: float
    """The lower, the likelier."""
    texts: "Dict[str, str]"


class Context:
    """The program and what is known of its failure."""

    def __init__(self, program: Program, evidence: Evidence) -> None:
        self.program = program
        self.evidence = evidence
        self.locks = inventory(program)
        self.concurrent = self._concurrent()
        self.submitted = self._submitted()

    def _concurrent(self) -> "Set[ast.AST]":
        """The functions that threads or tasks run: those that are passed on as values, methods `run`, coroutines; and what they call."""
        program = self.program
        begun: "Set[ast.AST]" = set()
        for one in program.functions:
            if one.is_async or one.name == "run" and one.owner is not None:
                begun.add(one.node)
        for module in program.modules.values():
            for node in module.nodes:
                if isinstance(node, ast.Lambda):
                    begun |= program.reached(node)
                elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
                    parent = module.parents[node]
                    if not (isinstance(parent, ast.Call) and parent.func is node):
                        word = node.id if isinstance(node, ast.Name) else node.attr
                        begun |= {one.node for one in program.named(word) if not one.is_property}
        for place in self.evidence.places():
            function = self.function_at(place)
            if function is not None and not program.is_frame([function.node]):
                begun.add(function.node)
        return begun | {found for one in list(begun) for found in program.reached(one)}

    def _submitted(self) -> "Set[ast.AST]":
        """The functions that are given to pools, and what they call."""
        words = {one.args[0].attr if isinstance(one.args[0], ast.Attribute) else getattr(one.args[0], "id", "")
                 for module in self.program.modules.values() for one in module.nodes
                 if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in ("submit", "map") and one.args}
        begun = {one.node for word in words for one in self.program.named(word)}
        return begun | {found for one in begun for found in self.program.reached(one)}

    def module(self, place: Place) -> "Optional[Module]":
        return self.program.modules.get(place.path)

    def nodes_at(self, place: Place) -> "List[ast.AST]":
        """The nodes of a line; those that begin at the place's column first."""
        module = self.module(place)
        if module is None or not place.line:
            return []
        return sorted(module.at(place.line), key=lambda node: node.col_offset + 1 != place.column)  # type: ignore[attr-defined]

    def statement_at(self, place: Place) -> "Optional[ast.stmt]":
        """The innermost statement that covers a line."""
        module = self.module(place)
        return module.covering(place.line) if module is not None else None

    def function_at(self, place: Place) -> "Optional[Function]":
        """The function that a place stands in."""
        module, statement = self.module(place), self.statement_at(place)
        if module is None or statement is None:
            return None
        if isinstance(statement, FUNCTIONS):
            return self.program.of(statement)
        return self.program.function(module, statement)

    def lock_of(self, node: ast.AST, module: Module) -> "Optional[Lock]":
        """The lock that an expression names."""
        from .locks import is_reference

        return next((one for one in self.locks if is_reference(self.program, module, node, one)), None)

    def lock_made(self, made: Place, name: str) -> "Optional[Lock]":
        """A lock by the place where it was made, else by its name."""
        for one in self.locks:
            if made.line and one.call is not None and one.field.path == made.path and one.call.lineno <= made.line <= (one.call.end_lineno or 0):
                return one
        word = name.rpartition(".")[2]
        return next((one for one in self.locks if one.field.name == word), None)

    def attempt(self, kind: str, why: str, rank: float, change: "Callable[[Drafts], Any]") -> "Iterator[Candidate]":
        """The candidate that a change makes, if it can be made and gives a program."""
        drafts = Drafts(self.program)
        try:
            change(drafts)
            texts = {path: draft.text() for path, draft in drafts.items()}
            trees = {path: ast.parse(text) for path, text in texts.items()}
        except (NoEdit, SyntaxError, ValueError):
            return
        texts = {path: text for path, text in texts.items() if text != self.program.modules[path].text}
        known = {path: self.program.modules[path].assertions for path in texts}
        if texts and all(not known[path] or assertions(trees[path]) == known[path] for path in texts):
            yield Candidate(kind, why, rank, texts)


def calls(node: ast.AST, *names: str) -> "Iterator[ast.Call]":
    """The calls of methods of these names that run when a node runs."""
    for one in own_nodes(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in names:
            yield one


def call_statement(statement: ast.AST, *names: str) -> "Optional[ast.Call]":
    """The call that a statement consists of, when it calls a method of one of these names; `await` does not count."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in names:
        return value
    return None


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two expressions are written alike."""
    return _plain(one) == _plain(other)


def _plain(node: ast.AST) -> str:
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()").replace("ctx=Del()", "ctx=Load()")


def indexed(module: Module, statement: ast.stmt) -> "Tuple[List[ast.stmt], int]":
    """A statement's block, and where it stands there."""
    block = module.block(statement)
    return block, block.index(statement)
