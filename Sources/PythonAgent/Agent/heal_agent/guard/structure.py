"""Changes of a program's structure that need a stronger oracle than the one at hand."""

from __future__ import annotations

import ast
import collections
from typing import Counter, List, Optional

from .change import Change

_GUARDS = {
    "If": "a new condition", "Try": "a new handler", "TryStar": "a new handler", "IfExp": "a new condition",
    "Return": "an early exit", "Raise": "an early exit", "Break": "an early exit", "Continue": "an early exit",
    "Pass": "an empty block", "Delete": "a deletion",
}
_KEPT = {"Expr": "a statement", "Assign": "an assignment", "AugAssign": "an assignment", "For": "a loop",
         "While": "a loop", "Return": "a return", "Raise": "a raise", "With": "a with block"}


def assertions(change: Change) -> "List[str]":
    """What a program asserts stays asserted."""
    if change.before is None:
        return []
    lost = _count(change.before)["Assert"] - _count(change.after)["Assert"]
    return ["an assertion is gone"] if lost > 0 else []


def crash_only(change: Change) -> "List[str]":
    """Where only a crash decides, a repair may not delete, guard, swallow, leave early or answer with a default."""
    if change.strength != "crash-only" or change.before is None:
        return []
    before, after = _count(change.before), _count(change.after)
    added = ["the repair adds %s, which hides a crash as well as it mends one" % text
             for kind, text in _GUARDS.items() if after[kind] > before[kind]]
    removed = ["the repair removes %s, which hides a crash as well as it mends one" % text
               for kind, text in _KEPT.items() if after[kind] < before[kind]]
    defaults = after["Or"] - before["Or"]
    if defaults > 0:
        added.append("the repair adds a default, which hides a crash as well as it mends one")
    return sorted(set(added + removed))


def _count(tree: "Optional[ast.AST]") -> "Counter[str]":
    return collections.Counter(type(node).__name__ for node in ast.walk(tree)) if tree is not None else collections.Counter()
