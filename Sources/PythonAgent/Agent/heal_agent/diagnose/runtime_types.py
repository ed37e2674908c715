"""Runtime findings on TypeError."""

from __future__ import annotations

import ast
import builtins
import re
from typing import Any, Dict, Iterator, List, Optional

from .calls import argument_fixes
from .findings import Finding, fix
from .inventory import BUILTINS
from .runtime import Failure, Handler
from .runtime_names import none_fixes
from .types_rules import _convert_input, _from_input

_BUILTIN_TYPES = frozenset(n for n in BUILTINS if isinstance(getattr(builtins, n, None), type))
_NUMERIC = ("int", "float", "bool", "complex", "Decimal", "Fraction")


def _type_error(failure: Failure) -> Iterator[Finding]:
    for pattern, handler in _PATTERNS:
        match = re.search(pattern, failure.message)
        if match:
            yield from handler(failure, match)
            return


def _value_kind(failure: Failure, node: ast.expr) -> Optional[str]:
    """The type that an expression of the failing line had, by the frame's locals or by inference."""
    held = failure.frame.get("locals") or {}
    if isinstance(node, ast.Name) and node.id in held:
        return str(held[node.id].get("type") or "").rsplit(".", 1)[-1] or None
    if isinstance(node, ast.Name):
        holder = failure.module.scope_at(node).lookup(node.id)
        if holder is None and node.id in BUILTINS:
            return "type" if node.id in _BUILTIN_TYPES else "builtin_function_or_method"
        bound = holder.bindings.get(node.id, []) if holder else []
        if len(bound) == 1 and isinstance(bound[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return "type" if isinstance(bound[0], ast.ClassDef) else "function"
    kind = failure.inference.type_of(failure.module, node)
    return "NoneType" if kind == "None" else kind


def _wrapped(failure: Failure, node: ast.expr, function: str, reason: str, sure: str = "high") -> Optional[Dict[str, Any]]:
    start, end = failure.module.span(node)
    return fix(failure.module, [(start, end, f"{function}({failure.module.text[start:end]})")], reason, sure)


def _operands(failure: Failure) -> Iterator[Any]:
    """(left, right, node) of the operations on the failing line, innermost first."""
    for node in reversed(failure.nodes(ast.BinOp, ast.AugAssign, ast.Compare)):
        if isinstance(node, ast.BinOp):
            yield node.left, node.right, node
        elif isinstance(node, ast.AugAssign):
            yield node.target, node.value, node
        elif len(node.ops) == 1:
            yield node.left, node.comparators[0], node


def _mismatch(failure: Failure, match: Any) -> Iterator[Finding]:
    """Text and another type in one operation, or None as an operand."""
    words = match.groupdict()
    left_type, right_type = words.get("left"), words.get("right")
    operator = words.get("operator") or "+"
    pairs = [p for p in _operands(failure) if _fits(failure, p, operator, left_type, right_type)]
    if "NoneType" in (left_type, right_type):
        yield from _none_operand(failure, pairs, left_type)
        return
    fixes: List[Optional[Dict[str, Any]]] = []
    span = None
    described = f"{left_type} {operator} {right_type}"
    for left, right, node in pairs[:2]:
        span = span or failure.module.span(node)
        text, other, kind = (left, right, right_type) if left_type == "str" else (right, left, left_type)
        if "str" not in (left_type, right_type):
            continue
        from_input = _from_input(failure.inference, failure.module, text) is not None
        spelt = _spells_number(failure, text)
        wants_number = operator not in ("+", "+=") or from_input or (spelt and kind in _NUMERIC)
        if wants_number and kind in _NUMERIC:
            conversion = "float" if kind == "float" else "int"
            if from_input:
                fixes.append(_convert_input(failure.inference, failure.module, text, kind))
            fixes.append(_wrapped(failure, text, conversion, "convert the text to a number", "medium") if not isinstance(node, ast.AugAssign) or text is right else None)
        if operator in ("+", "+="):
            if not (isinstance(node, ast.AugAssign) and other is left):
                fixes.append(_wrapped(failure, other, "str", "only strings can be joined to a string", "high" if not wants_number else "low"))
    values = failure.values(*[n.id for p in pairs[:1] for n in ast.walk(p[2]) if isinstance(n, ast.Name)])
    rule = "type/concatenation" if operator in ("+", "+=") and "str" in (left_type, right_type) else "type/operands"
    yield failure.report(rule, f"{described}: the types do not go together",
        f"Line {failure.line}: convert one side so that both have one type{' (' + values + ')' if values else ''}.",
        "high", [f for f in fixes if f], span)  # fmt: skip


def _spells_number(failure: Failure, node: ast.expr) -> bool:
    held = failure.frame.get("locals") or {}
    shown = str(held.get(node.id, {}).get("repr") or "") if isinstance(node, ast.Name) else ""
    return bool(re.fullmatch(r"['\"]-?\d+(?:\.\d*)?['\"]", shown))


_SYMBOLS = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod, "**": ast.Pow,
    "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
}  # fmt: skip


def _fits(failure: Failure, pair: Any, operator: str, left: Optional[str], right: Optional[str]) -> bool:
    """Whether an operation of the line can be the one that failed."""
    node = pair[2]
    wanted = _SYMBOLS.get(operator.rstrip("=") if operator not in ("<=", ">=") else operator.split(" ")[0])
    if operator.startswith("**"):
        wanted = ast.Pow
    actual = node.ops[0] if isinstance(node, ast.Compare) else node.op
    if wanted is not None and not isinstance(actual, wanted):
        return False
    kinds = _value_kind(failure, pair[0]), _value_kind(failure, pair[1])
    return (kinds[0] in (None, left) or left is None) and (kinds[1] in (None, right) or right is None)


def _none_operand(failure: Failure, pairs: List[Any], left_type: Optional[str]) -> Iterator[Finding]:
    for left, right, _ in pairs[:1]:
        node = left if left_type == "NoneType" else right
        code = failure.module.code(node)
        yield failure.report("type/none", f"'{code}' is None and is used as a value",
            f"Line {failure.line}: find out why '{code}' is None: a function that returns nothing, or a value never set.",
            "medium", none_fixes(failure, node), failure.module.span(node))  # fmt: skip
        return
    yield failure.report("type/none", failure.text, f"Line {failure.line}: one operand is None; make sure that it gets a value.", "medium")


def _arguments(failure: Failure, match: Any) -> Iterator[Finding]:
    name = match.group("function").rsplit(".", 1)[-1]
    calls = [c for c in failure.nodes(ast.Call) if getattr(c.func, "id", getattr(c.func, "attr", None)) == name]
    if name == "__init__" or not calls:
        calls = failure.nodes(ast.Call)
    keyword = match.groupdict().get("keyword")
    hint, fixes = argument_fixes(failure.program, failure.module, calls[0], name, keyword, failure.message) if calls else ("Pass the arguments that the function takes.", [])
    span = failure.module.span(calls[0]) if calls else None
    yield failure.report("type/arguments", f"wrong arguments: {failure.message}", f"Line {failure.line}: {hint}", "high", fixes, span, keyword or name)


def _not_callable(failure: Failure, match: Any) -> Iterator[Finding]:
    kind = match.group(1)
    module = failure.module
    fixes: List[Optional[Dict[str, Any]]] = []
    span = None
    for call in failure.nodes(ast.Call):
        actual = _value_kind(failure, call.func)
        if actual not in (None, kind):
            continue
        start, end = module.span(call)
        span = span or (start, end)
        function_end = module.span(call.func)[1]
        if kind in ("list", "dict", "tuple", "str", "ndarray", "Series", "DataFrame", "deque", "range") and len(call.args) == 1 and not call.keywords:
            opening = module.text.find("(", function_end, end)
            if opening >= 0 and module.text[end - 1] == ")":
                fixes.append(fix(module, [(opening, opening + 1, "["), (end - 1, end, "]")], f"index a {kind} with brackets", "high"))
        if kind in ("int", "float", "str", "bool", "NoneType", "list", "dict", "set", "tuple") and not call.args and not call.keywords:
            fixes.append(fix(module, [(function_end, end, "")], f"it is a value of type {kind}, not a function", "high"))
        if kind in ("int", "float") and len(call.args) == 1:
            fixes.append(fix(module, [(function_end, function_end, " * ")], "multiply with '*'", "medium"))
    yield failure.report("type/not-callable", f"a '{kind}' is called like a function",
        f"Line {failure.line}: what is called is a {kind}; index it with [...], drop the parentheses, or find what took the function's name.",
        "high", fixes, span)  # fmt: skip


def _not_subscriptable(failure: Failure, match: Any) -> Iterator[Finding]:
    kind = match.group(1)
    module = failure.module
    fixes: List[Optional[Dict[str, Any]]] = []
    span = None
    for node in failure.nodes(ast.Subscript):
        if _value_kind(failure, node.value) not in (None, kind):
            continue
        span = span or module.span(node)
        if kind in ("function", "method", "builtin_function_or_method", "type", "method_descriptor"):
            start, end = module.span(node.value)[1], module.span(node)[1]
            opening = module.text.find("[", start, end)
            if opening >= 0:
                fixes.append(fix(module, [(opening, opening + 1, "("), (end - 1, end, ")")], "call it with parentheses", "high"))
                fixes.append(fix(module, [(start, start, "()")], "call it, then take the element", "medium"))
        if kind == "NoneType":
            fixes += none_fixes(failure, node.value)
    rule = "type/none" if kind == "NoneType" else "type/not-subscriptable"
    yield failure.report(rule, f"a '{kind}' cannot be indexed", f"Line {failure.line}: what is indexed is a {kind}; call it, or index what holds the elements.", "high", fixes, span)


def _not_iterable(failure: Failure, match: Any) -> Iterator[Finding]:
    kind = match.group("kind")
    module = failure.module
    fixes: List[Optional[Dict[str, Any]]] = []
    span = None
    for node in failure.nodes(ast.For, ast.comprehension, ast.ListComp, ast.GeneratorExp):
        target = node.iter if hasattr(node, "iter") else node.generators[0].iter
        span = span or module.span(target)
        if kind == "int":
            fixes.append(_wrapped(failure, target, "range", "iterate over range(…), not over a number"))
        elif kind in ("method", "builtin_function_or_method", "function"):
            end = module.span(target)[1]
            fixes.append(fix(module, [(end, end, "()")], "call it to get what it returns", "high"))
        elif kind == "NoneType":
            fixes += none_fixes(failure, target)
    rule = "type/none" if kind == "NoneType" else "type/not-iterable"
    yield failure.report(rule, f"a '{kind}' cannot be iterated over", f"Line {failure.line}: iterate over a list, a range(…) or another collection.", "high", fixes, span)


def _whole_number(failure: Failure, match: Any) -> Iterator[Finding]:
    module = failure.module
    fixes: List[Optional[Dict[str, Any]]] = []
    span = None
    for node in failure.nodes(ast.BinOp):
        if isinstance(node.op, ast.Div):
            start, end = module.span(node.left)[1], module.span(node.right)[0]
            at = module.text.find("/", start, end)
            if at >= 0:
                span = span or module.span(node)
                fixes.append(fix(module, [(at, at + 1, "//")], "'/' gives a float; '//' gives a whole number", "high"))
    text = "str" in failure.message and "float" not in failure.message
    for node in failure.nodes(ast.Subscript, ast.Call):
        inner = [node.slice] if isinstance(node, ast.Subscript) else node.args
        for part in inner:
            kind = _value_kind(failure, part) if isinstance(part, ast.expr) else None
            if kind in ("float", "str") or (kind is None and isinstance(part, (ast.Name, ast.Call)) and not fixes):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") != "range":
                    continue
                span = span or module.span(part)
                if text and _from_input(failure.inference, module, part) is not None:
                    fixes.append(_convert_input(failure.inference, module, part, "int"))
                fixes.append(_wrapped(failure, part, "int", "a whole number is needed here", "high" if kind else "medium"))
    yield failure.report("type/float-index", failure.message, f"Line {failure.line}: use a whole number here: divide with '//' or convert with int(…).", "high", fixes, span)


def _no_length(failure: Failure, match: Any) -> Iterator[Finding]:
    kind = match.group(1)
    calls = [c for c in failure.nodes(ast.Call) if getattr(c.func, "id", "") == "len"]
    fixes = [_wrapped(failure, c.args[0], "str", "count the digits of the number", "low") for c in calls if c.args and kind == "int"]
    if kind == "NoneType" and calls and calls[0].args:
        fixes = none_fixes(failure, calls[0].args[0])
    yield failure.report("type/none" if kind == "NoneType" else "type/no-length", f"a '{kind}' has no length",
        f"Line {failure.line}: take the length of a collection or a string.", "high", fixes, failure.module.span(calls[0]) if calls else None)  # fmt: skip


def _join_item(failure: Failure, match: Any) -> Iterator[Finding]:
    fixes = []
    for call in failure.nodes(ast.Call):
        if getattr(call.func, "attr", "") == "join" and len(call.args) == 1:
            start, end = failure.module.span(call.args[0])
            inner = failure.module.text[start:end]
            inner = inner if not isinstance(call.args[0], ast.GeneratorExp) or inner.startswith("(") else f"({inner})"
            fixes.append(fix(failure.module, [(start, end, f"map(str, {inner})")], "join takes strings only", "high"))
    yield failure.report("type/join", failure.message, f"Line {failure.line}: turn the items into strings first: map(str, …).", "high", fixes)


def _unhashable(failure: Failure, match: Any) -> Iterator[Finding]:
    kind = match.group(1)
    fixes = []
    for node in failure.nodes(ast.Subscript, ast.Call):
        part = node.slice if isinstance(node, ast.Subscript) else node.args[0] if node.args and getattr(node.func, "attr", "") in ("add", "get", "setdefault") else None
        if isinstance(part, ast.expr) and _value_kind(failure, part) in (kind, None) and kind in ("list", "set", "dict"):
            fixes.append(_wrapped(failure, part, "frozenset" if kind == "set" else "tuple", f"a {kind} cannot be a key; a fixed copy can", "medium"))
    yield failure.report("type/unhashable", f"a '{kind}' is used as a key or set member", f"Line {failure.line}: use a tuple or another unchanging value as the key.", "high", fixes)


def _immutable(failure: Failure, match: Any) -> Iterator[Finding]:
    yield failure.report("type/immutable", f"a '{match.group(1)}' cannot be changed in place", f"Line {failure.line}: build a new value, or use a list.", "high")


def _unpack(failure: Failure, match: Any) -> Iterator[Finding]:
    nodes = [n.value for n in failure.nodes(ast.Assign)]
    fixes = none_fixes(failure, nodes[0]) if nodes and match.group(1) == "NoneType" else []
    yield failure.report("type/none" if fixes else "type/unpack", failure.message, f"Line {failure.line}: what is unpacked is a {match.group(1)}; give it as many values as there are targets.", "high", fixes)


_PATTERNS = [
    (r"(?P<function>[\w.]+)\(\) missing \d+ required", _arguments),
    (r"(?P<function>[\w.]+)\(\) takes (?:from )?\w+", _arguments),
    (r"(?P<function>[\w.]+)\(\) got an unexpected keyword argument '(?P<keyword>\w+)'", _arguments),
    (r"(?P<function>[\w.]+)\(\) got multiple values for (?:keyword )?argument", _arguments),
    (r"can only concatenate (?P<left>\w+) \(not \"(?P<right>\w+)\"\)", _mismatch),
    (r"must be (?P<left>str), not (?P<right>\w+)", _mismatch),
    (r"unsupported operand type\(s\) for (?P<operator>\S+)(?: or pow\(\))?: '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'", _mismatch),
    (r"'(?P<operator>[<>]=?)' not supported between instances of '(?P<left>\w+)' and '(?P<right>\w+)'", _mismatch),
    (r"can't multiply sequence by non-int of type '(?P<right>\w+)'()", lambda f, m: _multiplied(f, m)),
    (r"'(\w+)' object is not callable", _not_callable),
    (r"'(\w+)' object is not subscriptable", _not_subscriptable),
    (r"cannot unpack non-iterable (\w+)", _unpack),
    (r"'(?P<kind>\w+)' object is not iterable|argument of type '(?P<kind2>\w+)' is not", lambda f, m: _iterable_words(f, m)),
    (r"indices must be integers|cannot be interpreted as an integer|slice indices must be", _whole_number),
    (r"object of type '(\w+)' has no len", _no_length),
    (r"sequence item \d+: expected str instance, (\w+) found", _join_item),
    (r"unhashable type: '(\w+)'|cannot use '(?:\w+)' as a (?:dict key|set element)", lambda f, m: _unhashable(f, m) if m.group(1) else iter(())),
    (r"'(\w+)' object does not support item assignment", _immutable),
]


def _multiplied(failure: Failure, match: Any) -> Iterator[Finding]:
    fixes = []
    span = None
    for left, right, node in _operands(failure):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for part in (left, right):
                if _value_kind(failure, part) == "str":
                    span = failure.module.span(part)
                    call = _convert_input(failure.inference, failure.module, part, "float")
                    fixes.append(call or _wrapped(failure, part, "float", "convert the text to a number"))
    yield failure.report("type/text-as-number", failure.message, f"Line {failure.line}: convert the text with float(…) before it is multiplied.", "high", fixes, span)


def _iterable_words(failure: Failure, match: Any) -> Iterator[Finding]:
    if match.group("kind"):
        yield from _not_iterable(failure, match)
        return
    kind = match.group("kind2")
    yield failure.report("type/none" if kind == "NoneType" else "type/not-iterable", f"'in' is used on a '{kind}'",
        f"Line {failure.line}: 'in' needs a collection or a string on its right.", "high")  # fmt: skip


TYPE_HANDLERS: Dict[str, Handler] = {"TypeError": _type_error}
