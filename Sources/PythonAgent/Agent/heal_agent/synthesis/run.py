"""One synthesis: runs the tests with notes, asks what they want, and chooses expressions for the holes."""

from __future__ import annotations

import ast
from typing import Any, Dict, FrozenSet, List, Optional, Protocol, Sequence, Tuple

from ..edits.scope import own_nodes
from ..edits.tree import Block
from .angels import Angels
from .choose import MOST_MOMENTS, Kitchen, Moment, choices
from .guards import guards
from .holes import CONDITION, ONLY, RETURN, SKIP, STOP, Hole, Place, holes, missing
from .recording import Answer, Key, Notes, Recorder, Visit, function_key
from .values import Copier, Unfit, is_plain

MOST_HOLES, MOST_MISSING, MOST_FAILING, MOST_PASSING, FIRST, LAST, MOST_TAUGHT = 24, 14, 5, 12, 4, 2, 3
STEPS, FUEL, ANGELIC = 60_000, 4_000, 60_000
Offer = List[Any]


class Runs(Protocol):
    """Tests that can be run with notes in the program's code."""

    spaces: "Dict[str, Any]"
    failing: "List[int]"
    passing: "List[int]"
    scopes: "Tuple[type, ...]"  #: of the code that takes notes

    def take_code(self, functions: "Dict[str, List[str]]") -> None:
        """Makes the program's code what the trees of its files say now."""

    def run(self, test: int, most: int) -> "Tuple[bool, int]":
        """Whether a test passed, and the steps that it took, at most so many."""

    def constants(self, path: str) -> "Dict[str, Any]":
        """What the module of a file holds."""


class Synthesis:
    """Makes the offers of one base."""

    def __init__(self, runs: Runs, places: "Dict[str, Dict[int, float]]") -> None:
        self._runs = runs
        self._holes = {path: self._holes_of(path, lines) for path, lines in sorted(places.items()) if path in runs.spaces}
        self._recorder = Recorder(FIRST, LAST)
        self._steps = STEPS
        self._failing: "List[int]" = []
        self._passing: "List[int]" = []
        self._wanted: "Dict[Tuple[int, Key], Any]" = {}  # by test and function
        self._longest = 0
        self._notes: "Dict[str, Notes]" = {}

    def _holes_of(self, path: str, lines: "Dict[int, float]") -> "List[Hole]":
        from ..edits.collector import Collector

        tree = self._runs.spaces[path].tree
        suspicion = Collector(tree, lines, None).suspicion
        # Inserts at a statement come before what puts another in its place.
        scopes = self._runs.scopes
        return sorted(missing(tree, suspicion, scopes, MOST_MISSING), key=lambda hole: hole.role == ONLY) \
            + holes(tree, suspicion, scopes, MOST_HOLES)

    def offers(self) -> "Dict[str, List[Offer]]":
        """By file: the number of a hole, the kind, the source of an expression, its size."""
        if not any(self._holes.values()):
            return {}
        functions = {path: list(dict.fromkeys(hole.site.block.outermost for hole in found if hole.site.block.outermost))
                     for path, found in self._holes.items() if found}
        self._notes = notes = {path: Notes(path, self._runs.spaces[path].tree, self._holes[path], functions[path]) for path in functions}
        self._recorder.install()
        for one in notes.values():
            one.__enter__()
        try:
            self._runs.take_code(functions)
        finally:
            for one in reversed(list(notes.values())):
                one.__exit__()
        self._record()
        self._ask()
        conditions = sum(hole.role == CONDITION or hole.number < 0 for found in self._holes.values() for hole in found)
        self._angels = Angels(self._recorder, self._runs.run, ANGELIC, conditions, self._longest)
        found: "Dict[str, List[Offer]]" = {}
        for path in functions:
            kitchen = Kitchen(_plain(self._runs.constants(path)), _words(self._runs.spaces[path].tree.module))
            rows = [row for hole in self._holes[path] for row in self._offered(path, hole, kitchen)]
            rows += [row for number, block in enumerate(notes[path].bodies) for row in self._guarded(function_key(path, number), block, kitchen)]
            found[path] = rows
        return found

    # Running

    def _record(self) -> None:
        for tests, most, kept in ((self._runs.failing, MOST_FAILING, self._failing), (self._runs.passing, MOST_PASSING, self._passing)):
            for test in tests[:most]:
                if self._steps > 0:
                    self._record_one(test)
                    kept.append(test)

    def _record_one(self, test: int) -> None:
        recorder = self._recorder
        recorder.begin(test, None)
        self._run(test)
        counted = recorder.totals[test] = dict(recorder.end())
        recorder.begin(test, counted)
        self._run(test)
        recorder.end()

    def _run(self, test: int) -> None:
        passed, steps = self._runs.run(test, FUEL)
        self._steps -= steps
        if passed:
            self._longest = max(self._longest, steps)

    def _ask(self) -> None:
        """What the tests want of the functions that they call: each returns at once what learns that."""
        recorder = self._recorder
        for test in self._failing + self._passing:
            entered = [key for key, visits in recorder.entries.items() if any(one.test == test for one in visits)]
            for key in entered[:3]:
                if self._steps <= 0:
                    return
                answer = Answer()
                recorder.answered = key, answer
                recorder.begin(test, None)
                self._run(test)
                recorder.end()
                recorder.answered = None
                if answer.wanted and is_plain(answer.wanted[0]):
                    self._wanted[test, key] = answer.wanted[0]

    # Choosing

    def wanted(self, test: int, key: Key) -> "Optional[Tuple[Any]]":
        """What a test wants of a function's first call, in a tuple of one."""
        return (self._wanted[test, key],) if (test, key) in self._wanted else None

    def _guarded(self, key: Key, block: Block, kitchen: Kitchen) -> "List[Offer]":
        """Guards at the start of a function, by its first calls."""
        totals = self._recorder.totals
        itself = any(isinstance(node, ast.Name) and node.id == block.owner.name for node in own_nodes(block.owner))  # type: ignore[attr-defined]
        moments = [Moment(one.test, one.names, None, one.test in self._failing, self.wanted(one.test, key))
                   for one in self._recorder.entries.get(key, []) if one.number == 0 and (itself or totals[one.test][key] == 1)]
        first = block.statements()[0]
        return [[block.outermost, "synthesis.guard", "if %s:\n    return %s" % (_source(one.condition), _source(one.answer)), one.size]
                for one in guards(Place(block.scope, block, first), moments, kitchen)]

    def _offered(self, path: str, hole: Hole, kitchen: Kitchen) -> "List[Offer]":
        visits = self._recorder.visits.get((path, hole.number), [])
        if not any(one.test in self._failing for one in visits):
            return []
        moments = [Moment(one.test, one.names, one.value, one.test in self._failing, self._wanted_at(path, hole, one))
                   for one in _chosen(visits, self._failing)]
        taught = self._taught(path, hole)
        if hole.number < 0 and {one.test for one in taught} != set(self._reached(path, hole)):
            return []
        moments = taught + moments
        if not any(one.wanted is not None and one.failing for one in moments):
            return []  # nothing is known of what would help here
        return [[hole.number, _kind(hole.role), _source(one.node), one.size] for one in choices(hole, moments, kitchen)]

    def _reached(self, path: str, hole: Hole) -> "List[int]":
        """The first failing tests that reach a hole."""
        return [one for one in self._failing if self._recorder.totals[one].get((path, hole.number))][:MOST_TAUGHT]

    def _taught(self, path: str, hole: Hole) -> "List[Moment]":
        """Examples of a condition, from runs that pass when it decides so."""
        if hole.role != CONDITION and hole.number >= 0:
            return []
        lessons = self._angels.lessons((path, hole.number), self._reached(path, hole))
        return [Moment(lesson.test, visit.names, visit.value, True, (decision,), number)
                for number, lesson in enumerate(lessons) for visit, decision in lesson.decisions]

    def _wanted_at(self, path: str, hole: Hole, visit: Visit) -> "Optional[Tuple[Any]]":
        if hole.role != RETURN:
            return None
        function = self._function(path, hole)
        if function is None or self._recorder.totals[visit.test].get(function, 0) != 1:
            return None
        return self.wanted(visit.test, function)

    def _function(self, path: str, hole: Hole) -> "Optional[Key]":
        """The function that a hole's own function is, where notes tell of its calls."""
        return next((function_key(path, number) for number, block in enumerate(self._notes[path].bodies) if block.scope is hole.site.scope), None)


def _kind(role: str) -> str:
    return "synthesis." + ("leave" if role in (SKIP, STOP) else role)


def _chosen(visits: "Sequence[Visit]", failing: "Sequence[int]") -> "List[Visit]":
    """Some visits of failing tests and some of passing ones; of many, each test's first ones."""
    by_turn = sorted(visits, key=lambda one: one.number)
    failed = [one for one in by_turn if one.test in failing][: MOST_MOMENTS // 2]
    return failed + [one for one in by_turn if one.test not in failing][: MOST_MOMENTS - len(failed)]


def _words(module: ast.Module) -> "FrozenSet[str]":
    """The names, attributes, operators and constants of a file."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, (ast.BinOp, ast.AugAssign)):
            found.add(type(node.op).__name__)
        elif isinstance(node, ast.Constant):
            found.add(repr(node.value))
    return frozenset(found)


def _plain(names: "Dict[str, Any]") -> "Dict[str, Any]":
    found = {}
    for name, value in names.items():
        if name.startswith("__") or not is_plain(value):
            continue
        try:
            found[name] = Copier(300).copy(value)
        except Unfit:
            continue
    return found


def _source(node: ast.expr) -> str:
    from ..edits.build import copy

    return ast.unparse(ast.fix_missing_locations(copy(node)))
