"""Literals and what they come to: constants, containers of constants, and pieces that are put together again."""

from __future__ import annotations

import ast
import operator
from typing import Any, Callable, Dict, Iterator, List, Optional, Type

#: Literals that every program is free to use: they say nothing about an answer.
COMMON = {repr(value) for value in (None, True, False, Ellipsis, 0, 1, -1, 2, 0.0, 1.0, "", " ", "\n", b"", [], (), {}, set())}

_OPERATORS: "Dict[Type[ast.AST], Callable[[Any, Any], Any]]" = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_, ast.BitXor: operator.xor, ast.LShift: operator.lshift, ast.RShift: operator.rshift,
}
_BUILDERS: "Dict[str, Callable[..., Any]]" = {
    "str": str, "int": int, "float": float, "repr": repr, "chr": chr, "list": list, "tuple": tuple, "set": set, "frozenset": set,
    "abs": abs, "round": round,
}
_FOLDED = (ast.Constant, ast.UnaryOp, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.BinOp, ast.JoinedStr, ast.Call)
_LARGEST = 10_000


class _NoLiteral(Exception):
    pass


def literal_of(node: "Optional[ast.AST]") -> "Optional[str]":
    """The value of an expression without a name in it, as text: however it is put together from constants."""
    if node is None:
        return None
    try:
        return repr(_value(node))
    except (_NoLiteral, ArithmeticError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def literals_in(tree: ast.AST) -> "Iterator[str]":
    """Every literal of a tree, the parts of containers and of sums too."""
    for node in ast.walk(tree):
        if isinstance(node, _FOLDED):
            literal = literal_of(node)
            if literal is not None:
                yield literal


def same_in_other_types(literal: str) -> "Iterator[str]":
    """A literal in the forms in which a test may ask for it: a number as a text, whole numbers with and without a point."""
    yield literal
    value = value_of(literal)
    if isinstance(value, str):
        yield repr(value.strip())
        yield from (repr(line) for line in value.split("\n"))
        value = value_of(value.strip())
        yield repr(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield repr(str(value))
        if value == value and abs(value) < 1e15 and value == int(value):
            yield from (repr(int(value)), repr(float(value)), repr(str(int(value))))


def value_of(literal: str) -> Any:
    """What a literal stands for; None for what cannot be read back, such as infinity."""
    try:
        return ast.literal_eval(literal)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _value(node: ast.AST) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(_value(part)) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return format(_value(node.value), str(_value(node.format_spec)) if node.format_spec else "")
    if isinstance(node, ast.UnaryOp):
        value = _value(node.operand)
        return (-value if isinstance(node.op, ast.USub) else +value if isinstance(node.op, ast.UAdd)
                else not value if isinstance(node.op, ast.Not) else ~value)
    if isinstance(node, ast.BinOp):
        return _combined(_OPERATORS.get(type(node.op)), _value(node.left), _value(node.right))
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        kind = {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(node)]
        return kind(map(_value, node.elts))
    if isinstance(node, ast.Dict):
        return dict(zip(map(_key, node.keys), map(_value, node.values)))
    if isinstance(node, ast.Call) and not node.keywords:
        return _called(node.func, [_value(argument) for argument in node.args])
    raise _NoLiteral


def _key(node: "Optional[ast.AST]") -> Any:
    if node is None:  # `**other`
        raise _NoLiteral
    return _value(node)


def _called(function: ast.AST, arguments: "List[Any]") -> Any:
    if isinstance(function, ast.Name) and function.id in _BUILDERS:
        return _BUILDERS[function.id](*arguments)
    if isinstance(function, ast.Attribute) and function.attr in ("join", "format", "split", "strip", "upper", "lower", "title"):
        receiver = _value(function.value)
        if isinstance(receiver, str):
            return getattr(receiver, function.attr)(*arguments)
    raise _NoLiteral


def _combined(operation: "Optional[Callable[[Any, Any], Any]]", left: Any, right: Any) -> Any:
    """The result of an operation that cannot grow out of hand."""
    if operation is None:
        raise _NoLiteral
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    if operation in (operator.pow, operator.lshift) and not (numbers and abs(left) <= _LARGEST and 0 <= right <= 64):
        raise _NoLiteral
    if operation is operator.mul and not numbers:
        sizes = [len(one) if hasattr(one, "__len__") else abs(one) for one in (left, right)]
        if sizes[0] * sizes[1] > _LARGEST:
            raise _NoLiteral
    return operation(left, right)


__all__ = ["COMMON", "literal_of", "literals_in", "same_in_other_types", "value_of"]
