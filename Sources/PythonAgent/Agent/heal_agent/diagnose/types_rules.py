"""Operands that do not go together: string accumulators, concatenation, input used as a number."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .findings import Finding, finding, fix
from .infer import NUMBERS, Inference, attribute_assignments
from .program import Analyzed

_ARITHMETIC = (ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow)
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def type_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings on operand types of a module."""
    found = list(_accumulators(inference, module))
    taken = {tuple(f["range"][:1]) for f in found}
    for item in (*_concatenations(inference, module), *_operands(inference, module), *_indices(inference, module)):
        if tuple(item["range"][:1]) not in taken:
            found.append(item)
    return found


def _number_in(node: Optional[ast.AST]) -> Optional[str]:
    """The number that a string literal spells, "0" for the empty string."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    text = node.value.strip()
    if not text:
        return "0"
    try:
        float(text)
    except ValueError:
        return None
    return text if text[0] in "0123456789-." else None


def _accumulators(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A string that spells a number, or is empty, to which numbers are added."""
    done = set()
    for node, added, operator in _augmentations(module):
        start = _initial(inference, module, node)
        if start is None or id(start) in done:
            continue
        number = _number_in(start)
        if number is None:
            continue
        empty = isinstance(start, ast.Constant) and not start.value.strip()  # type: ignore[union-attr]
        kind = inference.type_of(module, added)
        if kind == "str" or isinstance(operator, ast.Mod):
            continue
        numeric = kind in NUMBERS or not isinstance(operator, (ast.Add, ast.Mult)) or _used_as_number(module, node)
        if not numeric and (empty or number not in ("0", "0.0", "0.", "1") or _used_as_text(module, node)):
            continue
        done.add(id(start))
        name = module.code(node)
        span = module.span(start)
        line = module.original_range(*span)[0]
        value = module.code(added)
        yield finding(module, "type/string-accumulator", span,
            f"'{name}' starts as the string {module.code(start)} and is used as a number",
            f"Line {line}: start '{name}' with the number {number}, since '{value}' is added to it on line {module.original_range(*module.span(node))[0]}.",
            "high" if numeric else "medium",
            [fix(module, [(*span, number)], f"'{name}' is a number, so it starts as one", "high" if numeric else "medium")])  # fmt: skip


def _augmentations(module: Analyzed) -> Iterator[Tuple[Any, ast.expr, ast.operator]]:
    """Places that add to a name or attribute: (target, what is added, operator)."""
    for node in module.walk(ast.AugAssign):
        if isinstance(node.target, (ast.Name, ast.Attribute)):
            yield node.target, node.value, node.op
    for node in module.walk(ast.Assign):
        if len(node.targets) == 1 and isinstance(node.value, ast.BinOp) and isinstance(node.targets[0], (ast.Name, ast.Attribute)):
            target = node.targets[0]
            for own, other in ((node.value.left, node.value.right), (node.value.right, node.value.left)):
                if isinstance(own, type(target)) and ast.dump(own).replace("Load()", "Store()") == ast.dump(target):
                    yield target, other, node.value.op
                    break


def _initial(inference: Inference, module: Analyzed, target: ast.expr) -> Optional[ast.expr]:
    """The only plain value ever assigned to what is added to."""
    values: List[Optional[ast.expr]] = []
    if isinstance(target, ast.Name):
        holder = module.scope_at(target).lookup(target.id)
        for node in holder.bindings.get(target.id, []) if holder else []:
            parent = module.parents.get(node)
            if isinstance(parent, (ast.Assign, ast.AnnAssign)) and not _adds_to_itself(parent):
                values.append(parent.value)
            elif not isinstance(parent, (ast.AugAssign, ast.Assign, ast.Delete)):
                return None
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        info = inference.class_of(module, target.value)
        if info is None or info.module is not module:
            return None
        for node, value in attribute_assignments(info, target.attr):
            parent = module.parents.get(node)
            if isinstance(parent, (ast.Assign, ast.AnnAssign)) and not _adds_to_itself(parent):
                values.append(value)
    constants = [v for v in values if _number_in(v) is not None]
    if not constants or any(v is None or (_number_in(v) is None and inference.type_of(module, v) not in NUMBERS) for v in values):
        return None
    return constants[0]


def _adds_to_itself(node: Any) -> bool:
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.BinOp):
        return False
    target = ast.dump(node.targets[0]).replace("Store()", "Load()")
    return target in (ast.dump(node.value.left), ast.dump(node.value.right))


def _same(module: Analyzed, target: ast.expr) -> Iterator[ast.expr]:
    """Other reads of what a target names."""
    wanted = ast.dump(target).replace("Store()", "Load()")
    for node in module.walk(type(target)):
        if isinstance(node.ctx, ast.Load) and ast.dump(node) == wanted:
            yield node


def _used_as_number(module: Analyzed, target: ast.expr) -> bool:
    """Whether some other use needs a number."""
    for node in _same(module, target):
        parent = module.parents.get(node)
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow)):
            return True
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod) and parent.left is node:
            return True
        if isinstance(parent, ast.Compare):
            others = (parent.left, *parent.comparators)
            if any(isinstance(o, ast.Constant) and isinstance(o.value, (int, float)) for o in others):
                return True
        if isinstance(parent, ast.FormattedValue) and parent.format_spec is not None:
            if any(c in ast.dump(parent.format_spec) for c in ("f'", "d'", "%'")):
                return True
    return False


def _used_as_text(module: Analyzed, target: ast.expr) -> bool:
    """Whether some use needs a string: a method of it, an index, a concatenation."""
    for node in _same(module, target):
        parent = module.parents.get(node)
        if isinstance(parent, (ast.Attribute, ast.Subscript)) and parent.value is node:
            return True
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add):
            other = parent.right if parent.left is node else parent.left
            if isinstance(other, (ast.JoinedStr,)) or isinstance(other, ast.Constant) and isinstance(other.value, str):
                return True
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in ("int", "len", "float"):
            return True
    return False


def _wrap(module: Analyzed, node: ast.expr, function: str, reason: str, confidence: str = "high") -> Optional[Dict[str, Any]]:
    start, end = module.span(node)
    text = module.text[start:end]
    return fix(module, [(start, end, f"{function}({text})")], reason, confidence)


def _concatenations(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A string joined by + with something that is plainly no string."""
    pairs = [(n, n.left, n.right) for n in module.walk(ast.BinOp) if isinstance(n.op, ast.Add)]
    pairs += [(n, n.target, n.value) for n in module.walk(ast.AugAssign) if isinstance(n.op, ast.Add)]
    for node, left, right in pairs:
        kinds = inference.type_of(module, left), inference.type_of(module, right)
        if kinds[0] == kinds[1] or "str" not in kinds or None in kinds:
            continue
        other, kind = (right, kinds[1]) if kinds[0] == "str" else (left, kinds[0])
        text = left if other is right else right
        if kind is None or kind.startswith("class:") or kind == "bytes" or kind == "None" and not isinstance(other, ast.Call):
            continue
        if _guarded_type(module, node):
            continue
        fixes = []
        if kind in NUMBERS and _from_input(inference, module, text) is not None:
            fixes.append(_convert_input(inference, module, text, kind))
        if not isinstance(node, ast.AugAssign) or other is right:
            fixes.append(_wrap(module, other, "str", "only strings can be joined to a string"))
        span = module.span(node)
        line = module.original_range(*module.span(other))[0]
        yield finding(module, "type/concatenation", span,
            f"a string and {_article(kind)} are joined by '+'",
            f"Line {line}: '{module.code(other)}' is {_article(kind)}; wrap it in str(…) or use an f-string.",
            "high", fixes)  # fmt: skip


def _article(kind: str) -> str:
    return "None" if kind == "None" else f"an {kind}" if kind[:1] in "aeiou" else f"a {kind}"


def _guarded_type(module: Analyzed, node: ast.AST) -> bool:
    """Whether code around checks types or expects a TypeError."""
    for outer in module.ancestors(node):
        if isinstance(outer, ast.Try) and any("TypeError" in module.code(h.type) for h in outer.handlers if h.type is not None):
            return True
        if isinstance(outer, ast.If) and "isinstance" in module.code(outer.test):
            return True
        if isinstance(outer, ast.With) and "aise" in module.code(outer.items[0].context_expr):
            return True
    return False


def _from_input(inference: Inference, module: Analyzed, node: ast.expr) -> Optional[ast.Call]:
    """The one `input(…)` call that a name's value comes from."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "input":
        return node
    if not isinstance(node, ast.Name):
        return None
    holder = module.scope_at(node).lookup(node.id)
    nodes = holder.bindings.get(node.id, []) if holder else []
    if len(nodes) != 1:
        return None
    parent = module.parents.get(nodes[0])
    value = parent.value if isinstance(parent, ast.Assign) else None
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in ("strip", "rstrip", "lstrip"):
        value = value.func.value  # type: ignore[assignment]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "input":
        return parent.value if isinstance(parent, ast.Assign) else None  # type: ignore[return-value]
    return None


def _convert_input(inference: Inference, module: Analyzed, node: ast.expr, kind: str) -> Optional[Dict[str, Any]]:
    call = _from_input(inference, module, node)
    if call is None:
        return None
    return _wrap(module, call, "float" if kind == "float" else "int", "input() gives text; convert it to a number")


def _operands(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """Text compared with, or calculated with, a number."""
    for node in module.walk(ast.BinOp, ast.Compare):
        if isinstance(node, ast.Compare):
            if len(node.ops) != 1 or not isinstance(node.ops[0], (*_ORDER, ast.Eq, ast.NotEq)):
                continue
            left, right = node.left, node.comparators[0]
        elif isinstance(node.op, _ARITHMETIC):
            left, right = node.left, node.right
        else:
            continue
        kinds = inference.type_of(module, left), inference.type_of(module, right)
        if None in kinds or "str" not in kinds or not (kinds[0] in NUMBERS or kinds[1] in NUMBERS):
            continue
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and "float" not in kinds:
            # Repeating text is meant as often as not, except where the text comes from the keyboard.
            text = left if kinds[0] == "str" else right
            if _from_input(inference, module, text) is None:
                continue
        text, kind = (left, kinds[1]) if kinds[0] == "str" else (right, kinds[0])
        equality = isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Eq, ast.NotEq))
        from_input = _from_input(inference, module, text) is not None
        if _guarded_type(module, node) or equality and not from_input:
            continue
        function = "float" if kind == "float" else "int"
        fixes = [_convert_input(inference, module, text, kind or "int")] if from_input else []
        if not fixes or fixes[0] is None:
            fixes = [_wrap(module, text, function, "convert the text to a number", "medium")]
        line = module.original_range(*module.span(node))[0]
        yield finding(module, "type/text-as-number", module.span(node),
            f"'{module.code(text)}' is text and is used with a number",
            f"Line {line}: convert '{module.code(text)}' with {function}(…) before it meets a number.",
            "medium" if equality else "high", fixes)  # fmt: skip


def _indices(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A true division where only whole numbers are allowed, numbers that are iterated over."""
    places: List[Tuple[ast.AST, ast.expr]] = []
    for node in module.walk(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "range" and module.scope_at(node.func).lookup("range") is None:
            places += [(node, a) for a in node.args]
    for node in module.walk(ast.Subscript):
        index: Any = node.slice
        if isinstance(index, ast.Slice):
            places += [(node, p) for p in (index.lower, index.upper) if p is not None]
        elif inference.type_of(module, node.value) in ("list", "str", "tuple"):
            places.append((node, index))
    for node, place in places:
        if isinstance(place, ast.BinOp) and isinstance(place.op, ast.Div):
            start, end = module.span(place.left)[1], module.span(place.right)[0]
            at = module.text.find("/", start, end)
            fixes = [fix(module, [(at, at + 1, "//")], "'/' gives a float; '//' gives a whole number", "high")] if at >= 0 else []
            yield finding(module, "type/float-index", module.span(place), "a float is used where only a whole number works",
                f"Line {module.original_range(*module.span(place))[0]}: '/' always gives a float; divide with '//'.", "high", fixes)  # fmt: skip
    for node in module.walk(ast.For, ast.comprehension):
        kind = inference.type_of(module, node.iter)
        if kind in ("int", "float"):
            fixes = [_wrap(module, node.iter, "range", "iterate over range(…), not over a number")] if kind == "int" else []
            yield finding(module, "type/not-iterable", module.span(node.iter), f"'{module.code(node.iter)}' is a number and cannot be iterated over",
                f"Line {module.original_range(*module.span(node.iter))[0]}: iterate over range({module.code(node.iter)}).", "high", fixes)  # fmt: skip
