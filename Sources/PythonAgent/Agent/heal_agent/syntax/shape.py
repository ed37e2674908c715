"""How unlikely it is that a person meant a statement to read as it does."""

from __future__ import annotations

import ast
import re
from typing import Dict

_CODE = re.compile(r"\s[+*%]\s+[\w(]|\w\.\w+\(|\w\(\w|\w=\w|, \w+(?:\.\w+|\[)|\) [%+] ?\(|\) %$")
# Builtins that take exactly one argument.
_ONE_ARGUMENT = frozenset(
    "len abs repr ord chr hash id callable bool list tuple set frozenset iter float hex bin oct ascii".split()
)
_PREDICATES_WELCOME = frozenset(
    "any all print assertTrue assertFalse bool append add filter where str assert_ format int put set_".split()
)
_LITERALS = (ast.Constant, ast.List, ast.Dict, ast.Set, ast.JoinedStr, ast.ListComp)


def oddity(tree: ast.AST) -> float:
    """A penalty for shapes that repairs produce and people do not."""
    total = 0.0
    for node in ast.walk(tree):
        check = _CHECKS.get(type(node))
        if check is not None:
            total += check(node)
    return total


def code_like(text: str) -> bool:
    """Whether the inside of a string reads as code that the string swallowed."""
    return bool(_CODE.search(text))


def _expression_statement(node: ast.Expr) -> float:
    value = node.value
    if isinstance(value, (ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Tuple, ast.List, ast.Dict, ast.Set)):
        return 1.6
    if isinstance(value, (ast.Name, ast.Attribute, ast.Subscript, ast.Lambda, ast.IfExp)):
        return 1.1
    return 0.4 if isinstance(value, ast.Constant) and not isinstance(value.value, str) else 0.0


def _call(node: ast.Call) -> float:
    total = 0.0
    name = ""
    if isinstance(node.func, _LITERALS + (ast.BinOp, ast.Tuple, ast.Compare)):
        total += 3.0
    elif isinstance(node.func, ast.Name):
        name = node.func.id
        if name in _ONE_ARGUMENT and (len(node.args) > 1 or node.keywords):
            total += 2.0
        if name == "len" and len(node.args) == 1 and isinstance(node.args[0], ast.BinOp):
            total += 1.0
        if name == "isinstance" and len(node.args) != 2 or name == "input" and len(node.args) > 1:
            total += 2.0
        if name in ("range", "int", "round", "sum") and len(node.args) == 0 and name == "range":
            total += 2.0
    elif isinstance(node.func, ast.Attribute):
        name = node.func.attr
        if isinstance(node.func.value, ast.Constant) and name == "join" and len(node.args) != 1:
            total += 2.0
        if name == "append" and len(node.args) != 1:
            total += 2.0
    elif isinstance(node.func, ast.Call):
        total += 0.6
    if len(node.args) == 1 and isinstance(node.args[0], ast.Tuple) and not node.keywords:
        total += 0.8 if not node.args[0].elts else 0.35
    if name not in _PREDICATES_WELCOME:
        total += sum(0.8 for a in node.args if isinstance(a, (ast.Compare, ast.BoolOp)))
    return total


def _subscript(node: ast.Subscript) -> float:
    total = 0.0
    if isinstance(node.value, (ast.Constant, ast.BinOp, ast.Set)) and not (
        isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ):
        total += 2.0
    index = node.slice
    if isinstance(index, (ast.Compare, ast.BoolOp, ast.IfExp)):
        total += 0.8
    if isinstance(index, ast.BinOp) and isinstance(index.right, ast.Subscript):
        total += 0.1
    return total


def _compare(node: ast.Compare) -> float:
    total = 0.0
    for side in (node.left, *node.comparators):
        if isinstance(side, (ast.Tuple,)) and len(side.elts) < 2:
            total += 0.8
    if all(isinstance(s, ast.Constant) for s in (node.left, *node.comparators)):
        total += 1.0
    return total


def _assign(node: ast.Assign) -> float:
    if isinstance(node.value, ast.Compare) and isinstance(node.value.ops[0], ast.Eq):
        return 0.5
    return 0.8 if isinstance(node.value, ast.Tuple) and len(node.value.elts) == 1 else 0.0


def _binary(node: ast.BinOp) -> float:
    kinds = (ast.List, ast.Dict, ast.Set, ast.JoinedStr)
    if isinstance(node.op, (ast.Sub, ast.Div)) and isinstance(node.right, kinds):
        return 1.5
    text = isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
    return 1.0 if text and not isinstance(node.op, (ast.Add, ast.Mod)) else 0.0


def _named(node: ast.AST) -> float:
    return 0.5


def _tuple(node: ast.Tuple) -> float:
    return 0.3 if isinstance(node.ctx, ast.Load) and len(node.elts) == 1 else 0.0


def _condition(node: ast.AST) -> float:
    test = getattr(node, "test", None)
    if isinstance(test, (ast.Tuple, ast.List, ast.Dict, ast.JoinedStr, ast.Lambda)):
        return 1.5
    return 0.7 if isinstance(test, ast.NamedExpr) else 0.0


def _annotated(node: ast.AnnAssign) -> float:
    return 0.6 if node.value is None else 0.0


_CHECKS: Dict[type, object] = {
    ast.Expr: _expression_statement,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Compare: _compare,
    ast.Assign: _assign,
    ast.BinOp: _binary,
    ast.NamedExpr: _named,
    ast.Tuple: _tuple,
    ast.If: _condition,
    ast.While: _condition,
    ast.AnnAssign: _annotated,
}  # type: ignore[dict-item]
