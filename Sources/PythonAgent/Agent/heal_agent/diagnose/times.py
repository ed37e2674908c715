"""Points in time that know their zone, mixed with such that do not."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, NamedTuple, Optional, Set

from .findings import Finding, fix
from .infer import Inference, owner_class
from .program import Analyzed
from .shapes import FUNCTIONS, dotted, last_name, line_of, report

_POINT = "datetime.datetime"
_DEPTH = 4


class _Point(NamedTuple):
    """What is known of a point in time: its clock, how surely, and where that was decided."""

    clock: str
    sure: bool
    module: Analyzed
    node: ast.AST


def time_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module; nothing costs where no point in time is made."""
    if not any("datetime" in m.text for m in inference.program.modules):
        return []
    return [*_mixed(inference, module), *_utc_stamps(module)]


def _named(module: Analyzed, node: ast.AST) -> str:
    name = dotted(module, node) or ""
    return name.replace("datetime.datetime.", "", 1) if name.startswith(_POINT + ".") else name


def _point(inference: Inference, module: Analyzed, node: ast.AST, depth: int = 0) -> Optional[_Point]:
    """What is known of the point in time that an expression makes."""
    if depth > _DEPTH:
        return None
    if isinstance(node, ast.Call):
        return _made(inference, module, node, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        left = _point(inference, module, node.left, depth + 1)
        right = _point(inference, module, node.right, depth + 1)
        return (left or right) if not (left and right) else None
    if isinstance(node, ast.Name):
        return _variable(inference, module, node, depth)
    return None


def _made(inference: Inference, module: Analyzed, node: ast.Call, depth: int) -> Optional[_Point]:
    name = _named(module, node.func)
    zone = next((k.value for k in node.keywords if k.arg in ("tz", "tzinfo")), None)
    if name == _POINT:
        zone = zone or (node.args[7] if len(node.args) > 7 else None)
    elif name in ("now", "fromtimestamp") and dotted(module, node.func):
        zone = zone or (node.args[0 if name == "now" else 1] if len(node.args) > (name != "now") else None)
    elif name in ("utcnow", "utcfromtimestamp"):
        return _Point("UTC without a zone", True, module, node)
    elif name == "today":
        return _Point("local time without a zone", True, module, node)
    elif name == "fromisoformat" and dotted(module, node.func):
        return _parsed(module, node)
    elif isinstance(node.func, ast.Attribute) and node.func.attr in ("astimezone", "replace"):
        return _changed(inference, module, node, zone, depth)
    else:
        return None
    if zone is None or isinstance(zone, ast.Constant) and zone.value is None:
        return _Point("no zone" if name == _POINT else "local time without a zone", True, module, node)
    return _Point("a zone", isinstance(zone, (ast.Attribute, ast.Call)), module, node)


def _changed(inference: Inference, module: Analyzed, node: ast.Call, zone: Optional[ast.AST], depth: int) -> Optional[_Point]:
    inner = _point(inference, module, node.func.value, depth + 1)  # type: ignore[attr-defined]
    if inner is None or node.func.attr == "replace" and zone is None:  # type: ignore[attr-defined]
        return inner
    clock = "no zone" if isinstance(zone, ast.Constant) and zone.value is None else "a zone"
    return _Point(clock, True, module, node)


def _parsed(module: Analyzed, node: ast.Call) -> _Point:
    text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    if isinstance(text, str):
        aware = text.endswith("Z") or "+" in text or text.count("-") > 2
        return _Point("a zone" if aware else "no zone", True, module, node)
    return _Point("no zone", False, module, node)


def _variable(inference: Inference, module: Analyzed, node: ast.Name, depth: int) -> Optional[_Point]:
    holder = module.scope_at(node).lookup(node.id)
    bindings = holder.bindings.get(node.id, []) if holder is not None else []
    if len(bindings) != 1:
        return None
    parent = module.parents.get(bindings[0])
    if isinstance(parent, ast.Assign) and bindings[0] in parent.targets:
        return _point(inference, module, parent.value, depth + 1)
    if isinstance(bindings[0], ast.arg) and holder is not None and isinstance(holder.node, FUNCTIONS):
        return _passed(inference, module, holder.node, bindings[0], depth)
    return None


def _passed(inference: Inference, module: Analyzed, function: Any, argument: ast.arg, depth: int) -> Optional[_Point]:
    """What all calls of a function pass for a parameter."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    if argument not in arguments:
        return None
    position = arguments.index(argument) - (owner_class(module, function) is not None)
    points: List[Optional[_Point]] = []
    for other, call in inference.calls_of(function.name)[:20]:
        value = call.args[position] if 0 <= position < len(call.args) else next((k.value for k in call.keywords if k.arg == argument.arg), None)
        points.append(_point(inference, other, value, depth + 1) if value is not None else None)
    clocks: Set[str] = {p.clock for p in points if p is not None}
    return points[0] if len(clocks) == 1 and None not in points else None


def _mixed(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """Comparisons and differences of two points in time of which one has a zone, or that go by two clocks."""
    for node in module.walk(ast.Compare, ast.BinOp):
        if isinstance(node, ast.Compare):
            order = len(node.ops) == 1 and isinstance(node.ops[0], (ast.Lt, ast.LtE, ast.Gt, ast.GtE))
            left, right = node.left, node.comparators[0]
        else:
            order, left, right = isinstance(node.op, ast.Sub), node.left, node.right
        if not order:
            continue
        first = _point(inference, module, left)
        second = _point(inference, module, right) if first is not None else None
        if first is None or second is None or first.clock == second.clock:
            continue
        aware = [p.clock == "a zone" for p in (first, second)]
        if any(aware):
            yield _zones(module, node, left, first, right, second)
        elif {first.clock, second.clock} == {"UTC without a zone", "local time without a zone"}:
            yield report(module, "logic/two-clocks", node, f"'{module.code(left)}' is {first.clock} and '{module.code(right)}' is {second.clock}: they differ by the offset of the zone",
                "take both from datetime.now(timezone.utc)", "medium")  # fmt: skip


def _zones(module: Analyzed, node: ast.AST, left: ast.AST, first: _Point, right: ast.AST, second: _Point) -> Finding:
    naive, plain, aware = (left, first, second) if first.clock != "a zone" else (right, second, first)
    word = "has no zone" if plain.sure else "has no zone unless its text states one"
    sure = plain.sure and aware.sure
    fixes = []
    known = [n for n in module.root.bindings if dotted(module, ast.Name(n, ast.Load())) == "datetime.timezone"]
    if isinstance(naive, ast.Call) and last_name(naive.func) != "now" and known:
        end = module.span(naive)[1]
        fixes = [fix(module, [(end, end, f".replace(tzinfo={known[0]}.utc)")], "give it the zone of the other", "medium")]
    return report(module, "logic/naive-aware", node,
        f"'{module.code(naive)}' {word}, and it meets a point in time that has one (line {line_of(aware.module, aware.node)}): Python refuses to compare or subtract the two",
        "give both a zone where they are made, such as timezone.utc", "high" if sure else "medium", fixes)  # fmt: skip


def _utc_stamps(module: Analyzed) -> Iterator[Finding]:
    """`utcnow().timestamp()`, which takes UTC for local time."""
    for node in module.walk(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "timestamp" and isinstance(node.func.value, ast.Call):
            if _named(module, node.func.value.func) in ("utcnow", "utcfromtimestamp"):
                yield report(module, "logic/two-clocks", node, "'timestamp' takes a point in time without a zone for local time, and this one is UTC",
                    "write datetime.now(timezone.utc).timestamp(), or time.time()", "medium")  # fmt: skip
