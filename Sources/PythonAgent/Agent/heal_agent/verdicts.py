"""One candidate's verdict: which tests to run, in which order, when to stop, and what the outcome is called."""

from __future__ import annotations

import builtins
import os
import unittest
from types import TracebackType
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from .closeness import CLOSENESS
from .describe import is_own, relative
from .direct import Skipped, TestFailed
from .fuel import TICK, FuelExhausted, exhausted, make_tick
from .suite import FAILED, PASSED, SKIPPED, XFAILED, HostedTest

# Statuses of the protocol.
PASS, FAIL, PARTIAL, NO_COMPILE, SPENT, SAME, IMPURE, DIED, NOT_RUN = range(9)
_SKIPS = (unittest.SkipTest, Skipped)
_MAX_GROUPS = 4
#: A failure in the test's own assertion: the program came to an answer, though to a wrong one.
ASSERTED = "asserted"
#: How far a test got, in thousandths of an answer: the value that an assertion refused is up to two thousand closer,
#: and an exception the further the later it arises in what the test called.
PASS_LEVEL, _ANSWER_LEVEL, _CLOSE_LEVELS, _LINE_LEVELS, _MOST_LINES = 4000, 1000, 2000, 10, 89
_ENDLESS = ("endlessLoop", "hang")


def level_of(word: str) -> int:
    """How far the test that has just ended got: to its end, to an answer that is close to the expected one, to an exception
    at some place, or nowhere."""
    close, reached = CLOSENESS.take(), _REACHED.pop() if _REACHED else 0
    if word == PASSED:
        return PASS_LEVEL
    return _ANSWER_LEVEL + round(_CLOSE_LEVELS * close) if word == ASSERTED else reached


class Verdict(NamedTuple):
    """The verdict of one candidate: `outcome` by test index holds what was run.

    `progress` grows as a candidate gets further: by how much the tests that failed at first have come up, less what it breaks.
    """

    status: int
    progress: int
    failed_first: int
    outcome: "Dict[int, str]"
    regressed: "List[int]"
    gained: "List[int]"


class Plan(NamedTuple):
    """In which order tests run. `failing` did not pass at the base; of each group of those that fail alike, the first
    decides whether a candidate is hopeless. So many `others` failed too and are not run: the candidate cannot reach them."""

    order: "Tuple[int, ...]"
    failing: "frozenset[int]"
    probes: "Tuple[int, ...]"
    levels: "Tuple[int, ...]"
    others: int = 0


def plan(words: "Sequence[str]", signatures: "Sequence[str]", wanted: "Optional[Sequence[int]]",
         levels: "Sequence[int]") -> Plan:
    """The originally failing tests first: one of each kind of failure, then the others."""
    order = list(range(len(words))) if wanted is None else [one for one in wanted if 0 <= one < len(words)]
    failing = [one for one in order if words[one] != PASSED]
    probes: "Dict[str, int]" = {}
    # Tests that do not end come last among the probes: a candidate that does not mend them is given up there.
    for one in sorted(failing, key=lambda one: (signatures[one].startswith(_ENDLESS), order.index(one))):
        if len(probes) < _MAX_GROUPS:
            probes.setdefault(signatures[one], one)
    first = list(probes.values())
    rest = [one for one in failing if one not in first]
    return Plan(tuple(first + rest + [one for one in order if words[one] == PASSED]), frozenset(failing), tuple(first),
                tuple(levels))


def judge(tests: "Sequence[HostedTest]", plan: Plan, fuel: int, full: bool,
          run: "Callable[[HostedTest, Callable[[], None]], Tuple[str, bool]]",
          ticks: "Optional[Dict[int, Callable[[], None]]]" = None) -> Verdict:
    """Runs the tests until the candidate is seen to be hopeless: every kind of failure is still there.

    A process that judges once may be given its `ticks`, by test.
    """
    outcome: "Dict[int, str]" = {}
    if plan.others and not plan.failing:
        return Verdict(FAIL, 0, -1, outcome, [], [])
    spent = 0
    failed_first = -1
    gained: "List[int]" = []
    further, progress = False, 0
    probes = len(plan.probes)
    names = builtins.__dict__
    for position, index in enumerate(plan.order):
        if not gained and not full and (
                position == probes and probes and not further or position == len(plan.failing) and plan.failing):
            break
        test = tests[index]
        tick = names[TICK] = make_tick(fuel_of(test, fuel)) if ticks is None else ticks[index]
        word, out_of_fuel = run(test, tick)
        outcome[index] = word
        level = level_of(word)
        if index in plan.failing:
            progress += level - plan.levels[index]
            further = further or level > plan.levels[index]
        if word == PASSED:
            if index in plan.failing:
                gained.append(index)
        else:
            spent += out_of_fuel
            if failed_first < 0:
                failed_first = index
            if out_of_fuel and not gained and not full:
                break
    regressed = [one for one, word in outcome.items() if word != PASSED and one not in plan.failing]
    progress -= PASS_LEVEL * len(regressed)
    if failed_first < 0 and len(outcome) == len(plan.order) and outcome and not plan.others:
        return Verdict(PASS, progress, -1, outcome, [], gained)
    status = PARTIAL if gained else SPENT if spent else FAIL
    return Verdict(status, progress, failed_first, outcome, regressed, gained)


def fuel_of(test: HostedTest, most: int) -> int:
    """The steps that a test may take."""
    return most if test.fuel is None else min(most, test.fuel)


class _ProgramFiles(Dict[str, bool]):
    """Whether a file is the program's own, by the name that code carries; tests and what prepares them are not."""

    def __init__(self) -> None:
        super().__init__()
        self._root, self._tests = "", frozenset()  # type: Tuple[str, FrozenSet[str]]

    def set(self, root: str, test_files: "Iterable[str]") -> None:
        """Called once the tests were collected."""
        self.clear()
        self._root, self._tests = root, frozenset(relative(one, root) for one in test_files)

    def __missing__(self, name: str) -> bool:
        path = name  # of a candidate, from the root
        if os.path.isabs(name):
            path = relative(name, self._root) if is_own(name, self._root) else "<"
        own = not path.startswith("<") and path not in self._tests and os.path.basename(path) != "conftest.py"
        return self.setdefault(name, own)


PROGRAM = _ProgramFiles()


#: How far the last exception let its test come.
_REACHED: "List[int]" = []


def failed_word(error: "Optional[BaseException]") -> str:
    """What a failure is called: one of the test's own assertions tells that the program came to an answer."""
    outer = inner = None
    place = last = error.__traceback__ if error is not None else None
    while place is not None:
        if PROGRAM[place.tb_frame.f_code.co_filename]:
            outer, inner = outer or place, place
        last, place = place, place.tb_next
    _REACHED[:] = [_place_level(outer, inner)]
    in_program = last is not None and last is inner
    return ASSERTED if isinstance(error, AssertionError) and not in_program else FAILED


def _place_level(outer: "Optional[TracebackType]", inner: "Optional[TracebackType]") -> int:
    """By the line of the function that the test called, and then by that of the function in which the exception arose."""
    if outer is None or inner is None:  # the program came to an end, and the test cannot do with it
        return _LINE_LEVELS * (_MOST_LINES + 10)
    lines = min(max(0, outer.tb_lineno - outer.tb_frame.f_code.co_firstlineno), _MOST_LINES)
    further = 9 if inner is outer else min(max(0, inner.tb_lineno - inner.tb_frame.f_code.co_firstlineno), 8)
    return _LINE_LEVELS * lines + further


def run_direct(call: "Callable[[], object]", tick: "Callable[[], None]") -> "Tuple[str, bool]":
    """Calls one test: its word, and whether it ran out of fuel."""
    try:
        call()
    except FuelExhausted:
        return FAILED, True
    except TestFailed as failure:
        spent = isinstance(failure.cause, FuelExhausted) or exhausted(tick)
        return (FAILED if spent else failed_word(failure.cause)), spent
    except BaseException as error:
        if isinstance(error, _SKIPS) or type(error).__name__ == "Skipped":
            return SKIPPED, False
        if type(error).__name__ == "XFailed":
            return XFAILED, False
        spent = exhausted(tick)
        return (FAILED if spent else failed_word(error)), spent
    # A program that swallows the refusal has not passed.
    return (FAILED, True) if exhausted(tick) else (PASSED, False)


def run_full(test: HostedTest, tick: "Callable[[], None]", following: "Optional[HostedTest]" = None) -> "Tuple[str, bool]":
    """Runs one test through its framework where it cannot be called directly."""
    if test.direct is not None:
        return run_direct(test.direct, tick)
    if test.full is None:
        return "error", False
    outcome = test.full(following)
    if exhausted(tick):
        return FAILED, True
    return failed_word(outcome.error) if outcome.word == FAILED else outcome.word, False


Runner = Callable[[HostedTest, Callable[[], None]], Tuple[str, bool]]
Details = Dict[str, Any]


def details(verdict: Verdict) -> Details:
    """What the protocol tells of a passing or partial candidate."""
    return {
        "passed": sorted(index for index, word in verdict.outcome.items() if word == PASSED),
        "regressed": sorted(verdict.regressed),
        "outcome": {str(index): FAILED if word == ASSERTED else word for index, word in sorted(verdict.outcome.items())},
    }
