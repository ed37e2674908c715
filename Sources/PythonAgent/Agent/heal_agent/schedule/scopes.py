"""What the names of a module mean: which are its globals or cells of its functions, and may be seen by several threads."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Set

#: Meanings of a name.
LOCAL, GLOBAL, CELL = "local", "global", "cell"

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class Scope:
    """The names of one block. A comprehension counts as a part of the block that it stands in, but for its variables."""

    def __init__(self, node: ast.AST, parent: "Optional[Scope]") -> None:
        self.node = node
        self.parent = parent
        self.is_module = isinstance(node, ast.Module)
        self.is_class = isinstance(node, ast.ClassDef)
        self.is_comprehension = isinstance(node, _COMPREHENSIONS)
        self.is_function = isinstance(node, _FUNCTIONS)
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.class_name: "Optional[str]" = node.name if isinstance(node, ast.ClassDef) else parent.class_name if parent else None
        self.weights: "Dict[str, int]" = {}
        self.declared: "Dict[str, str]" = {}
        self.cells: "Set[str]" = set()
        self.inner: "Dict[ast.AST, Scope]" = {}
        self._captured: "Set[str]" = set()
        self._used: "Set[str]" = set()

    def mangled(self, name: str) -> str:
        """A private name as the compiler has it inside of a class."""
        owner = (self.class_name or "").lstrip("_")
        if not owner or not name.startswith("__") or name.endswith("__"):
            return name
        return "_%s%s" % (owner, name)

    def holder(self, name: str) -> "Scope":
        """The block that a name belongs to."""
        scope: "Scope" = self
        while scope.parent is not None:
            how = scope.declared.get(name)
            if how == "global":
                while scope.parent is not None:
                    scope = scope.parent
            elif how is None and name in scope.weights and (scope is self or not scope.is_class or _function_of(self) is scope):
                return scope
            else:
                scope = scope.parent
        return scope

    def meaning(self, name: str) -> str:
        """Whether a name is a watched global, a watched cell, or neither."""
        holder = self.holder(name)
        if name not in holder.cells:
            return LOCAL
        return GLOBAL if holder.is_module else CELL


def scopes(tree: ast.Module) -> Scope:
    """The scopes of a module, with the names in `cells` that are worth watching.

    Of the module those that hold data: bound by more than one definition or import, or declared global in a function. Of
    functions those that inner functions see too, parameters and definitions that are never bound again left out.
    """
    module = _scope(tree, None)
    every = list(_every(module))
    for scope in every:
        for name, how in scope.declared.items():
            holder = scope.holder(name)
            holder.weights[name] = holder.weights.get(name, 0) + 2
            if how == "global":
                module._captured.add(name)
    for scope in every:
        for name in scope._used:
            holder = scope.holder(name)
            if _function_of(holder) is not _function_of(scope):
                holder._captured.add(name)
    for scope in every:
        if scope.is_module:
            scope.cells = {name for name, weight in scope.weights.items() if weight > 1}
        elif scope.is_function:
            scope.cells = {name for name in scope._captured if scope.weights.get(name, 0) > 1 and name not in scope.declared}
    return module


def _every(scope: Scope) -> "Iterator[Scope]":
    yield scope
    for inner in scope.inner.values():
        yield from _every(inner)


def _function_of(scope: Scope) -> Scope:
    while scope.is_comprehension and scope.parent is not None:
        scope = scope.parent
    return scope


def _scope(node: ast.AST, parent: "Optional[Scope]") -> Scope:
    scope = Scope(node, parent)
    if isinstance(node, _FUNCTIONS):
        for name in _parameters(node):
            scope.weights[name] = 1
    for child in _inside(node):
        _collect(child, scope)
    return scope


def _inside(node: ast.AST) -> "List[ast.AST]":
    """What of a block's node belongs to the block itself, and not to the one that it stands in."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return list(node.body)
    if isinstance(node, ast.Lambda):
        return [node.body]
    if isinstance(node, _COMPREHENSIONS):
        first = node.generators[0]
        return [child for child in ast.iter_child_nodes(node) if child is not first] + [first.target, *first.ifs]
    return list(ast.iter_child_nodes(node))


def _outside(node: ast.AST) -> "List[ast.AST]":
    """Decorators, defaults, bases and annotations, and what a comprehension runs over first: evaluated in the surrounding block."""
    if isinstance(node, _COMPREHENSIONS):
        return [node.generators[0].iter]
    inside = set(map(id, _inside(node)))
    return [child for child in ast.iter_child_nodes(node) if id(child) not in inside]


def _collect(node: ast.AST, scope: Scope) -> None:
    for name in _bindings(node):
        target = _function_of(scope) if isinstance(node, ast.NamedExpr) else scope
        target.weights[name] = target.weights.get(name, 0) + (1 if isinstance(node, _DEFINING) else 2)
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        for name in node.names:
            scope.declared[name] = "global" if isinstance(node, ast.Global) else "nonlocal"
    elif isinstance(node, ast.Name):
        scope._used.add(node.id)
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef, *_COMPREHENSIONS)):
        scope.inner[node] = _scope(node, scope)
        for child in _outside(node):
            _collect(child, scope)
        return
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.NamedExpr) and child is node.target):
            _collect(child, scope)


def _parameters(node: Any) -> "List[str]":
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [one.arg for one in every]


def _bindings(node: ast.AST) -> "List[str]":
    """The names that a node itself binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(one.asname or one.name.partition(".")[0]) for one in node.names]
    if isinstance(node, ast.NamedExpr):
        return [node.target.id]
    if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
        return [node.id]
    if isinstance(node, ast.ExceptHandler) and node.name:
        return [node.name]
    if type(node).__name__ in ("MatchAs", "MatchStar", "MatchMapping"):
        return [name for name in (getattr(node, "rest", None), getattr(node, "name", None)) if isinstance(name, str)]
    return []
