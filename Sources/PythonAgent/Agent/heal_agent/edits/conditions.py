"""Families on conditions: condition.strengthen, condition.weaken, negate, ifExpression, comprehension."""
import ast
from typing import Iterator, List

from . import build
from .collector import Collector
from .scope import Scope
from .sketch import sketch
from .tree import Block, Site, Tree

MOST_ATOMS = 60


def offer(site: Site, out: Collector) -> None:
    """All of this module's edits of one expression."""
    node = site.node
    if site.field in ("test", "ifs") or isinstance(site.parent, ast.BoolOp) or (
            isinstance(site.parent, ast.Return) and isinstance(node, (ast.Compare, ast.BoolOp))):
        if not isinstance(site.parent, ast.BoolOp):
            _widened(site, node, out)
        if not isinstance(node, (ast.Compare, ast.UnaryOp, ast.BoolOp)):
            out.replace(site, "negate", ast.UnaryOp(op=ast.Not(), operand=node))
    if site.field == "test" and not isinstance(site.parent, ast.Assert):
        for value in (True, False):
            out.replace(site, "condition.constant", build.const(value))
    if isinstance(node, ast.IfExp):
        out.replace(site, "ifExpression", node.body)
        out.replace(site, "ifExpression", node.orelse)
        out.replace(site, "ifExpression", ast.IfExp(test=node.test, body=node.orelse, orelse=node.body),
                    "swap the two branches")
    elif isinstance(site.parent, ast.Return) and not isinstance(node, ast.Constant):
        for condition in atoms(out.tree, site.block, site.statement)[:14]:
            for other in (build.const(0), build.const(None), ast.List(elts=[], ctx=build.LOAD)):
                out.replace(site, "ifExpression", ast.IfExp(test=condition, body=node, orelse=other))
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        _comprehension(site, node, out)


def _widened(site: Site, node: ast.expr, out: Collector) -> None:
    for condition in atoms(out.tree, site.block, site.statement):
        if build.same(condition, node):
            continue
        for op, kind, word in ((ast.And(), "condition.strengthen", "require"),
                               (ast.Or(), "condition.weaken", "allow")):
            out.replace(site, kind, build.both(op, node, condition),
                        lambda c=condition, w=word: f"{w} `{sketch(c)}` as well")
        if not isinstance(node, ast.Constant):
            out.replace(site, "condition.other", condition)
    for condition in atoms(out.tree, site.block, site.statement)[:12]:
        out.replace(site, "condition.strengthen", ast.BoolOp(op=ast.And(), values=[condition, node]),
                    lambda c=condition: f"require `{sketch(c)}` first")
        out.replace(site, "condition.weaken", ast.BoolOp(op=ast.Or(), values=[condition, node]),
                    lambda c=condition: f"allow `{sketch(c)}` first")


def _comprehension(site: Site, node: ast.AST, out: Collector) -> None:
    generator = node.generators[-1]  # type: ignore[attr-defined]
    tests = [t for t in generator.ifs if not getattr(t, "heal_tick", False)]
    for test in tests:
        twin = build.copy(node)
        kept = [t for t in twin.generators[-1].ifs if not build.same(t, test)]
        twin.generators[-1].ifs = kept
        out.replace(site, "comprehension", twin, lambda t=test: f"drop the condition `{sketch(t)}`")
    names = [n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)]
    conditions: List[ast.expr] = [build.name(n) for n in names]
    conditions += [ast.UnaryOp(op=ast.Not(), operand=build.name(n)) for n in names]
    near = [n for n in site.scope.names(site.statement.lineno) if n not in names][:5]
    for n in names:
        conditions += [build.compare(build.name(n), op(), build.const(0))
                       for op in (ast.Gt, ast.NotEq, ast.GtE, ast.Lt)]
        for m in near:
            if site.scope.is_container(m) is not False:
                conditions += [build.compare(build.name(n), op(), build.name(m))
                               for op in (ast.In, ast.NotIn)]
            if site.scope.is_container(m) is not True:
                conditions += [build.compare(build.name(n), op(), build.name(m))
                               for op in (ast.NotEq, ast.Lt, ast.Gt, ast.Eq)]
    for condition in conditions:
        twin = build.copy(node)
        twin.generators[-1].ifs.append(condition)
        out.replace(site, "comprehension", twin, lambda c=condition: f"only where `{sketch(c)}`")
    if isinstance(node, ast.GeneratorExp):
        out.replace(site, "comprehension", ast.ListComp(elt=node.elt, generators=node.generators))
    elif isinstance(node, ast.ListComp):
        out.replace(site, "comprehension", ast.SetComp(elt=node.elt, generators=node.generators))


def atoms(tree: Tree, block: Block, statement: ast.stmt) -> List[ast.expr]:
    """Conditions that could matter here: those of the function first, then made of the names in reach."""
    cache = block.scope.__dict__.setdefault("_atoms", {})
    line = statement.lineno
    if line not in cache:
        found: List[ast.expr] = []
        for condition in _written(tree, block.scope):
            found += [condition, build.negation(condition)]
        made = list(_made(block.scope, line, tree))
        unique, seen = [], set()
        for condition in found[:24] + made:
            mark = build.fingerprint(condition)
            if mark not in seen:
                seen.add(mark)
                unique.append(condition)
        cache[line] = unique[:MOST_ATOMS]
    return [build.copy(c) for c in cache[line]]


def _written(tree: Tree, scope: Scope) -> Iterator[ast.expr]:
    for site in tree.sites_in(scope):
        node = site.node
        if site.field in ("test", "ifs") and isinstance(node, (ast.Compare, ast.Call, ast.UnaryOp)) or \
                isinstance(site.parent, ast.BoolOp) and isinstance(node, ast.Compare):
            yield node
            if isinstance(node, ast.UnaryOp):
                yield node.operand


def _looked_up(scope: Scope) -> List[ast.expr]:
    """Elements that the function reads by a constant index or an attribute."""
    cached = scope.__dict__.get("_looked_up")
    if cached is None:
        cached, seen = [], set()
        for node in scope.nodes:
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(
                    node.slice, (ast.Constant, ast.Name)) and isinstance(node.ctx, ast.Load):
                more = [node]
                if isinstance(node.slice, ast.Constant) and node.slice.value in (0, 1):
                    more.append(build.item(node.value, build.const(1 - node.slice.value)))
                for part in more:
                    mark = build.fingerprint(part)
                    if mark not in seen:
                        seen.add(mark)
                        cached.append(part)
        scope.__dict__["_looked_up"] = cached
    return cached


def _made(scope: Scope, line: int, tree: Tree) -> Iterator[ast.expr]:
    names = scope.names(line)[:8]
    numbers = [n for n in names if scope.is_number(n) is True]
    unclear = [n for n in names if scope.is_number(n) is None and scope.is_container(n) is None]
    containers = [n for n in names if scope.is_container(n) is True]
    bools = [n for n in names if scope.lookup(n) == frozenset({"bool"})]
    for n in bools:
        yield build.name(n)
        yield ast.UnaryOp(op=ast.Not(), operand=build.name(n))
    for n in containers:
        yield ast.UnaryOp(op=ast.Not(), operand=build.name(n))
        yield build.name(n)
        yield build.compare(build.call("len", build.name(n)), ast.Eq(), build.const(1))
        yield build.compare(build.call("len", build.name(n)), ast.Gt(), build.const(1))
    for i, a in enumerate(numbers):
        for b in numbers[i + 1:]:
            for op in (ast.NotEq, ast.Eq, ast.Lt, ast.Gt, ast.LtE, ast.GtE):
                yield build.compare(build.name(a), op(), build.name(b))
        for op in (ast.Eq, ast.NotEq, ast.Gt, ast.Lt, ast.GtE, ast.LtE):
            yield build.compare(build.name(a), op(), build.const(0))
        yield build.compare(build.name(a), ast.Gt(), build.const(1))
        yield build.compare(build.name(a), ast.LtE(), build.const(1))
        if a not in bools:
            for op in (ast.Eq, ast.NotEq):
                yield build.compare(build.binary(build.name(a), ast.Mod(), build.const(2)), op(),
                                    build.const(0))
    for a in numbers:
        for c in containers:
            for op in (ast.Lt, ast.GtE, ast.Eq, ast.Gt, ast.NotEq):
                yield build.compare(build.name(a), op(), build.call("len", build.name(c)))
    for c in containers:
        for part in _looked_up(scope)[:4]:
            if not any(isinstance(n, ast.Name) and n.id == c for n in ast.walk(part)):
                yield build.compare(part, ast.NotIn(), build.name(c))
                yield build.compare(part, ast.In(), build.name(c))
        for a in [*unclear, *numbers]:
            yield build.compare(build.name(a), ast.NotIn(), build.name(c))
            yield build.compare(build.name(a), ast.In(), build.name(c))
    for n in unclear:
        yield build.compare(build.name(n), ast.Is(), build.const(None))
        yield ast.UnaryOp(op=ast.Not(), operand=build.name(n))
        yield build.name(n)
        yield build.compare(build.name(n), ast.Eq(), build.const(0))
        yield build.compare(build.name(n), ast.Gt(), build.const(0))
        yield build.compare(build.name(n), ast.Lt(), build.const(0))
    for i, a in enumerate(unclear):
        for b in [*unclear[i + 1:], *numbers]:
            for op in (ast.NotEq, ast.Eq, ast.Lt, ast.Gt):
                yield build.compare(build.name(a), op(), build.name(b))
    mixed = [n for n in names if len(scope.lookup(n) or ()) > 1]
    for n in mixed if scope.observed else [*unclear, *containers][:4]:
        for kind in sorted(scope.lookup(n) or ("int", "str", "list")):
            if kind == "NoneType":
                yield build.compare(build.name(n), ast.Is(), build.const(None))
                yield build.compare(build.name(n), ast.IsNot(), build.const(None))
                continue
            yield build.call("isinstance", build.name(n), build.name(kind))
