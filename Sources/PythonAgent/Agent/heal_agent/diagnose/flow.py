"""Suspicions about the flow of control: wrong depth, results that are None, callables as values."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional

from .calls import missing_return_fix
from .findings import Finding, finding, fix
from .infer import Inference, own_returns
from .program import Analyzed

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def flow_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    found: List[Finding] = []
    for rule in (_after_loop, _early_return, _none_results, _uncalled, _late_binding):
        found += rule(inference, module)
    return found


def _line(module: Analyzed, node: ast.AST) -> int:
    return module.original_range(*module.span(node))[0]


def _blocks(module: Analyzed) -> Iterator[List[ast.stmt]]:
    for node in module.walk(ast.Module, *_Function, ast.For, ast.While, ast.If, ast.With, ast.Try, ast.ClassDef):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if block:
                yield block


def _after_loop(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A statement right after a loop that adds up or collects the loop's variable, as if it stood inside."""
    for block in _blocks(module):
        for loop, after in zip(block, block[1:]):
            if not isinstance(loop, ast.For) or loop.orelse or _leaves_early(loop):
                continue
            targets = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
            if not _collects(after, targets) or _bound_elsewhere(module, loop, targets):
                continue
            yield _deeper(module, loop, after)


def _leaves_early(loop: ast.For) -> bool:
    return any(isinstance(n, (ast.Break, ast.Return)) for n in ast.walk(loop))


def _collects(node: ast.stmt, targets: set) -> bool:
    """`total += x` and `found.append(x)` for a loop's variable x."""
    if isinstance(node, ast.AugAssign):
        value: ast.AST = node.value
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute) and node.value.func.attr in ("append", "add", "extend"):
        value = node.value
    else:
        return False
    return any(isinstance(n, ast.Name) and n.id in targets for n in ast.walk(value))


def _bound_elsewhere(module: Analyzed, loop: ast.For, targets: set) -> bool:
    scope = module.scope_at(loop)
    own = {n for n in ast.walk(loop.target)}
    return any(n not in own for t in targets for n in scope.bindings.get(t, []))


def _deeper(module: Analyzed, loop: ast.For, after: ast.stmt) -> Finding:
    first = loop.body[0]
    indent = _indent(module, first)
    old = _indent(module, after)
    start = module.span(after)[0]
    fixes: List[Optional[Dict[str, Any]]] = []
    if indent is not None and old is not None and after.lineno == after.end_lineno:
        fixes = [fix(module, [(start - len(old), start, indent)], "do it for each item, inside the loop", "medium")]
    names = module.code(loop.target)
    return finding(module, "logic/outside-loop", module.span(after), f"this runs once, after the loop over '{names}', and uses '{names}'",
        f"Line {_line(module, after)}: indent the statement if it is meant for each '{names}'.", "low", fixes)  # fmt: skip


def _indent(module: Analyzed, node: ast.stmt) -> Optional[str]:
    start = module.span(node)[0]
    line_start = module.source.starts[module.source.position(start)[0] - 1]
    text = module.text[line_start:start]
    return text if not text.strip() else None


def _early_return(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A loop whose body always returns at its end, so that it never reaches a second round."""
    for loop in module.walk(ast.For):
        last = loop.body[-1]
        if not isinstance(last, ast.Return) or len(loop.body) < 2:
            continue
        if any(isinstance(n, ast.Continue) for n in ast.walk(loop)) or not _accumulates(loop):
            continue
        outer = _indent(module, loop)
        start = module.span(last)[0]
        old = _indent(module, last)
        fixes = [fix(module, [(start - len(old), start, outer)], "return after the loop, not in its first round", "high")] if old is not None and outer is not None and last.lineno == last.end_lineno else []
        yield finding(module, "logic/return-in-loop", module.span(last), "the loop returns in its first round",
            f"Line {_line(module, last)}: indent 'return' less, so that it stands after the loop.", "medium", fixes)  # fmt: skip


def _accumulates(loop: ast.For) -> bool:
    """Whether the loop's body builds up what it returns."""
    last = loop.body[-1]
    names = {n.id for n in ast.walk(last) if isinstance(n, ast.Name)} if isinstance(last, ast.Return) else set()
    for statement in loop.body[:-1]:
        for node in ast.walk(statement):
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in names:
                return True
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "add"):
                if isinstance(node.func.value, ast.Name) and node.func.value.id in names:
                    return True
    return False


def _none_results(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """The result of a function of this file that returns nothing, used as a value."""
    for call in module.walk(ast.Call):
        if not isinstance(call.func, ast.Name):
            continue
        holder = module.scope_at(call.func).lookup(call.func.id)
        nodes = holder.bindings.get(call.func.id, []) if holder else []
        if len(nodes) != 1 or not isinstance(nodes[0], ast.FunctionDef) or nodes[0].decorator_list:
            continue
        function = nodes[0]
        if not _needs_value(module, call) or not _returns_nothing(function):
            continue
        fixes = [missing_return_fix(module, function)]
        yield finding(module, "logic/missing-return", module.span(call), f"'{function.name}' returns nothing, and its result is used",
            f"Line {_line(module, call)}: return the result from '{function.name}' (line {_line(module, function)}).", "medium", fixes)  # fmt: skip


def _needs_value(module: Analyzed, call: ast.Call) -> bool:
    """Whether the place of a call needs something other than None."""
    parent = module.parents.get(call)
    if isinstance(parent, ast.BinOp):
        return True
    if isinstance(parent, (ast.Attribute, ast.Subscript, ast.Starred)):
        return parent.value is call
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is call
    if isinstance(parent, ast.Compare):
        return all(isinstance(o, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for o in parent.ops)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and call in parent.args:
        return parent.func.id in ("print", "len", "sum", "int", "float", "sorted", "max", "min", "list")
    return isinstance(parent, ast.FormattedValue)


def _returns_nothing(function: ast.FunctionDef) -> bool:
    if any(r.value is not None for r in own_returns(function)):
        return False
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(function)):
        return False
    last = function.body[-1]
    stub = isinstance(last, (ast.Raise, ast.Pass)) or isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant)
    endless = any(isinstance(n, ast.While) and isinstance(n.test, ast.Constant) for n in function.body)
    return not stub and not endless


def _uncalled(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A method of the program in a condition, a comparison or a sum, without its call."""
    for node in module.walk(ast.Attribute):
        if not isinstance(node.ctx, ast.Load) or not isinstance(node.value, ast.Name):
            continue
        parent = module.parents.get(node)
        condition = isinstance(parent, (ast.If, ast.While, ast.IfExp)) and parent.test is node or isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)
        operand = isinstance(parent, ast.BinOp) or isinstance(parent, ast.Compare) and all(isinstance(o, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for o in parent.ops)
        looped = isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is node
        shown = isinstance(parent, ast.FormattedValue)
        if not (condition or operand or looped or shown):
            continue
        info = inference.class_of(module, node.value)
        method = info.methods.get(node.attr) if info is not None else None
        if not isinstance(method, _Function) or method.decorator_list or node.attr in inference.program.stored_attributes:
            continue
        if len(method.args.args) - len(method.args.defaults) != 1 or _bound_in_class(info, node.attr):
            continue
        end = module.span(node)[1]
        yield finding(module, "type/missing-call", module.span(node), f"'{module.code(node)}' is a method and is not called",
            f"Line {_line(module, node)}: call it: '{module.code(node)}()'.", "high" if operand or looped else "medium",
            [fix(module, [(end, end, "()")], f"'{node.attr}' is a method; call it", "high")])  # fmt: skip


def _bound_in_class(info: Any, name: str) -> bool:
    scopes = info.module.scopes
    scope = scopes.of_node.get(info.node) if scopes is not None else None
    return scope is None or len(scope.bindings.get(name, ())) > 1


def _late_binding(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """Functions collected in a loop that all read the loop's last value."""
    for function in module.walk(ast.Lambda):
        loop = module.enclosing(function, ast.For, *_Function)
        if not isinstance(loop, ast.For):
            continue
        targets = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
        own = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
        used = sorted({n.id for n in ast.walk(function.body) if isinstance(n, ast.Name) and n.id in targets} - own)
        parent = module.parents.get(function)
        kept = isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr in ("append", "add", "insert")
        kept = kept or isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript)
        if not used or not kept or function.args.vararg or function.args.kwarg:
            continue
        at = module.span(function)[0] + len("lambda")
        bound = ", ".join(f"{n}={n}" for n in used)
        has_arguments = bool(function.args.args or function.args.kwonlyargs)
        edit = (module.span(function.body)[0], module.span(function.body)[0], "")
        colon = module.text.rfind(":", at, edit[0])
        fixes = [fix(module, [(colon, colon, f", {bound}" if has_arguments else f" {bound}")], "keep the value of this round", "high")] if colon > 0 else []
        yield finding(module, "logic/late-binding", module.span(function), f"the function will see the last value of {', '.join(repr(n) for n in used)}",
            f"Line {_line(module, function)}: bind the value of this round as a default: {bound}.", "medium", fixes)  # fmt: skip
