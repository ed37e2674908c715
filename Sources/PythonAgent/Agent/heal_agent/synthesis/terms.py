"""Expressions made bottom-up, each evaluated on everything that was recorded: one is kept for each row of values."""

from __future__ import annotations

import ast
import collections
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Sequence, Set, Tuple

from ..edits import build
from .interpret import BUILTINS, Unclear, binary
from .values import ATOMS, ERROR, MAPS, MOST_BITS, NUMBERS, SEQUENCES, SETS, getattr_static, is_plain, name_of

MOST_TERMS = 800
NUMBER, TEXT, SEQUENCE, SET, MAP, BOOL, OBJECT, OTHER = "number", "text", "sequence", "set", "map", "bool", "object", "other"
Row = Tuple[Any, ...]


class Term(NamedTuple):
    """An expression with its values, one for each recorded moment."""

    node: ast.expr
    size: int
    row: Row
    kind: str  #: what all of its values are
    is_constant: bool


def kind_of(row: Row) -> str:
    """What the values of a row are, where they are alike."""
    found = {_kind(value) for value in row if value is not ERROR}
    if found == {NUMBER, BOOL}:
        return NUMBER
    return found.pop() if len(found) == 1 else OTHER


def _kind(value: Any) -> str:
    kind = type(value)
    if kind is bool:
        return BOOL
    if kind in NUMBERS:
        return NUMBER
    if kind is str:
        return TEXT
    if kind in SEQUENCES or kind is collections.deque:
        return SEQUENCE if is_plain(value) else OBJECT
    if kind in SETS:
        return SET
    if kind in MAPS:
        return MAP
    return OTHER if kind in ATOMS else OBJECT


def raises(row: Row) -> bool:
    """Whether an expression raises somewhere."""
    for value in row:
        if value is ERROR:
            return True
    return False


def mapped(function: "Callable[..., Any]", *rows: Row) -> Row:
    """A row made of others, value by value."""
    if not any(map(raises, rows)):
        try:
            return tuple(map(function, *rows))
        except Exception:
            pass  # somewhere: then one by one
    return tuple([_applied(function, values) for values in zip(*rows)])


def _applied(function: "Callable[..., Any]", values: Row) -> Any:
    if raises(values):
        return ERROR
    try:
        return function(*values)
    except Exception:
        return ERROR


class Pool:
    """The terms of one place, smaller ones first."""

    def __init__(self, moments: "Sequence[Dict[str, Any]]", words: "FrozenSet[str]") -> None:
        self._moments = moments
        self._words = words  # the names and constants that the file has: others are less likely
        self._names: "Dict[Any, int]" = {}
        self.terms: "List[Term]" = []

    def is_full(self) -> bool:
        return len(self.terms) >= MOST_TERMS

    def add(self, node: ast.expr, size: int, row: Row, is_constant: bool = False) -> None:
        """Keeps an expression whose row is new; never one that raises everywhere, or is huge somewhere."""
        if self.is_full() or all([value is ERROR for value in row]):
            return
        for value in row:
            if type(value) is int and value.bit_length() > MOST_BITS:
                return
        name = tuple(map(name_of, row))
        if name in self._names and not is_constant:
            return
        self._names.setdefault(name, len(self.terms))
        self.terms.append(Term(node, size, row, kind_of(row), is_constant))

    def cost(self, word: str) -> int:
        """What the use of a function, a method or a number adds to the size of an expression."""
        return 1 if word in self._words or word in ("len", "0", "1", "Add", "Sub") else 2

    def add_name(self, name: str) -> None:
        self.add(build.name(name), 1, tuple([moment.get(name, ERROR) for moment in self._moments]))

    def add_constant(self, value: Any) -> None:
        """A constant is kept even where a name happens to have its value everywhere."""
        self.add(build.const(value), self.cost(repr(value)), (value,) * len(self._moments), True)


def grow(pool: Pool) -> None:
    """Adds to names and constants what is made of one of them, and then what is made of two."""
    bricks = list(pool.terms)
    for term in bricks:
        if not term.is_constant:
            _from_one(pool, term)
    derived = [term for term in pool.terms[len(bricks):] if term.size <= 3]
    for i, left in enumerate(bricks):
        for j, right in enumerate(bricks):
            if pool.is_full():
                return
            if i != j and not (left.is_constant and right.is_constant):
                _from_two(pool, left, right, i < j)
    for left in bricks:
        for right in derived:
            if pool.is_full():
                return
            if left.kind in (NUMBER, BOOL) and right.kind == NUMBER:
                _arithmetic(pool, left, right, (ast.Sub, ast.Add))
                _arithmetic(pool, right, left, (ast.Sub,))
            elif left.kind in (SEQUENCE, TEXT) and right.kind == NUMBER:
                pool.add(build.item(left.node, right.node), left.size + right.size, mapped(_item, left.row, right.row))


def _call(pool: Pool, function: str, term: Term) -> None:
    pool.add(build.call(function, term.node), term.size + pool.cost(function), mapped(BUILTINS[function], term.row))


def _from_one(pool: Pool, term: Term) -> None:
    node, row, size, kind = term.node, term.row, term.size, term.kind
    if kind in (SEQUENCE, TEXT):
        _call(pool, "len", term)
        for index in (0, -1):
            pool.add(build.item(node, build.const(index)), size + 1, mapped(lambda v, i=index: _item(v, i), row))
        pool.add(build.cut(node, build.const(1)), size + 2, mapped(lambda v: v[1:], row))
        pool.add(build.cut(node, None, build.const(-1)), size + 2, mapped(lambda v: v[:-1], row))
        pool.add(build.cut(node, build.const(-1)), size + 2, mapped(lambda v: v[-1:], row))
        pool.add(build.cut(node, None, None, build.const(-1)), size + 2, mapped(lambda v: v[::-1], row))
        for function in ("sorted", "set", "sum", "max", "min", "list") if kind == SEQUENCE else ("int", "sorted", "list", "set"):
            _call(pool, function, term)
        if kind == TEXT:
            for method in ("lower", "upper", "strip", "split"):
                pool.add(build.method(node, method), size + 1 + pool.cost(method), mapped(lambda v, m=method: getattr(v, m)(), row))
        else:
            pool.add(build.binary(build.call("sum", node), ast.Div(), build.call("len", node)), size + 2 + pool.cost("sum"),
                     mapped(lambda v: sum(v) / len(v), row))
    elif kind == OBJECT:
        _from_object(pool, term)
    elif kind in (SET, MAP):
        for function in ("len", "list", "sorted", "max", "min"):
            _call(pool, function, term)
        if kind == MAP:
            for function in ("sum", "max", "list"):
                pool.add(build.call(function, build.method(node, "values")), size + 1 + pool.cost("values"),
                         mapped(lambda v, f=function: BUILTINS[f](dict.values(v)), row))
    elif kind in (NUMBER, BOOL):
        _from_number(pool, term)


def _from_number(pool: Pool, term: Term) -> None:
    for number in (1, -1):
        pool.add(build.plus(term.node, number), term.size + 1, mapped(lambda v, n=number: v + n, term.row))
    for op, number in ((ast.Mod, 2), (ast.FloorDiv, 2), (ast.Mult, 2), (ast.Mod, 10), (ast.FloorDiv, 10)):
        pool.add(build.binary(term.node, op(), build.const(number)), term.size + pool.cost(repr(number)),
                 mapped(lambda v, o=op, n=number: binary(o, v, n), term.row))
    pool.add(ast.UnaryOp(op=ast.USub(), operand=term.node), term.size + 2, mapped(lambda v: -v, term.row))
    for function in ("abs", "str", "int"):
        _call(pool, function, term)


def _from_object(pool: Pool, term: Term) -> None:
    states = [getattr_static(value) for value in term.row if value is not ERROR]
    names = sorted({name for state in states if state is not None for name in state if not name.startswith("__")})
    for name in names[:8]:
        pool.add(build.attr(term.node, name), term.size + 1, mapped(lambda v, n=name: (getattr_static(v) or {})[n], term.row))
    if all(type(value) in SEQUENCES for value in term.row if value is not ERROR):
        _call(pool, "len", term)
        for index in (0, -1):
            pool.add(build.item(term.node, build.const(index)), term.size + 1, mapped(lambda v, i=index: _item(v, i), term.row))


def _item(value: Any, index: Any) -> Any:
    if type(index) is not int or type(value) not in SEQUENCES and type(value) is not str:
        raise Unclear
    return value[index]


def names_in(node: ast.AST) -> "Set[str]":
    """The names that an expression reads."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _arithmetic(pool: Pool, left: Term, right: Term, ops: "Sequence[type]") -> None:
    if isinstance(left.node, ast.Name) and left.node.id in names_in(right.node) or \
            isinstance(right.node, ast.Name) and right.node.id in names_in(left.node):
        return  # one and the same thing twice
    for op in ops:
        if right.is_constant and (op not in (ast.Add, ast.Sub) and right.row[0] in (0, 1) or right.row[0] == 0) \
                or left.is_constant and (left.row[0] == 0 or op is not ast.Sub):
            continue  # gives nothing new, or the same as a float
        pool.add(build.binary(left.node, op(), right.node), left.size + right.size + pool.cost(op.__name__) - 1,
                 mapped(lambda a, b, o=op: binary(o, a, b), left.row, right.row))


def _from_two(pool: Pool, left: Term, right: Term, is_first: bool) -> None:
    """What is made of two terms; `is_first` says that the other order is still to come."""
    size = left.size + right.size
    a, b = left.kind, right.kind
    if a in (NUMBER, BOOL) and b in (NUMBER, BOOL):
        _arithmetic(pool, left, right, (ast.Sub, ast.FloorDiv, ast.Mod, ast.Div))
        if is_first:
            _arithmetic(pool, left, right, (ast.Add, ast.Mult))
    elif a in (SEQUENCE, TEXT) and b == NUMBER:
        pool.add(build.item(left.node, right.node), size, mapped(_item, left.row, right.row))
        for number in () if right.is_constant else (1, -1):
            pool.add(build.item(left.node, build.plus(right.node, number)), size + 1,
                     mapped(lambda v, i, n=number: _item(v, i + n), left.row, right.row))
        if not right.is_constant:
            pool.add(build.cut(left.node, None, right.node), size + 1, mapped(lambda v, i: v[:i], left.row, right.row))
            pool.add(build.cut(left.node, right.node), size + 1, mapped(lambda v, i: v[i:], left.row, right.row))
    elif a == MAP:
        if b in (NUMBER, TEXT, SEQUENCE, BOOL, OTHER):
            pool.add(build.item(left.node, right.node), size, mapped(lambda v, k: dict.__getitem__(v, k), left.row, right.row))
            pool.add(build.method(left.node, "get", right.node, build.const(0)), size + 2,
                     mapped(lambda v, k: dict.get(v, k, 0), left.row, right.row))
    if a == b and a in (TEXT, SEQUENCE):
        _arithmetic(pool, left, right, (ast.Add,))
    if a == b == SET:
        _arithmetic(pool, left, right, (ast.Sub, ast.BitAnd, ast.BitOr))
    if a == SEQUENCE and b != OBJECT or a == b == TEXT:
        pool.add(build.method(left.node, "count", right.node), size + pool.cost("count"), mapped(lambda v, x: v.count(x), left.row, right.row))
    if a == SEQUENCE and b not in (SEQUENCE, OBJECT):
        pool.add(build.binary(left.node, ast.Add(), ast.List(elts=[right.node], ctx=build.LOAD)), size + 2,
                 mapped(lambda v, x: v + [x], left.row, right.row))
        if b != BOOL and not right.is_constant:
            pool.add(build.method(left.node, "index", right.node), size + pool.cost("index"), mapped(lambda v, x: v.index(x), left.row, right.row))
