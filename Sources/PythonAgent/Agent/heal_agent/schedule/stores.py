"""The part of the rewriter that handles statements: what binds, unbinds, loops and defines."""

from __future__ import annotations

import ast
import copy
from typing import Any, List

from .scopes import GLOBAL, LOCAL


class Stores(ast.NodeTransformer):
    """Statements of `rewrite.Rewriter`."""

    # Bindings

    def visit_Assign(self, node: ast.Assign) -> Any:
        value = self.visit(node.value)
        target = node.targets[0]
        if len(node.targets) == 1 and self._is_direct(target):
            if isinstance(target, ast.Name):
                node.value = self.bound(target.id, value, node)
            elif isinstance(target, (ast.Attribute, ast.Subscript)):
                node.value = self.noted(value)
                self._hooked(target)
            else:
                node.value = self._unpacked(target, value)
            return node
        if all(_is_plain(one, self) for one in node.targets):
            node.value = value
            return node
        temporary = self._temporary()
        statements: "List[ast.stmt]" = [self._assign(self.name(temporary, node, ast.Store()), value, node)]
        used = [temporary]
        for one in node.targets:
            self._spread(one, temporary, statements, used)
        return statements + [self._forget(used, node)]

    def bound(self, name: str, value: ast.expr, near: ast.AST) -> ast.expr:
        """The value of a name's binding, with the hook around it where the name is watched."""
        meaning = self.scope.meaning(name)
        if meaning == LOCAL:
            return value
        named = self.constant(name, near)
        if meaning == GLOBAL:
            return self.hook("__heal_bind__", near, self.constant(self.file, near), named, value)
        return self.hook("__heal_keep__", near, self.name(self.marker(name), near), named, value)

    def _is_direct(self, target: ast.expr) -> bool:
        """Whether a target can keep its place in the statement."""
        if isinstance(target, ast.Subscript):
            return self.is_pure(target.slice) or isinstance(target.slice, ast.Slice)
        return isinstance(target, (ast.Name, ast.Attribute)) or _is_plain(target, self)

    def _hooked(self, target: Any) -> None:
        """Puts the hook of a write around the object of an attribute or subscript, which comes last of all that is evaluated."""
        if isinstance(target, ast.Attribute):
            target.value = self.attribute_owner("__heal_set__", target)
        elif isinstance(target.slice, ast.Slice):
            target.value = self.hook("__heal_put__", target, self.visit(target.value), self.constant(None, target))
            target.slice = self.visit(target.slice)
        else:
            target.value = self.hook("__heal_put__", target, self.visit(target.value), copy.deepcopy(target.slice))

    def _unpacked(self, target: ast.expr, value: ast.expr) -> ast.expr:
        return self.hook("__heal_read__", value, value) if isinstance(value, (ast.Name, ast.Attribute, ast.Subscript, ast.BoolOp)) else value

    def _spread(self, target: ast.expr, source: str, statements: "List[ast.stmt]", used: "List[str]") -> None:
        """Statements that assign the variable `source` to one target, part by part."""
        value = self.name(source, target)
        if isinstance(target, ast.Starred):
            self._spread(target.value, source, statements, used)
        elif isinstance(target, (ast.Tuple, ast.List)):
            names = [self._temporary() for _ in target.elts]
            used += names
            parts: "List[ast.expr]" = []
            for name, one in zip(names, target.elts):
                part = self.name(name, one, ast.Store())
                parts.append(ast.copy_location(ast.Starred(value=part, ctx=ast.Store()), one) if isinstance(one, ast.Starred) else part)
            whole = ast.copy_location(ast.Tuple(elts=parts, ctx=ast.Store()), target)
            statements.append(self._assign(whole, self.hook("__heal_read__", target, value), target))
            for name, one in zip(names, target.elts):
                self._spread(one, name, statements, used)
        elif isinstance(target, ast.Subscript) and not self._is_direct(target):
            names = [self._temporary(), self._temporary()]
            used += names
            statements.append(self._assign(self.name(names[0], target, ast.Store()), self.visit(target.value), target))
            statements.append(self._assign(self.name(names[1], target, ast.Store()), self.visit(target.slice), target))
            target.value, target.slice = self.name(names[0], target), self.name(names[1], target)
            self._hooked(target)
            statements.append(self._assign(target, self.noted(value), target))
        elif isinstance(target, ast.Name):
            statements.append(self._assign(target, self.bound(target.id, value, target), target))
        else:
            self._hooked(target)
            statements.append(self._assign(target, self.noted(value), target))

    def _assign(self, target: ast.expr, value: ast.expr, near: ast.AST) -> ast.stmt:
        return ast.copy_location(ast.Assign(targets=[target], value=value, type_comment=None), near)

    def _temporary(self) -> str:
        self.temporaries += 1
        return "__heal_%d__" % self.temporaries

    def _forget(self, names: "List[str]", near: ast.AST) -> ast.stmt:
        return ast.copy_location(ast.Delete(targets=[self.name(one, near, ast.Del()) for one in names]), near)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return node
        node.value = self.visit(node.value)
        if isinstance(node.target, ast.Name):
            node.value = self.bound(node.target.id, node.value, node)
        elif self._is_direct(node.target):
            self._hooked(node.target)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        target = node.target
        if isinstance(target, ast.Name) and self.scope.meaning(target.id) == LOCAL:
            node.value = self._extending(target.id, node)
            return node
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
            self._hooked(target)
            node.value = self.visit(node.value)
            return node
        names = [self._temporary() for _ in range(3 if isinstance(target, ast.Subscript) else 2)]
        value, rest = names[0], names[1:]
        before: "List[ast.stmt]" = []
        for name, field in zip(rest, ("value", "slice")):
            if hasattr(target, field):
                before.append(self._assign(self.name(name, node, ast.Store()), self.visit(getattr(target, field)), node))
                setattr(target, field, self.name(name, node))
        if isinstance(target, ast.Name):
            names = names[:1]
        reading = copy.deepcopy(target)
        reading.ctx = ast.Load()
        before.append(self._assign(self.name(value, node, ast.Store()), self.visit(reading), node))
        node.target = self.name(value, node, ast.Store())  # type: ignore[assignment]
        node.value = self._extending(value, node)
        after: "List[ast.stmt]" = []
        self._spread(target, value, after, names)
        return [*before, node, *after, self._forget(names, node)]

    def _extending(self, name: str, node: ast.AugAssign) -> ast.expr:
        """The right side of an augmented assignment to a variable, which may change a container in place."""
        new = self.visit(node.value)
        if isinstance(node.value, ast.Constant):
            return new
        return self.hook("__heal_extend__", node, self.name(name, node), new)

    def visit_Delete(self, node: ast.Delete) -> Any:
        found: "List[ast.stmt]" = []
        for target in node.targets:
            if isinstance(target, ast.Name):
                if self.scope.meaning(target.id) != LOCAL:
                    call = self.bound(target.id, self.constant(None, target), target)
                    found.append(ast.copy_location(ast.Expr(value=call), target))
            elif isinstance(target, ast.Subscript) and not self._is_direct(target):
                names = [self._temporary(), self._temporary()]
                for name, field in zip(names, ("value", "slice")):
                    found.append(self._assign(self.name(name, target, ast.Store()), self.visit(getattr(target, field)), target))
                    setattr(target, field, self.name(name, target))
                self._hooked(target)
                found += [ast.copy_location(ast.Delete(targets=[target]), node), self._forget(names, node)]
                continue
            elif isinstance(target, (ast.Attribute, ast.Subscript)):
                self._hooked(target)
            found.append(ast.copy_location(ast.Delete(targets=[target]), node))
        return found

    # Blocks

    def _loop(self, node: Any) -> Any:
        node.iter = self.iterated(node.iter) if isinstance(node, ast.For) else self.visit(node.iter)
        head: "List[ast.stmt]" = [self._tick(node)]
        if not _is_plain(node.target, self):
            temporary = self._temporary()
            used = [temporary]
            self._spread(node.target, temporary, head, used)
            head.append(self._forget(used, node))
            node.target = self.name(temporary, node.target, ast.Store())
        node.body = head + self.block(node.body)
        node.orelse = self.block(node.orelse)
        return node

    visit_For = visit_AsyncFor = _loop

    def visit_While(self, node: ast.While) -> Any:
        node.test = self.truth(node.test)
        node.body = [self._tick(node), *self.block(node.body)]
        node.orelse = self.block(node.orelse)
        return node

    def _tick(self, node: ast.AST) -> ast.stmt:
        return ast.copy_location(ast.Expr(value=self.bare("__heal_tick__", node)), node)

    def visit_If(self, node: ast.If) -> Any:
        node.test, node.body, node.orelse = self.truth(node.test), self.block(node.body), self.block(node.orelse)
        return node

    def visit_Assert(self, node: ast.Assert) -> Any:
        node.test = self.truth(node.test)
        if node.msg is not None:
            node.msg = self.visit(node.msg)
        return node

    def _with(self, node: Any) -> Any:
        head: "List[ast.stmt]" = []
        for item in node.items:
            item.context_expr = self.visit(item.context_expr)
            if item.optional_vars is not None and not _is_plain(item.optional_vars, self):
                temporary = self._temporary()
                used = [temporary]
                self._spread(item.optional_vars, temporary, head, used)
                head.append(self._forget(used, node))
                item.optional_vars = self.name(temporary, item.context_expr, ast.Store())
        node.body = head + self.block(node.body)
        return node

    visit_With = visit_AsyncWith = _with

    def _try(self, node: Any) -> Any:
        for handler in node.handlers:
            if handler.type is not None:
                handler.type = self.visit(handler.type)
            handler.body = self.block(handler.body)
        node.body, node.orelse, node.finalbody = self.block(node.body), self.block(node.orelse), self.block(node.finalbody)
        return node

    visit_Try = visit_TryStar = _try

    def visit_Match(self, node: Any) -> Any:
        node.subject = self.hook("__heal_match__", node.subject, self.visit(node.subject))
        for case in node.cases:
            if case.guard is not None:
                case.guard = self.truth(case.guard)
            case.body = self.block(case.body)
        return node

    # Definitions

    def _function(self, node: Any) -> Any:
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        self.defaults(node.args)
        outer, self.scope = self.scope, self.scope.inner[node]
        start = 1 if ast.get_docstring(node, clean=False) is not None else 0
        head: "List[ast.stmt]" = []
        if self.scope.cells:
            near = node.body[min(start, len(node.body) - 1)]
            marker = self.name("__heal_cell_%d__" % self.scope.depth, near, ast.Store())
            head.append(self._assign(marker, self.bare("__heal_cell__", near), near))
        node.body = node.body[:start] + head + self.block(node.body[start:])
        self.scope = outer
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        node.bases = [self.visit(one) for one in node.bases]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        outer, self.scope = self.scope, self.scope.inner[node]
        node.body = self.block(node.body)
        self.scope = outer
        return node


def _is_plain(target: ast.AST, rewriter: Any) -> bool:
    """Whether a target holds nothing but names that no other thread sees."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(_is_plain(one, rewriter) for one in target.elts)
    if isinstance(target, ast.Starred):
        return _is_plain(target.value, rewriter)
    return isinstance(target, ast.Name) and rewriter.scope.meaning(target.id) == LOCAL
