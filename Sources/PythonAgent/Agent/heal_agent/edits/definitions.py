"""Families on definitions: default.mutable, default.value, closure.lateBinding, decorator, scope."""
import ast
from typing import List, Optional

from . import build
from .collector import Collector
from .primitives import Insert, SetItem
from .scope import Function
from .tree import Block, Site

MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def offer_at(block: Block, statement: ast.stmt, out: Collector) -> None:
    """All of this module's edits of a definition, or at the first statement of its body."""
    if isinstance(statement, Function):
        _mutable(statement, block, out)
        if isinstance(block.scope.node, Function) and block.loops:
            _late(statement, block, out)
    elif isinstance(block.owner, Function) and block.statements()[0] is statement:
        _declared(block, statement, out)


def offer(site: Site, out: Collector) -> None:
    """Lambdas in a loop keep the value that a name has when they are made."""
    node = site.node
    if not isinstance(node, ast.Lambda):
        return
    names = set(site.scope.loop_names)
    for part in ast.walk(site.statement) if not hasattr(site.statement, "body") else ():
        if isinstance(part, ast.comprehension):
            names |= {n.id for n in ast.walk(part.target) if isinstance(n, ast.Name)}
    own = {a.arg for a in node.args.args}
    used = {n.id for n in ast.walk(node.body) if isinstance(n, ast.Name)}
    for name in sorted((names & used) - own):
        twin = build.copy(node)
        twin.args.args.append(ast.arg(arg=name))
        twin.args.defaults.append(build.name(name))
        out.replace(site, "closure.lateBinding", twin, f"keep the present value of `{name}`")


def _mutable(statement: ast.stmt, block: Block, out: Collector) -> None:
    args = statement.args  # type: ignore[attr-defined]
    positional = [*getattr(args, "posonlyargs", []), *args.args]
    pairs = list(zip(positional[len(positional) - len(args.defaults):], args.defaults))
    for parameter, default in pairs:
        if not isinstance(default, MUTABLE) and not (
                isinstance(default, ast.Call) and isinstance(default.func, ast.Name)
                and default.func.id in ("list", "dict", "set")):
            continue
        name = parameter.arg
        none = build.const(None)
        fresh = ast.If(test=build.compare(build.name(name), ast.Is(), build.const(None)),
                       body=[ast.Assign(targets=[build.target(name)], value=build.copy(default))],
                       orelse=[])
        body = [s for s in statement.body if not getattr(s, "heal_tick", False)]  # type: ignore
        first = body[0]
        if len(body) > 1 and isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            first = body[1]
        build.place(none, default)
        build.place(fresh, first)
        out.primitives("default.mutable", [SetItem(args.defaults, default, none), Insert(
            statement.body, first, [fresh], False)], 3, statement, block,  # type: ignore[attr-defined]
            f"make a new `{name}` for every call", key=(id(statement), name))


def _late(statement: ast.stmt, block: Block, out: Collector) -> None:
    used = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
    args = statement.args  # type: ignore[attr-defined]
    own = {a.arg for a in args.args}
    for name in sorted((block.scope.loop_names & used) - own):
        twin = build.copy(statement)
        twin.args.args.append(ast.arg(arg=name))
        twin.args.defaults.append(build.name(name))
        twin.body = statement.body  # type: ignore[attr-defined]
        out.swap_statement(block, "closure.lateBinding", statement, twin,
                           f"keep the present value of `{name}`", 2)


def _declared(block: Block, statement: ast.stmt, out: Collector) -> None:
    """`global` and `nonlocal` for names that are assigned here and belong further out."""
    scope = block.scope
    module = scope.root()
    assigned = [n for n in scope.since if n not in scope.parameters]
    declared = {n for s in scope.nodes if isinstance(s, (ast.Global, ast.Nonlocal)) for n in s.names}
    outer = scope.outer
    for name in assigned:
        if name in declared:
            continue
        made: Optional[ast.stmt] = None
        if outer is not None and isinstance(outer.node, Function) and name in outer.since:
            made = ast.Nonlocal(names=[name])
        elif name in module.since and module is not scope:
            made = ast.Global(names=[name])
        if made is not None:
            names: List[ast.stmt] = [made]
            out.insert(block, "scope", statement, names, False)
