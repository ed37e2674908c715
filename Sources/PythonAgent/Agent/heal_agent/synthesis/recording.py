"""Runs tests with notes in the program's code: what names meant when a place was reached, and what its expression gave.

The notes are calls that the edit space's tree gets for a while; the code compiled from it lives in a fork alone.
"""

from __future__ import annotations

import ast
import builtins
import types
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..edits import build
from ..edits.primitives import Insert, SetItem
from ..edits.scope import Function
from ..edits.tree import Block, Tree
from .holes import ONLY, SKIP, Hole
from .values import ERROR, Copier, Unfit

BEFORE, AFTER, ENTER, BOUND = "__heal_before__", "__heal_after__", "__heal_enter__", "__heal_bound__"
MOST_NAMES, MOST_NODES, MOST_DECIDED = 12, 700, 6
_SKIPPED = frozenset((types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType))
Key = Tuple[str, int]


class Visit(NamedTuple):
    """One time that a hole was reached."""

    test: int
    number: int  #: how many times it had been reached in that test before
    names: "Dict[str, Any]"
    value: Any  #: what its expression gave, `ERROR` where it raised


class Answer:
    """Stands for what a function returns: learns what a test compares it with."""

    def __init__(self) -> None:
        self.wanted: "List[Any]" = []

    def __eq__(self, other: Any) -> bool:
        self.wanted.append(getattr(other, "expected", other))
        return True

    def __ne__(self, other: Any) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]


class Recorder:
    """Takes the notes of one run after the other."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        self._test = -1
        self._counts: "Dict[Key, int]" = {}
        self._before: "Optional[Dict[Key, int]]" = None  #: how many visits this run will make, where that is known
        self._open: "Dict[Key, Dict[str, Any]]" = {}
        self.visits: "Dict[Key, List[Visit]]" = {}
        self.totals: "Dict[int, Dict[Key, int]]" = {}
        self.entries: "Dict[Key, List[Visit]]" = {}
        self._forced: "Optional[Key]" = None
        self._decide: "Callable[[int, bool], bool]" = lambda number, natural: natural
        self._decided: "List[Tuple[Visit, bool]]" = []
        self.answered: "Optional[Tuple[Key, Answer]]" = None
        self._answer_due = False
        self._moment: "Optional[Dict[str, Any]]" = None

    def install(self) -> None:
        """Lets the program's notes reach this recorder."""
        builtins.__dict__.update({BEFORE: self.before, AFTER: self.after, ENTER: self.enter, BOUND: bound})

    def begin(self, test: int, counted: "Optional[Dict[Key, int]]") -> None:
        """The run of a test starts; without `counted` it only counts."""
        self._test, self._before, self._counts, self._open = test, counted, {}, {}
        self._answer_due = self.answered is not None

    def end(self) -> "Dict[Key, int]":
        """How often each place was reached; what was begun and gave nothing raised."""
        for key in list(self._open):
            self._close(key, ERROR)
        return self._counts

    def force(self, key: Key, decide: "Callable[[int, bool], bool]") -> None:
        """From now on a condition holds where `decide` says so, given how often it was reached and whether it would."""
        self._forced, self._decide, self._decided = key, decide, []

    def free(self) -> "List[Tuple[Visit, bool]]":
        """Conditions decide for themselves again; answers what was decided at the first visits."""
        self._forced = None
        return self._decided

    # Called by the program

    def before(self, path: str, hole: int, names: "Dict[str, Any]") -> "Tuple[str, int, int]":
        key = (path, hole)
        number = self._counts.get(key, 0)
        self._counts[key] = number + 1
        if key == self._forced:
            self._moment = self._copied(names) if number < MOST_DECIDED else None
        elif self._wants(key, number):
            if key in self._open:
                self._close(key, ERROR)
            self._open[key] = {"number": number, "names": self._copied(names)}
        return path, hole, number

    def after(self, place: "Tuple[str, int, int]", value: Any) -> Any:
        key, number = place[:2], place[2]
        opened = self._open.get(key)
        if opened is not None and opened["number"] == number:
            self._close(key, _copy(value))
        return self._ruled(key, number, value) if key == self._forced else value

    def _ruled(self, key: Key, number: int, value: Any) -> bool:
        decision = self._decide(number, bool(value))
        if number < MOST_DECIDED and self._moment is not None:
            self._decided.append((Visit(self._test, number, self._moment, _copy(value)), decision))
            self._moment = None
        return decision

    def enter(self, path: str, function: int, names: "Dict[str, Any]") -> "List[Any]":
        """What the function returns at once, in a list; an empty one lets it go on."""
        key = (path, function)
        number = self._counts.get(key, 0)
        self._counts[key] = number + 1
        if self.answered is not None and self.answered[0] == key and self._answer_due:
            self._answer_due = False
            return [self.answered[1]]
        if self._before is not None and number < self._first:
            self.entries.setdefault(key, []).append(Visit(self._test, number, self._copied(names), None))
        return []

    def _wants(self, key: Key, number: int) -> bool:
        if self._before is None:
            return False
        return number < self._first or number >= self._before.get(key, 0) - self._last

    def _close(self, key: Key, value: Any) -> None:
        opened = self._open.pop(key)
        self.visits.setdefault(key, []).append(Visit(self._test, opened["number"], opened["names"], value))

    def _copied(self, names: "Dict[str, Any]") -> "Dict[str, Any]":
        copier, found = Copier(MOST_NODES), {}
        for name, value in names.items():
            if name.startswith("__") or type(value) in _SKIPPED or issubclass(type(value), type):
                continue
            try:
                found[name] = copier.copy(value)
            except Unfit:
                continue
        return found


def _copy(value: Any) -> Any:
    try:
        return Copier(MOST_NODES).copy(value)
    except Unfit:
        return ERROR


class Notes:
    """The notes of one file, put into its tree and taken out again."""

    def __init__(self, path: str, tree: Tree, holes: "Sequence[Hole]", functions: "Sequence[str]") -> None:
        self._changes: "List[Any]" = []
        #: The functions whose calls are noted, by number.
        self.bodies = _bodies(tree, functions)
        self._changes += [_at_entry(path, number, block) for number, block in enumerate(self.bodies)]
        self._changes += [self._around(path, hole) if hole.number >= 0 else _missing(path, hole) for hole in holes]

    @staticmethod
    def _around(path: str, hole: Hole) -> Any:
        site: Any = hole.site
        return site.put(ast.copy_location(build.place(_note(path, hole, site.node), site.node), site.node))

    def __enter__(self) -> "Notes":
        for change in self._changes:
            change.apply()
        return self

    def __exit__(self, *_: Any) -> None:
        for change in reversed(self._changes):
            change.undo()


def _note(path: str, hole: Hole, node: ast.expr) -> ast.expr:
    before = build.call(BEFORE, build.const(path), ast.Constant(value=hole.number), _names(hole))
    return build.call(AFTER, before, node)


def _missing(path: str, hole: Hole) -> Any:
    """A condition where none is: it holds as the program does without it."""
    statement, block = hole.site.statement, hole.site.block
    note = _note(path, hole, build.const(hole.role == ONLY))
    if hole.role == ONLY:
        return SetItem(block.items, statement, build.place(ast.If(test=note, body=[statement], orelse=[]), statement))
    leave = ast.Continue() if hole.role == SKIP else ast.Break()
    return Insert(block.items, statement, [build.place(ast.If(test=note, body=[leave], orelse=[]), statement)], False)


def _names(hole: Hole) -> ast.expr:
    """What the names in scope mean; in a comprehension each is asked for, since any may be unbound."""
    if not hole.nested:
        return build.call("locals")
    scope, line = hole.site.scope, hole.site.statement.lineno
    names = sorted(_targets(hole) | set(scope.names(line)[:MOST_NAMES]) | set(scope.parameters))
    values = [_lambda(build.name(one)) for one in names]
    return build.call(BOUND, ast.Dict(keys=[build.const(one) for one in names], values=values))


def _lambda(body: ast.expr) -> ast.Lambda:
    none = ast.arguments(posonlyargs=[], args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[])
    return ast.Lambda(args=none, body=body)


def _targets(hole: Hole) -> "Set[str]":
    inside = hole.site.statement
    return {name.id for node in ast.walk(inside) if isinstance(node, ast.comprehension)
            for name in ast.walk(node.target) if isinstance(name, ast.Name)}


def bound(names: "Dict[str, Callable[[], Any]]") -> "Dict[str, Any]":
    """The values of those names that have one."""
    found = {}
    for name, value in names.items():
        try:
            found[name] = value()
        except NameError:
            continue
    return found


def _bodies(tree: Tree, functions: "Sequence[str]") -> "List[Block]":
    found = []
    for qualname in functions:
        node = tree.outermost[qualname][0]
        block = next((one for one in tree.blocks if one.owner is node and one.field == "body"), None)
        yields = any(isinstance(one, (ast.Yield, ast.YieldFrom)) for one in ast.walk(node))
        if block is not None and isinstance(node, Function) and not isinstance(node, ast.AsyncFunctionDef) and not yields \
                and block.statements():
            found.append(block)
    return found


def function_key(path: str, number: int) -> Key:
    """Under what the calls of a function are noted, apart from the holes of its file."""
    return path + "()", number


def _at_entry(path: str, number: int, block: Block) -> Insert:
    """`for x in enter(…): return x`, which stores into no name that the function has."""
    first = block.statements()[0]
    note = build.call(ENTER, *map(build.const, function_key(path, number)), build.call("locals"))
    mark = "__heal_answer__"
    loop = ast.For(target=build.target(mark), iter=note, body=[ast.Return(value=build.name(mark))], orelse=[])
    return Insert(block.items, first, [build.place(loop, first)], False)
