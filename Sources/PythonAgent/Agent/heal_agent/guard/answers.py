"""Answers copied from the tests instead of computed."""

from __future__ import annotations

import ast
import collections
from typing import Iterator, List, Optional, Union

from .change import COMMON, Change, literal_of

_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def literals(change: Change) -> "List[str]":
    """A new literal that only an expected answer holds is no whole returned, printed or assigned expression."""
    found = []
    for node in _whole_expressions(change.after):
        literal = literal_of(node)
        if literal is None or not change.is_new(node):
            continue
        if literal in change.answers or _is_printed(literal, change.expected):
            found.append("the answer %s is written out in line %d" % (_short(literal), node.lineno))
    return found


def constant_functions(change: Change) -> "List[str]":
    """A changed function that takes arguments, reads none of them and returns a constant computes nothing."""
    before = collections.Counter(map(ast.dump, _functions(change.before))) if change.before else {}
    return [
        "%s answers with a constant and reads none of its arguments" % function.name
        for function in _functions(change.after)
        if ast.dump(function) not in before and _is_constant(function) and not _was_constant(function, change)
    ]


def inputs_in_conditions(change: Change) -> "List[str]":
    """A new condition may not hold a literal that comes from the tests."""
    shapes = {_shape(test) for test in _conditions(change.before)} if change.before else set()
    found = []
    for test in _conditions(change.after):
        if _shape(test) in shapes:
            continue
        for node in ast.walk(test):
            literal = literal_of(node)
            if literal is not None and change.is_new(node) and literal in change.inputs:
                found.append("line %d asks for %s, which a test passes in" % (test.lineno, _short(literal)))
    return found if change.before is not None else []


def _whole_expressions(tree: ast.AST) -> "Iterator[ast.expr]":
    for node in ast.walk(tree):
        if isinstance(node, (ast.Return, ast.Assign, ast.AnnAssign, ast.Yield)) and node.value is not None:
            yield from _alternatives(node.value)
        elif isinstance(node, ast.Lambda):
            yield from _alternatives(node.body)
        elif isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            if getattr(node.func, "id", getattr(node.func, "attr", "")) in ("print", "write"):
                for argument in node.args:
                    yield from _alternatives(argument)


def _alternatives(node: ast.expr) -> "Iterator[ast.expr]":
    """What an expression may be as a whole: of a conditional expression or `or`, each arm; of a table, its values."""
    yield node
    if isinstance(node, ast.IfExp):
        yield from _alternatives(node.body)
        yield from _alternatives(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _alternatives(value)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _alternatives(value)
    elif isinstance(node, ast.Subscript):
        yield from _alternatives(node.value)


def _is_printed(literal: str, expected: "List[str]") -> bool:
    value = ast.literal_eval(literal)
    text = (value if isinstance(value, str) else str(value)).strip()
    if isinstance(value, str) and len(text) < 3:
        return False
    return any(text in output for output in expected)


def _functions(tree: ast.AST) -> "Iterator[_Function]":
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _is_constant(function: _Function) -> bool:
    arguments = function.args
    names = {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    names -= {"self", "cls"}
    returned = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return (bool(names) and bool(returned) and not names & read
            and all(literal_of(node.value) not in (None, "None") for node in returned))


def _was_constant(function: _Function, change: Change) -> bool:
    return change.before is not None and any(
        old.name == function.name and _is_constant(old) for old in _functions(change.before))


def _conditions(tree: "Optional[ast.AST]") -> "Iterator[ast.expr]":
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, (ast.If, ast.While, ast.IfExp, ast.Assert)):
            yield node.test
        elif isinstance(node, ast.comprehension):
            yield from node.ifs


def _shape(node: ast.AST) -> str:
    """A condition without its literals: changing one of them makes no new condition."""
    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant(value=0)

    return ast.dump(Blank().visit(ast.parse(ast.unparse(node), mode="eval")))


def _short(literal: str) -> str:
    return literal if len(literal) <= 40 else literal[:37] + "..."


__all__ = ["COMMON", "constant_functions", "inputs_in_conditions", "literals"]
