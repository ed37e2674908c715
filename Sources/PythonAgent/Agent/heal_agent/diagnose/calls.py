"""Calls of the program's own functions: arguments, `self`, missing parentheses, results that are None."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ..names import look_alikes
from .findings import Finding, finding, fix
from .infer import Inference, method_around, own_returns
from .program import Analyzed, Program

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


class Signature:
    """What a function can be called with; the object of a method is left out."""

    def __init__(self, node: Any, bound: bool) -> None:
        args = node.args
        positional = [a.arg for a in (*args.posonlyargs, *args.args)]
        self.node = node
        self.object = positional[0] if bound and positional else None
        self.lacks_object = bound and not positional and args.vararg is None
        self.positional = positional[1:] if bound else positional
        required = len(self.positional) - len(args.defaults)
        self.required = self.positional[: max(required, 0)]
        self.only = [a.arg for a in args.kwonlyargs]
        self.required_only = [a.arg for a, d in zip(args.kwonlyargs, args.kw_defaults) if d is None]
        self.any_positional = args.vararg is not None
        self.any_keyword = args.kwarg is not None
        self.names = [n for n in self.positional[max(0, len(args.posonlyargs) - bool(bound)) :]] + self.only


def call_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings on calls of a module."""
    found: List[Finding] = []
    for call in module.walk(ast.Call):
        target = callee(inference, module, call)
        if target is not None:
            found += _check(inference.program, module, call, *target)
    found += _methods_without_object(inference, module)
    return found


def callee(inference: Inference, module: Analyzed, call: ast.Call) -> Optional[Tuple[Analyzed, Signature, str]]:
    """The program's function that a call plainly reaches."""
    function = call.func
    if isinstance(function, ast.Name):
        holder = module.scope_at(function).lookup(function.id)
        nodes = holder.bindings.get(function.id, []) if holder else []
        if len(nodes) != 1:
            return None
        node = nodes[0]
        if isinstance(node, _Function) and not node.decorator_list and not isinstance(module.parents.get(node), ast.ClassDef):
            return module, Signature(node, False), function.id
        info = inference.program.class_named(module, function.id)
        if info is not None and not info.node.decorator_list and not info.node.keywords and "__new__" not in info.methods:
            init = info.methods.get("__init__")
            if init is not None and not init.decorator_list:  # type: ignore[attr-defined]
                return info.module, Signature(init, True), function.id
        return None
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        info = inference.class_of(module, function.value)
        if info is None or inference.program.attributes_of(info) is None:
            return None
        method = info.methods.get(function.attr)
        assigned = function.attr in inference.program.stored_attributes or _bound_twice(info, function.attr)
        if call.args and isinstance(call.args[0], ast.Name) and call.args[0].id == function.value.id:
            return None  # the object is passed by hand, so the method is not bound to it
        overridden = any(function.attr in s.methods for s in inference.program.subclasses(info))
        if method is not None and not method.decorator_list and not assigned and not overridden:  # type: ignore[attr-defined]
            return info.module, Signature(method, True), function.attr
    return None


def _bound_twice(info: Any, name: str) -> bool:
    scopes = info.module.scopes
    scope = scopes.of_node.get(info.node) if scopes is not None else None
    return scope is None or len(scope.bindings.get(name, ())) > 1


def _check(program: Program, module: Analyzed, call: ast.Call, owner: Analyzed, signature: Signature, name: str) -> Iterator[Finding]:
    starred = any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)
    keywords = [k.arg for k in call.keywords if k.arg]
    span = module.span(call)
    line = module.original_range(*span)[0]
    if signature.lacks_object:
        return
    for keyword in call.keywords:
        if keyword.arg and keyword.arg not in signature.names and not signature.any_keyword:
            hint, fixes = argument_fixes(program, module, call, name, keyword.arg, "", signature)
            item = finding(module, "type/arguments", span, f"'{name}' has no parameter '{keyword.arg}'", f"Line {line}: {hint}", "high", fixes)
            item["subject"] = keyword.arg
            yield item
            return
    if starred:
        return
    if len(call.args) > len(signature.positional) and not signature.any_positional:
        yield finding(module, "type/arguments", span, f"'{name}' takes {len(signature.positional)} arguments and gets {len(call.args)}",
            f"Line {line}: call '{name}' with {_listed(signature.positional)}.", "high", argument_fixes(program, module, call, name, None, "takes", signature)[1])  # fmt: skip
        return
    missing = [p for i, p in enumerate(signature.required) if i >= len(call.args) and p not in keywords]
    missing += [p for p in signature.required_only if p not in keywords]
    if missing:
        yield finding(module, "type/arguments", span, f"'{name}' is called without {_listed(missing)}",
            f"Line {line}: pass a value for {_listed(missing)} to '{name}'.", "high", ())  # fmt: skip


def _listed(names: List[str]) -> str:
    return ", ".join(f"'{n}'" for n in names) if names else "no arguments"


def argument_fixes(
    program: Program, module: Analyzed, call: ast.Call, name: str, keyword: Optional[str], message: str, signature: Optional[Signature] = None
) -> Tuple[str, List[Optional[Dict[str, Any]]]]:
    """The hint and fixes for a call whose arguments do not fit."""
    owner: Optional[Analyzed] = module
    if signature is None:
        owner, signature = _signature_named(program, name, call)
    fixes: List[Optional[Dict[str, Any]]] = []
    if signature is None or owner is None:
        return f"call '{name}' with the arguments that it takes.", fixes
    if keyword is not None:
        similar = look_alikes(keyword, signature.names, 2)
        used = {k.arg for k in call.keywords}
        free = [n for n in signature.names if n not in used]
        options = [n for _, n in similar if n in free] or (free if len(free) == 1 else [])
        place = next((k for k in call.keywords if k.arg == keyword), None)
        if place is not None and options:
            value_start = module.span(place.value)[0]
            at = module.text.rfind(keyword, 0, value_start)
            fixes = [fix(module, [(at, at + len(keyword), option)], f"the parameter is called '{option}'", "high" if similar else "medium") for option in options[:2]]
        return (f"'{name}' calls the parameter '{options[0]}'." if options else f"'{name}' takes {_listed(signature.names)}."), fixes
    given = re.search(r"takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were)", message)
    if given and int(given.group(2)) == int(given.group(1)) + 1 and isinstance(module.parents.get(call), ast.AST):
        own = _without_object(program, name)
        if own is not None:
            return f"give the method '{name}' the parameter 'self'.", [add_object(*own)]
    return f"'{name}' takes {_listed(signature.positional)}.", fixes


def _signature_named(program: Program, name: str, call: ast.Call) -> Tuple[Optional[Analyzed], Optional[Signature]]:
    if name == "__init__" and isinstance(call.func, (ast.Name, ast.Attribute)):
        class_name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        for module in program.modules:
            info = module.classes.get(class_name)
            if info is not None and "__init__" in info.methods:
                return module, Signature(info.methods["__init__"], True)
    found = [(m, f) for m in program.modules for f in m.walk(*_Function) if f.name == name]
    if len(found) != 1:
        return None, None
    module, node = found[0]
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
    return module, Signature(node, isinstance(module.parents.get(node), ast.ClassDef) and not static)


def _without_object(program: Program, name: str) -> Optional[Tuple[Analyzed, Any]]:
    """The one method of that name whose first parameter is not its object."""
    found = [
        (m, f) for m in program.modules for f in m.walk(*_Function)
        if f.name == name and isinstance(m.parents.get(f), ast.ClassDef) and not f.decorator_list
        and (not f.args.args or f.args.args[0].arg not in ("self", "cls"))
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def add_object(module: Analyzed, node: Any, name: str = "self", confidence: str = "high") -> Optional[Dict[str, Any]]:
    """A fix that puts `self` first among the parameters of a method."""
    start = module.span(node)[0]
    found = re.compile(r"(?:async\s+)?def\s+" + re.escape(node.name) + r"\s*\(").search(module.text, start)
    if not found:
        return None
    at = found.end()
    rest = module.text[at:].lstrip()
    return fix(module, [(at, at, name if rest.startswith(")") else f"{name}, ")], f"a method takes '{name}' first", confidence)


def _methods_without_object(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """Methods that use `self` and do not take it, or take nothing at all."""
    for node in module.walk(*_Function):
        owner = module.parents.get(node)
        if not isinstance(owner, ast.ClassDef) or node.decorator_list or node.args.vararg is not None:
            continue
        if node.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            continue
        arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
        free = _uses_unbound_self(module, node)
        if free and "self" not in arguments:
            yield _no_object(module, node, "high", f"'{node.name}' uses 'self' and does not take it")
        elif not arguments and not node.args.kwonlyargs and _called_on_instance(module, owner, node.name):
            yield _no_object(module, node, "high", f"the method '{node.name}' takes no 'self'")


def _uses_unbound_self(module: Analyzed, node: Any) -> bool:
    for name in ast.walk(node):
        if isinstance(name, ast.Name) and name.id == "self" and isinstance(name.ctx, ast.Load):
            if module.scope_at(name).lookup("self") is None:
                return True
    return False


def _called_on_instance(module: Analyzed, owner: ast.ClassDef, name: str) -> bool:
    """Whether the class itself calls the method on its object."""
    for node in ast.walk(owner):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
            around = method_around(module, node)
            if around is not None and isinstance(node.func.value, ast.Name) and node.func.value.id == around[1] == "self":
                return True
    return False


def _no_object(module: Analyzed, node: Any, confidence: str, message: str) -> Finding:
    arguments = [*node.args.posonlyargs, *node.args.args]
    start = module.span(node)[0]
    line = module.original_range(start, start)[0]
    fixes = [add_object(module, node)]
    if arguments and look_alikes("self", [arguments[0].arg], 1, 1.6):
        fixes.insert(0, fix(module, [(*module.span(arguments[0]), "self")], "the first parameter is meant to be 'self'", "high"))
    at = module.text.find(node.name, start)
    return finding(module, "name/missing-self-parameter", (at, at + len(node.name)), message,
        f"Line {line}: make 'self' the first parameter of '{node.name}'.", confidence, fixes)  # fmt: skip


def missing_return_fix(module: Analyzed, function: Any) -> Optional[Dict[str, Any]]:
    """A `return` of what a function computes last, when it returns nothing at all."""
    if any(r.value is not None for r in own_returns(function)) or not function.body:
        return None
    last = function.body[-1]
    start, end = module.span(last)
    line_start = module.source.starts[module.source.position(start)[0] - 1]
    indent = module.text[line_start:start]
    if indent.strip():
        return None
    if isinstance(last, ast.Expr) and not isinstance(last.value, (ast.Constant, ast.Yield, ast.YieldFrom)):
        printed = isinstance(last.value, ast.Call) and getattr(last.value.func, "id", "") == "print"
        if printed:
            return None
        return fix(module, [(start, start, "return ")], f"return what '{function.name}' computes", "medium")
    name = _result_name(last, function)
    if name is None:
        return None
    return fix(module, [(end, end, f"{module.source.line_end}{indent}return {name}")], f"return '{name}' from '{function.name}'", "medium")


def _result_name(last: ast.stmt, function: Any) -> Optional[str]:
    """The name that holds what the last statement of a function worked out."""
    if isinstance(last, ast.Assign) and len(last.targets) == 1 and isinstance(last.targets[0], ast.Name):
        return last.targets[0].id
    if isinstance(last, ast.AugAssign) and isinstance(last.target, ast.Name):
        return last.target.id
    if isinstance(last, (ast.For, ast.While, ast.If, ast.With)):
        changed = [n.target.id for n in ast.walk(last) if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)]
        changed += [
            n.func.value.id for n in ast.walk(last)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr in ("append", "add", "extend", "update") and isinstance(n.func.value, ast.Name)
        ]  # fmt: skip
        first = next((s for s in function.body if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name) and s.targets[0].id in changed), None)
        return first.targets[0].id if first is not None else None  # type: ignore[attr-defined]
    return None
