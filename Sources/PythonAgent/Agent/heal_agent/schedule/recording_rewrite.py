"""The rewriter for runs that nobody directs: what is cheap to look at twice is looked at only while there is something to tell."""

from __future__ import annotations

import ast
import copy
import sys
from typing import Any, List

from .recording_log import OFF
from .rewrite import CALL, CELL_READ, NAME, Rewriter
from .scopes import GLOBAL, LOCAL, scopes
from .sites import Sites

_LARGEST = 60
"""Nodes of a call that may stand twice: once for when nothing is told."""


def compile_recorded(source: "str | bytes", path: str, sites: Sites) -> Any:
    """The code of a module with hooks in it; raises as `compile` does."""
    tree = ast.parse(source, path)
    rewriter = RecordingRewriter(path, sites, scopes(tree), False)
    start = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    while start < len(tree.body) and isinstance(tree.body[start], ast.ImportFrom) and tree.body[start].module == "__future__":  # type: ignore[attr-defined]
        start += 1
    tree.body[start:] = rewriter.block(tree.body[start:])
    return compile(tree, path, "exec", dont_inherit=True)


class RecordingRewriter(Rewriter):
    """Rewrites one module."""

    is_guarded = False
    """Whether what is being rewritten stands where something is told in any case."""

    def unless_off(self, plain: ast.expr, told: ast.expr, near: ast.AST) -> ast.expr:
        """The one while nothing is told, else the other."""
        return ast.copy_location(ast.IfExp(test=self.name(OFF, near), body=plain, orelse=told), near)

    def hook(self, name: str, near: ast.AST, *arguments: ast.expr) -> ast.expr:
        told = super().hook(name, near, *arguments)
        if name in _TRANSPARENT and isinstance(arguments[0], ast.Name) and not self.is_guarded:
            return self.unless_off(copy.copy(arguments[0]), told, near)
        return told

    def visit_Name(self, node: ast.Name) -> ast.expr:
        meaning = self.scope.meaning(node.id) if isinstance(node.ctx, ast.Load) else LOCAL
        if meaning == LOCAL or self.is_guarded:
            return super().visit_Name(node)
        name = self.constant(node.id, node)
        if meaning == GLOBAL:
            before = self.hook(NAME, node, self.constant(self.file, node), name)
        else:
            before = self.hook(CELL_READ, node, self.name(self.marker(node.id), node), name)
        off = self.unless_off(self.constant(None, node), before, node)
        return ast.copy_location(ast.BoolOp(op=ast.Or(), values=[off, node]), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        told: Any = super().visit_Call(node)
        if self.is_guarded or not (isinstance(told, ast.Call) and isinstance(told.func, ast.Call) and getattr(told.func.func, "id", "") == CALL):
            return told
        if sum(1 for _ in ast.walk(told)) > _LARGEST:
            return told
        inner = copy.deepcopy(told.func)
        plain = ast.copy_location(ast.Call(func=inner.args[1], args=inner.args[2:], keywords=inner.keywords), node)
        return self.unless_off(plain, told, node)

    def block(self, statements: "List[ast.stmt]") -> "List[ast.stmt]":
        """Rewrites statements; simple ones stand twice, as they were for when nothing is told."""
        found: "List[ast.stmt]" = []
        for one in statements:
            if not isinstance(one, _SIMPLE) or any(isinstance(inner, _LATER) for inner in ast.walk(one)):
                found += super().block([one])
                continue
            plain = copy.deepcopy(one)
            self.is_guarded = True
            told = super().block([one])
            self.is_guarded = False
            same = len(told) == 1 and ast.dump(told[0]) == ast.dump(plain)
            found.append(plain if same else ast.copy_location(ast.If(test=self.name(OFF, plain), body=[plain], orelse=told), plain))
        return found

    def _tick(self, node: ast.AST) -> ast.stmt:
        if isinstance(node, ast.While) and sys.version_info[:2] == (3, 10):
            return super()._tick(node)  # rewritten tests are loops there in which this interpreter never changes threads
        return ast.copy_location(ast.Pass(), node)


#: Hooks that answer their first argument.
_TRANSPARENT = ("__heal_get__", "__heal_set__", "__heal_item__", "__heal_put__", "__heal_read__")
_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Delete, ast.Raise, ast.Assert)
#: What runs later than the statement that it stands in, when something may have to be told.
_LATER = (ast.Lambda, ast.GeneratorExp)
