"""Changes of a program's structure that need a stronger oracle than the one at hand."""

from __future__ import annotations

import ast
import collections
import keyword
from typing import Counter, Iterator, List, Optional

from .change import Change, name_of, words
from .literals import literal_of

_ADDED = {
    "If": "a new condition", "Try": "a new handler", "TryStar": "a new handler", "IfExp": "a new condition", "And": "a new condition",
    "filter": "a new condition", "suppress": "a new handler", "Return": "an early exit", "Raise": "an early exit",
    "Break": "an early exit", "Continue": "an early exit", "Pass": "an empty block", "Delete": "a deletion", "Or": "a default",
    "default": "a default",
}
_KEPT = {"Expr": "a statement", "Assign": "an assignment", "AugAssign": "an assignment", "For": "a loop", "While": "a loop",
         "Return": "a return", "Raise": "a raise", "With": "a with block", "FunctionDef": "a function", "ClassDef": "a class",
         "computed": "a computation"}
# Calls that answer with a default where there is nothing, by the number of arguments with which they do.
_DEFAULTING = {"get": 2, "getattr": 3, "next": 2, "pop": 2, "setdefault": 1, "defaultdict": 1}
# Words that say something by themselves; other keywords only say how what stands beside them is meant.
_SAYING = {"return", "raise", "assert", "del", "yield", "await", "None", "True", "False"}


def assertions(change: Change) -> "List[str]":
    """What a program asserts stays asserted."""
    if change.before is None:
        lost = words(change.before_text)["assert"] - words(change.after_text)["assert"]
    else:
        lost = _count(change.before)["Assert"] - _count(change.after)["Assert"]
    return ["an assertion is gone"] if lost > 0 else []


def crash_only(change: Change) -> "List[str]":
    """Where only a crash decides, a repair may not delete, guard, swallow, leave early or answer with a default."""
    if change.strength != "crash-only":
        return []
    if change.before is None:
        return _lost_words(change)
    before, after = _count(change.before), _count(change.after)
    if after["get"] > before["get"] and after["Subscript"] < before["Subscript"]:
        after["default"] += 1
    added = ["the repair adds %s, which hides a crash as well as it mends one" % text
             for kind, text in _ADDED.items() if after[kind] > before[kind]]
    removed = ["the repair removes %s, which hides a crash as well as it mends one" % text
               for kind, text in _KEPT.items() if after[kind] < before[kind]]
    return sorted(set(added + removed))


def _lost_words(change: Change) -> "List[str]":
    """A text that does not parse is mended by what it lacks, not by taking away what it says."""
    before, after = words(change.before_text), words(change.after_text)
    lost = {word: count for word, count in (before - after).items() if not keyword.iskeyword(word) or word in _SAYING}
    if sum(lost.values()) <= sum((after - before).values()):
        return []
    return ["the repair takes away '%s', which hides a crash as well as it mends one" % word for word in sorted(lost)[:1]]


def _count(tree: "Optional[ast.AST]") -> "Counter[str]":
    found: "Counter[str]" = collections.Counter()
    for node in ast.walk(tree) if tree is not None else ():
        found[type(node).__name__] += 1
        found.update(_traits(node))
    return found


def _traits(node: ast.AST) -> "Iterator[str]":
    """What a node does that its type does not tell."""
    if isinstance(node, ast.comprehension):
        yield from ("filter" for _ in node.ifs)
    elif isinstance(node, ast.Call):
        name = name_of(node.func)
        if name in ("suppress", "get"):
            yield name
        if len(node.args) >= _DEFAULTING.get(name, 1 << 30) or any(one.arg in ("default", "errors") for one in node.keywords):
            yield "default"
    elif isinstance(node, (ast.Return, ast.Assign, ast.AnnAssign)) and node.value is not None and literal_of(node.value) is None:
        yield "computed"
