"""Families on sequences: range.bounds, slice.bounds, slice, index, iteration."""
import ast
from typing import Optional

from . import build
from .collector import Collector
from .sketch import sketch
from .tree import Site
from .types import SEQUENCES


def offer(site: Site, out: Collector) -> None:
    """All of this module's edits of one expression."""
    node = site.node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        _range(site, node, out)
    elif isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Slice):
            _slice(site, node, node.slice, out)
        else:
            _index(site, node, out)
    if _sliceable(site):
        for new in (build.cut(node, lower=build.const(1)), build.cut(node, upper=build.const(-1)),
                    build.cut(node, step=build.const(-1)), build.cut(node)):
            out.replace(site, "slice", new)
        for name in site.scope.names(site.statement.lineno)[:6]:
            kinds = site.scope.lookup(name)
            if (kinds and "int" in kinds or kinds is None and site.scope.is_container(name) is None) \
                    and not (isinstance(node, ast.Name) and node.id == name):
                out.replace(site, "slice", build.cut(node, upper=build.name(name)))
                out.replace(site, "slice", build.cut(node, lower=build.name(name)))
                out.replace(site, "slice", build.cut(node, lower=build.plus(build.name(name), 1)))
    if site.field == "iter" and isinstance(node, (ast.Name, ast.Call, ast.Attribute, ast.Subscript)):
        _iteration(site, node, out)


def _sliceable(site: Site) -> bool:
    node, parent = site.node, site.parent
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) or not isinstance(
            getattr(node, "ctx", build.LOAD), ast.Load):
        return False
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return False
    if isinstance(parent, (ast.Attribute, ast.Expr)) or isinstance(parent, ast.Subscript) and \
            site.field == "value" or isinstance(parent, ast.Call) and site.field == "func":
        return False
    if site.field in ("decorator_list", "bases", "slice"):
        return False
    kinds = site.scope.type_of(node)
    if kinds is not None:
        return bool(kinds & SEQUENCES) and kinds != frozenset({"range"})
    if isinstance(node, ast.Name):
        return site.scope.is_container(node.id) is not False
    return site.field in ("iter", "value", "args") and not isinstance(parent, ast.keyword)


def _range(site: Site, node: ast.Call, out: Collector) -> None:
    args, new = node.args, []  # type: List[ast.expr], List[Any]
    minus = build.const(-1)
    if len(args) == 1:
        stop = args[0]
        new += [[build.const(1), stop], [build.const(1), build.plus(stop, 1)],
                [build.plus(stop, 1)], [build.plus(stop, -1)],
                [build.plus(stop, -1), minus, build.const(-1)], [build.const(0), stop, build.const(2)],
                [build.const(2), stop], [build.const(2), build.plus(stop, 1)],
                [stop, build.const(0), build.const(-1)], [stop, minus, build.const(-1)]]
        for name in site.scope.names(site.statement.lineno)[:6]:
            if site.scope.is_number(name) is not False:
                new += [[build.name(name), stop], [build.plus(build.name(name), 1), stop]]
    elif len(args) == 2:
        start, stop = args
        new += [[start, build.plus(stop, 1)], [build.plus(start, 1), stop],
                [build.plus(start, -1), stop], [start, build.plus(stop, -1)], [stop], [stop, start],
                [start, stop, build.const(2)], [build.plus(start, 1), build.plus(stop, 1)],
                [start, stop, build.const(-1)], [stop, start, build.const(-1)],
                [build.plus(stop, -1), build.plus(start, -1), build.const(-1)],
                [build.const(0), stop], [build.const(1), stop]]
        for name in site.scope.names(site.statement.lineno)[:6]:
            if site.scope.is_number(name) is not False:
                new.append([start, stop, build.name(name)])
    elif len(args) == 3:
        start, stop, step = args
        new += [[start, stop], [build.plus(start, 1), stop, step], [build.plus(start, -1), stop, step],
                [start, build.plus(stop, 1), step], [start, build.plus(stop, -1), step],
                [stop, start, step], [start, stop, ast.UnaryOp(op=ast.USub(), operand=step)]]
    for arguments in new:
        out.replace(site, "range.bounds", ast.Call(
            func=node.func, args=[_folded(a) for a in arguments], keywords=[]))
    if len(args) == 1 and isinstance(args[0], ast.Call) and isinstance(args[0].func, ast.Name) \
            and args[0].func.id == "len" and args[0].args and site.field == "iter":
        out.replace(site, "iteration", args[0].args[0], "go over the elements, not their indices")


def _folded(node: ast.expr) -> ast.expr:
    """A sum of two whole numbers as one, and `x + 1 - 1` as `x`."""
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and isinstance(
            node.right.value, int) and isinstance(node.op, (ast.Add, ast.Sub)):
        shift = node.right.value if isinstance(node.op, ast.Add) else -node.right.value
        left = node.left
        if isinstance(left, ast.Constant) and isinstance(left.value, int):
            return build.const(left.value + shift)
        if isinstance(left, ast.BinOp) and isinstance(left.op, (ast.Add, ast.Sub)) and isinstance(
                left.right, ast.Constant) and isinstance(left.right.value, int):
            total = shift + (left.right.value if isinstance(left.op, ast.Add) else -left.right.value)
            return left.left if total == 0 else build.plus(left.left, total)
    return node


def _slice(site: Site, node: ast.Subscript, part: ast.Slice, out: Collector) -> None:
    if not isinstance(node.ctx, ast.Load):
        return
    low, high, step = part.lower, part.upper, part.step

    def offer_cut(lower: Optional[ast.expr], upper: Optional[ast.expr], by: Optional[ast.expr]) -> None:
        out.replace(site, "slice.bounds", build.cut(node.value, lower, upper, by))

    for shift in (1, -1):
        if low is not None:
            offer_cut(_folded(build.plus(low, shift)), high, step)
        if high is not None:
            offer_cut(low, _folded(build.plus(high, shift)), step)
    if low is not None:
        offer_cut(None, high, step)
        offer_cut(low, None, step)
        offer_cut(None, low, step)
        offer_cut(low, build.const(-1), step)
    if high is not None:
        offer_cut(low, None, step)
        offer_cut(high, low, step)
        offer_cut(high, None, step)
        offer_cut(ast.UnaryOp(op=ast.USub(), operand=high), None, step)
    offer_cut(low, high, None)
    for name in site.scope.names(site.statement.lineno)[:6]:
        if site.scope.is_number(name) is not False:
            offer_cut(build.name(name), high, step)
            offer_cut(low, build.name(name), step)
            offer_cut(_folded(build.plus(build.name(name), 1)), high, step)
            offer_cut(low, _folded(build.plus(build.name(name), 1)), step)
    offer_cut(low, high, build.const(-1))
    offer_cut(low, high, build.const(2))
    out.replace(site, "slice", node.value, "use the whole sequence")
    if low is not None:
        out.replace(site, "slice", build.item(node.value, low))
    if high is not None:
        out.replace(site, "slice", build.item(node.value, high))


def _index(site: Site, node: ast.Subscript, out: Collector) -> None:
    if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        if isinstance(node.ctx, ast.Load):
            out.replace(site, "default.get", build.method(node.value, "get", node.slice))
            for default in (build.const(0), build.const(""), ast.List(elts=[], ctx=build.LOAD)):
                out.replace(site, "default.get", build.method(node.value, "get", node.slice, default))
        return
    if isinstance(node.ctx, ast.Load):
        for name in ("sum", "max", "min", "len", "sorted"):
            out.replace(site, "index", build.call(name, node.value))
    index = out.tree.site_of.get(id(node.slice))
    if index is None:
        return
    for number in (0, -1, 1):
        out.replace(index, "index", build.const(number))
    if not isinstance(node.slice, ast.Constant):
        for shift in (1, -1):
            out.replace(index, "index", _folded(build.plus(node.slice, shift)))
        out.replace(index, "index", ast.UnaryOp(op=ast.USub(), operand=node.slice))
        out.replace(index, "index", build.plus(ast.UnaryOp(op=ast.USub(), operand=node.slice), -1))
    if isinstance(node.ctx, ast.Load):
        for more in (0, 1, -1):
            if not isinstance(site.parent, ast.Subscript):
                out.replace(site, "index", build.item(node, build.const(more)))
        if isinstance(node.slice, (ast.Name, ast.Constant)):
            out.replace(site, "slice", build.cut(node.value, node.slice))
            out.replace(site, "slice", build.cut(node.value, None, node.slice))
            out.replace(site, "slice", build.cut(node.value, node.slice, build.plus(node.slice, 1)))


def _iteration(site: Site, node: ast.expr, out: Collector) -> None:
    """What a loop goes over."""
    for words, new in (("go over it backwards", build.call("reversed", node)),
                       ("go over it in order", build.call("sorted", node)),
                       ("go over a copy", build.call("list", node)),
                       ("go over the indices", build.call("range", build.call("len", node))),
                       ("go over as many numbers", build.call("range", node)),
                       ("go over it once each", build.call("set", node))):
        is_range = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and \
            node.func.id in ("range", "enumerate", "zip", "reversed")
        if not is_range or words == "go over it backwards":
            out.replace(site, "iteration", new, words + f": `{sketch(new)}`")
    target = getattr(site.parent, "target", None)
    if isinstance(target, ast.Tuple) and len(target.elts) == 2 and not isinstance(node, ast.Call):
        out.replace(site, "iteration", build.call("enumerate", node))
        out.replace(site, "iteration", build.method(node, "items"))
