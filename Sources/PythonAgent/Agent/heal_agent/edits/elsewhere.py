"""Family expression.other: an expression of the same function in the place of another."""
import ast
from typing import List, Tuple

from . import build
from .collector import Collector
from .tree import Site
from .types import Types, alike, one

FITTING = (ast.Call, ast.Subscript, ast.BinOp, ast.Attribute, ast.Compare, ast.ListComp, ast.IfExp)
MOST = 12
BOOL = one("bool")


def offer(site: Site, out: Collector) -> None:
    """All of this module's edits of one expression."""
    node = site.node
    if not isinstance(node, (*FITTING, ast.Name, ast.Constant)) or not isinstance(
            getattr(node, "ctx", build.LOAD), ast.Load) or not out.wants("expression.other"):
        return
    parent = site.parent
    if isinstance(parent, (ast.Expr, ast.JoinedStr)) or isinstance(parent, ast.Call) and \
            site.field == "func" or isinstance(parent, (ast.Attribute, ast.Subscript)) and \
            site.field == "value" or isinstance(parent, ast.BinOp) and isinstance(node, ast.Constant):
        return
    kinds = site.scope.type_of(node)
    if kinds is None and isinstance(node, (ast.Name, ast.Constant)):
        return
    offered = 0
    for other, its, line in _expressions(site, out):
        if offered >= MOST:
            break
        similar = type(other) is type(node) or kinds is not None and its is not None
        if kinds == BOOL and its is not None and its != BOOL:
            continue  # True equals 1, but a count is no answer
        if other is not node and similar and alike(kinds, its):
            offered += 1
            out.replace(site, "expression.other", build.copy(other))


def _expressions(site: Site, out: Collector) -> List[Tuple[ast.expr, Types, int]]:
    """The distinct larger expressions of the site's function with their types, nearest first."""
    cached = site.scope.__dict__.get("_expressions")
    if cached is None:
        cached, seen = [], set()
        for known in out.tree.sites_in(site.scope):
            node = known.node
            if isinstance(node, FITTING) and isinstance(getattr(node, "ctx", build.LOAD), ast.Load) \
                    and not (isinstance(known.parent, ast.Call) and known.field == "func"):
                mark = build.fingerprint(node)
                if mark not in seen and build.measure(node) <= 12:
                    seen.add(mark)
                    cached.append((node, site.scope.type_of(node), node.lineno))
        site.scope.__dict__["_expressions"] = cached
    here = site.statement.lineno
    return sorted(cached, key=lambda row: abs(row[2] - here))
