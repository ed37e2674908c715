"""Families on operators: comparison, arithmetic, boolean, negate, unaryMinus."""
import ast
from typing import Dict, List, Type

from . import build
from .collector import Collector
from .sketch import sketch, symbol
from .tree import Site
from .types import NUMBERS, SEQUENCES, one

COMPARISONS: Dict[type, List[Type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.Gt, ast.GtE, ast.NotEq, ast.Eq],
    ast.LtE: [ast.Lt, ast.GtE, ast.Gt, ast.Eq, ast.NotEq],
    ast.Gt: [ast.GtE, ast.Lt, ast.LtE, ast.NotEq, ast.Eq],
    ast.GtE: [ast.Gt, ast.LtE, ast.Lt, ast.Eq, ast.NotEq],
    ast.Eq: [ast.NotEq, ast.LtE, ast.GtE, ast.Lt, ast.Gt, ast.In, ast.Is],
    ast.NotEq: [ast.Eq, ast.Lt, ast.Gt, ast.LtE, ast.GtE, ast.NotIn, ast.IsNot],
    ast.Is: [ast.IsNot, ast.Eq, ast.NotEq], ast.IsNot: [ast.Is, ast.NotEq, ast.Eq],
    ast.In: [ast.NotIn, ast.Eq, ast.NotEq], ast.NotIn: [ast.In, ast.NotEq, ast.Eq],
}
ARITHMETIC: Dict[type, List[Type[ast.operator]]] = {
    ast.Add: [ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod],
    ast.Sub: [ast.Add, ast.Mod, ast.FloorDiv, ast.Mult, ast.Div],
    ast.Mult: [ast.Add, ast.Div, ast.FloorDiv, ast.Pow, ast.Sub, ast.Mod],
    ast.Div: [ast.FloorDiv, ast.Mult, ast.Mod, ast.Sub, ast.Add],
    ast.FloorDiv: [ast.Div, ast.Mod, ast.Mult, ast.Sub],
    ast.Mod: [ast.FloorDiv, ast.Div, ast.Mult, ast.Sub, ast.Add],
    ast.Pow: [ast.Mult, ast.Div, ast.Add, ast.FloorDiv],
    ast.BitAnd: [ast.BitOr, ast.BitXor], ast.BitOr: [ast.BitAnd, ast.BitXor, ast.Add],
    ast.BitXor: [ast.BitOr, ast.BitAnd, ast.Pow], ast.LShift: [ast.RShift], ast.RShift: [ast.LShift],
    ast.MatMult: [ast.Mult],
}


def offer(site: Site, out: Collector) -> None:
    """All of this module's edits of one expression."""
    node = site.node
    if isinstance(node, ast.Compare):
        _comparison(site, node, out)
    elif isinstance(node, ast.BinOp):
        _arithmetic(site, node, out)
    elif isinstance(node, ast.BoolOp):
        _boolean(site, node, out)
    elif isinstance(node, ast.UnaryOp):
        _unary(site, node, out)
    if isinstance(node, (ast.Name, ast.Subscript, ast.Attribute, ast.Call, ast.BinOp)) and _loaded(node):
        kinds = site.scope.type_of(node)
        if (kinds is None or kinds & NUMBERS) and not _is_called(site) and not isinstance(
                site.parent, (ast.Expr, ast.Subscript, ast.Attribute, ast.For)):
            if not (isinstance(node, ast.Call) and kinds is None):
                out.replace(site, "unaryMinus", ast.UnaryOp(op=ast.USub(), operand=node))


def _loaded(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", build.LOAD), ast.Load)


def _is_called(site: Site) -> bool:
    return isinstance(site.parent, ast.Call) and site.field == "func"


def _comparison(site: Site, node: ast.Compare, out: Collector) -> None:
    operands = [node.left, *node.comparators]
    for i, op in enumerate(node.ops):
        right = site.scope.type_of(operands[i + 1])
        for new in COMPARISONS[type(op)]:
            if new in (ast.In, ast.NotIn) and right is not None and not right & SEQUENCES and not (
                    right & {"dict", "set"}):
                continue
            if new in (ast.Lt, ast.LtE, ast.Gt, ast.GtE) and right in (one("NoneType"), one("bool")):
                continue
            ops = [new() if j == i else o for j, o in enumerate(node.ops)]
            out.change(site, "comparison", "ops", ops, f"use `{symbol(new)}` in place of `{symbol(op)}`")
    if len(node.ops) > 1:
        out.replace(site, "comparison", ast.Compare(node.left, node.ops[:-1], node.comparators[:-1]))
        out.replace(site, "comparison",
                    ast.Compare(node.comparators[0], node.ops[1:], node.comparators[1:]))
    elif isinstance(node.ops[0], (ast.In, ast.NotIn)):
        out.replace(site, "comparison", build.compare(node.comparators[0], node.ops[0], node.left),
                    "swap the sides of the comparison")
    out.replace(site, "negate", build.negation(node))
    if len(node.ops) == 1:
        _both_sides(site, node, out)


def _both_sides(site: Site, node: ast.Compare, out: Collector) -> None:
    """The same function around both sides of a comparison."""
    left, right = node.left, node.comparators[0]
    if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
        return
    kinds = site.scope.type_of(left) or site.scope.type_of(right)
    names = ["len", "sorted", "set", "sum", "abs", "str", "int", "list", "tuple"]
    if kinds:
        names = ["abs", "int", "str"] if kinds <= NUMBERS else names[:4] + names[7:]
    for name in names:
        out.replace(site, "wrap", build.compare(build.call(name, left), node.ops[0],
                                                build.call(name, right)))
    if kinds is None or "str" in kinds:
        for name in ("lower", "strip"):
            out.replace(site, "wrap", build.compare(build.method(left, name), node.ops[0],
                                                    build.method(right, name)))


def _arithmetic(site: Site, node: ast.BinOp, out: Collector) -> None:
    left, right = site.scope.type_of(node.left), site.scope.type_of(node.right)
    text = any(k is not None and not k & NUMBERS for k in (left, right))
    for new in ARITHMETIC[type(node.op)]:
        if text and new not in (ast.Add, ast.Mult, ast.Mod):
            continue
        out.change(site, "arithmetic", "op", new(),
                   f"use `{symbol(new)}` in place of `{symbol(node.op)}`")
    if not isinstance(node.op, ast.Mult) and not (
            isinstance(node.op, ast.Add) and left and left <= NUMBERS):
        out.replace(site, "arithmetic.operands", build.binary(node.right, node.op, node.left))
    _regroup(site, node, out)
    if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)) and not isinstance(site.parent, ast.BinOp):
        _lengthened(site, node, out, text)


def _lengthened(site: Site, node: ast.BinOp, out: Collector, text: bool) -> None:
    """One operand more in a sum or a product."""
    more: List[ast.expr] = []
    if text and (left := site.scope.type_of(node.left)) and "str" in left:
        more = [build.const(c) for c in (" ", ".", ",", ", ", "-", "_", "\n", ":", "/")]
    elif not text:
        more = [build.name(n) for n in site.scope.names(site.statement.lineno)
                if site.scope.is_number(n) is not False][:6] + [build.const(1)]
    for operand in more:
        out.replace(site, "arithmetic.insert", build.binary(build.binary(node.left, node.op, operand),
                                                            node.op, node.right))
        for op in (ast.Add(), ast.Sub()) if not text else ():
            out.replace(site, "arithmetic.insert", build.binary(node, op, operand))
        for op in (ast.Mult(), ast.FloorDiv()) if not text else ():
            out.replace(site, "arithmetic.insert", build.binary(node, op, operand))


def _regroup(site: Site, node: ast.BinOp, out: Collector) -> None:
    """`(a + b) * c` and `a + b * c`."""
    left, right = node.left, node.right
    if isinstance(left, ast.BinOp) and type(left.op) is not type(node.op):
        out.replace(site, "arithmetic.group",
                    build.binary(left.left, left.op, build.binary(left.right, node.op, right)))
    if isinstance(right, ast.BinOp):
        out.replace(site, "arithmetic.group",
                    build.binary(build.binary(left, node.op, right.left), right.op, right.right))


def _boolean(site: Site, node: ast.BoolOp, out: Collector) -> None:
    new = ast.Or if isinstance(node.op, ast.And) else ast.And
    out.change(site, "boolean", "op", new(), f"use `{symbol(new)}` in place of `{symbol(node.op)}`")
    for i, value in enumerate(node.values):
        rest = node.values[:i] + node.values[i + 1:]
        kept = rest[0] if len(rest) == 1 else ast.BoolOp(op=node.op, values=rest)
        kind = "condition.weaken" if isinstance(node.op, ast.And) else "condition.strengthen"
        out.replace(site, kind, kept, lambda value=value: f"drop the condition `{sketch(value)}`")
        if len(node.values) > 2:
            other = ast.BoolOp(op=new(), values=[node.values[0], node.values[1]])
            last = ast.BoolOp(op=new(), values=node.values[-2:])
            out.replace(site, "boolean", ast.BoolOp(op=node.op, values=[other, *node.values[2:]]))
            out.replace(site, "boolean", ast.BoolOp(op=node.op, values=[*node.values[:-2], last]))
    out.replace(site, "negate", ast.UnaryOp(op=ast.Not(), operand=node))


def _unary(site: Site, node: ast.UnaryOp, out: Collector) -> None:
    kind = {ast.Not: "negate", ast.USub: "unaryMinus"}.get(type(node.op), "unwrap")
    out.replace(site, kind, node.operand, f"drop `{symbol(node.op)}`")
    if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.BoolOp):
        flipped = ast.Or if isinstance(node.operand.op, ast.And) else ast.And
        out.replace(site, "boolean", ast.UnaryOp(
            op=ast.Not(), operand=ast.BoolOp(op=flipped(), values=node.operand.values)))
