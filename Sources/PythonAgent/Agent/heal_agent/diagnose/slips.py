"""Slips within a function: the same on both sides, names nobody reads, one index too far, an end without a value."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Set

from .findings import Finding, fix
from .infer import Inference, own_returns, owner_class
from .program import Analyzed
from .shapes import FUNCTIONS, is_builtin_call, line_of, own_nodes, path_of, report

_SAME_IS_POINTLESS = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.BitXor)
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def slip_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    return [
        *_same_sides(module), *_same_conditions(module), *_beyond_end(module), *_short_of_end(module),
        *_unread(inference, module), *_falls_off(inference, module),
    ]  # fmt: skip


# The same twice.


def _same_sides(module: Analyzed) -> Iterator[Finding]:
    """`x == x`, `x - x`, `x and x`, `x = x`: one of the two was to be another."""
    for node in module.walk(ast.Compare, ast.BinOp, ast.BoolOp, ast.Assign):
        pair = _sides(node)
        path = path_of(pair[0]) if pair is not None else None
        if pair is None or path is None or isinstance(pair[0], ast.Constant) or path != path_of(pair[1]):
            continue
        if isinstance(node, ast.Compare) and _tries_operator(module, node):
            continue
        yield report(module, "logic/same-twice", node, f"'{path}' stands on both sides of '{module.code(node)}', so that the result is always the same",
            "put what was meant in place of one of the two", "medium")  # fmt: skip


def _sides(node: ast.AST) -> Optional[Any]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
        return node.left, node.comparators[0]
    if isinstance(node, ast.BinOp) and isinstance(node.op, _SAME_IS_POINTLESS):
        return node.left, node.right
    if isinstance(node, ast.BoolOp) and len(node.values) == 2:
        return node.values[0], node.values[1]
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute):
        return node.targets[0], node.value
    return None


def _tries_operator(module: Analyzed, node: ast.AST) -> bool:
    """Whether a comparison with itself asks for NaN, or tests the operator."""
    outer = next((o for o in module.ancestors(node) if isinstance(o, (ast.Assert, ast.Call, ast.UnaryOp, *FUNCTIONS))), None)
    return not isinstance(outer, FUNCTIONS)


def _same_conditions(module: Analyzed) -> Iterator[Finding]:
    """A chain of conditions that asks the same twice, so that the second branch never runs."""
    for node in module.walk(ast.If):
        if isinstance(module.parents.get(node), ast.If) and [node] == module.parents[node].orelse:  # type: ignore[attr-defined]
            continue
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
            continue
        seen: Dict[str, ast.AST] = {}
        current: Any = node
        while isinstance(current, ast.If):
            text = ast.dump(current.test)
            first = seen.setdefault(text, current)
            if first is not current and not any(isinstance(n, (ast.Call, ast.NamedExpr)) for n in ast.walk(current.test)):
                yield report(module, "logic/repeated-condition", current.test, f"'{module.code(current.test)}' is asked on line {line_of(module, first)} already, so that this branch never runs",
                    "ask for the case that is missing", "medium")  # fmt: skip
            current = current.orelse[0] if len(current.orelse) == 1 else None


# Indices.


def _index_loops(module: Analyzed) -> Iterator[Any]:
    """Loops `for i in range(…len(x)…)`: the loop, the index, what is indexed, and the end beside its length."""
    for loop in module.walk(ast.For, ast.comprehension):
        if not isinstance(loop.target, ast.Name) or not is_builtin_call(module, loop.iter, "range") or len(loop.iter.args) > 2:
            continue
        end, beside = loop.iter.args[-1], 0
        if isinstance(end, ast.BinOp) and isinstance(end.right, ast.Constant) and type(end.right.value) is int and isinstance(end.op, (ast.Add, ast.Sub)):
            beside = end.right.value if isinstance(end.op, ast.Add) else -end.right.value
            end = end.left
        if is_builtin_call(module, end, "len") and len(end.args) == 1 and path_of(end.args[0]):  # type: ignore[attr-defined]
            yield loop, loop.target.id, path_of(end.args[0]), beside, loop.iter.args  # type: ignore[attr-defined]


def _offsets(module: Analyzed, block: ast.AST, index: str, name: str) -> List[Any]:
    """Reads of `name[index ± n]` in a block, as (n, node)."""
    found = []
    for node in ast.walk(block):
        if not isinstance(node, ast.Subscript) or path_of(node.value) != name:
            continue
        key, offset = node.slice, 0
        if isinstance(key, ast.BinOp) and isinstance(key.op, (ast.Add, ast.Sub)) and isinstance(key.right, ast.Constant) and type(key.right.value) is int:
            offset = key.right.value if isinstance(key.op, ast.Add) else -key.right.value
            key = key.left
        found.append((offset if path_of(key) == index else None, node))
    return found


def _beyond_end(module: Analyzed) -> Iterator[Finding]:
    """An index that passes the end in the last round of its loop."""
    for loop, index, name, beside, _ in _index_loops(module):
        block = loop if isinstance(loop, ast.For) else module.parents.get(loop)
        if block is None or _changes_length(loop, name) or any(_tests(n, index) for n in ast.walk(block)):
            continue
        for offset, node in _offsets(module, block, index, name):
            if offset is not None and offset + beside > 0 and isinstance(node.ctx, ast.Load):
                yield report(module, "semantic/index", node, f"in the last round of the loop of line {line_of(module, loop.target)}, '{module.code(node)}' lies beyond the end of '{name}'",
                    f"end the loop {offset + beside} earlier, or index with less", "medium")  # fmt: skip
                break


def _changes_length(loop: Any, name: str) -> bool:
    """Whether a loop may give what it indexes more items."""
    return any(
        isinstance(n, ast.Attribute) and n.attr in ("append", "insert", "extend") and path_of(n.value) == name or isinstance(n, (ast.Try, ast.Break, ast.Return))
        for n in ast.walk(loop)
    )  # fmt: skip


def _tests(node: ast.AST, index: str) -> bool:
    test = node.test if isinstance(node, (ast.If, ast.IfExp, ast.While)) else node if isinstance(node, ast.BoolOp) else None
    tests = [test] if test is not None else list(node.ifs) if isinstance(node, ast.comprehension) else []
    return any(isinstance(n, ast.Name) and n.id == index for t in tests for n in ast.walk(t))


def _short_of_end(module: Analyzed) -> Iterator[Finding]:
    """A loop to the last index but one that looks at each item alone, so that the last is left out."""
    for loop, index, name, beside, arguments in _index_loops(module):
        if beside != -1 or not isinstance(loop, ast.For) or len(arguments) == 2:
            continue
        used = _offsets(module, loop, index, name)
        others = [n for n in ast.walk(loop) if isinstance(n, ast.Name) and n.id == index and n is not loop.target]
        if used and all(offset == 0 and isinstance(node.ctx, ast.Load) for offset, node in used) and len(others) == len(used):
            end = module.span(arguments[-1])
            yield report(module, "logic/short-of-end", loop.iter, f"the last item of '{name}' is never looked at: the loop ends before '{module.code(arguments[-1])}' and reads '{name}[{index}]' alone",
                f"write range(len({name})) if the last item counts too", "low", [fix(module, [(*end, f"len({name})")], "look at the last item too", "medium")])  # fmt: skip


# Names nobody reads.


def _unread(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """Parameters and variables of a function that nothing reads."""
    for scope in module.root.all_scopes():
        function = scope.node
        if not isinstance(function, FUNCTIONS):
            continue
        inner = list(scope.all_scopes())
        read = {n.id for s in inner for n in s.uses}
        if read & {"locals", "vars", "eval", "exec"}:
            continue
        shared = set().union(*(s.globals | s.nonlocals for s in inner))
        for name, nodes in scope.bindings.items():
            if name in read or name in shared or name.startswith(("_", "unused", "ignore", "dummy")):
                continue
            if isinstance(nodes[0], ast.arg):
                if len(nodes) == 1 and _is_free(inference, module, function):
                    yield from _unread_parameter(module, function, nodes[0], read)
            else:
                yield from _unread_variable(module, function, name, nodes)


def _is_free(inference: Inference, module: Analyzed, function: Any) -> bool:
    """Whether the parameters of a function are its own choice, and its body is no stub."""
    statements = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    stub = len(statements) < 2 or isinstance(statements[0], ast.Raise)
    return not (stub or function.decorator_list or inference.is_value(function.name) or owner_class(module, function) is not None)


def _unread_parameter(module: Analyzed, function: Any, argument: ast.arg, read: Set[str]) -> Iterator[Finding]:
    given = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    alone = len([n for n in given if n not in read]) == 1
    if alone and len(given) > 1 and argument.arg in given and not function.args.kwarg and not function.args.vararg:
        yield report(module, "logic/unused-parameter", argument, f"'{function.name}' never reads its parameter '{argument.arg}'",
            f"use '{argument.arg}' where another name stands in its place, or drop it", "low")  # fmt: skip


def _unread_variable(module: Analyzed, function: Any, name: str, nodes: List[ast.AST]) -> Iterator[Finding]:
    parents = [module.parents.get(n) for n in nodes]
    if not all(isinstance(p, ast.Assign) and p.targets == [n] for p, n in zip(parents, nodes)):
        return
    plain = next((p for p in parents if not isinstance(p.value, (ast.Call, ast.Constant, ast.Await, ast.Yield))), None)  # type: ignore[union-attr]
    if plain is not None and plain is not function.body[-1]:
        yield report(module, "logic/unused-variable", plain, f"'{name}' is computed here and never read in '{function.name}'",
            f"use '{name}' where another name stands in its place, or drop it", "low")  # fmt: skip


# Ends.


def _falls_off(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A function that returns values and whose end may be reached without one."""
    for function in module.walk(ast.FunctionDef):
        last = _open_end(function.body) if not function.decorator_list else None
        returns = own_returns(function) if last is not None else []
        if last is None or not returns or any(r.value is None or isinstance(r.value, ast.Constant) and r.value.value is None for r in returns):
            continue
        if not any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_nodes(function)) and _is_needed(inference, function, len(returns)):
            yield report(module, "logic/end-without-value", last, f"'{function.name}' (line {line_of(module, function)}) returns a value on line {line_of(module, returns[0])} and None where this ends without one",
                "return what holds when none of the cases before did", "low")  # fmt: skip


def _is_needed(inference: Inference, function: Any, returns: int) -> bool:
    """Whether some call computes with the function's result; of one never called, whether it answers in several ways."""
    calls = inference.calls_of(function.name)[:20]
    if not calls:
        return returns > 1
    for other, call in calls:
        parent = other.parents.get(call)
        if isinstance(parent, (ast.BinOp, ast.Subscript, ast.For, ast.comprehension, ast.AugAssign, ast.Starred)) and getattr(parent, "slice", None) is not call:
            return True
    return False


def _open_end(body: List[ast.stmt]) -> Optional[ast.stmt]:
    """The statement with which a block may end without returning."""
    last = body[-1]
    if isinstance(last, _ENDS) or isinstance(last, (ast.With, ast.AsyncWith, ast.Try)) or type(last).__name__ in ("Match", "TryStar"):
        return None
    if isinstance(last, ast.If):
        if not last.orelse:
            return last
        return _open_end(last.body) or _open_end(last.orelse)
    if isinstance(last, ast.While) and isinstance(last.test, ast.Constant):
        return None
    if isinstance(last, (ast.For, ast.While)):
        if isinstance(last.body[-1], ast.Return):
            return None  # returns in its first round, which is a matter of its own
        return last if not last.orelse else _open_end(last.orelse)
    return None
