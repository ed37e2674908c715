"""One changed file, parsed, with what the tests and the expected outputs hold."""

from __future__ import annotations

import ast
import dataclasses
import re
from typing import Any, Dict, Iterator, List, Optional, Set

#: Literals that every program is free to use: they say nothing about an answer.
COMMON = {repr(value) for value in (None, True, False, Ellipsis, 0, 1, -1, 2, 0.0, 1.0, "", " ", "\n", b"")}

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d+\.\d+|\d+")


@dataclasses.dataclass
class Change:
    """What a repair makes of one file."""

    path: str
    before_text: str
    before: "Optional[ast.Module]"
    after: ast.Module
    known: "Set[str]"
    answers: "Set[str]"
    inputs: "Set[str]"
    expected: "List[str]"
    test_names: "Set[str]"
    strength: str

    @classmethod
    def of(cls, path: str, before: str, after: str, tests: "Dict[str, str]", expected: "List[str]",
           strength: str) -> "Optional[Change]":
        new = _parse(after)
        if new is None:
            return None
        old = _parse(before)
        trees = [tree for tree in map(_parse, tests.values()) if tree is not None]
        answers = {literal for tree in trees for literal in _answers(tree)}
        literals = {literal for tree in trees for literal in literals_in(tree)}
        names = {node.name for tree in trees for node in ast.walk(tree)
                 if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
        known = set(literals_in(old)) if old is not None else _tokens(before)
        return cls(path, before, old, new, known | COMMON, answers, literals, expected,
                   {name for name in names if name.lower().startswith("test")}, strength)

    def is_new(self, node: ast.AST) -> bool:
        """Whether a literal occurs nowhere in the file as it was."""
        literal = literal_of(node)
        if literal is None or literal in self.known:
            return False
        if self.before is None:
            words = _TOKEN.findall(literal)
            return any(word not in self.known for word in words)
        return True


def _parse(text: str) -> "Optional[ast.Module]":
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _tokens(text: str) -> "Set[str]":
    """The words of a text that does not parse; numbers also in the form that their values print in."""
    words = set(_TOKEN.findall(text))
    for word in list(words):
        if word[0].isdigit():
            try:
                words.add(repr(ast.literal_eval(word)))
            except (ValueError, SyntaxError):
                pass
    return words


def literal_of(node: "Optional[ast.AST]") -> "Optional[str]":
    """The value of a literal as text: constants, their negatives, and containers and f-strings made only of constants."""
    if node is None:
        return None
    if isinstance(node, ast.JoinedStr):
        parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        return repr("".join(map(str, parts))) if len(parts) == len(node.values) else None
    try:
        return repr(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def literals_in(tree: ast.AST) -> "Iterator[str]":
    """Every literal of a tree, the parts of containers too."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Constant, ast.UnaryOp, ast.List, ast.Tuple, ast.Set, ast.Dict)):
            literal = literal_of(node)
            if literal is not None:
                yield literal


def _answers(tree: ast.AST) -> "Iterator[str]":
    """Literals that a test compares an outcome with."""
    for node in ast.walk(tree):
        sides: "List[Any]" = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and _name(node.func).lower().startswith("assert"):
            sides = list(node.args)
        elif isinstance(node, ast.Call) and _name(node.func) == "parametrize":
            sides = [part for argument in node.args for part in ast.walk(argument)]
        for side in sides:
            literal = literal_of(side)
            if literal is not None:
                yield literal


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", None) or getattr(node, "id", None) or ""
