"""Evaluates expressions of the program on recorded values: only what can neither change anything nor run its code."""

from __future__ import annotations

import ast
import operator
from typing import Any, Callable, Dict, List

from .values import ATOMS, ERROR, MAPS, NUMBERS, SEQUENCES, SETS, getattr_static, is_plain


class Unclear(Exception):
    """An expression that is not evaluated here."""


BINARY: "Dict[type, Callable[[Any, Any], Any]]" = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
COMPARE: "Dict[type, Callable[[Any, Any], Any]]" = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not, ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
BUILTINS: "Dict[str, Callable[..., Any]]" = {
    "len": len, "abs": abs, "max": max, "min": min, "sum": sum, "sorted": sorted, "set": set, "list": list, "tuple": tuple,
    "str": str, "int": int, "float": float, "bool": bool, "round": round, "ord": ord, "chr": chr, "any": any, "all": all,
    "divmod": divmod, "range": range, "isinstance": isinstance,
}
TYPES = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict, "set": set}
METHODS = {
    str: frozenset(("lower", "upper", "strip", "lstrip", "rstrip", "split", "count", "find", "rfind", "index", "startswith", "endswith",
                    "isdigit", "isalpha", "isalnum", "isupper", "islower", "isspace", "replace", "join", "title", "capitalize")),
    list: frozenset(("count", "index", "copy")), tuple: frozenset(("count", "index")),
    dict: frozenset(("get", "copy")), set: frozenset(("copy", "union", "intersection", "difference", "issubset", "issuperset")),
}
MOST_PRODUCT = 2_000
_SIZED = SEQUENCES | SETS | MAPS


def truth(value: Any) -> bool:
    """Whether a value counts as true, without asking an object of the program."""
    kind = type(value)
    if kind in ATOMS or kind in SEQUENCES or kind in SETS or kind in MAPS:
        return bool(value)
    if any(name in vars(base) for base in kind.__mro__[:-1] for name in ("__bool__", "__len__")):
        raise Unclear
    return True


def binary(op: type, left: Any, right: Any) -> Any:
    """`left op right` for built-in values of a bounded size."""
    if not (is_plain(left) and is_plain(right)):
        raise Unclear
    if op is ast.Mult and (type(left) not in NUMBERS or type(right) not in NUMBERS):
        count, sequence = (left, right) if type(left) is int else (right, left)
        if type(count) is not int or not hasattr(sequence, "__len__") or count * len(sequence) > MOST_PRODUCT:
            raise Unclear
    if op is ast.Mod and type(left) in (str, bytes):
        raise Unclear
    return BINARY[op](left, right)


def compare(op: type, left: Any, right: Any) -> bool:
    """`left op right`; objects of the program are only asked for identity."""
    if op in (ast.Is, ast.IsNot):
        return COMPARE[op](left, right)
    if not (is_plain(left) and is_plain(right)):
        raise Unclear
    return COMPARE[op](left, right)


class Interpreter:
    """Evaluates in one moment; `constants` are the module's names with values that never change."""

    def __init__(self, names: "Dict[str, Any]", constants: "Dict[str, Any]") -> None:
        self._names, self._constants = names, constants

    def value(self, node: ast.AST) -> Any:
        """What an expression gives; `ERROR` where it raises or is not for us to evaluate."""
        try:
            return self._value(node)
        except Exception:
            return ERROR

    def _value(self, node: ast.AST) -> Any:
        read = getattr(self, "_" + type(node).__name__.lower(), None)
        if read is None:
            raise Unclear
        return read(node)

    def _all(self, nodes: "List[Any]") -> "List[Any]":
        return [self._value(node) for node in nodes]

    def _constant(self, node: ast.Constant) -> Any:
        return node.value

    def _name(self, node: ast.Name) -> Any:
        return self._names[node.id] if node.id in self._names else self._constants[node.id]

    def _list(self, node: ast.List) -> Any:
        return self._all(node.elts)

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(self._all(node.elts))

    def _attribute(self, node: ast.Attribute) -> Any:
        state = getattr_static(self._value(node.value))
        if state is None:
            raise Unclear
        return state[node.attr]

    def _subscript(self, node: ast.Subscript) -> Any:
        value = self._value(node.value)
        if type(value) not in SEQUENCES and type(value) not in MAPS and type(value) is not str:
            raise Unclear
        if type(value) in MAPS and type(value).__name__ == "defaultdict":
            return dict.__getitem__(value, self._value(node.slice))
        return value[self._value(node.slice)]

    def _slice(self, node: ast.Slice) -> Any:
        return slice(*[None if part is None else self._value(part) for part in (node.lower, node.upper, node.step)])

    def _binop(self, node: ast.BinOp) -> Any:
        if type(node.op) not in BINARY:
            raise Unclear
        return binary(type(node.op), self._value(node.left), self._value(node.right))

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self._value(node.operand)
        if isinstance(node.op, ast.Not):
            return not truth(value)
        if type(value) not in NUMBERS:
            raise Unclear
        return -value if isinstance(node.op, ast.USub) else +value if isinstance(node.op, ast.UAdd) else ~value

    def _boolop(self, node: ast.BoolOp) -> Any:
        value = None
        for part in node.values:
            value = self._value(part)
            if truth(value) == isinstance(node.op, ast.Or):
                return value
        return value

    def _compare(self, node: ast.Compare) -> Any:
        left = self._value(node.left)
        for op, part in zip(node.ops, node.comparators):
            right = self._value(part)
            if not compare(type(op), left, right):
                return False
            left = right
        return True

    def _ifexp(self, node: ast.IfExp) -> Any:
        return self._value(node.body if truth(self._value(node.test)) else node.orelse)

    def _call(self, node: ast.Call) -> Any:
        if node.keywords:
            raise Unclear
        if isinstance(node.func, ast.Name):
            function = None if node.func.id in self._names or node.func.id in self._constants else BUILTINS.get(node.func.id)
            if function is isinstance:
                return isinstance(self._value(node.args[0]), TYPES[getattr(node.args[1], "id", "")])
        elif isinstance(node.func, ast.Attribute):
            owner = self._value(node.func.value)
            known = METHODS.get(type(owner), frozenset())
            function = getattr(owner, node.func.attr) if node.func.attr in known and is_plain(owner) else None
        else:
            function = None
        if function is None:
            raise Unclear
        arguments = self._all(node.args)
        if not all(map(is_plain, arguments)) and not (function is len and all(type(one) in _SIZED for one in arguments)):
            raise Unclear
        if function in (range, set, list) and any(type(one) is range and len(one) > MOST_PRODUCT for one in arguments):
            raise Unclear
        return function(*arguments)
