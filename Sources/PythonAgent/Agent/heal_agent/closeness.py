"""How close a wrong value comes to the one that a test expects: progress that no test shows yet.

Only values of built-in types are looked into: nothing of the program is called.
"""

from __future__ import annotations

import functools
import sys
import unittest
from collections import Counter
from typing import Any, Callable, Dict, List, Sequence

_MOST, _DEEPEST = 40, 3
_NUMBERS = (int, float, complex)
_ATOMS = (int, float, complex, bool, str, bytes, type(None))
#: A number that is near says less than a sequence that is right in part: constants are easily bent towards it.
_NUMBER_SHARE = 0.3


class Closeness:
    """The closeness that the last failing assertion showed, from 0 to 1."""

    def __init__(self) -> None:
        self._noted = 0.0

    def note(self, operators: "Sequence[str]", results: "Sequence[Any]", objects: "Sequence[Any]") -> None:
        """Called of a failing comparison: its operators, what each gave, and the operands."""
        for operator, result, left, right in zip(operators, results, objects, objects[1:]):
            if result is False and operator == "==":
                self._noted = likeness(left, right)
                return

    def take(self) -> float:
        """What was noted since the last call."""
        noted, self._noted = self._noted, 0.0
        return noted


CLOSENESS = Closeness()
_EQUALITIES = ("assertEqual", "assertSequenceEqual", "assertListEqual", "assertTupleEqual", "assertSetEqual", "assertDictEqual")


def listen(rewrite_words: "Callable[..., str] | None" = None) -> None:
    """Has the test frameworks tell of the comparisons that fail, once in a process.

    `rewrite_words` makes pytest's words of a failing comparison in place of its own.
    """
    rewrite: Any = sys.modules.get("_pytest.assertion.rewrite")
    told = getattr(rewrite, "_call_reprcompare", None)
    if told is not None:
        words = rewrite_words or getattr(told, "heal_words", told)

        def compared(operators: Any, results: Any, texts: Any, objects: Any) -> str:
            CLOSENESS.note(operators, results, objects)
            return words(operators, results, texts, objects)

        compared.heal_words = words  # type: ignore[attr-defined]
        rewrite._call_reprcompare = compared
    for name in _EQUALITIES:
        method = getattr(unittest.TestCase, name)
        if not hasattr(method, "heal_listens"):
            setattr(unittest.TestCase, name, _listening(method))


def _listening(method: "Callable[..., None]") -> "Callable[..., None]":
    @functools.wraps(method)
    def compare(self: Any, first: Any, second: Any, *more: Any, **named: Any) -> None:
        try:
            method(self, first, second, *more, **named)
        except AssertionError:
            CLOSENESS.note(("==",), (False,), (first, second))
            raise

    compare.heal_listens = True  # type: ignore[attr-defined]
    return compare


def likeness(left: Any, right: Any, depth: int = 0) -> float:
    """How alike two values are, from 0 to 1; symmetric, and 1 only for equal ones."""
    kind, other = type(left), type(right)
    if kind in _NUMBERS and other in _NUMBERS:
        return 1.0 if left == right else _near(left, right)
    if kind is not other:
        both = kind in (list, tuple) and other in (list, tuple) and depth < _DEEPEST
        return 0.8 * _sequences(left, right, depth) if both else 0.0
    if kind in _ATOMS:
        if left == right:
            return 1.0
        return 0.9 * _sequences(left, right, _DEEPEST) if kind in (str, bytes) else 0.0
    if depth >= _DEEPEST:
        return 0.0
    if kind in (list, tuple):
        return 0.1 + 0.9 * _sequences(left, right, depth)
    if kind in (set, frozenset):
        return 0.1 + 0.9 * _overlap(list(left), list(right))
    if kind is dict:
        keys = _overlap(list(left), list(right))
        return 0.1 + 0.3 * keys + 0.6 * _overlap(list(left.items()), list(right.items()))
    return 0.0


def _near(left: Any, right: Any) -> float:
    try:
        distance = abs(left - right)
        return _NUMBER_SHARE / (1.0 + distance) if distance == distance else 0.0
    except (OverflowError, ArithmeticError):
        return 0.0


def _sequences(left: "Sequence[Any]", right: "Sequence[Any]", depth: int) -> float:
    """By elements that both have, by elements in their places, and by elements that are nearly right."""
    most = max(len(left), len(right))
    if not most:
        return 1.0
    start = end = 0
    least = min(len(left), len(right), _MOST)
    while start < least and _equal(left[start], right[start], depth + 1):
        start += 1
    while end < least - start and _equal(left[-1 - end], right[-1 - end], depth + 1):
        end += 1
    whole = 0.5 * _overlap(left, right) + 0.5 * (start + end) / most
    if len(left) == len(right) and depth < _DEEPEST and not isinstance(left, (str, bytes)):
        parts = sum([likeness(a, b, depth + 1) for a, b in zip(left[:_MOST], right[:_MOST])]) / min(most, _MOST)
        whole = max(whole, 0.9 * parts)
    return whole


def _overlap(left: "Sequence[Any]", right: "Sequence[Any]") -> float:
    """The share of elements that both have, however often each has them."""
    most = max(len(left), len(right))
    if not most:
        return 1.0
    left, right = list(left[:_MOST]), list(right[:_MOST])
    if all(_is_plain(one) for one in left) and all(_is_plain(one) for one in right):
        return sum((Counter(map(_key, left)) & Counter(map(_key, right))).values()) / most
    rest: "List[Any]" = list(right)
    common = 0
    for one in left:
        for index, two in enumerate(rest):
            if _equal(one, two, 1):
                del rest[index]
                common += 1
                break
    return common / most


def _is_plain(value: Any) -> bool:
    return type(value) in _ATOMS or type(value) is tuple and all(type(one) in _ATOMS for one in value)


def _key(value: Any) -> Any:
    return (type(value) is bool, type(value) is str, value)  # 1 and 1.0 are equal, True and 1 are not alike


def _equal(left: Any, right: Any, depth: int) -> bool:
    kind, other = type(left), type(right)
    if kind in _ATOMS and other in _ATOMS:
        return bool(left == right) and (kind is bool) is (other is bool)
    if kind is not other or depth > _DEEPEST:
        return left is right
    if kind in (list, tuple):
        return len(left) == len(right) and all(_equal(a, b, depth + 1) for a, b in zip(left, right))
    if kind is dict:
        same: "Dict[Any, Any]" = right
        return len(left) == len(right) and all(
            type(key) in _ATOMS and key in same and _equal(value, same[key], depth + 1) for key, value in left.items())
    if kind in (set, frozenset):
        return len(left) == len(right) and all(_is_plain(one) and one in right for one in left)
    return left is right
