"""Limits that are strict where they should include their end, and signs against what a name says."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .findings import Finding, finding, fix
from .infer import Inference
from .program import Analyzed
from .shapes import FUNCTIONS, function_around, last_name, line_of, methods_of, own_nodes, parameters_of, path_of, report, self_name, words_of

_LIFE = frozenset("ttl lifetime expiry max_age maxage timeout_seconds cache_seconds time_to_live keep_for fresh_for lifespan shelf_life".split())
_LIFE_WORDS = frozenset("ttl lifetime expiry lifespan validity".split())
_BOUNDS = frozenset("limit max maximum min minimum threshold capacity quota cap ceiling floor bound".split())
_UP = frozenset("deposit add credit increase increment fill restock refill receive gain earn grow raise".split())
_DOWN = frozenset("withdraw subtract debit decrease decrement drain take spend consume remove deduct reduce".split())
_COUNTED_DOWN = frozenset("free space left remaining available room capacity debt owed due budget deficit missing".split())
_WRAPPED = frozenset("limit max maximum period width height size length modulus base step".split())
_TOTALS = frozenset("total sum count amount subtotal balance stored".split())
_STRICT = {ast.Gt: ">=", ast.Lt: "<="}


def limit_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    return [*_strict_limits(module), *_strict_lives(module), *_mixed_limits(module), *_signs(module), *_falling_sums(module), *_wrong_counts(module)]


def _aliases(module: Analyzed, function: Any) -> Dict[str, str]:
    """Local names that are plain copies of an attribute or an item."""
    found: Dict[str, str] = {}
    for node in own_nodes(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            path = path_of(node.value) if isinstance(node.value, (ast.Attribute, ast.Subscript)) else None
            if path is not None and node.targets[0].id not in found:
                found[node.targets[0].id] = path
    return found


def _taken(node: ast.AST) -> Optional[Tuple[ast.expr, ast.expr, ast.expr]]:
    """What a statement takes away: (target, from what, how much)."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub):
        return node.target, node.target, node.value
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.Sub):
        return node.targets[0], node.value.left, node.value.right
    return None


def _operator_span(module: Analyzed, node: ast.Compare) -> Optional[Tuple[int, int]]:
    start, end = module.span(node.left)[1], module.span(node.comparators[0])[0]
    sign = ">" if isinstance(node.ops[0], ast.Gt) else "<"
    at = module.text.find(sign, start, end)
    return (at, at + 1) if at >= 0 else None


def _inclusive(module: Analyzed, node: ast.Compare, reason: str) -> List[Optional[Dict[str, Any]]]:
    span = _operator_span(module, node)
    return [fix(module, [(*span, _STRICT[type(node.ops[0])])], reason, "medium")] if span is not None else []


def _strict_limits(module: Analyzed) -> Iterator[Finding]:
    """`if stock > wanted: stock -= wanted`, by which the last of the stock can never be taken."""
    for node in module.walk(ast.If):
        test = node.test.values[-1] if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And) else node.test
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or type(test.ops[0]) not in _STRICT:
            continue
        left, right = path_of(test.left), path_of(test.comparators[0])
        held, wanted = (left, right) if isinstance(test.ops[0], ast.Gt) else (right, left)
        function = function_around(module, node)
        if not held or not wanted or function is None or wanted not in parameters_of(function) or set(words_of(wanted)) & _WRAPPED:
            continue
        names = {held, _aliases(module, function).get(held, held)}
        for statement in (n for s in node.body for n in (s, *own_nodes(s))):
            taken = _taken(statement)
            if taken is None or path_of(taken[2]) != wanted or path_of(taken[1]) not in names or not isinstance(taken[0], (ast.Attribute, ast.Subscript)):
                continue
            yield report(module, "logic/strict-limit", test,
                f"'{module.code(test)}' refuses the case where both are equal, though line {line_of(module, statement)} could then take exactly all of '{held}'",
                f"write '{_STRICT[type(test.ops[0])]}' if the last of it may be taken", "medium", _inclusive(module, test, "what is there may be taken to the last"))  # fmt: skip
            break


def _is_life(node: ast.AST) -> bool:
    name = (last_name(node) or "").lower().strip("_")
    return name in _LIFE or bool(set(words_of(name)) & _LIFE_WORDS)


def _strict_lives(module: Analyzed) -> Iterator[Finding]:
    """An age that is compared strictly with how long something lives."""
    for node in module.walk(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Lt) or not _is_life(node.comparators[0]):
            continue
        left = node.left
        aged = isinstance(left, ast.BinOp) and isinstance(left.op, ast.Sub) or set(words_of(last_name(left) or "")) & {"age", "elapsed"}
        if aged:
            yield report(module, "logic/strict-ttl", node, f"at an age of exactly '{module.code(node.comparators[0])}' this counts as too old already",
                "write '<=' if the time to live includes its end", "low", _inclusive(module, node, "the time to live includes its end"))  # fmt: skip


def _is_bound(node: ast.AST) -> bool:
    name = last_name(node) or ""
    constant = isinstance(node, ast.Name) and name.isupper()
    return (constant or isinstance(node, ast.Attribute)) and bool(set(words_of(name)) & _BOUNDS)


def _mixed_limits(module: Analyzed) -> Iterator[Finding]:
    """Two functions that draw the line at the same bound, one with it and the other without."""
    seen: Dict[Tuple[str, str, Any], Tuple[bool, ast.Compare, Any]] = {}
    for node in module.walk(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) or not _is_bound(node.comparators[0]):
            continue
        value, bound = path_of(node.left) or _length(node.left), path_of(node.comparators[0])
        function = function_around(module, node)
        if not value or not bound or function is None:
            continue
        below = isinstance(node.ops[0], (ast.LtE, ast.Gt))
        around = module.enclosing(node, ast.ClassDef)
        first = seen.setdefault((value, bound, around), (below, node, function))
        if first[0] != below and first[2] is not function:
            yield report(module, "logic/mixed-limits", node,
                f"'{module.code(node)}' and '{module.code(first[1])}' (line {line_of(module, first[1])}) draw the line at '{bound}' in two ways: one includes it, the other does not",
                f"decide whether '{value}' may equal '{bound}', and compare alike in '{function.name}' and '{first[2].name}'", "low")  # fmt: skip
            seen.pop((value, bound, around))


def _length(node: ast.AST) -> Optional[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and len(node.args) == 1:
        inner = path_of(node.args[0])
        return f"len({inner})" if inner else None
    return None


def _signs(module: Analyzed) -> Iterator[Finding]:
    """A method named for putting in that takes away what it is given, or the other way round."""
    for function in module.walk(*FUNCTIONS):
        owner = self_name(module, function)
        verb = next(iter(words_of(function.name)), "")
        if owner is None or verb not in _UP | _DOWN:
            continue
        aliases = _aliases(module, function)
        for node in own_nodes(function):
            value = node.value if isinstance(node, (ast.AugAssign, ast.Assign)) else None
            operator = getattr(node if isinstance(node, ast.AugAssign) else value, "op", None)
            target = node.target if isinstance(node, ast.AugAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
            path = path_of(target)
            amount = value if isinstance(node, ast.AugAssign) else getattr(value, "right", None)
            base = target if isinstance(node, ast.AugAssign) else getattr(value, "left", None)
            base_path = path_of(base)
            if not path or not path.startswith(owner + ".") or path_of(amount) not in parameters_of(function)[1:]:
                continue
            if path not in (base_path, aliases.get(base_path or "")) or set(words_of(path)) & _COUNTED_DOWN:
                continue
            wrong = ast.Sub if verb in _UP else ast.Add
            if isinstance(operator, wrong) and (wrong is ast.Sub or _is_put_in(module, function, path)):
                yield _sign(module, function, node, base, amount, "-" if wrong is ast.Sub else "+", path)


def _is_put_in(module: Analyzed, function: Any, path: str) -> bool:
    """Whether a method named for putting in changes the same attribute: what is taken out is counted there, not what was taken."""
    owner = module.parents.get(function)
    return any(
        next(iter(words_of(m.name)), "") in _UP and any(path_of(n) == path and isinstance(n.ctx, ast.Store) for n in own_nodes(m) if isinstance(n, ast.Attribute))
        for m in (methods_of(owner) if isinstance(owner, ast.ClassDef) else ())
    )  # fmt: skip


def _sign(module: Analyzed, function: Any, node: Any, base: Any, amount: Any, sign: str, path: str) -> Finding:
    other = "+" if sign == "-" else "-"
    at = module.text.find(sign, module.span(base)[1], module.span(amount)[0])
    fixes = [fix(module, [(at, at + 1, other)], f"'{function.name}' says so", "medium")] if at >= 0 else []
    verb = "takes away from" if sign == "-" else "adds to"
    return report(module, "logic/sign-against-name", node,
        f"'{function.name}' (line {line_of(module, function)}) {verb} '{path}' the '{module.code(amount)}' it is given",
        f"write '{other}' if '{function.name}' does what its name says", "medium", fixes)  # fmt: skip


def _falling_sums(module: Analyzed) -> Iterator[Finding]:
    """A sum that starts at nothing and is only ever lessened."""
    for node in module.walk(ast.AugAssign):
        if not isinstance(node.op, ast.Sub) or not isinstance(node.target, ast.Name) or isinstance(node.value, ast.Constant):
            continue
        if any((last_name(n.func) or "").startswith("log") for n in ast.walk(node.value) if isinstance(n, ast.Call)):
            continue  # a sum of logarithms of what is below one
        name, function = node.target.id, function_around(module, node)
        if function is None or module.enclosing(node, ast.For, *FUNCTIONS) is function:
            continue
        holder = module.scope_at(node).lookup(name)
        others = [n for n in (holder.bindings.get(name, []) if holder is not None else []) if n is not node.target]
        starts = [module.parents.get(n) for n in others]
        zero = len(starts) == 1 and isinstance(starts[0], ast.Assign) and isinstance(starts[0].value, ast.Constant) and starts[0].value.value == 0
        returned = any(isinstance(r, ast.Return) and path_of(r.value) == name for r in own_nodes(function))
        if not zero or not returned:
            continue
        at = module.text.find("-=", module.span(node.target)[1])
        sure = bool(set(words_of(name)) & _TOTALS) or name == function.name
        yield report(module, "logic/falling-sum", node, f"'{name}' starts at 0 (line {line_of(module, starts[0])}) and this only ever lessens it, so that '{function.name}' returns a negative sum",
            f"add with '+=' if '{name}' is a sum", "medium" if sure else "low", [fix(module, [(at, at + 1, "+")], "a sum grows", "medium")])  # fmt: skip


def _wrong_counts(module: Analyzed) -> Iterator[Finding]:
    """A division by the length of one parameter where another, which the function's name speaks of, is not used."""
    for node in module.walk(ast.BinOp):
        divisor = node.right if isinstance(node.op, (ast.Div, ast.FloorDiv)) else None
        count = divisor.args[0] if isinstance(divisor, ast.Call) and _length(divisor) else None
        function = function_around(module, node) if isinstance(count, ast.Name) else None
        names = parameters_of(function) if function is not None else []
        if not isinstance(count, ast.Name) or function is None or count.id not in names:
            continue
        used = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        words = set(words_of(function.name))
        for name in names:
            if name in used or name.startswith("_") or not words & {name.lower(), name.lower().rstrip("s")} or words & {count.id, count.id.rstrip("s")}:
                continue
            yield finding(module, "logic/wrong-count", module.span(divisor), f"'{function.name}' divides by the number of '{count.id}' and never uses '{name}' (line {line_of(module, function)})",
                f"Line {line_of(module, node)}: divide by 'len({name})' if the average is meant over '{name}'.", "medium",
                [fix(module, [(*module.span(count), name)], f"'{function.name}' is about '{name}'", "medium")])  # fmt: skip
