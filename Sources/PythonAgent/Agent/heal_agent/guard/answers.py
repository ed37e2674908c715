"""Answers copied from the tests instead of computed."""

from __future__ import annotations

import ast
import collections
import re
from typing import Iterator, List, Optional, Set, Union

from .change import Change, name_of
from .literals import literal_of, value_of

_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
_FALLBACKS = {"get", "setdefault", "pop", "getattr", "next"}
_KEEPERS = {"append", "add", "extend", "insert", "put", "send", "print", "write", "writelines", "info", "echo"}
_MADE_FROM = {"str", "int", "float", "list", "tuple", "dict", "set", "frozenset", "Decimal", "Fraction", "bytes", "repr", "round"}


def literals(change: Change) -> "List[str]":
    """A new literal that only an expected answer holds is no whole returned, printed or assigned expression."""
    found = []
    for node in _whole_expressions(change.after):
        literal = literal_of(node)
        if literal is None or not change.is_new(node):
            continue
        if literal in change.answers or _is_printed(literal, change.expected):
            found.append("the answer %s is written out in line %d" % (_short(literal), node.lineno))
    return sorted(set(found))


def constant_functions(change: Change) -> "List[str]":
    """A changed function answers with more than a constant: else nothing that it could be given matters.

    A function that was empty may not get one that gives its only answer under some condition, or to everything; one that
    computed may not come to answer always the same.
    """
    found = []
    for function in _changed_functions(change):
        was = _as_it_was(function, change)
        given = _arguments(function) - {"self", "cls"}
        if was is not None and _is_stub(was):
            constant = _only_answer(function) is not None
        elif was is not None:
            constant = bool(_arguments(function)) and _is_constant(function) and not _is_constant(was)
        else:
            constant = bool(given) and not function.name.startswith("__") and _is_constant(function)
        if constant:
            found.append("%s answers with a constant, whatever it is given" % function.name)
    return found


def _changed_functions(change: Change) -> "Iterator[_Function]":
    """The functions that are not as they were; of a text that did not parse, those that return what was not there."""
    if change.before is not None:
        same = {ast.dump(function) for function in _functions(change.before)}
        yield from (function for function in _functions(change.after) if ast.dump(function) not in same)
        return
    lines = {line.strip() for line in change.before_text.splitlines()}
    after = change.after_text.splitlines()
    for function in _functions(change.after):
        if any(after[value.lineno - 1].strip() not in lines for value in _returned(function)):
            yield function


def _as_it_was(function: _Function, change: Change) -> "Optional[_Function]":
    if change.before is None:
        return None
    return next((old for old in _functions(change.before) if old.name == function.name), None)


def inputs_in_conditions(change: Change) -> "List[str]":
    """A new condition, or a new table, may not hold a literal that comes from the tests."""
    known = collections.Counter(_shape(test) for test in _conditions(change.before)) if change.before else collections.Counter()
    found = []
    for test in sorted(_conditions(change.after), key=lambda test: not _holds_known(test, change)):
        shape = _shape(test)
        if known[shape]:
            known[shape] -= 1
            continue
        for node in ast.walk(test):
            literal = literal_of(node)
            if literal is not None and change.is_new(node) and literal in change.inputs:
                found.append("line %d asks for %s, which a test passes in" % (node.lineno, _short(literal)))
    return sorted(set(found))


def _holds_known(test: ast.AST, change: Change) -> bool:
    """Whether a condition has no literal that is new: of several of one shape, those that were there come first."""
    return not any(change.is_new(node) for node in ast.walk(test))


def _whole_expressions(tree: ast.AST) -> "Iterator[ast.expr]":
    for node in ast.walk(tree):
        if isinstance(node, (ast.Return, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.Yield)) and node.value is not None:
            yield from _alternatives(node.value)
        elif isinstance(node, ast.Lambda):
            yield from _alternatives(node.body)
        elif isinstance(node, ast.arguments):
            for default in [*node.defaults, *node.kw_defaults]:
                if default is not None:
                    yield from _alternatives(default)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            yield from _alternatives(node.elt)
        elif isinstance(node, ast.For):
            yield from _alternatives(node.iter)
        elif isinstance(node, ast.Call) and name_of(node.func) in _KEEPERS:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield from _alternatives(argument)


def _alternatives(node: ast.expr) -> "Iterator[ast.expr]":
    """What an expression may be as a whole: of a choice, each arm; of a container or a table, its values."""
    yield node
    parts: "List[Optional[ast.expr]]" = []
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, (ast.BoolOp, ast.Dict)):
        parts = list(node.values)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        parts = list(node.elts)
    elif isinstance(node, (ast.Subscript, ast.Starred, ast.NamedExpr, ast.Await)):
        parts = [node.value]
    elif isinstance(node, ast.Call):
        name = name_of(node.func)
        if name in _FALLBACKS:
            parts = list(node.args[1:])
        elif name in _MADE_FROM:
            parts = list(node.args)
        parts += [keyword.value for keyword in node.keywords if keyword.arg == "default"]
        if isinstance(node.func, ast.Attribute):
            parts.append(node.func.value)
    for part in parts:
        if part is not None:
            yield from _alternatives(part)


def _is_printed(literal: str, expected: "List[str]") -> bool:
    value = value_of(literal)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return any(float(number) == abs(value) for output in expected for number in re.findall(r"\d+(?:\.\d+)?", output))
    text = (value if isinstance(value, str) else str(value)).strip()
    if isinstance(value, str) and len(text) < 3:
        return bool(text) and any(text in output.split() for output in expected)
    return any(text in output for output in expected)


def _functions(tree: ast.AST) -> "Iterator[_Function]":
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _arguments(function: _Function) -> "Set[str]":
    """The names of what it is given; the object that it belongs to counts too."""
    given = function.args
    return {argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg)
            if argument is not None}


def _is_stub(function: _Function) -> bool:
    """Whether there is nothing in it: `pass`, `...`, a text, an error that says so, or `return None`."""
    for statement in function.body:
        if isinstance(statement, ast.Pass) or isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Return) and literal_of(statement.value) in (None, "None") and (
                statement.value is None or isinstance(statement.value, ast.Constant)):
            continue
        if isinstance(statement, ast.Raise) and "NotImplemented" in ast.dump(statement):
            continue
        return False
    return True


def _returned(function: _Function) -> "Iterator[ast.expr]":
    """What its own `return`s and `yield`s give; those without a value, and None, are no answers."""
    todo: "List[ast.AST]" = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, (ast.Return, ast.Yield)) and node.value is not None and literal_of(node.value) != "None":
            yield node.value
        todo.extend(ast.iter_child_nodes(node))


def _leaves(node: ast.expr) -> "Iterator[ast.expr]":
    """The arms of a choice and the values of a table; else the expression itself."""
    if isinstance(node, ast.IfExp):
        yield from _leaves(node.body)
        yield from _leaves(node.orelse)
    elif isinstance(node, ast.BoolOp):
        yield from _leaves(node.values[-1])
    elif isinstance(node, ast.Subscript) and literal_of(node.value) is not None:
        yield node.value
    elif (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _FALLBACKS
          and literal_of(node.func.value) is not None):
        yield node.func.value
    else:
        yield node


def _only_answer(function: _Function) -> "Optional[str]":
    """The constant that it answers with when it knows but one; True and 1 are one."""
    literals = [literal_of(leaf) for value in _returned(function) for leaf in _leaves(value)]
    if not literals or None in literals:
        return None
    first = value_of(literals[0] or "")
    return literals[0] if all(value_of(literal or "") == first for literal in literals) else None


def _is_constant(function: _Function) -> bool:
    """Whether it gives one and the same constant and nothing else: it reads nothing, or cannot end otherwise."""
    if _only_answer(function) is None:
        return False
    read = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return not (_arguments(function) - {"self", "cls"}) & read or isinstance(function.body[-1], ast.Return)


def _conditions(tree: "Optional[ast.AST]") -> "Iterator[ast.AST]":
    """What chooses: conditions, comparisons wherever they stand, patterns, and the keys of tables."""
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, (ast.If, ast.While, ast.IfExp, ast.Assert)):
            if not isinstance(node.test, ast.Compare):
                yield node.test
        elif isinstance(node, ast.comprehension):
            yield from (test for test in node.ifs if not isinstance(test, ast.Compare))
        elif isinstance(node, ast.Compare):
            yield node
        elif isinstance(node, ast.Dict):
            yield from (key for key in node.keys if key is not None)
        elif type(node).__name__ == "MatchValue":
            yield node.value


def _shape(node: ast.AST) -> str:
    """A condition without its literals: changing one of them makes no new condition."""
    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant(value=0)

    return ast.dump(Blank().visit(ast.parse(ast.unparse(node), mode="eval")))


def _short(literal: str) -> str:
    return literal if len(literal) <= 40 else literal[:37] + "..."


__all__ = ["constant_functions", "inputs_in_conditions", "literals"]
