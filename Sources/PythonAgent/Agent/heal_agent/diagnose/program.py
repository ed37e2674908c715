"""The files of a program together: which modules and classes they define."""

from __future__ import annotations

import ast
from typing import Dict, FrozenSet, Iterator, List, Optional, Set, Tuple

from .inventory import STDLIB, class_attributes, members_of, type_attributes
from .module import Module
from .scopes import Scope, ScopeBuilder


class ClassInfo:
    """A class of the program: what it binds, what its methods assign to their first parameter."""

    def __init__(self, module: "Analyzed", node: ast.ClassDef) -> None:
        self.module = module
        self.node = node
        self.name = node.name
        self.methods: Dict[str, ast.AST] = {}
        self.attributes: Set[str] = set()
        self.open = bool(node.keywords)
        self._assigned: Optional[Dict[str, List[ast.AST]]] = None
        for statement in ast.walk(node):
            self._collect(statement)

    def _collect(self, node: ast.AST) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if self.module.parents.get(node) is self.node or self.module.enclosing(node, ast.ClassDef) is self.node:
                if self.module.enclosing(node, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef) is self.node:
                    self.methods[node.name] = node
                    self.attributes.add(node.name)
                    if node.name in ("__getattr__", "__getattribute__"):
                        self.open = True
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            self.attributes.add(node.attr)
        elif isinstance(node, ast.Attribute) and node.attr == "__dict__":
            self.open = True
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            if self.module.enclosing(node, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef) is self.node:
                self.attributes.add(node.id)
        elif isinstance(node, ast.ClassDef) and node is not self.node:
            self.attributes.add(node.name)
        elif isinstance(node, ast.alias):
            self.attributes.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            # __slots__, setattr(self, "x", …), namedtuple fields and the like.
            self.attributes.add(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("setattr", "vars"):
            self.open = True

    @property
    def assigned(self) -> Dict[str, List[ast.AST]]:
        """The nodes in the class that bind an attribute or a name, by what they bind."""
        if self._assigned is None:
            self._assigned = {}
            for node in ast.walk(self.node):
                if isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Store):
                    self._assigned.setdefault(node.attr if isinstance(node, ast.Attribute) else node.id, []).append(node)
        return self._assigned


class Analyzed(Module):
    """A module with its scopes and classes."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.scopes: Optional[ScopeBuilder] = None
        self.classes: Dict[str, ClassInfo] = {}
        if self.tree is not None:
            try:
                self.scopes = ScopeBuilder(self.tree)
            except RecursionError:
                # Expressions nested by the hundred are generated code; nothing is said of it.
                self.tree = None
                return
            for node in self.walk(ast.ClassDef):
                self.classes.setdefault(node.name, ClassInfo(self, node))

    @property
    def root(self) -> Scope:
        """The module's own scope."""
        if self.scopes is None:
            return Scope("module", ast.Module(body=[], type_ignores=[]), None)
        return self.scopes.root

    def scope_at(self, node: ast.AST) -> Scope:
        """The scope in which `node` is evaluated."""
        if self.scopes is None:
            return self.root
        if isinstance(node, ast.Name) and node in self.scopes.scope_of_use:
            return self.scopes.scope_of_use[node]
        for outer in self.ancestors(node):
            scope = self.scopes.of_node.get(outer)
            if scope is not None:
                return scope
        return self.root

    def imported_module(self, name: str, scope: Optional[Scope] = None) -> Optional[str]:
        """The dotted module that a name stands for, when imports alone bind it."""
        holder = (scope or self.root).lookup(name)
        if holder is None:
            return None
        found: Set[str] = set()
        for node in holder.bindings.get(name, ()):
            parent = self.parents.get(node)
            if not isinstance(node, ast.alias):
                return None
            if isinstance(parent, ast.Import):
                found.add(node.name if node.asname else node.name.split(".")[0])
            elif isinstance(parent, ast.ImportFrom) and parent.module and not parent.level:
                found.add(f"{parent.module}.{node.name}")
        return found.pop() if len(found) == 1 else None


class Program:
    """All files of the program that could be read."""

    def __init__(self, files: Dict[str, str]) -> None:
        self.modules: List[Analyzed] = [
            Analyzed(path, text) for path, text in sorted(files.items()) if path.endswith((".py", ".pyw")) or "." not in path.rsplit("/", 1)[-1]
        ]
        self.by_path = {m.path: m for m in self.modules}
        self.by_name: Dict[str, Analyzed] = {}
        for module in self.modules:
            # A file is importable by its name from its own folder, and by its path from the root.
            self.by_name.setdefault(module.name, module)
            self.by_name.setdefault(module.name.rsplit(".", 1)[-1], module)
        self.packages: Set[str] = {part for m in self.modules for part in m.path.split("/")[:-1]}
        self._stored: Optional[FrozenSet[str]] = None

    @property
    def stored_attributes(self) -> FrozenSet[str]:
        """Every attribute name that some file assigns, on whatever object."""
        if self._stored is None:
            found: Set[str] = set()
            for module in self.modules:
                for node in module.walk(ast.Attribute):
                    if not isinstance(node.ctx, ast.Load):
                        found.add(node.attr)
            self._stored = frozenset(found)
        return self._stored

    def names_of(self, module: str) -> Optional[FrozenSet[str]]:
        """What a module of the program or of the standard library defines; None when not known."""
        own = self.by_name.get(module)
        if own is not None:
            if own.tree is None or own.root.stars or "__getattr__" in own.root.bindings:
                return None
            return frozenset(own.root.bindings)
        if module.split(".")[0] in self.packages:
            return None
        return members_of(module)

    def star_names(self, node: ast.ImportFrom, seen: Tuple[str, ...] = ()) -> Optional[FrozenSet[str]]:
        """Names that `from … import *` binds; None when they cannot be known."""
        module = node.module or ""
        if module in seen:
            return frozenset()
        if node.level == 0 and module in STDLIB and module not in self.by_name:
            return members_of(module)
        own = self.by_name.get(module) or self.by_name.get(module.rsplit(".", 1)[-1])
        if own is None or own.tree is None:
            return None
        names = set(own.root.bindings)
        for star in own.root.stars:
            inner = self.star_names(star, (*seen, module))
            if inner is None:
                return None
            names |= inner
        return frozenset(names)

    def class_named(self, module: Analyzed, name: str) -> Optional[ClassInfo]:
        """The class of the program that `name` stands for in `module`."""
        if name in module.classes and len(module.root.bindings.get(name, ())) <= 1:
            return module.classes[name]
        target = module.imported_module(name)
        if target and "." in target:
            owner, _, member = target.rpartition(".")
            own = self.by_name.get(owner)
            return own.classes.get(member) if own is not None else None
        return None

    def attributes_of(self, info: ClassInfo, depth: int = 0) -> Optional[FrozenSet[str]]:
        """All attributes an instance of a class may have; None when a base or a hook leaves them open."""
        if info.open or depth > 12:
            return None
        names = set(info.attributes) | set(dir(object)) | {"__dict__", "__module__", "__name__", "__annotations__", "__slots__", "__weakref__"}
        for statement in info.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                names.add(statement.target.id)
        for base in info.node.bases:
            inherited = self._base_attributes(info, base, depth)
            if inherited is None:
                return None
            names |= inherited
        return frozenset(names)

    def _base_attributes(self, info: ClassInfo, base: ast.expr, depth: int) -> Optional[FrozenSet[str]]:
        if isinstance(base, ast.Name):
            own = self.class_named(info.module, base.id)
            if own is not None and own is not info:
                return self.attributes_of(own, depth + 1)
            target = info.module.imported_module(base.id)
            if target and "." in target:
                owner, _, member = target.rpartition(".")
                if owner in self.by_name:
                    return None
                return class_attributes(owner, member)
            if info.module.root.lookup(base.id) is None:
                return type_attributes(base.id)
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            target = info.module.imported_module(base.value.id)
            if target and target not in self.by_name:
                return class_attributes(target, base.attr)
        return None

    def subclasses(self, info: ClassInfo) -> Iterator[ClassInfo]:
        """Classes of the program that name `info` among their bases."""
        for module in self.modules:
            for other in module.classes.values():
                for base in other.node.bases:
                    if isinstance(base, ast.Name) and base.id == info.name or isinstance(base, ast.Attribute) and base.attr == info.name:
                        yield other
