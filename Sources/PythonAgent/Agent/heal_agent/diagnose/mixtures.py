"""Collections of several kinds that are put in order, and texts that differ in their case alone."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from .findings import Finding, fix
from .infer import NUMBERS, Inference, owner_class
from .program import Analyzed
from .shapes import FUNCTIONS, function_around, is_builtin_call, line_of, own_nodes, path_of, report

_DEPTH = 4
_ORDERED = frozenset(("str", "bytes", "int", "float", "bool", "list", "tuple", "None"))
_Kinds = Dict[str, Tuple[Analyzed, ast.AST]]
_FOLDS = frozenset(("upper", "lower", "casefold", "title", "capitalize", "swapcase"))


def mixture_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    return [*_mixed_sorts(inference, module), *_case_mismatches(inference, module)]


# Sorting.


def _mixed_sorts(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """`sorted` and its like over items of kinds that Python does not order."""
    for node in module.walk(ast.Call):
        if any(k.arg == "key" for k in node.keywords):
            continue
        method = isinstance(node.func, ast.Attribute) and node.func.attr == "sort" and not node.args
        if not method and not (is_builtin_call(module, node, "sorted", "min", "max") and len(node.args) == 1):
            continue
        items = node.func.value if method else node.args[0]  # type: ignore[attr-defined]
        kinds = _kinds(inference, module, items)
        families = {("number" if k in NUMBERS else k): place for k, place in (kinds or {}).items()}
        if len(families) < 2:
            continue
        direct = isinstance(items, (ast.List, ast.Tuple, ast.Set))
        shown = ", ".join(f"{k} (line {line_of(*p)})" for k, p in sorted((kinds or {}).items()))
        end = module.span(node)[1] - 1
        fixes = [fix(module, [(end, end, "key=str" if method else ", key=str")], "order them as texts", "medium")] if module.text[end : end + 1] == ")" and "None" not in families else []
        yield report(module, "logic/mixed-sort", node, f"'{module.code(items)}' holds items of kinds that have no order among them: {shown}",
            "order them by a key that is of one kind for all, such as key=str, or make the items of one kind", "high" if direct else "medium", fixes)  # fmt: skip


def _kinds(inference: Inference, module: Analyzed, node: ast.AST, column: Optional[int] = None, depth: int = 0) -> Optional[_Kinds]:
    """The kinds of a collection's items (of one column of them), each with a place; None when not known."""
    if depth > _DEPTH:
        return None
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _of_elements(inference, module, node.elts, column)
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)) and isinstance(node.elt, ast.Name) and column is None:
        return _of_target(inference, module, node.elt, depth)
    if is_builtin_call(module, node, "list", "set", "tuple", "reversed") and len(node.args) == 1:  # type: ignore[attr-defined]
        return _kinds(inference, module, node.args[0], column, depth + 1)  # type: ignore[attr-defined]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.attr in ("keys", "values") and column is None:
        return _of_mapping(inference, module, node.func.value, node.func.attr)
    return _of_variable(inference, module, node, column, depth) if isinstance(node, ast.Name) else None


def _of_elements(inference: Inference, module: Analyzed, elements: List[ast.expr], column: Optional[int]) -> Optional[_Kinds]:
    found: _Kinds = {}
    for element in elements:
        if column is not None:
            if not isinstance(element, (ast.Tuple, ast.List)) or column >= len(element.elts):
                return None
            element = element.elts[column]
        kind = inference.type_of(module, element)
        if kind not in _ORDERED:
            return None
        found.setdefault(str(kind), (module, element))
    return found


def _of_mapping(inference: Inference, module: Analyzed, name: ast.Name, part: str) -> Optional[_Kinds]:
    holder = module.scope_at(name).lookup(name.id)
    bindings = holder.bindings.get(name.id, []) if holder is not None else []
    value = getattr(module.parents.get(bindings[0]), "value", None) if len(bindings) == 1 else None
    if not isinstance(value, ast.Dict) or None in value.keys:
        return None
    return _of_elements(inference, module, value.keys if part == "keys" else value.values, None)  # type: ignore[arg-type]


def _of_variable(inference: Inference, module: Analyzed, name: ast.Name, column: Optional[int], depth: int) -> Optional[_Kinds]:
    holder = module.scope_at(name).lookup(name.id)
    bindings = holder.bindings.get(name.id, []) if holder is not None else []
    if len(bindings) != 1 or holder is None:
        return None
    if isinstance(bindings[0], ast.arg):
        return _of_parameter(inference, module, holder.node, bindings[0], column, depth)
    value = getattr(module.parents.get(bindings[0]), "value", None)
    if value is None or isinstance(module.parents.get(bindings[0]), ast.NamedExpr):
        return None
    found = _kinds(inference, module, value, column, depth + 1)
    if found is None or column is not None:
        return found
    for node in own_nodes(holder.node):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and path_of(node.func.value) == name.id and node.func.attr in ("append", "add") and node.args:
            added = node.args[0]
            kind = inference.type_of(module, added)
            more = {kind: (module, added)} if kind in _ORDERED else _of_target(inference, module, added, depth + 1) if isinstance(added, ast.Name) else None
            if more is None:
                return None
            for k, place in more.items():
                found.setdefault(str(k), place)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and path_of(node.func.value) == name.id and node.func.attr in ("extend", "update", "insert", "remove", "pop"):
            return None
    return found


def _of_target(inference: Inference, module: Analyzed, name: ast.Name, depth: int) -> Optional[_Kinds]:
    """The kinds of a loop's variable."""
    holder = module.scope_at(name).lookup(name.id)
    bindings = holder.bindings.get(name.id, []) if holder is not None else []
    if len(bindings) != 1:
        return None
    parent = module.parents.get(bindings[0])
    if isinstance(parent, (ast.For, ast.comprehension)):
        return _kinds(inference, module, parent.iter, None, depth + 1)
    loop = module.parents.get(parent) if parent is not None else None
    if isinstance(parent, ast.Tuple) and isinstance(loop, (ast.For, ast.comprehension)):
        return _kinds(inference, module, loop.iter, parent.elts.index(bindings[0]), depth + 1)  # type: ignore[arg-type]
    return None


def _of_parameter(inference: Inference, module: Analyzed, function: Any, argument: ast.arg, column: Optional[int], depth: int) -> Optional[_Kinds]:
    """The kinds in the one collection that some call passes; the first of mixed kinds decides."""
    if not isinstance(function, FUNCTIONS) or argument not in function.args.args:
        return None
    position = function.args.args.index(argument) - (owner_class(module, function) is not None)
    for other, call in inference.calls_of(function.name)[:10]:
        value = call.args[position] if 0 <= position < len(call.args) else None
        found = _kinds(inference, other, value, column, depth + 1) if value is not None else None
        if found is not None and len(found) > 1:
            return found
    return None


# Case.


def _data_texts(inference: Inference) -> Dict[str, Dict[str, Tuple[Analyzed, ast.AST]]]:
    """Texts that the program hands around as values, by their lower case: each spelling with its place."""
    found: Dict[str, Dict[str, Tuple[Analyzed, ast.AST]]] = {}
    for module in inference.program.modules:
        for node in module.walk(ast.Constant):
            parent = module.parents.get(node)
            if not isinstance(node.value, str) or not 2 <= len(node.value) <= 24 or not node.value.isalpha():
                continue
            value = isinstance(parent, (ast.Tuple, ast.List, ast.Set, ast.keyword)) or isinstance(parent, ast.Dict) and node in parent.values
            if value or isinstance(parent, ast.Call) and node in parent.args and not (isinstance(parent.func, ast.Attribute) and parent.func.attr in ("get", "pop", "startswith", "endswith", "replace", "split", "join", "print")):
                found.setdefault(node.value.lower(), {}).setdefault(node.value, (module, node))
    return {k: v for k, v in found.items() if len(v) > 1}


def _is_folded(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr in _FOLDS for n in ast.walk(node))


def _compared(module: Analyzed) -> Iterator[Tuple[ast.Constant, ast.expr, ast.AST]]:
    """Texts that something is compared with for equality, with what is compared."""
    for node in module.walk(ast.Compare):
        if len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one, other, node


def _case_mismatches(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A comparison with one spelling of a text that the program's own data also hold in another case."""
    texts = inference.fact(_data_texts)
    asked: Set[str] = {c.value for m in inference.program.modules for c, _, _ in _compared(m)} if texts else set()
    for constant, other, node in _compared(module) if texts else ():
        spellings = texts.get(constant.value.lower(), {})
        odd = next((s for s in sorted(spellings) if s != constant.value and s.lower() == constant.value.lower() and s not in asked), None)
        if odd is None or constant.value not in spellings or not isinstance(other, (ast.Name, ast.Attribute, ast.Subscript)):
            continue
        if not _same_kind(spellings[odd], spellings[constant.value]) or _folded_before(module, node, other):
            continue
        fold = "upper" if constant.value.isupper() else "lower" if constant.value.islower() else None
        end = module.span(other)[1]
        fixes = [fix(module, [(end, end, f".{fold}()")], "compare without regard to case", "medium")] if fold else []
        yield report(module, "logic/case-mismatch", node, f"this compares with {constant.value!r}, and line {line_of(*spellings[odd])} says {odd!r}: the two differ in case and are not equal",
            f"bring both into one case, such as {module.code(other)}.{fold or 'casefold'}()", "medium", fixes)  # fmt: skip


def _same_kind(one: Tuple[Analyzed, ast.AST], other: Tuple[Analyzed, ast.AST]) -> bool:
    """Whether two texts stand in the same place of like things, but not side by side in one collection."""
    return _place(*one) == _place(*other) and one[0].parents.get(one[1]) is not other[0].parents.get(other[1])


def _place(module: Analyzed, node: ast.AST) -> Tuple[Any, ...]:
    parent = module.parents.get(node)
    if isinstance(parent, ast.Tuple):
        return "tuple", len(parent.elts), parent.elts.index(node)  # type: ignore[arg-type]
    if isinstance(parent, ast.keyword):
        return "keyword", parent.arg
    if isinstance(parent, ast.Dict):
        key = parent.keys[parent.values.index(node)]  # type: ignore[arg-type]
        return "value", path_of(key)
    if isinstance(parent, ast.Call):
        return "argument", path_of(parent.func), parent.args.index(node)  # type: ignore[arg-type]
    return "collection", type(parent).__name__


def _folded_before(module: Analyzed, node: ast.AST, other: ast.expr) -> bool:
    """Whether the function brings what is compared into one case."""
    function = function_around(module, node)
    path = path_of(other)
    if function is None or path is None:
        return _is_folded(other)
    return any(isinstance(n, ast.Assign) and path_of(n.targets[0]) == path and _is_folded(n.value) for n in own_nodes(function))
