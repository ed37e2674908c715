"""Turns accesses to state that threads may share into calls of hooks, in the syntax tree of the program's own modules.

A hook stands before the access, which the interpreter then does itself: `o.x` becomes `get(place, o, "x").x`. So values,
exceptions, tracebacks and positions are those of the program as written. Annotations and patterns stay as they are.
"""

from __future__ import annotations

import ast
from typing import Any, List, Optional

from .scopes import GLOBAL, LOCAL, Scope, scopes
from .sites import Sites
from .stores import Stores

#: What the hooks are called in the rewritten code; they are found among the builtins.
GET, SET, ITEM, PUT, PAIR, PICK = "__heal_get__", "__heal_set__", "__heal_item__", "__heal_put__", "__heal_pair__", "__heal_pick__"
READ, ITER, CALL, MATCH, EXTEND = "__heal_read__", "__heal_iter__", "__heal_call__", "__heal_match__", "__heal_extend__"
NAME, BIND, CELL_READ, CELL_WRITE, CELL_NEW = "__heal_name__", "__heal_bind__", "__heal_free__", "__heal_keep__", "__heal_cell__"
TICK, SEEN, NOTE, CLOCK = "__heal_tick__", "__heal_seen__", "__heal_note__", "__heal_clock__"
NAMES = (GET, SET, ITEM, PUT, PAIR, PICK, READ, ITER, CALL, MATCH, EXTEND, NAME, BIND, CELL_READ, CELL_WRITE, CELL_NEW, TICK, SEEN, NOTE, CLOCK)

#: What `datetime` and its like are asked for the time by.
_MOMENTS = frozenset(("now", "utcnow", "today"))
_MAYBE_CONTAINER = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)


def compile_rewritten(source: "str | bytes", path: str, sites: Sites, values: bool) -> Any:
    """The code of a module with hooks in it; raises as `compile` does."""
    tree = ast.parse(source, path)
    return compile(rewritten(tree, path, sites, values), path, "exec", dont_inherit=True)


def rewritten(tree: ast.Module, path: str, sites: Sites, values: bool) -> ast.Module:
    """The tree, changed in place; with `values`, hooks also learn what was read and written."""
    rewriter = Rewriter(path, sites, scopes(tree), values)
    start = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    while start < len(tree.body) and isinstance(tree.body[start], ast.ImportFrom) and tree.body[start].module == "__future__":
        start += 1
    tree.body[start:] = rewriter.block(tree.body[start:])
    return tree


class Rewriter(Stores):
    """Rewrites one module."""

    def __init__(self, path: str, sites: Sites, scope: Scope, values: bool) -> None:
        self._path = path
        self._sites = sites
        self.file = sites.add_file(path)
        self.scope = scope
        self.values = values
        self.temporaries = 0

    # Making nodes

    def place(self, near: ast.AST) -> ast.expr:
        number = self._sites.add(self._path, near.lineno, near.col_offset)  # type: ignore[attr-defined]
        return self.constant(number, near)

    def constant(self, value: Any, near: ast.AST) -> ast.expr:
        return ast.copy_location(ast.Constant(value=value), near)

    def name(self, name: str, near: ast.AST, context: "Optional[ast.expr_context]" = None) -> ast.expr:
        return ast.copy_location(ast.Name(id=name, ctx=context or ast.Load()), near)

    def hook(self, name: str, near: ast.AST, *arguments: ast.expr) -> ast.expr:
        """A call of a hook, whose first argument is the place."""
        return self.bare(name, near, self.place(near), *arguments)

    def bare(self, name: str, near: ast.AST, *arguments: ast.expr) -> ast.expr:
        """A call of a hook that needs no place."""
        return ast.copy_location(ast.Call(func=self.name(name, near), args=list(arguments), keywords=[]), near)

    def seen(self, node: ast.expr) -> ast.expr:
        """A value that was read, told to whoever wants values."""
        return self.bare(SEEN, node, node) if self.values else node

    def noted(self, node: ast.expr) -> ast.expr:
        """A value that is about to be written."""
        return self.bare(NOTE, node, node) if self.values else node

    def marker(self, name: str) -> str:
        """The variable by which the cells of the function that holds `name` are told from those of another call."""
        return "__heal_cell_%d__" % self.scope.holder(name).depth

    def is_pure(self, node: ast.AST) -> bool:
        """Whether an expression may stand twice: nothing that another thread does changes it."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return self.scope.meaning(node.id) == LOCAL
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
        if isinstance(node, ast.Tuple):
            return all(self.is_pure(one) for one in node.elts)
        return False

    # Expressions

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return node
        meaning = self.scope.meaning(node.id)
        if meaning == LOCAL:
            return node
        name = self.constant(node.id, node)
        if meaning == GLOBAL:
            before = self.hook(NAME, node, self.constant(self.file, node), name)
        else:
            before = self.hook(CELL_READ, node, self.name(self.marker(node.id), node), name)
        return self.seen(ast.copy_location(ast.BoolOp(op=ast.Or(), values=[before, node]), node))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        node.value = self.attribute_owner(CLOCK if node.attr in _MOMENTS else GET, node)
        return self.seen(node)

    def attribute_owner(self, hook: str, node: ast.Attribute) -> ast.expr:
        """The object whose attribute is accessed, with the hook around it."""
        return self.hook(hook, node, self.visit(node.value), self.constant(self.scope.mangled(node.attr), node))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        value, key = self.visit(node.value), node.slice
        if self.is_pure(key):
            node.value = self.hook(ITEM, node, value, key)
            return self.seen(node)
        if isinstance(key, ast.Slice) or isinstance(key, ast.Tuple) and any(isinstance(one, (ast.Slice, ast.Starred)) for one in key.elts):
            node.value, node.slice = self.hook(READ, node, value), self.visit(key)
            return self.seen(node)
        pair = self.hook(PAIR, node, value, self.visit(key))
        return self.seen(self.bare(PICK, node, ast.copy_location(ast.Starred(value=pair, ctx=ast.Load()), node)))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        if isinstance(function, ast.Name) and function.id == "super":
            return self.generic_visit(node)  # type: ignore[return-value]
        inner = self.hook(CALL, node, self.visit(function))
        for argument in node.args:
            inner.args.append(self.visit(argument))  # type: ignore[attr-defined]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
            if keyword.arg is None:
                keyword.value = self.hook(READ, keyword.value, keyword.value)
            inner.keywords.append(keyword)  # type: ignore[attr-defined]
        return ast.copy_location(ast.Call(func=inner, args=[], keywords=[]), node)

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        for index, key in enumerate(node.keys):
            value = self.visit(node.values[index])
            if key is None:
                value = self.hook(READ, value, value)
            else:
                node.keys[index] = self.visit(key)
            node.values[index] = value
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        if isinstance(node.ctx, ast.Load):
            node.value = self.hook(READ, node, self.visit(node.value))
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        before = node.left
        node.left = self.visit(before)
        for index, (operator, operand) in enumerate(zip(node.ops, list(node.comparators))):
            new = self.visit(operand)
            if isinstance(operator, (ast.In, ast.NotIn)):
                new = self.operand(operand, new)
            elif not isinstance(operator, (ast.Is, ast.IsNot)) and not isinstance(operand, ast.Constant) \
                    and not isinstance(before, ast.Constant):
                if index == 0:
                    node.left = self.operand(before, node.left)
                new = self.operand(operand, new)
            node.comparators[index] = new
            before = operand
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = node.left, node.right
        node.left, node.right = self.visit(left), self.visit(right)
        if not (_is_number(left) or _is_number(right)):
            node.left, node.right = self.operand(left, node.left), self.operand(right, node.right)
        return node

    def operand(self, old: ast.expr, new: ast.expr) -> ast.expr:
        """An operand that may be a container, all of which is read."""
        return self.hook(READ, old, new) if isinstance(old, _MAYBE_CONTAINER) else new

    def truth(self, node: ast.expr) -> ast.expr:
        """An expression of which only the truth counts."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self.truth(node.operand)
            return node
        if isinstance(node, ast.BoolOp):
            node.values = [self.truth(one) for one in node.values]
            return node
        return self.operand(node, self.visit(node))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        return self.truth(node) if isinstance(node.op, ast.Not) else self.generic_visit(node)  # type: ignore[return-value]

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        node.values = [self.truth(one) for one in node.values[:-1]] + [self.visit(node.values[-1])]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        node.test, node.body, node.orelse = self.truth(node.test), self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self.bound(node.target.id, self.visit(node.value), node)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        node.value = self.operand(node.value, self.visit(node.value))
        if node.format_spec is not None:
            node.format_spec = self.visit(node.format_spec)
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        node.value = self.operand(node.value, self.visit(node.value))
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.defaults(node.args)
        outer, self.scope = self.scope, self.scope.inner[node]
        self.scope.cells = set()  # a lambda has no statement in which its cells could get a name
        node.body = self.visit(node.body)
        self.scope = outer
        return node

    def defaults(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self.visit(one) for one in arguments.defaults]
        arguments.kw_defaults = [one and self.visit(one) for one in arguments.kw_defaults]

    def _comprehension(self, node: Any) -> ast.expr:
        outer, inner = self.scope, self.scope.inner[node]
        for index, generator in enumerate(node.generators):
            self.scope = outer if index == 0 else inner
            generator.iter = self.iterated(generator.iter)
            self.scope = inner
            generator.ifs = [self.truth(one) for one in generator.ifs]
        for field in ("elt", "key", "value"):
            if getattr(node, field, None) is not None:
                setattr(node, field, self.visit(getattr(node, field)))
        self.scope = outer
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def iterated(self, node: ast.expr) -> ast.expr:
        """What a loop runs over: each step of the loop reads it."""
        new = self.visit(node)
        return new if isinstance(node, (ast.List, ast.Tuple, ast.Constant)) else self.hook(ITER, node, new)

    def block(self, statements: "List[ast.stmt]") -> "List[ast.stmt]":
        """Rewrites statements; one may become several."""
        found: "List[ast.stmt]" = []
        for statement in statements:
            new: Any = self.visit(statement)
            if isinstance(new, list):
                found.extend(new)
            else:
                found.append(new)
        return found


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex))
