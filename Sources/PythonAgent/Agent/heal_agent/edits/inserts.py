"""Families that add statements: statement.copy, statement.insertUpdate, statement.initialise."""
import ast
import builtins
from typing import Dict, List, Optional, Tuple

from . import build
from .collector import Collector
from .primitives import Insert, Remove
from .scope import Function, Scope
from .sketch import sketch
from .tree import Block

SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Delete, ast.Break, ast.Continue)


def offer_at(block: Block, statement: ast.stmt, out: Collector) -> None:
    """All of this module's edits at one statement."""
    if not isinstance(block.scope.node, Function):
        return
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
        _copies(block, statement, out)
        _updates(block, statement, out)
        _starts(block, statement, out)
        _missing(block, statement, out)


def _sources(block: Block, out: Collector) -> List[ast.stmt]:
    """Statements worth repeating elsewhere in their function."""
    cache = block.scope.__dict__.get("_sources")
    if cache is None:
        cache, seen = [], set()
        for inner in out.tree.function_blocks(block):
            for statement in inner.statements():
                small = isinstance(statement, SIMPLE) or isinstance(statement, ast.If) and \
                    build.measure(statement) < 14
                if small and not (isinstance(statement, ast.Expr) and isinstance(
                        statement.value, ast.Constant)):
                    mark = build.fingerprint(statement)
                    if mark not in seen:
                        seen.add(mark)
                        cache.append(statement)
        block.scope.__dict__["_sources"] = cache = cache[:24]
    return cache


def _copies(block: Block, statement: ast.stmt, out: Collector) -> None:
    last = block.statements()[-1] is statement
    for source in _sources(block, out):
        if isinstance(source, (ast.Break, ast.Continue)) and not block.loops:
            continue
        leaves = isinstance(source, (ast.Return, ast.Break, ast.Continue))
        kind = "breakContinue" if leaves else "statement.insertGuard" if isinstance(
            source, ast.If) else "statement.copy"
        if not leaves or last:
            if not isinstance(statement, (ast.Return, ast.Break, ast.Continue, ast.Raise)):
                if not (leaves and isinstance(source, ast.Return)):
                    out.insert(block, kind, statement, [build.copy(source)], True)
        if not leaves and source is not statement:
            out.insert(block, kind, statement, [build.copy(source)], False)


def _updates(block: Block, statement: ast.stmt, out: Collector) -> None:
    """Counting, collecting and resetting with the names of the function."""
    if not out.wants("statement.insertUpdate"):
        return
    scope, line = block.scope, (statement.end_lineno or statement.lineno) + 1
    names = scope.names(line)
    if block.loops:
        names += [n for n in scope.names(block.loops[0].end_lineno) if n not in names]  # type: ignore
    new: List[ast.stmt] = []
    local = [n for n in names if n in scope.since][:8]
    for name in local:
        if scope.is_number(name) is not False and name not in scope.loop_names:
            for op, value in ((ast.Add(), 1), (ast.Sub(), 1)):
                new.append(ast.AugAssign(target=build.target(name), op=op, value=build.const(value)))
        kinds = scope.lookup(name)
        if kinds and kinds & {"list", "set", "dict"} or "list" in scope.hints.get(name, ()):
            for other in local:
                if other == name:
                    continue
                if kinds and "set" in kinds:
                    new.append(ast.Expr(value=build.method(build.name(name), "add", build.name(other))))
                elif not (kinds and "dict" in kinds):
                    new.append(ast.Expr(value=build.method(build.name(name), "append", build.name(other))))
    for name in local[:6]:
        if scope.is_container(name) is True:
            new.append(ast.Assign(targets=[build.target(name)],
                                  value=build.cut(build.name(name), build.const(1))))
            new.append(ast.Expr(value=build.method(build.name(name), "pop")))
            for other in local[:6]:
                if other != name and scope.is_container(other) is not True:
                    new.append(ast.Expr(value=build.method(build.name(name), "remove", build.name(other))))
    for part in _taken(block)[:3]:
        for name in local[:6]:
            if scope.is_container(name) is True:
                new.append(ast.Expr(value=build.method(build.name(name), "remove", part)))
    for name, other in _assignable(scope, [n for n in names if n in scope.since]):
        new.append(ast.Assign(targets=[build.target(name)], value=build.name(other)))
    for name in local:
        if name in scope.parameters and scope.is_container(name) is not False:
            for function in ("list", "sorted"):
                new.append(ast.Assign(targets=[build.target(name)],
                                      value=build.call(function, build.name(name))))
    for made in new:
        for after in (False, True):
            if after and isinstance(statement, (ast.Return, ast.Break, ast.Continue, ast.Raise)):
                continue
            if not after and block.statements()[0] is not statement and not isinstance(
                    statement, (ast.Return, ast.Break, ast.Continue, ast.If, ast.For, ast.While)):
                continue
            out.insert(block, "statement.insertUpdate", statement, [build.copy(made)], after)


def _assignable(scope: Scope, names: List[str]) -> List[Tuple[str, str]]:
    """Names that may take over the value of another one: both sequences, else both something else; few, the clear ones first."""
    kinds = {name: scope.is_container(name) for name in names}
    pairs = [(name, other) for name in names if name not in scope.parameters for other in names
             if other != name and kinds[name] is kinds[other]]
    return sorted(pairs, key=lambda pair: kinds[pair[0]] is not True)[:30]


def _taken(block: Block) -> List[ast.expr]:
    """Larger expressions that a block collects or keeps: they may have to leave where they came from."""
    found: List[ast.expr] = []
    for statement in block.statements():
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Expr) and isinstance(value, ast.Call) and isinstance(
                value.func, ast.Attribute) and value.func.attr == "append" and value.args:
            value = value.args[0]
        elif isinstance(statement, ast.AugAssign) and isinstance(value, (ast.List, ast.Tuple)) and value.elts:
            value = value.elts[0]
        elif not isinstance(statement, (ast.Assign, ast.AugAssign)):
            continue
        if isinstance(value, (ast.Call, ast.Subscript)):
            found.append(build.copy(value))
    return found


def _undefined(block: Block, out: Collector) -> List[str]:
    """Names that the function reads or counts up and that nothing defines."""
    scope = block.scope
    cache = scope.__dict__.get("_undefined")
    if cache is None:
        known: set = set(dir(builtins))
        outer: Optional[Scope] = scope
        while outer is not None:
            known |= set(outer.since) | outer.imported | outer.classes | set(outer.functions)
            outer = outer.outer
        found: Dict[str, None] = {}
        for node in scope.nodes:
            if isinstance(node, ast.Name) and node.id not in known and not node.id.startswith("__heal"):
                found[node.id] = None
        bound = {n.id for c in scope.nodes if isinstance(c, ast.comprehension)
                 for n in ast.walk(c.target) if isinstance(n, ast.Name)}
        cache = scope.__dict__["_undefined"] = [n for n in found if n not in bound][:4]
    return cache


def _missing(block: Block, statement: ast.stmt, out: Collector) -> None:
    """A first value for a name that has none."""
    if block.owner is not block.scope.node or block.statements()[0] is not statement:
        return
    for name in _undefined(block, out):
        for value in (build.const(0), ast.List(elts=[], ctx=build.LOAD), build.const(""),
                      build.const(1), build.const(None), build.const(False), build.const(True),
                      ast.Dict(keys=[], values=[]), ast.Tuple(elts=[], ctx=build.LOAD)):
            out.insert(block, "statement.initialise", statement,
                       [ast.Assign(targets=[build.target(name)], value=value)], False)


def _starts(block: Block, statement: ast.stmt, out: Collector) -> None:
    """An initialisation that a loop repeats goes before it; one outside goes into the loop."""
    if isinstance(statement, ast.Assign) and block.loops and block.outer is not None:
        loop = block.loops[-1]
        home = out.tree.block_of.get(id(loop))
        if home is not None:
            out.primitives("statement.initialise", [Remove(block.items, statement), Insert(
                home.items, loop, [statement], False)], 1, statement, block,
                lambda: f"do `{sketch(statement)}` once, before the loop", key=(id(statement), "hoist"))
            out.insert(home, "statement.initialise", loop, [build.copy(statement)], False)
    loops = [s for s in block.statements() if isinstance(s, (ast.For, ast.While))
             and s.lineno > statement.lineno]
    for loop in loops[:2]:
        if isinstance(statement, ast.Assign):
            first = [s for s in loop.body if not getattr(s, "heal_tick", False)][0]
            out.primitives("statement.initialise", [Remove(block.items, statement), Insert(
                loop.body, first, [statement], False)], 1, statement, block,
                lambda: f"do `{sketch(statement)}` in every round", key=(id(statement), id(loop)))
            inner = out.tree.block_of.get(id(first))
            if inner is not None:
                out.insert(inner, "statement.initialise", first, [build.copy(statement)], False)
