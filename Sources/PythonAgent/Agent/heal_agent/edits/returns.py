"""Families that make a function leave early or with another value: statement.insertReturn,
statement.insertGuard, statement.insertRaise, return.expression."""
import ast
from typing import Iterator, List

from . import build
from .collector import Collector
from .conditions import atoms
from .scope import Function
from .sketch import sketch
from .tree import Block, Site, Tree

PLAIN = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def offer_at(block: Block, statement: ast.stmt, out: Collector) -> None:
    """All of this module's edits at one statement."""
    function = block.scope.node
    if not isinstance(function, Function):
        return
    last = block.statements()[-1] is statement
    values = answers(out.tree, block, statement)
    if not isinstance(statement, PLAIN):
        if last:
            for value in values:
                out.insert(block, "statement.insertReturn", statement, [ast.Return(value=value)], True)
        elif out.wants("statement.insertReturn"):
            for value in values[:6]:
                out.insert(block, "statement.insertReturn", statement, [ast.Return(value=value)], True)
    if isinstance(statement, ast.Return):
        _return(block, statement, values, out)
    elif isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant):
        out.swap_statement(block, "return.missing", statement, ast.Return(value=statement.value))
    elif isinstance(statement, ast.Assign) and last:
        out.swap_statement(block, "return.missing", statement, ast.Return(value=statement.value))
    _guards(block, statement, values, out)


def _return(block: Block, statement: ast.Return, values: List[ast.expr], out: Collector) -> None:
    if statement.value is None:
        for value in values:
            out.swap_statement(block, "return.expression", statement, ast.Return(value=value))
        return
    site = out.tree.site_of.get(id(statement.value))
    if site is None:
        return
    answer = isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, bool)
    for value in values:
        kinds = block.scope.type_of(value)
        if answer and kinds is not None and not kinds & {"bool", "NoneType"}:
            continue  # 1 equals True, so that a weak test would let a count stand for an answer
        out.replace(site, "return.expression", value)


def _guards(block: Block, statement: ast.stmt, values: List[ast.expr], out: Collector) -> None:
    """`if <condition>: return/continue/break/raise` before a statement."""
    if not out.wants("statement.insertGuard"):
        return
    conditions = atoms(out.tree, block, statement)
    first = block.statements()[0] is statement
    leaves: List[ast.stmt] = []
    if block.loops:
        leaves += [ast.Continue(), ast.Break()]
    few = conditions[:24 if first else 16]
    for condition in few:
        for leave in leaves:
            guard = ast.If(test=condition, body=[leave], orelse=[])
            out.insert(block, "statement.insertGuard", statement, [build.copy(guard)], False)
    for condition in few[:16]:
        for value in values[:10 if first else 6]:
            guard = ast.If(test=condition, body=[ast.Return(value=value)], orelse=[])
            out.insert(block, "statement.insertGuard", statement, [build.copy(guard)], False)
    if first:
        for raised in _raised(out.tree):
            for condition in few[:10]:
                guard = ast.If(test=condition, body=[raised], orelse=[])
                out.insert(block, "statement.insertGuard", statement, [build.copy(guard)], False)


def _raised(tree: Tree) -> Iterator[ast.stmt]:
    """What the file itself raises."""
    cached = tree.__dict__.get("_raised")
    if cached is None:
        cached = []
        for node in ast.walk(tree.module):
            if isinstance(node, ast.Raise) and node.exc is not None and len(cached) < 4:
                if not any(build.same(node, known) for known in cached):
                    cached.append(node)
        tree.__dict__["_raised"] = cached
    return (build.copy(n) for n in cached)


def answers(tree: Tree, block: Block, statement: ast.stmt) -> List[ast.expr]:
    """Values that the function could return here, the likely first."""
    scope = block.scope
    cache = scope.__dict__.setdefault("_answers", {})
    line = statement.end_lineno or statement.lineno
    if line not in cache:
        found: List[ast.expr] = []
        kinds: set = set()
        for node in scope.nodes:
            if isinstance(node, ast.Return) and node.value is not None:
                found.append(node.value)
                kinds |= scope.type_of(node.value) or set()
        names = scope.names(line + 1)
        found += [build.name(n) for n in names[:8]]
        simple = [build.const(True), build.const(False), build.const(None), build.const(0),
                  ast.List(elts=[], ctx=build.LOAD), build.const(-1), build.const(1), build.const("")]
        if kinds:
            simple.sort(key=lambda n: 0 if (scope.type_of(n) or frozenset()) & kinds else 1)
        found += simple
        found += [build.call("len", build.name(n)) for n in names[:6] if scope.is_container(n)]
        if "tuple" in kinds:
            found.append(ast.Tuple(elts=[], ctx=build.LOAD))
        if "dict" in kinds:
            found.append(ast.Dict(keys=[], values=[]))
        found += [build.plus(build.name(n), 1) for n in names[:6] if scope.is_number(n)]
        unique, seen = [], set()
        for value in found:
            mark = build.fingerprint(value)
            if mark not in seen:
                seen.add(mark)
                unique.append(value)
        cache[line] = unique[:24]
    return [build.copy(v) for v in cache[line]]


def offer(site: Site, out: Collector) -> None:
    """Recursion: arguments one more or less, and a base that is added or dropped."""
    node = site.node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    if node.func.id != getattr(site.scope.node, "name", None):
        return
    for i, argument in enumerate(node.args):
        for shift in (1, -1):
            arguments = list(node.args)
            arguments[i] = build.plus(argument, shift)
            out.replace(site, "recursion", ast.Call(func=node.func, args=arguments,
                                                    keywords=node.keywords),
                        lambda a=arguments[i]: f"recurse on `{sketch(a)}`")
    for value in (build.const(1), *(build.name(n) for n in site.scope.names(node.lineno)[:3])):
        for op in (ast.Add(), ast.Mult()):
            out.replace(site, "recursion", build.binary(value, op, node))
