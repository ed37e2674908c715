"""One change at all matching places of a function: coupled."""
import ast
from typing import Dict, List, Optional, Tuple

from . import build
from .collector import Collector, LazyEdit
from .kinds import SUPPRESSING
from .primitives import SetField, SetItem
from .tree import Site, Tree

MOST = 480
RUNS = ("variable", "index", "attribute", "wrap", "unwrap")
EXPRESSIONS = ("variable", "comparison", "constant", "offByOne", "index", "attribute", "method", "wrap",
               "unwrap", "selfAttribute", "subscriptToCall", "slice", "range.bounds", "expression.other")
TWINS = ("comparison", "offByOne", "constant", "boolean")
STATEMENTS = ("statement.assign", "augmented", "return.missing", "breakContinue", "statement.plain")


def couple(tree: Tree, out: Collector) -> None:
    """Adds, for every replacement offered, the same replacement at all equal expressions."""
    if not out.wants("coupled"):
        return
    groups: Dict[Tuple, List[LazyEdit]] = {}
    for edit in out.edits:
        mark = _mark(edit)
        if mark is not None:
            groups.setdefault(mark, []).append(edit)
    made = []
    for group in groups.values():
        if 2 <= len(group) <= 8:
            made.append(_joined(group))
            made += map(_joined, _runs(group))
    made.sort(key=lambda e: (-e.suspicion, e.size))
    out.edits.extend(made[:MOST])
    _flipped(tree, out)
    _twins(tree, out)


def _runs(group: List[LazyEdit]) -> List[List[LazyEdit]]:
    """Neighbouring places of a group: what goes wrong from a statement on, or up to it, or in a loop."""
    if group[0].kind not in RUNS or not 3 <= len(group) <= 6:
        return []
    ordered = sorted(group, key=lambda e: (e.line, e.column))
    lengths = range(len(ordered) - 1, 1, -1)
    return [ordered[start:start + n] for n in lengths for start in range(len(ordered) - n + 1)]


def _mark(edit: LazyEdit) -> Optional[Tuple]:
    """What replacements have in common that belong together; None for those that stand alone."""
    primitive = edit.primitives[0]
    if len(edit.primitives) != 1 or not isinstance(primitive, (SetField, SetItem)) or \
            edit.kind not in EXPRESSIONS + STATEMENTS:
        return None
    old, new = primitive.old, primitive.new
    if isinstance(primitive, SetField) and isinstance(primitive.node, ast.Compare):
        if primitive.field != "ops" or len(new) != 1:
            return None
        return (edit.kind, type(old[0]), type(new[0]), build.fingerprint(primitive.node.left), edit.function)
    if edit.kind in STATEMENTS and isinstance(primitive, SetItem) or isinstance(
            old, (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Call)):
        return (edit.kind, build.fingerprint(old), build.fingerprint(new), edit.function)
    return None


def _twins(tree: Tree, out: Collector) -> None:
    """The same change in like statements of other functions: a mistake made once was often made again.

    The other functions need not be suspicious: the tests at hand may not reach the second mistake.
    """
    alike: Dict[Tuple, List[Site]] = {}
    for site in tree.sites:
        if isinstance(site.node, (ast.Compare, ast.BoolOp, ast.Constant)) and site.block.outermost:
            mark = _twin_mark(site)
            if mark is not None:
                alike.setdefault(mark, []).append(site)
    made = 0
    for edit in list(out.edits):
        primitive = edit.primitives[0]
        if edit.kind not in TWINS or len(edit.primitives) != 1 or edit.function is None or made >= MOST:
            continue
        operator = isinstance(primitive, SetField) and primitive.field in ("ops", "op")
        first = tree.site_of.get(id(primitive.node if operator else primitive.old))
        if first is None or not operator and not isinstance(primitive.new, (ast.Constant, ast.UnaryOp)):
            continue
        group = [s for s in alike.get(_twin_mark(first), []) if s.block.outermost != edit.function]
        if 1 <= len(group) <= 5:
            made += 1
            changes = [SetField(s.node, primitive.field, primitive.new) if operator else
                       s.put(build.copy(primitive.new)) for s in group]
            twin = LazyEdit("coupled.twin", [primitive, *changes], edit.size + len(group),
                            lambda e=edit, g=group: f"here and in {g[0].block.outermost}: {e.description}")
            for field in ("line", "column", "end_line", "end_column", "suspicion"):
                setattr(twin, field, getattr(edit, field))
            twin.twin_of = edit
            out.edits.append(twin)


def _twin_mark(site: Site) -> Optional[Tuple]:
    """What an expression has in common with like ones in like statements, names apart."""
    header = getattr(site.statement, "test", None) or getattr(site.statement, "value", None)
    if not isinstance(header, ast.AST) or isinstance(header, ast.Constant):
        return None
    return type(site.statement), _shape(header), _shape(site.node), site.field


def _shape(node: ast.AST) -> str:
    """A tree without its names."""
    return " ".join(type(n).__name__ + (repr(n.value) if isinstance(n, ast.Constant) else "")
                    for n in ast.walk(node))


def _flipped(tree: Tree, out: Collector) -> None:
    """True for False and False for True in everything that a function returns."""
    functions: Dict[int, List] = {}
    for site in tree.sites:
        if isinstance(site.node, ast.Constant) and isinstance(site.node.value, bool) and isinstance(
                site.parent, ast.Return):
            functions.setdefault(id(site.scope), []).append(site)
    for sites in functions.values():
        if 2 <= len(sites) <= 8:
            chosen = max(sites, key=lambda s: out.suspicion(s.statement))
            if out.suspicion(chosen.statement) >= 0:
                new = [build.place(build.const(not s.node.value), s.node) for s in sites]
                out.primitives("coupled", [s.put(n) for s, n in zip(sites, new)], 1, chosen.statement,
                               chosen.block, "swap True and False in what the function returns",
                               key=(id(chosen.scope), "flip"))


def _joined(group: List[LazyEdit]) -> LazyEdit:
    first = max(group, key=lambda e: e.suspicion)  # whose place stands for all
    primitives = [p for e in group for p in e.primitives]
    kind = first.kind if first.kind.startswith(SUPPRESSING) else "coupled"
    edit = LazyEdit(kind, primitives, first.size + len(group) - 1,
                    lambda: f"at {len(group)} places: {first.description}")
    for field in ("line", "column", "end_line", "end_column", "function"):
        setattr(edit, field, getattr(first, field))
    edit.suspicion = first.suspicion
    return edit

