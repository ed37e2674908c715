"""Divisions by a count that may be zero."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Set

from .findings import Finding, fix
from .infer import Inference
from .program import Analyzed
from .shapes import function_around, is_builtin_call, line_of, own_nodes, parameters_of, path_of, report

_DIVISIONS = (ast.Div, ast.FloorDiv, ast.Mod)


def divisor_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    found: List[Finding] = []
    for node in module.walk(ast.BinOp):
        if not isinstance(node.op, _DIVISIONS) or isinstance(node.left, (ast.Constant, ast.JoinedStr)) and isinstance(node.left.value if isinstance(node.left, ast.Constant) else "", str):
            continue
        found += _by_length(inference, module, node)
        found += _by_counter(module, node)
    return found


def _by_length(inference: Inference, module: Analyzed, node: ast.BinOp) -> Iterator[Finding]:
    """`sum(values) / len(values)`, of a collection that nothing says is not empty."""
    if not is_builtin_call(module, node.right, "len", "sum") or len(node.right.args) != 1:  # type: ignore[attr-defined]
        return
    counted = node.right.args[0]  # type: ignore[attr-defined]
    name = path_of(counted)
    function = function_around(module, node)
    if name is None or function is None or isinstance(node.op, ast.Mod) or not isinstance(counted, ast.Name):
        return
    if _is_guarded(module, function, node, name) or _is_filled(module, function, counted):
        return
    average = any(path_of(n) == name for n in ast.walk(node.left))
    empty = _empty_call(inference, module, function, name)
    where = f"; line {empty} passes an empty one" if empty else ""
    returned = module.parents.get(node)
    yield report(module, "semantic/zero-division", node, f"'{module.code(node.right)}' is 0 where '{name}' is empty, and nothing before checks that{where}",
        f"say what the result is of an empty '{name}', before dividing", "medium" if empty else "low",
        [_guard(module, returned, name)] if (average or empty) and isinstance(returned, ast.Return) and returned in function.body else [])  # fmt: skip


def _guard(module: Analyzed, returned: Any, name: str) -> Optional[Dict[str, Any]]:
    start = module.span(returned)[0]
    line_start = module.source.starts[module.source.position(start)[0] - 1]
    indent = module.text[line_start:start]
    if indent.strip():
        return None
    newline = module.source.line_end
    return fix(module, [(start, start, f"if not {name}:{newline}{indent}    return 0.0{newline}{indent}")], f"the result of an empty '{name}'", "medium")


def _is_guarded(module: Analyzed, function: Any, node: ast.AST, name: str) -> bool:
    """Whether some condition of the function speaks of the collection, or a handler takes the error."""
    for outer in module.ancestors(node):
        if isinstance(outer, (ast.For, ast.comprehension)) and _speaks_of(outer.iter, name) or isinstance(outer, ast.Try) and outer.handlers:
            return True
        if isinstance(outer, (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)) and any(_speaks_of(g.iter, name) for g in outer.generators):
            return True
        if outer is function:
            break
    for other in own_nodes(function):
        test = getattr(other, "test", None) if isinstance(other, (ast.If, ast.IfExp, ast.While, ast.Assert)) else other if isinstance(other, ast.BoolOp) else None
        if test is not None and _speaks_of(test, name):
            return True
        if isinstance(other, ast.Call) and isinstance(other.func, ast.Name) and any(w in other.func.id for w in ("check", "valid", "require", "ensure")) and _speaks_of(other, name):
            return True
    return False


def _speaks_of(node: ast.AST, name: str) -> bool:
    return any(path_of(n) == name for n in ast.walk(node) if isinstance(n, (ast.Name, ast.Attribute)))


def _is_filled(module: Analyzed, function: Any, counted: ast.Name) -> bool:
    """Whether a name is bound to something that is plainly not empty, or to what only running can tell."""
    if counted.id in parameters_of(function):
        return False
    for node in own_nodes(function):
        if isinstance(node, ast.Assign) and any(path_of(t) == counted.id for t in node.targets):
            return not _may_be_empty(node.value)
    return True


def _may_be_empty(value: ast.AST) -> bool:
    if isinstance(value, (ast.List, ast.Dict, ast.Set)):
        return not getattr(value, "elts", getattr(value, "keys", []))
    return isinstance(value, (ast.ListComp, ast.SetComp)) and any(g.ifs for g in value.generators)


def _empty_call(inference: Inference, module: Analyzed, function: Any, name: str) -> Optional[int]:
    """The line of a call that passes something empty for a parameter."""
    names: Set[str] = set(parameters_of(function))
    if name not in names:
        return None
    position = parameters_of(function).index(name)
    for other, call in inference.calls_of(function.name)[:20]:
        value = call.args[position] if position < len(call.args) else None
        if isinstance(value, (ast.List, ast.Tuple, ast.Set)) and not value.elts or isinstance(value, ast.Name) and _among_empty(other, value):
            return line_of(other, value)
    return None


def _among_empty(module: Analyzed, name: ast.Name) -> bool:
    """Whether a name goes over literals of which one is empty."""
    loop = next((o for o in module.ancestors(name) if isinstance(o, (ast.For, ast.comprehension)) or isinstance(o, (ast.GeneratorExp, ast.ListComp))), None)
    for outer in (loop, *getattr(loop, "generators", ())):
        if isinstance(outer, (ast.For, ast.comprehension)) and any(path_of(n) == name.id for n in ast.walk(outer.target)):
            return any(isinstance(n, (ast.List, ast.Tuple, ast.Set)) and not n.elts for n in ast.walk(outer.iter))
    return False


def _by_counter(module: Analyzed, node: ast.BinOp) -> Iterator[Finding]:
    """A division by a count that starts at 0 and grows only under a condition of a loop."""
    if not isinstance(node.right, ast.Name) or isinstance(node.op, ast.Mod):
        return
    function, name = function_around(module, node), node.right.id
    if function is None or _is_guarded(module, function, node, name):
        return
    bound = [n for n in own_nodes(function) if isinstance(n, (ast.Assign, ast.AugAssign)) and path_of(n.targets[0] if isinstance(n, ast.Assign) else n.target) == name]
    starts = [n for n in bound if isinstance(n, ast.Assign)]
    steps = [n for n in bound if isinstance(n, ast.AugAssign)]
    if len(starts) != 1 or not steps or not (isinstance(starts[0].value, ast.Constant) and starts[0].value.value == 0):
        return
    if all(module.enclosing(s, ast.For, ast.While) is not None for s in steps) and module.enclosing(node, ast.For, ast.While) is None:
        yield report(module, "semantic/zero-division", node, f"'{name}' starts at 0 (line {line_of(module, starts[0])}) and stays 0 where the loop never gets to line {line_of(module, steps[0])}",
            f"say what the result is where '{name}' is 0, before dividing", "low")  # fmt: skip
