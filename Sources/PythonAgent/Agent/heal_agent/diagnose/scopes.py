"""Which names each scope of a module binds, and where each use of a name leads."""

from __future__ import annotations

import ast
from typing import Dict, Iterator, List, Optional, Set, Tuple

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope:
    """A scope: its kind, what it binds (with the nodes that do), and its declarations."""

    def __init__(self, kind: str, node: ast.AST, parent: Optional["Scope"]) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.bindings: Dict[str, List[ast.AST]] = {}
        self.globals: Set[str] = set()
        self.nonlocals: Set[str] = set()
        self.uses: List[ast.Name] = []
        self.children: List["Scope"] = []
        self.stars: List[ast.ImportFrom] = []
        if parent is not None:
            parent.children.append(self)

    def bind(self, name: str, node: ast.AST) -> None:
        """Records that `node` binds `name` here, or where a declaration sends it."""
        target: Scope = self
        if name in self.globals:
            while target.parent is not None:
                target = target.parent
        elif name in self.nonlocals:
            target = self.function_parent(name) or self
        target.bindings.setdefault(name, []).append(node)

    def function_parent(self, name: str) -> Optional["Scope"]:
        """The nearest function scope around this one that binds `name`."""
        scope = self.parent
        while scope is not None:
            if scope.kind in ("function", "lambda") and name in scope.bindings:
                return scope
            scope = scope.parent
        return None

    def lookup(self, name: str) -> Optional["Scope"]:
        """The scope that a use of `name` here refers to, or None for builtins and unknown names."""
        if name in self.globals:
            scope: Optional[Scope] = self
            while scope is not None and scope.parent is not None:
                scope = scope.parent
            return scope if scope is not None and name in scope.bindings else None
        scope, first = self, True
        while scope is not None:
            if name in scope.bindings and (first or scope.kind != "class"):
                return scope
            if scope.kind not in ("comprehension",):
                first = False
            scope = scope.parent
        return None

    def visible(self) -> Iterator[Tuple[str, int]]:
        """Names in reach, nearest scope first, with their distance in scopes."""
        scope: Optional[Scope] = self
        seen: Set[str] = set()
        steps = 0
        while scope is not None:
            if scope.kind != "class" or steps == 0:
                for name in scope.bindings:
                    if name not in seen:
                        seen.add(name)
                        yield name, steps
            scope = scope.parent
            steps += 1

    def all_scopes(self) -> Iterator["Scope"]:
        """This scope and every one inside it."""
        stack = [self]
        while stack:
            scope = stack.pop()
            yield scope
            stack.extend(scope.children)


class ScopeBuilder(ast.NodeVisitor):
    """Builds the scopes of a tree."""

    def __init__(self, tree: ast.Module) -> None:
        self.root = Scope("module", tree, None)
        self.scope = self.root
        self.of_node: Dict[ast.AST, Scope] = {tree: self.root}
        self.scope_of_use: Dict[ast.Name, Scope] = {}
        self._body(self.root, tree.body)

    def _body(self, scope: Scope, body: List[ast.stmt]) -> None:
        outer, self.scope = self.scope, scope
        for statement in body:
            _declare(scope, statement)
        for statement in body:
            self.visit(statement)
        self.scope = outer

    def _new(self, kind: str, node: ast.AST) -> Scope:
        scope = Scope(kind, node, self.scope)
        self.of_node[node] = scope
        return scope

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.scope.uses.append(node)
            self.scope_of_use[node] = self.scope
        elif isinstance(node.ctx, ast.Store):
            self.scope.bind(node.id, node)
        else:
            self.scope.bind(node.id, node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        if isinstance(node.target, ast.Name):
            scope.bind(node.target.id, node.target)

    def _function(self, node: "ast.FunctionDef | ast.AsyncFunctionDef") -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._signature(node.args)
        self._annotation(node.returns)
        self.scope.bind(node.name, node)
        scope = self._new("function", node)
        self._type_params(node, scope)
        self._parameters(scope, node.args)
        self._body(scope, node.body)

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def _signature(self, args: ast.arguments) -> None:
        for default in (*args.defaults, *args.kw_defaults):
            if default is not None:
                self.visit(default)
        for argument in _arguments(args):
            self._annotation(argument.annotation)

    def _annotation(self, node: Optional[ast.expr]) -> None:
        if node is not None:
            self.visit(node)

    def _type_params(self, node: ast.AST, scope: Scope) -> None:
        for parameter in getattr(node, "type_params", ()):
            # Visible in annotations too, which are visited in the outer scope: bind it in both.
            scope.bind(parameter.name, parameter)
            self.scope.bindings.setdefault(parameter.name, []).append(parameter)

    def _parameters(self, scope: Scope, args: ast.arguments) -> None:
        for argument in _arguments(args):
            scope.bind(argument.arg, argument)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._signature(node.args)
        scope = self._new("lambda", node)
        self._parameters(scope, node.args)
        outer, self.scope = self.scope, scope
        self.visit(node.body)
        self.scope = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(part)
        self.scope.bind(node.name, node)
        scope = self._new("class", node)
        self._type_params(node, scope)
        self._body(scope, node.body)

    def _comprehension(self, node: "ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp") -> None:
        self.visit(node.generators[0].iter)
        scope = self._new("comprehension", node)
        outer, self.scope = self.scope, scope
        for i, generator in enumerate(node.generators):
            self.visit(generator.target)
            if i:
                self.visit(generator.iter)
            for condition in generator.ifs:
                self.visit(condition)
        if isinstance(node, ast.DictComp):
            self.visit(node.key)
            self.visit(node.value)
        else:
            self.visit(node.elt)
        self.scope = outer

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.scope.bind(alias.asname or alias.name.split(".")[0], alias)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.scope.stars.append(node)
                self.root.stars.append(node) if self.scope is not self.root else None
            else:
                self.scope.bind(alias.asname or alias.name, alias)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self.scope.bind(node.name, node)
        for statement in node.body:
            self.visit(statement)

    def generic_visit(self, node: ast.AST) -> None:
        # Patterns bind by attribute, not by Name nodes.
        kind = type(node).__name__
        if kind in ("MatchAs", "MatchStar") and getattr(node, "name", None):
            self.scope.bind(node.name, node)  # type: ignore[attr-defined]
        elif kind == "MatchMapping" and getattr(node, "rest", None):
            self.scope.bind(node.rest, node)  # type: ignore[attr-defined]
        elif kind == "TypeAlias":
            self._type_params(node, self.scope)
        super().generic_visit(node)


def _arguments(args: ast.arguments) -> List[ast.arg]:
    found = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return found + [a for a in (args.vararg, args.kwarg) if a is not None]


def _declare(scope: Scope, statement: ast.AST) -> None:
    """Collects `global` and `nonlocal` of a scope before its bindings are read."""
    stack = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Global):
            scope.globals.update(node.names)
            root = scope
            while root.parent is not None:
                root = root.parent
            for name in node.names:
                root.bindings.setdefault(name, [])
        elif isinstance(node, ast.Nonlocal):
            scope.nonlocals.update(node.names)
        elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef, *_COMPREHENSIONS)):
            stack.extend(ast.iter_child_nodes(node))
