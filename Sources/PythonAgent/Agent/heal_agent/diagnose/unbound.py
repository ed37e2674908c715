"""Local names that are changed before they have a value."""

from __future__ import annotations

import ast
from typing import Any, Dict, List, Optional, Tuple

from .findings import Finding, finding, fix
from .inventory import BUILTINS
from .program import Analyzed, Program
from .undefined import _first_parameter, _is_attribute


def unbound_findings(program: Program, module: Analyzed) -> List[Finding]:
    """Functions in which `x += …` is all that ever binds `x`."""
    found: List[Finding] = []
    for scope in module.root.all_scopes():
        if scope.kind != "function":
            continue
        for name, nodes in scope.bindings.items():
            if not nodes or name in scope.globals or name in scope.nonlocals:
                continue
            if not all(isinstance(module.parents.get(n), ast.AugAssign) for n in nodes):
                continue
            use = nodes[0]
            if not isinstance(use, ast.Name) or module.scope_at(use) is not scope and _scope_of_store(module, use) is not scope:
                continue
            hint, fixes = unbound_fixes(program, module, use)
            item = finding(module, "name/unbound-local", module.span(use),
                f"'{name}' is changed in '{getattr(scope.node, 'name', 'the function')}' and never given a first value there", hint, "high", fixes)  # fmt: skip
            item["subject"] = name
            found.append(item)
    return found


def _scope_of_store(module: Analyzed, use: ast.Name) -> Any:
    if module.scopes is None:
        return None
    for outer in module.ancestors(use):
        if outer in module.scopes.of_node:
            return module.scopes.of_node[outer]
    return module.root


def unbound_fixes(
    program: Program, module: Analyzed, use: ast.Name
) -> Tuple[str, List[Optional[Dict[str, Any]]]]:
    """What to do about a local name without a value: the hint, and the fixes, likeliest first."""
    name = use.id
    line = module.original_range(*module.span(use))[0]
    scope = _scope_of_store(module, use)
    function = scope.node if scope is not None else None
    fixes: List[Optional[Dict[str, Any]]] = []
    hint = f"Line {line}: give '{name}' a value before this line."
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return hint, fixes
    owner = _first_parameter(module, use)
    node = module.enclosing(use, ast.ClassDef)
    info = module.classes.get(node.name) if node is not None else None
    if owner and info is not None and info.node is node and _is_attribute(info, name):
        uses = [n for n in module.walk(ast.Name) if n.id == name and module.enclosing(n, ast.FunctionDef, ast.AsyncFunctionDef) is function]
        edits = [(module.span(n)[0], module.span(n)[0], owner + ".") for n in uses]
        fixes.append(fix(module, edits, f"'{name}' is an attribute of '{owner}'", "high"))
        hint = f"Line {line}: write '{owner}.{name}'; a bare '{name}' is a new local name."
    plain = [n for n in scope.bindings.get(name, []) if not isinstance(module.parents.get(n), ast.AugAssign)]
    outer = scope.function_parent(name)
    if outer is not None:
        fixes.append(_declared(module, function, "nonlocal", name))
        hint = f"Line {line}: declare 'nonlocal {name}' at the start of '{function.name}', which changes the outer '{name}'."
    elif module.root.bindings.get(name):
        fixes.append(_declared(module, function, "global", name))
        hint = f"Line {line}: declare 'global {name}' at the start of '{function.name}', which changes the module's '{name}'."
    elif not plain and not fixes and name not in BUILTINS:
        fixes.append(_initialised(module, function, name, use))
        hint = f"Line {line}: give '{name}' a first value before the loop, such as 0."
    return hint, fixes


def _body_start(module: Analyzed, function: Any) -> Tuple[int, str]:
    """Where the first statement after a docstring starts, and its indentation."""
    body = function.body
    first = body[0]
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    if docstring and len(body) > 1:
        first = body[1]
    start = module.span(first)[0]
    line_start = module.source.starts[module.source.position(start)[0] - 1]
    return start, module.text[line_start:start]


def _declared(module: Analyzed, function: Any, word: str, name: str) -> Optional[Dict[str, Any]]:
    at, indent = _body_start(module, function)
    if indent.strip():
        return None
    return fix(module, [(at, at, f"{word} {name}{module.source.line_end}{indent}")], f"declare '{word} {name}'", "high")


def _initialised(module: Analyzed, function: Any, name: str, use: ast.Name) -> Optional[Dict[str, Any]]:
    parent = module.parents.get(use)
    value = parent.value if isinstance(parent, ast.AugAssign) else None
    first = "0"
    if isinstance(value, (ast.Constant, ast.JoinedStr)) and (isinstance(value, ast.JoinedStr) or isinstance(value.value, str)):
        first = '""'
    elif isinstance(value, (ast.List, ast.ListComp)):
        first = "[]"
    elif isinstance(parent, ast.AugAssign) and isinstance(parent.op, ast.Mult):
        first = "1"
    at, indent = _body_start(module, function)
    if indent.strip():
        return None
    return fix(module, [(at, at, f"{name} = {first}{module.source.line_end}{indent}")], f"start '{name}' at {first}", "medium")
