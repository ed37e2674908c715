"""Families on constants and on numbers that are off by one."""
import ast
from typing import Any, List

from . import build
from .collector import Collector
from .tree import Site


def offer(site: Site, out: Collector) -> None:
    """All of this module's edits of one expression."""
    node = site.node
    if isinstance(node, ast.Constant) and not _is_docstring(site):
        if not (site.quoted and isinstance(site.parent, ast.JoinedStr)):
            _constant(site, node, out)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Dict)) and isinstance(
            getattr(node, "ctx", build.LOAD), ast.Load):
        _display(site, node, out)
    if _is_count(site):
        for number in (1, -1):
            out.replace(site, "offByOne", _shifted(node, number))


def _is_docstring(site: Site) -> bool:
    return isinstance(site.parent, ast.Expr)


def _shifted(node: ast.expr, number: int) -> ast.expr:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and isinstance(
            node.right, ast.Constant) and isinstance(node.right.value, int):
        value = node.right.value if isinstance(node.op, ast.Add) else -node.right.value
        value += number
        return node.left if value == 0 else build.plus(node.left, value)
    return build.plus(node, number)


def _is_count(site: Site) -> bool:
    """Whether the expression may be a count or an index, where one more or less is likely."""
    node, parent = site.node, site.parent
    if not isinstance(node, (ast.Name, ast.Call, ast.BinOp, ast.Subscript, ast.Attribute)):
        return False
    if not isinstance(getattr(node, "ctx", build.LOAD), ast.Load):
        return False
    kinds = site.scope.type_of(node)
    if kinds is not None:
        if not kinds & {"int", "float"}:
            return False
    elif isinstance(node, ast.BinOp):
        return isinstance(parent, (ast.Return, ast.Assign, ast.Subscript, ast.Slice))
    elif not isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(
            parent, (ast.Return, ast.Compare)):
        return False
    elif isinstance(node, ast.Name) and site.scope.is_number(node.id) is False:
        return False
    if isinstance(parent, ast.BinOp):
        return isinstance(parent.op, (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)) or \
            kinds is not None
    if isinstance(parent, ast.Call):
        return site.field != "func" and not (isinstance(parent.func, ast.Name) and parent.func.id in (
            "len", "print", "sorted", "list", "set", "sum", "enumerate", "str"))
    return isinstance(parent, (ast.Compare, ast.Slice, ast.Return, ast.Subscript, ast.keyword,
                               ast.Assign, ast.AugAssign, ast.IfExp, ast.Tuple, ast.List)) and not (
        isinstance(parent, ast.Subscript) and site.field == "value")


def _constant(site: Site, node: ast.Constant, out: Collector) -> None:
    value = node.value
    for new in _near(value):
        out.replace(site, "offByOne" if isinstance(value, int) and isinstance(new, int)
                    and abs(new - value) == 1 and not isinstance(new, bool) else "constant",
                    build.const(new))
    for new in _in_file(site, value):
        out.replace(site, "constant", build.const(new))
    if value is None or isinstance(value, (bool, int)) and not isinstance(site.parent, (
            ast.BinOp, ast.Subscript, ast.Slice)):
        for maker in (lambda: ast.List(elts=[], ctx=build.LOAD), lambda: build.const(""),
                      lambda: build.const(False), lambda: build.const(True),
                      lambda: build.const(None)):
            out.replace(site, "constant", maker())
        if isinstance(site.parent, (ast.Assign, ast.Return)):
            out.replace(site, "constant", ast.Dict(keys=[], values=[]))
            out.replace(site, "constant", build.call("set"))
            out.replace(site, "constant", ast.Tuple(elts=[], ctx=build.LOAD))
            out.replace(site, "constant", build.call("float", build.const("inf")))
            out.replace(site, "constant",
                        build.call("float", build.const("-inf")))


def _near(value: Any) -> List[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        near = [value + 1, value - 1, 0, 1, 2, -1, -value, value * 2, value * 10, 3, 10]
        if value % 2 == 0:
            near.append(value // 2)
        if value % 10 == 0 and value:
            near.append(value // 10)
        return near
    if isinstance(value, float):
        near = [value + 1, value - 1, 0, 1, 2, 0.0, 1.0, -value, value * 10, value / 10, 100]
        return near + [1 / value] if value else near
    if isinstance(value, str):
        near = ["", " ", value.lower(), value.upper(), value.strip(), value + " ", " " + value]
        near += [value[:-1], value[1:], value[::-1], value.title()] if len(value) > 1 else []
        near += [value + value.upper()] if len(value) > 1 and value.islower() else []
        return near if len(value) < 40 else near[:5]
    return []


def _in_file(site: Site, value: Any) -> List[Any]:
    """Constants of a like type in the same function, then in the module."""
    cached = getattr(site.scope, "_constants", None)
    if cached is None:
        root = site.scope.root().node
        unique = {}
        for where in (site.scope.node, root):
            for found in ast.walk(where):
                if isinstance(found, ast.Constant) and not (isinstance(found.value, str) and (
                        len(found.value) > 30 or "\n" in found.value)):
                    unique.setdefault((type(found.value), found.value), found.value)
        cached = [c for c in unique.values() if c is not ...][:40]
        site.scope._constants = cached  # type: ignore[attr-defined]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [c for c in cached if isinstance(c, (int, float)) and not isinstance(c, bool)][:8]
    return [c for c in cached if type(c) is type(value)][:8]


def _display(site: Site, node: ast.expr, out: Collector) -> None:
    elements = node.values if isinstance(node, ast.Dict) else node.elts  # type: ignore[attr-defined]
    if not elements and isinstance(site.parent, (ast.Assign, ast.Return, ast.IfExp, ast.Call,
                                                 ast.keyword, ast.Compare, ast.arguments)):
        for new in (ast.List(elts=[], ctx=build.LOAD), ast.Dict(keys=[], values=[]),
                    ast.Tuple(elts=[], ctx=build.LOAD), build.call("set"), build.const(None),
                    build.const(""), build.const(0), build.const(True), build.const(False)):
            out.replace(site, "constant", new)
        if isinstance(site.statement, (ast.Assign, ast.Return)) and not isinstance(
                site.scope.node, ast.Module):
            _started(site, node, out)
    elif isinstance(node, ast.List) and isinstance(site.parent, (ast.Return, ast.Assign, ast.Call)):
        out.replace(site, "listTuple", ast.Tuple(elts=node.elts, ctx=build.LOAD),
                    "use a tuple in place of the list")
    elif isinstance(node, ast.Tuple) and isinstance(site.parent, (ast.Return, ast.Assign, ast.Call)):
        out.replace(site, "listTuple", ast.List(elts=node.elts, ctx=build.LOAD),
                    "use a list in place of the tuple")
    if isinstance(node, (ast.List, ast.Tuple)) and len(elements) > 1 and len(elements) < 6:
        for i in range(len(elements)):
            rest = elements[:i] + elements[i + 1:]
            out.replace(site, "constant", type(node)(elts=rest, ctx=build.LOAD))
        if len(elements) == 2:
            out.replace(site, "arithmetic.operands", type(node)(elts=elements[::-1], ctx=build.LOAD))


def _started(site: Site, node: ast.expr, out: Collector) -> None:
    """An accumulator that starts with what a name in scope holds."""
    for name in site.scope.names(site.statement.lineno - 1)[:5]:
        if site.scope.is_number(name) is True and isinstance(node, ast.Dict):
            continue
        if isinstance(node, ast.List):
            out.replace(site, "accumulatorStart", ast.List(elts=[build.name(name)], ctx=build.LOAD))
            if site.scope.is_container(name) is not False:
                out.replace(site, "accumulatorStart", ast.List(
                    elts=[build.item(build.name(name), build.const(0))], ctx=build.LOAD))
                out.replace(site, "accumulatorStart", build.call("list", build.name(name)))

