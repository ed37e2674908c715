"""Names that hide others of the same spelling which are still needed."""

from __future__ import annotations

import ast
from typing import Iterator, List, Optional

from .findings import Finding, fix
from .infer import Inference
from .inventory import BUILTINS
from .program import Analyzed
from .shapes import FUNCTIONS, function_around, line_of, own_nodes, parameters_of, path_of, report

_CALLED = frozenset("list dict str int float set tuple len max min sum sorted range print open round enumerate zip bool abs".split())


def shadowing_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    return [*_nested_loops(module), *_overwritten(module), *_called_before_bound(module), *_hidden_builtins(inference, module)]


def _targets(node: ast.For) -> List[ast.Name]:
    return [n for n in ast.walk(node.target) if isinstance(n, ast.Name) and n.id != "_"]


def _nested_loops(module: Analyzed) -> Iterator[Finding]:
    """A loop inside another that takes the other's variable, which is used afterwards."""
    for inner in module.walk(ast.For):
        outer = module.enclosing(inner, ast.For, *FUNCTIONS, ast.ClassDef)
        if not isinstance(outer, ast.For) or not any(inner in set(ast.walk(s)) for s in outer.body):
            continue
        for name in _targets(inner):
            if all(n.id != name.id for n in _targets(outer)):
                continue
            after = _first_use(module, outer, name.id, module.span(inner)[1])
            read = any(isinstance(n, ast.Name) and n.id == name.id for n in ast.walk(inner.iter))
            if after is not None and not read and not _in_other_branch(module, inner, after):
                yield report(module, "logic/shadowed-loop-variable", name, f"the inner loop overwrites '{name.id}' of the loop on line {line_of(module, outer)}, and line {line_of(module, after)} uses it afterwards",
                    "give the variable of the inner loop another name", "medium")  # fmt: skip


def _in_other_branch(module: Analyzed, one: ast.AST, other: ast.AST) -> bool:
    """Whether two nodes stand in the two branches of one condition, so that a run meets only one of them."""
    around = set(module.ancestors(other))
    below = one
    for outer in module.ancestors(one):
        if isinstance(outer, ast.If) and outer in around and below in outer.body:
            return any(s is other or s in around for s in outer.orelse)
        below = outer
    return False


def _first_use(module: Analyzed, block: ast.AST, name: str, offset: int) -> Optional[ast.Name]:
    """The first read of a name after an offset, unless it is bound again before."""
    uses = [n for n in own_nodes(block) if isinstance(n, ast.Name) and n.id == name and module.span(n)[0] >= offset]
    first = min(uses, key=lambda n: module.span(n)[0], default=None)
    return first if first is not None and isinstance(first.ctx, ast.Load) else None


def _overwritten(module: Analyzed) -> Iterator[Finding]:
    """A parameter that a loop takes for its variable before anything read it, and that is used after the loop."""
    for loop in module.walk(ast.For):
        function = function_around(module, loop)
        for name in _targets(loop) if function is not None else ():
            if name.id not in parameters_of(function) or name.id in ("self", "cls"):
                continue
            start, end = module.span(loop)
            read = [n for n in own_nodes(function) if isinstance(n, ast.Name) and n.id == name.id and module.span(n)[0] < start]
            read += [n for n in ast.walk(loop.iter) if isinstance(n, ast.Name) and n.id == name.id]
            after = _first_use(module, function, name.id, end)
            if not read and after is not None:
                yield report(module, "logic/shadowed-parameter", name, f"the loop overwrites the parameter '{name.id}' (line {line_of(module, function)}) before anything uses it, and line {line_of(module, after)} reads it after the loop",
                    "give the variable of the loop another name", "medium")  # fmt: skip


def _called_before_bound(module: Analyzed) -> Iterator[Finding]:
    """`total = total(x)` in a function, where the name is local and has no value yet when it is called."""
    for node in module.walk(ast.Assign):
        target = node.targets[0]
        if len(node.targets) != 1 or not isinstance(target, ast.Name) or not isinstance(node.value, ast.Call) or path_of(node.value.func) != target.id:
            continue
        scope = module.scope_at(node)
        function = function_around(module, node)
        if scope.kind != "function" or target.id in scope.globals | scope.nonlocals or scope.bindings.get(target.id) != [target] or function is None:
            continue
        outside = "the builtin" if target.id in BUILTINS and module.root.lookup(target.id) is None else "what is defined outside"
        if outside == "what is defined outside" and module.root.lookup(target.id) is None:
            continue
        uses = [n for n in own_nodes(function) if isinstance(n, ast.Name) and n.id == target.id and n is not node.value.func]
        edits = [(*module.span(n), f"{target.id}_") for n in uses]
        item = report(module, "name/unbound-local", node.value.func, f"'{target.id}' is local to '{function.name}', since this line binds it, and has no value yet when it is called; {outside} is hidden",
            f"give the variable another name, such as '{target.id}_'", "high", [fix(module, edits, "a variable must not hide the function it is computed with", "high")])  # fmt: skip
        item["subject"] = target.id
        yield item


def _hidden_builtins(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A parameter or loop variable with a builtin's name that is then called as the builtin would be."""
    for call in module.walk(ast.Call):
        if not isinstance(call.func, ast.Name) or call.func.id not in _CALLED:
            continue
        holder = module.scope_at(call.func).lookup(call.func.id)
        nodes = holder.bindings.get(call.func.id, []) if holder is not None else []
        if len(nodes) != 1 or inference.type_of(module, call.func) is not None or not _is_value(module, nodes[0]):
            continue
        others = [n for n in module.walk(ast.Name) if n.id == call.func.id and module.scope_at(n).lookup(n.id) is holder]
        as_value = next((n for n in others if _is_used_as_value(module, n)), None)
        if as_value is not None:
            yield report(module, "type/shadowed-builtin", call.func, f"'{call.func.id}' is the variable of line {line_of(module, nodes[0])} here, which line {line_of(module, as_value)} uses as a value, and not the builtin",
                f"give the variable another name than the builtin '{call.func.id}'", "medium")  # fmt: skip


def _is_value(module: Analyzed, node: ast.AST) -> bool:
    return isinstance(node, ast.arg) or isinstance(node, ast.Name) and isinstance(module.parents.get(node), (ast.For, ast.comprehension))


def _is_used_as_value(module: Analyzed, node: ast.Name) -> bool:
    """Whether a use of a name is none that a function could stand in."""
    parent = module.parents.get(node)
    if not isinstance(node.ctx, ast.Load):
        return False
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is node
    return isinstance(parent, (ast.BinOp, ast.AugAssign)) or isinstance(parent, ast.Subscript) and parent.value is node
