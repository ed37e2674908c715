"""What a program consists of: functions, who calls whom (by name), and fields: attributes and variables that threads may share."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from .text import FUNCTIONS, Module, own_nodes

#: Calls that start threads or wait for their ends: what stands around them is the program's frame, not work of a thread.
_FRAME_CALLS = frozenset(("start", "join", "run_until_complete", "gather", "create_task"))


class Function:
    """A function of the program."""

    def __init__(self, module: Module, node: Any, owner: "Optional[ast.ClassDef]") -> None:
        self.module = module
        self.node = node
        self.owner = owner
        self.name: str = node.name
        self._nodes: "Optional[List[ast.AST]]" = None
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        marks = [one.id if isinstance(one, ast.Name) else one.attr if isinstance(one, ast.Attribute) else ""
                 for one in node.decorator_list]
        self.is_property = any(one in ("property", "cached_property", "setter", "getter") for one in marks)
        self.is_static = "staticmethod" in marks
        self.is_class_method = "classmethod" in marks

    @property
    def body(self) -> "List[ast.stmt]":
        """The statements, the documentation left out."""
        body = self.node.body
        documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str)
        return body[1:] if documented and len(body) > 1 else body

    @property
    def is_generator(self) -> bool:
        return any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in self.nodes())

    @property
    def receiver(self) -> "Optional[str]":
        """`self` or `cls`, by the name that it has here."""
        arguments = [*getattr(self.node.args, "posonlyargs", ()), *self.node.args.args]
        return arguments[0].arg if self.owner is not None and not self.is_static and arguments else None

    def nodes(self) -> "List[ast.AST]":
        """What runs when it is called, calls apart."""
        if self._nodes is None:
            self._nodes = list(own_nodes(self.node))
        return self._nodes


class Field(NamedTuple):
    """An attribute, or a variable of a module or of a function."""

    kind: str
    """`attribute`, `global` or `local`."""
    name: str
    owner: Any
    """The class, if it is known, of an attribute; the function of a local variable."""
    path: str


class Program:
    """The modules with what stands in them. Calls are resolved by name alone."""

    def __init__(self, files: "Dict[str, str]") -> None:
        self.modules: "Dict[str, Module]" = {}
        for path, text in sorted(files.items()):
            if path.endswith((".py", ".pyw")) or "." not in path:
                try:
                    self.modules[path] = Module(path, text)
                except (SyntaxError, ValueError, RecursionError):
                    continue
        self.functions: "List[Function]" = []
        self.classes: "List[Tuple[Module, ast.ClassDef]]" = []
        self._of_node: "Dict[ast.AST, Function]" = {}
        self._named: "Dict[str, List[Function]]" = {}
        for module in self.modules.values():
            self._read(module)
        self._stored: "Dict[ast.ClassDef, Set[str]]" = {}
        self._reached: "Dict[ast.AST, Set[ast.AST]]" = {}
        self._direct: "Dict[ast.AST, Set[ast.AST]]" = {}
        self._callers: "Dict[ast.AST, List[Tuple[Module, ast.AST]]]" = {}
        self._words = {node.attr if isinstance(node, ast.Attribute) else node.id for module in self.modules.values()
                       for node in module.nodes if isinstance(node, (ast.Attribute, ast.Name))}

    def _read(self, module: Module) -> None:
        for node in module.nodes:
            if isinstance(node, FUNCTIONS):
                parent = module.parents[node]
                one = Function(module, node, parent if isinstance(parent, ast.ClassDef) else None)
                self.functions.append(one)
                self._of_node[node] = one
                self._named.setdefault(node.name, []).append(one)
            elif isinstance(node, ast.ClassDef):
                self.classes.append((module, node))

    def knows(self, word: str) -> bool:
        """Whether a name stands anywhere in the program."""
        return word in self._words

    def function(self, module: Module, node: ast.AST) -> "Optional[Function]":
        """The function that a node stands in."""
        found = module.function(node)
        return self._of_node.get(found) if found is not None else None

    def of(self, node: ast.AST) -> Function:
        return self._of_node[node]

    def module_of_class(self, owner: ast.ClassDef) -> Module:
        return next(module for module, one in self.classes if one is owner)

    def constructor(self, owner: ast.ClassDef) -> "Optional[Function]":
        """A class's own `__init__`."""
        return next((self._of_node[one] for one in owner.body if isinstance(one, FUNCTIONS) and one.name == "__init__"), None)

    # Calls

    def called(self, node: ast.AST) -> "List[Function]":
        """The functions that a single node may call."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                return self._by_name(node.func.id)
            if isinstance(node.func, ast.Attribute):
                return [one for one in self._named.get(node.func.attr, ()) if one.owner is not None]
        if isinstance(node, ast.Attribute):
            return [one for one in self._named.get(node.attr, ()) if one.is_property]
        return []

    def named(self, name: str) -> "List[Function]":
        """The functions of a name."""
        return self._named.get(name, [])

    def _by_name(self, name: str) -> "List[Function]":
        found = [one for one in self._named.get(name, ()) if one.owner is None]
        if not found:
            for _, owner in self.classes:
                if owner.name == name:
                    made = self.constructor(owner)
                    found += [made] if made is not None else []
        return found

    def reached(self, node: ast.AST) -> "Set[ast.AST]":
        """The functions (their nodes) that run when this node runs, to a depth of four calls."""
        known = self._reached.get(node)
        if known is None:
            known, frontier = set(), {node}
            for _ in range(4):
                frontier = {found for top in frontier for found in self._calls_of(top)} - known
                known |= frontier
                if not frontier:
                    break
            self._reached[node] = known
        return known

    def _calls_of(self, node: ast.AST) -> "Set[ast.AST]":
        known = self._direct.get(node)
        if known is None:
            self._direct[node] = known = {one.node for below in own_nodes(node) for one in self.called(below)}
        return known

    def callers(self, function: Function) -> "List[Tuple[Module, ast.AST]]":
        """The nodes that may call a function."""
        if not self._callers:
            for module in self.modules.values():
                for node in module.nodes:
                    for one in self.called(node) if not _is_store(node) else ():
                        self._callers.setdefault(one.node, []).append((module, node))
        return self._callers.get(function.node, [])

    def is_frame(self, nodes: "Iterable[ast.AST]") -> bool:
        """Whether threads or tasks are started or waited for there."""
        return any(self._is_frame(node) for top in nodes for node in own_nodes(top))

    def _is_frame(self, node: ast.AST) -> bool:
        if isinstance(node, (ast.With, ast.AsyncWith)):
            return any(word in ast.dump(one.context_expr) for one in node.items for word in ("PoolExecutor", "TaskGroup"))
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _FRAME_CALLS:
            return False
        if node.func.attr == "join" and (node.args or isinstance(node.func.value, (ast.Constant, ast.JoinedStr))):
            return False  # of texts
        return not any(one.owner is not None for one in self.named(node.func.attr))

    # Fields

    def field_of(self, module: Module, base: ast.AST) -> "Optional[Field]":
        """The field that an expression names."""
        if isinstance(base, ast.Attribute):
            return Field("attribute", base.attr, self.owner_of(module, base), module.path)
        if isinstance(base, ast.Name):
            scope = self.scope_of(module, base)
            if scope is None:
                return Field("global", base.id, None, module.path)
            return Field("local", base.id, scope, module.path)
        return None

    def owner_of(self, module: Module, node: ast.Attribute) -> "Optional[ast.ClassDef]":
        """The class whose attribute it is: by `self`, by the class's name, or the only class that sets one of that name."""
        function = self.function(module, node)
        if isinstance(node.value, ast.Name):
            if function is not None and function.owner is not None and function.receiver == node.value.id:
                return function.owner
            for _, one in self.classes:
                if one.name == node.value.id:
                    return one
        if not self._stored:
            self._stored = {one: attributes(one) for _, one in self.classes}
        owners = [one for one, names in self._stored.items() if node.attr in names]
        return owners[0] if len(owners) == 1 else None

    def scope_of(self, module: Module, name: ast.Name) -> "Optional[ast.AST]":
        """The function that a variable belongs to; None for one of the module."""
        for one in module.up(name):
            if isinstance(one, FUNCTIONS):
                declared = {word for node in own_nodes(one) if isinstance(node, (ast.Global, ast.Nonlocal)) for word in node.names}
                if name.id in declared:
                    if any(isinstance(node, ast.Global) and name.id in node.names for node in own_nodes(one)):
                        return None
                    continue
                if name.id in bound(one):
                    return one
        return None

    def sites(self, field: Field) -> "List[Tuple[Module, ast.AST]]":
        """Every place in the program that names a field."""
        if field.kind == "attribute":
            return [(module, node) for module in self.modules.values() for node in module.nodes
                    if isinstance(node, ast.Attribute) and node.attr == field.name and self._may_be(module, node, field.owner)]
        module = self.modules[field.path]
        scope = field.owner if field.kind == "local" else None
        return [(module, node) for node in module.nodes if isinstance(node, ast.Name) and node.id == field.name
                and self.scope_of(module, node) is scope]

    def _may_be(self, module: Module, node: ast.Attribute, owner: "Optional[ast.ClassDef]") -> bool:
        if owner is None:
            return True
        found = self.owner_of(module, node)
        return found is None or found is owner or found.name in bases(owner) or owner.name in bases(found)


def _is_store(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store)


def bases(owner: ast.ClassDef) -> "Set[str]":
    return {one.id if isinstance(one, ast.Name) else one.attr for one in owner.bases if isinstance(one, (ast.Name, ast.Attribute))}


def attributes(owner: ast.ClassDef) -> "Set[str]":
    """The attributes that a class sets: in its body, and through the first argument of its methods."""
    found = {one.id for statement in owner.body for one in _targets(statement) if isinstance(one, ast.Name)}
    for method in owner.body:
        if isinstance(method, FUNCTIONS):
            arguments = [*getattr(method.args, "posonlyargs", ()), *method.args.args]
            first = arguments[0].arg if arguments else None
            found.update(node.attr for node in own_nodes(method) if isinstance(node, ast.Attribute) and _is_store(node)
                         and isinstance(node.value, ast.Name) and node.value.id == first)
    return found


def _targets(statement: ast.stmt) -> "Sequence[ast.AST]":
    if isinstance(statement, ast.Assign):
        return [node for one in statement.targets for node in ast.walk(one)]
    return [statement.target] if isinstance(statement, (ast.AnnAssign, ast.AugAssign)) else []


def bound(function: Any) -> "Set[str]":
    """The names that are a function's own."""
    arguments = function.args
    every = [*getattr(arguments, "posonlyargs", ()), *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found = {one.arg for one in every if one is not None}
    for node in own_nodes(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def names_in(node: ast.AST) -> "Set[str]":
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def root(node: ast.AST) -> "Optional[str]":
    """The variable that a chain of attributes and items begins with; None when a call is in it."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
