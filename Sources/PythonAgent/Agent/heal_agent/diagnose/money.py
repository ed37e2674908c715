"""Arithmetic of money and measures: rounding too early, truncated cents, units that do not go together."""

from __future__ import annotations

import ast
from typing import Dict, Iterator, List, Optional, Tuple

from .findings import Finding, fix
from .infer import Inference
from .program import Analyzed
from .shapes import FUNCTIONS, dotted, function_around, is_builtin_call, last_name, line_of, own_nodes, path_of, report, words_of

_UNITS: Dict[str, Tuple[str, str]] = {
    **dict.fromkeys(("cents", "pence", "pennies"), ("money", "hundredths")),
    **dict.fromkeys(("dollars", "euros", "pounds", "usd", "eur", "gbp"), ("money", "whole units")),
    **dict.fromkeys(("ns", "nanos", "nanoseconds"), ("time", "nanoseconds")),
    **dict.fromkeys(("us", "usec", "micros", "microseconds"), ("time", "microseconds")),
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds"), ("time", "milliseconds")),
    **dict.fromkeys(("sec", "secs", "seconds"), ("time", "seconds")),
    **dict.fromkeys(("min", "mins", "minutes"), ("time", "minutes")),
    **dict.fromkeys(("hours", "hrs"), ("time", "hours")),
    "days": ("time", "days"),
    **dict.fromkeys(("kb", "kib"), ("size", "kilobytes")), **dict.fromkeys(("mb", "mib"), ("size", "megabytes")),
    **dict.fromkeys(("gb", "gib"), ("size", "gigabytes")), "bytes": ("size", "bytes"), "bits": ("size", "bits"),
    "km": ("length", "kilometres"), "miles": ("length", "miles"), "cm": ("length", "centimetres"), "mm": ("length", "millimetres"), "metres": ("length", "metres"),
    "celsius": ("temperature", "Celsius"), "fahrenheit": ("temperature", "Fahrenheit"), "kelvin": ("temperature", "Kelvin"),
    "degrees": ("angle", "degrees"), "radians": ("angle", "radians"),
}  # fmt: skip
_MONEY = frozenset("price amount cost fee balance dollars euros pounds usd eur total subtotal charge payment salary wage tax tip".split())


def money_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    return [*_early_rounding(module), *_truncated(inference, module), *_inexact_equality(module), *_inexact_steps(module), *_mixed_units(module), *_unit_arguments(inference, module)]


def _rounds(module: Analyzed, node: ast.AST) -> bool:
    """Whether a call rounds to a number of digits."""
    if not isinstance(node, ast.Call):
        return False
    return is_builtin_call(module, node, "round") and len(node.args) == 2 or isinstance(node.func, ast.Attribute) and node.func.attr == "quantize"


def _early_rounding(module: Analyzed) -> Iterator[Finding]:
    """Parts that are rounded one by one before they are added up."""
    for node in module.walk(ast.AugAssign):
        if not isinstance(node.op, ast.Add) or not _rounds(module, node.value):
            continue
        function = function_around(module, node)
        if module.enclosing(node, ast.For, ast.While, *FUNCTIONS) in (None, function):
            continue
        name = path_of(node.target)
        again = next((n for n in own_nodes(function or module.tree) if _rounds(module, n) and path_of(n.args[0] if n.args else None) == name), None)
        yield _rounded(module, node, node.value, f"'{module.code(node.target)}'", again)
    for node in module.walk(ast.Call):
        if is_builtin_call(module, node, "sum") and node.args and isinstance(node.args[0], (ast.GeneratorExp, ast.ListComp)) and _rounds(module, node.args[0].elt):
            outer = module.parents.get(node)
            yield _rounded(module, node, node.args[0].elt, "the sum", outer if outer is not None and _rounds(module, outer) else None)


def _rounded(module: Analyzed, node: ast.AST, call: ast.AST, into: str, again: Optional[ast.AST]) -> Finding:
    inner = call.args[0] if is_builtin_call(module, call, "round") else None  # type: ignore[attr-defined]
    fixes = [fix(module, [(*module.span(call), module.code(inner))], "round the sum alone", "medium")] if inner is not None and again is not None else []
    where = f"; line {line_of(module, again)} rounds {into} once more" if again is not None else ""
    return report(module, "logic/early-rounding", node, f"each part is rounded before it goes into {into}, so that the errors of rounding add up{where}",
        "add the exact parts and round the result once", "medium" if again is not None else "low", fixes)  # fmt: skip


def _truncated(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """`int(price * 100)`, which loses a cent where the product lies just below a whole number."""
    for node in module.walk(ast.Call):
        if not is_builtin_call(module, node, "int") or len(node.args) != 1 or not isinstance(node.args[0], ast.BinOp) or not isinstance(node.args[0].op, ast.Mult):
            continue
        for part, factor in ((node.args[0].left, node.args[0].right), (node.args[0].right, node.args[0].left)):
            hundred = isinstance(factor, ast.Constant) and factor.value in (100, 100.0)
            if hundred and set(words_of(last_name(part) or "")) & _MONEY and inference.type_of(module, part) != "int":
                yield report(module, "logic/truncated-cents", node, f"'int' cuts off: where '{module.code(part)}' is 19.99 or 1.15, the product is a little less than whole, and a cent is lost",
                    f"round before converting: int(round({module.code(node.args[0])}))", "medium",
                    [fix(module, [(*module.span(node.args[0]), f"round({module.code(node.args[0])})")], "round, do not cut off", "medium")])  # fmt: skip
                break


def _inexact(node: ast.AST) -> bool:
    """Whether a literal has no exact value as a binary fraction."""
    if not isinstance(node, ast.Constant) or type(node.value) is not float or node.value != node.value or abs(node.value) > 1e9:
        return False
    return not (node.value * 1024).is_integer()


def _inexact_equality(module: Analyzed) -> Iterator[Finding]:
    """A sum or product that is compared for equality with a decimal fraction."""
    for node in module.walk(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)) or isinstance(module.parents.get(node), ast.Assert):
            continue
        for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
            if _inexact(one) and isinstance(other, ast.BinOp) and not isinstance(other.op, ast.Mod):
                yield report(module, "logic/float-equality", node, f"'{module.code(other)}' may differ from {module.code(one)} in its last digit, as both are binary fractions",
                    "compare with math.isclose, or count in whole units such as cents", "medium")  # fmt: skip
                break


def _inexact_steps(module: Analyzed) -> Iterator[Finding]:
    """A loop that steps by a decimal fraction until exactly a value is reached."""
    for loop in module.walk(ast.While):
        tests = [n for n in ast.walk(loop.test) if isinstance(n, ast.Compare) and len(n.ops) == 1]
        for node in own_nodes(loop):
            if not (isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Add, ast.Sub)) and _inexact(node.value)):
                continue
            test = next((t for t in tests if path_of(node.target) in (path_of(t.left), path_of(t.comparators[0]))), None)
            if test is not None:
                exact = isinstance(test.ops[0], (ast.Eq, ast.NotEq))
                yield report(module, "logic/float-steps", node, f"steps of {module.code(node.value)} do not add up exactly, and the loop ends by '{module.code(test)}' (line {line_of(module, test)})",
                    "count the rounds with a whole number and compute the value from it", "medium" if exact else "low")  # fmt: skip


def _unit(node: Optional[ast.AST]) -> Optional[Tuple[str, str]]:
    """The kind and the unit that a name's last word states."""
    name = last_name(node) if node is not None else None
    return _unit_of(name) if name else None


def _unit_of(name: str) -> Optional[Tuple[str, str]]:
    words = words_of(name)
    if "per" in words or "to" in words or "from" in words or not words or len(words) > 1 and words[-2] in ("max", "min"):
        return None
    return _UNITS.get(words[-1]) if len(words) > 1 or len(words[-1]) > 3 else None


def _mixed_units(module: Analyzed) -> Iterator[Finding]:
    """Sums, comparisons and assignments of names that state different units of one kind."""
    for node in module.walk(ast.BinOp, ast.Compare, ast.Assign, ast.AugAssign, ast.keyword):
        if isinstance(node, ast.BinOp):
            pairs = [(node.left, node.right)] if isinstance(node.op, (ast.Add, ast.Sub)) else []
        elif isinstance(node, ast.Compare):
            pairs = list(zip([node.left, *node.comparators], node.comparators))
        elif isinstance(node, ast.keyword):
            unit, value = _unit_of(node.arg or ""), _unit(node.value)
            if unit and value and unit[0] == value[0] and unit[1] != value[1]:
                yield _units(module, node.value, str(node.arg), unit[1], module.code(node.value), value[1])
            continue
        else:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            pairs = [(target, node.value)] if not isinstance(getattr(node, "op", None), (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)) else []
        for one, other in pairs:
            first, second = _unit(one), _unit(other)
            if first and second and first[0] == second[0] and first[1] != second[1]:
                yield _units(module, node, module.code(one), first[1], module.code(other), second[1])


def _units(module: Analyzed, node: ast.AST, one: str, first: str, other: str, second: str) -> Finding:
    return report(module, "logic/mixed-units", node, f"'{one}' is in {first} by its name and '{other}' in {second}",
        "convert one of them before they meet, or rename the one whose name is wrong", "medium")  # fmt: skip


def _unit_arguments(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """Arguments whose names state another unit than the parameters they go to."""
    for call in module.walk(ast.Call):
        if dotted(module, call.func) in ("time.sleep", "asyncio.sleep") and call.args:
            unit = _unit(call.args[0])
            if unit is not None and unit[0] == "time" and unit[1] != "seconds":
                yield _units(module, call.args[0], module.code(call.func), "seconds", module.code(call.args[0]), unit[1])
            continue
        if not isinstance(call.func, ast.Name) or not any(_unit(a) for a in call.args):
            continue
        holder = module.scope_at(call.func).lookup(call.func.id)
        nodes = holder.bindings.get(call.func.id, []) if holder is not None else []
        if len(nodes) != 1 or not isinstance(nodes[0], FUNCTIONS):
            continue
        for parameter, argument in zip((*nodes[0].args.posonlyargs, *nodes[0].args.args), call.args):
            unit, given = _unit_of(parameter.arg), _unit(argument)
            if unit and given and unit[0] == given[0] and unit[1] != given[1]:
                yield _units(module, argument, f"{parameter.arg}' of '{nodes[0].name}' (line {line_of(module, nodes[0])}", unit[1], module.code(argument), given[1])
