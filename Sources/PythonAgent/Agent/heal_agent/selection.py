"""Which tests a candidate can change: those that run what it edits, by the coverage of the first run.

A test that runs nothing of what a candidate edits does under it what it does without, so its verdict is known. Edits outside of
functions, and in functions that importing calls, may change any test. The check before a claim runs the whole suite whatever
stands here.
"""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Set, Tuple

from . import verdicts
from .suite import FORK, FRESH, IN_PROCESS, HostedTest
from .verdicts import Plan

Lines = Dict[int, Dict[str, List[int]]]
Wire = Dict[str, Any]


class Reach:
    """Which tests run which functions and files, by the indices of a suite."""

    def __init__(self, functions: "Dict[str, Dict[str, FrozenSet[int]]]", files: "Dict[str, FrozenSet[int]]",
                 unknown: "FrozenSet[int]", changed: "Sequence[str]" = ()) -> None:
        self._functions = functions
        self._files = files
        #: Tests of which nothing is known, and those that run a file which differs from what was measured.
        self._always = unknown.union(*[files.get(path, frozenset()) for path in changed])

    @classmethod
    def measured(cls, count: int, lines: Lines, text: "Callable[[str], str]") -> "Reach":
        """From the lines that each test ran."""
        files: "Dict[str, Set[int]]" = {}
        functions: "Dict[str, Dict[str, Set[int]]]" = {}
        owners: "Dict[str, Dict[int, str]]" = {}
        for index, seen in lines.items():
            for path, numbers in seen.items():
                files.setdefault(path, set()).add(index)
                if path not in owners:
                    owners[path] = _owners(text(path))
                names = {owners[path].get(number) for number in numbers}
                for name in names - {None}:
                    functions.setdefault(path, {}).setdefault(str(name), set()).add(index)
        return cls({path: {name: frozenset(tests) for name, tests in found.items()} for path, found in functions.items()},
                   {path: frozenset(tests) for path, tests in files.items()}, frozenset(range(count)) - set(lines))

    def wire(self, tests: "Sequence[HostedTest]") -> Wire:
        """For the host of another base, which numbers its tests for itself."""
        return {"tests": [test.id for test in tests], "unknown": sorted(self._always),
                "files": {path: sorted(found) for path, found in self._files.items()},
                "functions": {path: {name: sorted(found) for name, found in names.items()} for path, names in self._functions.items()}}

    @classmethod
    def from_wire(cls, wire: Wire, tests: "Sequence[HostedTest]", changed: "Sequence[str]") -> "Reach":
        """What another host measured at another base, from which these files differ."""
        known = {test_id: number for number, test_id in enumerate(wire["tests"])}
        here = {known[test.id]: index for index, test in enumerate(tests) if test.id in known}

        def own(numbers: "Sequence[int]") -> "FrozenSet[int]":
            return frozenset(here[number] for number in numbers if number in here)

        new = frozenset(index for index, test in enumerate(tests) if test.id not in known)
        return cls({path: {name: own(found) for name, found in names.items()} for path, names in wire["functions"].items()},
                   {path: own(found) for path, found in wire["files"].items()}, own(wire["unknown"]) | new, changed)

    def after(self, changed: "Sequence[str]") -> "Reach":
        """The same where these files are no longer what was measured."""
        return Reach(self._functions, self._files, self._always, changed)

    def running(self, places: "Sequence[Tuple[str, str]]") -> "FrozenSet[int]":
        """The tests that run one of these functions, given by path and name."""
        return self._always.union(*[self._functions.get(path, {}).get(name, frozenset()) for path, name in places])

    def of(self, edits: "Dict[str, List[Any]]") -> "Optional[FrozenSet[int]]":
        """The tests that run what is edited; none at all where that may be any."""
        found = self._always
        for path, chosen in edits.items():
            for edit in chosen:
                if edit.function is None:
                    return None
                found = found | self._functions.get(path, {}).get(edit.function, frozenset())
        return found


def _owners(text: str) -> "Dict[int, str]":
    """The outermost function that each line belongs to."""
    found: "Dict[int, str]" = {}

    def enter(body: "Sequence[ast.stmt]", prefix: str) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                found.update(dict.fromkeys(range(first, (node.end_lineno or node.lineno) + 1), prefix + node.name))
            elif isinstance(node, ast.ClassDef):
                enter(node.body, prefix + node.name + ".")
            else:
                for field in ("body", "orelse", "finalbody"):
                    enter(getattr(node, field, ()), prefix)
                for handler in getattr(node, "handlers", ()):
                    enter(handler.body, prefix)

    try:
        enter(ast.parse(text).body, "")
    except (SyntaxError, ValueError):
        pass
    return found


class Choice(NamedTuple):
    """How one candidate is judged."""

    near: "Optional[Plan]"  #: in one process; none where every test that failed needs a process of its own
    forked: Plan  #: in a fork
    is_fresh: bool  #: a test that failed needs a fresh copy
    has_more: bool  #: the fork runs tests that the one process does not


class Selection:
    """The plans of candidates, each made once."""

    def __init__(self, tests: "Sequence[HostedTest]", words: "Sequence[str]", signatures: "Sequence[str]",
                 wanted: "Sequence[int]", reach: "Optional[Reach]", levels: "Sequence[int]") -> None:
        self._levels = levels
        self._tests, self._words, self._signatures, self._reach = tests, words, signatures, reach
        failing = [one for one in wanted if words[one] != verdicts.PASSED]
        # What failed before for reasons that nobody asks about is none of a candidate's business.
        asked = [one for one in failing if tests[one].target] or failing
        self._failing = frozenset(asked)
        self._wanted = [one for one in wanted if one in self._failing or words[one] == verdicts.PASSED]
        self._choices: "Dict[Optional[FrozenSet[int]], Choice]" = {}
        self.everything = self._choice(None)

    def choice(self, edits: "Dict[str, List[Any]]") -> Choice:
        """How a candidate of these edits is judged."""
        return self._choice(None if self._reach is None or not edits else self._reach.of(edits))

    def _choice(self, reached: "Optional[FrozenSet[int]]") -> Choice:
        known = self._choices.get(reached)
        if known is None:
            known = self._choices[reached] = self._made(reached)
        return known

    def _made(self, reached: "Optional[FrozenSet[int]]") -> Choice:
        chosen = [one for one in self._wanted if reached is None or one in reached]
        depths = {self._tests[one].depth for one in chosen if one in self._failing}
        near, forked = self._plan(chosen, (IN_PROCESS,)), self._plan(chosen, (IN_PROCESS, FORK))
        # Where tests that failed can be had cheaply, what leaves all of those where they were is hopeless.
        is_near = bool(near.failing) or not depths
        return Choice(near if is_near else None, forked, FRESH in depths, FRESH in depths or len(forked.order) > len(near.order))

    def _plan(self, chosen: "Sequence[int]", depths: "Tuple[str, ...]") -> Plan:
        wanted = [one for one in chosen if self._tests[one].depth in depths]
        plan = verdicts.plan(self._words, self._signatures, wanted, self._levels)
        return plan._replace(others=len(self._failing - plan.failing))
