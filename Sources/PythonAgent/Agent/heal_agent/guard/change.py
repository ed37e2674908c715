"""One changed file, parsed, with what the tests and the expected outputs hold."""

from __future__ import annotations

import ast
import collections
import dataclasses
import functools
import re
from typing import Counter, Dict, FrozenSet, Iterator, List, Optional, Set, Tuple

from .literals import COMMON, literal_of, literals_in, same_in_other_types

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d+\.\d+|\d+")
# Calls in tests whose arguments are what is compared, not what the program is given.
_WRAPPERS = {
    "approx", "isclose", "Decimal", "Fraction", "Path", "PurePath", "set", "list", "tuple", "dict", "frozenset", "str", "int", "float",
    "bytes", "bytearray", "round", "abs", "sorted", "sum", "repr", "param", "parametrize", "date", "datetime", "time", "timedelta",
    "loads", "dedent", "OrderedDict", "Counter", "deque", "enumerate", "zip", "items",
}


@dataclasses.dataclass
class Change:
    """What a repair makes of one file."""

    path: str
    before_text: str
    after_text: str
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
        held = [_held(text) for text in tests.values()]
        answers, inputs, names = (set().union(*(one[part] for one in held)) for part in range(3))
        known = set(literals_in(old)) if old is not None else _tokens(before)
        return cls(path, before, after, old, new, known | COMMON, answers, inputs, expected, names, strength)

    def is_new(self, node: ast.AST) -> bool:
        """Whether a literal occurs nowhere in the file as it was."""
        literal = literal_of(node)
        if literal is None or literal in self.known:
            return False
        if self.before is None:
            words = _TOKEN.findall(literal)
            return any(word not in self.known for word in words)
        return True

    def spoke_of(self, word: str) -> bool:
        """Whether the file as it was holds a word; for what is looked for by name where the text does not parse."""
        return re.search(r"\b%s\b" % re.escape(word), self.before_text) is not None


def words(text: str) -> "Counter[str]":
    """The words and numbers of a text, whether it parses or not."""
    return collections.Counter(_TOKEN.findall(text))


@functools.lru_cache(maxsize=256)
def _held(text: str) -> "Tuple[FrozenSet[str], FrozenSet[str], FrozenSet[str]]":
    """What a test file holds: the literals that may be answers, all of its literals, the names of its tests."""
    tree = _parse(text)
    if tree is None:
        return frozenset(), frozenset(), frozenset()
    names = (node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)))
    return (frozenset(form for literal in _answers(tree) for form in same_in_other_types(literal)),
            frozenset(literals_in(tree)), frozenset(name for name in names if name.lower().startswith("test")))


def _parse(text: str) -> "Optional[ast.Module]":
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _tokens(text: str) -> "Set[str]":
    """The words of a text that does not parse; numbers also in the form that their values print in."""
    found = set(_TOKEN.findall(text))
    for word in list(found):
        if word[0].isdigit():
            try:
                found.add(repr(ast.literal_eval(word)))
            except (ValueError, SyntaxError):
                pass
    return found


def _answers(node: ast.AST) -> "Iterator[str]":
    """Literals of a test that are not only handed to the program: they may be what an outcome is compared with.

    A test names its answers in many ways: beside the call, in a variable, in a table, as part of a container or a sum.
    """
    literal = literal_of(node)
    if literal is not None:
        yield literal
    children: "List[ast.AST]" = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call):
        name = name_of(node.func)
        if not (name in _WRAPPERS or name.lower().startswith("assert")):
            children = [node.func]
    for child in children:
        yield from _answers(child)


def name_of(node: "Optional[ast.AST]") -> str:
    """The last word of a name: `c` of `a.b.c`."""
    return getattr(node, "attr", None) or getattr(node, "id", None) or ""
