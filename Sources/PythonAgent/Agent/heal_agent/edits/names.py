"""Families on names: variable, attribute, selfAttribute, index, call.missing."""
import ast
from typing import List

from . import build
from .collector import Collector
from .tree import Site
from .types import Types, alike

MOST_NAMES = 12
UNCALLED = frozenset((
    "copy pop popitem lower upper strip lstrip rstrip title capitalize swapcase split splitlines keys values "
    "items sort reverse isdigit isalpha isalnum isupper islower isspace read readline readlines close clear "
    "total_seconds").split())


def offer(site: Site, out: Collector) -> None:
    """All of this module's edits of one expression."""
    node = site.node
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load):
            _load(site, node, out)
        elif isinstance(node.ctx, ast.Store) and isinstance(site.statement, (ast.Assign, ast.AugAssign)):
            _store(site, node, out)
    elif isinstance(node, ast.Attribute):
        _attribute(site, node, out)
    elif isinstance(node, ast.Constant) and node.value is not None and not isinstance(
            site.parent, (ast.Expr, ast.JoinedStr)):
        for name in candidates(site, node)[:8]:
            out.replace(site, "variable", build.name(name))
    elif isinstance(node, (ast.Subscript, ast.Call, ast.BinOp)) and isinstance(
            getattr(node, "ctx", build.LOAD), ast.Load) and not isinstance(site.parent, (
                ast.Expr, ast.Attribute)) and not (
                isinstance(site.parent, ast.Call) and site.field == "func"):
        for name in candidates(site, node)[:8]:
            out.replace(site, "variable", build.name(name))


def candidates(site: Site, node: ast.expr) -> List[str]:
    """Names in scope that could stand here by their types, nearest first, globals last."""
    scope, line = site.scope, site.statement.lineno
    kinds = scope.type_of(node)
    near = scope.names(line)
    if site.loops:  # what a loop's body assigns later is there from the second round on
        last = site.loops[0].end_lineno or line
        near += [n for n in scope.names(last) if n not in near]
    near += [t for t in _targets(site) if t not in near]
    root = scope.root()
    if root is not scope:
        near += [n for n, t in root.types.items() if n not in near and n not in root.functions
                 and n not in root.classes and not n.startswith("__")][:6]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return [n for n in near if _may_be_bool(scope.lookup(n))][:MOST_NAMES]
    return [n for n in near if alike(kinds, scope.lookup(n))][:MOST_NAMES]


def _may_be_bool(kinds: Types) -> bool:
    """True and 1 are equal, so that a weak test would let a count stand for an answer."""
    return kinds is None or "bool" in kinds


def _targets(site: Site) -> List[str]:
    """Targets of the comprehensions around the expression."""
    found: List[str] = []
    for part in ast.walk(site.statement) if not hasattr(site.statement, "body") else ():
        if isinstance(part, ast.comprehension):
            found += [n.id for n in ast.walk(part.target) if isinstance(n, ast.Name)]
    return found


def _load(site: Site, node: ast.Name, out: Collector) -> None:
    scope = site.scope
    called = isinstance(site.parent, ast.Call) and site.field == "func"
    if called:
        return
    for name in candidates(site, node):
        if name != node.id:
            out.replace(site, "variable", build.name(name))
    if not isinstance(site.parent, (ast.Subscript, ast.Attribute)) or site.field == "slice":
        for new in _parts(site, node):
            out.replace(site, "index", new)
    if scope.in_class is None and scope.outer is not None and scope.outer.in_class is not None:
        return
    if scope.in_class is not None and node.id not in scope.since and scope.parameters:
        if node.id not in scope.root().types:
            out.replace(site, "selfAttribute", build.attr(build.name(scope.parameters[0]), node.id))
    elif scope.in_class is not None and scope.parameters and node.id != scope.parameters[0]:
        out.replace(site, "selfAttribute", build.attr(build.name(scope.parameters[0]), node.id))
    functions = scope.known_functions()
    if node.id in functions:
        fewest, most = functions[node.id]
        if fewest == 0:
            out.replace(site, "call.missing", build.call(node))
        for name in scope.names(site.statement.lineno)[:4]:
            if fewest <= 1 <= most:
                out.replace(site, "call.missing", build.call(node, build.name(name)))


def _parts(site: Site, node: ast.Name) -> List[ast.expr]:
    """Elements of a container in its place."""
    scope = site.scope
    if scope.is_container(node.id) is False or (
            scope.is_container(node.id) is None and scope.lookup(node.id) is not None):
        return []
    new: List[ast.expr] = [build.item(node, build.const(0)), build.item(node, build.const(-1)),
                           build.item(node, build.const(1))]
    for name in scope.names(site.statement.lineno):
        kinds = scope.lookup(name)
        if kinds and "int" in kinds and name != node.id:
            new.append(build.item(node, build.name(name)))
    kinds = scope.lookup(node.id)
    return new[:2] if kinds is None and scope.is_container(node.id) is None else new[:6]


def _store(site: Site, node: ast.Name, out: Collector) -> None:
    for name in candidates(site, node):
        if name != node.id and name in site.scope.since:
            out.replace(site, "variable", ast.Name(id=name, ctx=node.ctx))


def _attribute(site: Site, node: ast.Attribute, out: Collector) -> None:
    called = isinstance(site.parent, ast.Call) and site.field == "func"
    if not called:
        for other in _attributes_of(site, node):
            out.change(site, "attribute", "attr", other, f"use `.{other}` in place of `.{node.attr}`")
        if isinstance(node.ctx, ast.Load):
            for name in candidates(site, node)[:6]:
                out.replace(site, "variable", build.name(name))
            if isinstance(node.value, ast.Name) and node.attr in _methods(site) or node.attr in UNCALLED:
                out.replace(site, "call.missing", build.call(node))
        if isinstance(node.value, ast.Name) and node.attr in site.scope.since:
            out.replace(site, "selfAttribute", ast.Name(id=node.attr, ctx=node.ctx))


def _attributes_of(site: Site, node: ast.Attribute) -> List[str]:
    """Attributes that the file uses on the same name."""
    if not isinstance(node.value, ast.Name):
        return []
    cached = getattr(site.scope, "_attributes", None)
    if cached is None:
        cached = {}
        where = site.scope.in_class or site.scope.root().node
        for part in ast.walk(where):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                cached.setdefault(part.value.id, {})[part.attr] = None
        site.scope._attributes = cached  # type: ignore[attr-defined]
    methods = _methods(site)
    return [a for a in cached.get(node.value.id, ()) if a != node.attr and a not in methods][:10]


def _methods(site: Site) -> List[str]:
    owner = site.scope.in_class
    return [] if owner is None else [s.name for s in owner.body if isinstance(s, ast.FunctionDef)]

