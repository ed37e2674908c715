"""Shapes of code that several rules look for: names, paths, guards, what a function holds itself."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .findings import Finding, finding
from .infer import method_around
from .program import Analyzed

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OPAQUE = (*FUNCTIONS, ast.ClassDef, ast.Lambda)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CHANGING = frozenset(
    "append appendleft extend insert add update setdefault pop popleft popitem remove discard clear sort reverse".split()
)


def line_of(module: Analyzed, node: ast.AST) -> int:
    """The line of a node in the text as it was given."""
    return module.original_range(*module.span(node))[0]


def report(
    module: Analyzed,
    rule: str,
    node: ast.AST,
    message: str,
    advice: str,
    confidence: str,
    fixes: Sequence[Optional[Dict[str, Any]]] = (),
) -> Finding:
    """A finding at a node, of a definition at its first line; the hint names the line."""
    span = header(module, node) if isinstance(node, (*FUNCTIONS, ast.ClassDef)) else module.span(node)
    line = module.original_range(*span)[0]
    return finding(module, rule, span, message, f"Line {line}: {advice}.", confidence, fixes)


def header(module: Analyzed, node: Any) -> Tuple[int, int]:
    """Offsets of the `def` or `class` line of a definition."""
    start = module.span(node)[0]
    end = module.text.find("\n", start)
    return start, len(module.text[: end if end >= 0 else len(module.text)].rstrip())


def words_of(name: str) -> List[str]:
    """The words of a name in snake or camel case, in lower case."""
    return [w.lower() for w in _WORD.findall(name)]


def last_name(node: ast.AST) -> Optional[str]:
    """The last part of a dotted expression: what a reader would call it."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def path_of(node: Optional[ast.AST]) -> Optional[str]:
    """A text that two plain expressions share when they name the same thing; None for others."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant):
        return repr(node.value)
    if isinstance(node, ast.Attribute):
        owner = path_of(node.value)
        return f"{owner}.{node.attr}" if owner else None
    if isinstance(node, ast.Subscript):
        owner, key = path_of(node.value), path_of(node.slice)
        return f"{owner}[{key}]" if owner and key else None
    return None


def dotted(module: Analyzed, node: ast.AST) -> Optional[str]:
    """The full name of what an import brought in: `threading.Lock` for `Lock`."""
    parts: List[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    target = module.imported_module(node.id) if isinstance(node, ast.Name) else None
    return ".".join([target, *reversed(parts)]) if target is not None else None


def is_builtin_call(module: Analyzed, node: ast.AST, *names: str) -> bool:
    """Whether a node calls one of the builtins named."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and module.scope_at(node.func).lookup(node.func.id) is None
    )


def own_nodes(root: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a function, class or block that belong to no function or class inside it."""
    stack: List[ast.AST] = list(reversed(list(ast.iter_child_nodes(root))))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _OPAQUE):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def function_around(module: Analyzed, node: ast.AST) -> Optional[Any]:
    """The nearest function around a node."""
    return module.enclosing(node, *FUNCTIONS)


def self_name(module: Analyzed, function: Any) -> Optional[str]:
    """The name of the object in a method, None in what is no method."""
    found = method_around(module, function.body[0]) if function.body else None
    return found[1] if found is not None and isinstance(module.parents.get(function), ast.ClassDef) else None


def methods_of(node: ast.ClassDef) -> List[Any]:
    """The methods that a class defines in its body."""
    return [n for n in node.body if isinstance(n, FUNCTIONS)]


def parameters_of(function: Any) -> List[str]:
    """The names of a function's parameters that are passed one by one."""
    return [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def changed_path(module: Analyzed, node: ast.AST) -> Optional[ast.expr]:
    """The name or attribute that a node binds, or whose collection it changes."""
    if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
        return node
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
        inner: ast.expr = node.value
        while isinstance(inner, ast.Subscript):
            inner = inner.value
        return inner
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        return node.func.value
    return None
