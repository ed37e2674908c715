"""One candidate's verdict: which tests to run, in which order, when to stop, and what the outcome is called."""

from __future__ import annotations

import builtins
import unittest
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .direct import Skipped, TestFailed
from .fuel import TICK, FuelExhausted, exhausted, make_tick
from .suite import FAILED, PASSED, SKIPPED, XFAILED, HostedTest

# Statuses of the protocol.
PASS, FAIL, PARTIAL, NO_COMPILE, SPENT, SAME, IMPURE, DIED = range(8)
_SKIPS = (unittest.SkipTest, Skipped)
_MAX_GROUPS = 4
_ENDLESS = ("endlessLoop", "hang")


class Verdict(NamedTuple):
    """The verdict of one candidate: `outcome` by test index holds what was run."""

    status: int
    passed: int
    failed_first: int
    outcome: "Dict[int, str]"
    regressed: "List[int]"
    gained: "List[int]"


class Plan(NamedTuple):
    """In which order tests run. `failing` did not pass at the base; of each group of those that fail alike, the first
    decides whether a candidate is hopeless."""

    order: "Tuple[int, ...]"
    failing: "frozenset[int]"
    probes: "Tuple[int, ...]"


def plan(words: "Sequence[str]", signatures: "Sequence[str]", wanted: "Optional[Sequence[int]]") -> Plan:
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
    return Plan(tuple(first + rest + [one for one in order if words[one] == PASSED]), frozenset(failing), tuple(first))


def judge(tests: "Sequence[HostedTest]", plan: Plan, fuel: int, full: bool,
          run: "Callable[[HostedTest, Callable[[], None]], Tuple[str, bool]]") -> Verdict:
    """Runs the tests until the candidate is seen to be hopeless: every kind of failure is still there."""
    outcome: "Dict[int, str]" = {}
    passed = spent = 0
    failed_first = -1
    gained: "List[int]" = []
    probes = len(plan.probes)
    names = builtins.__dict__
    for position, index in enumerate(plan.order):
        if position == probes and probes and not gained and not full:
            break
        tick = names[TICK] = make_tick(fuel)
        word, out_of_fuel = run(tests[index], tick)
        outcome[index] = word
        if word == PASSED:
            passed += 1
            if index in plan.failing:
                gained.append(index)
        else:
            spent += out_of_fuel
            if failed_first < 0:
                failed_first = index
            if out_of_fuel and not gained and not full:
                break
    if failed_first < 0 and len(outcome) == len(plan.order) and outcome:
        return Verdict(PASS, passed, -1, outcome, [], gained)
    regressed = [one for one, word in outcome.items() if word != PASSED and one not in plan.failing]
    status = PARTIAL if gained else SPENT if spent else FAIL
    return Verdict(status, passed, failed_first, outcome, regressed, gained)


def run_direct(call: "Callable[[], object]", tick: "Callable[[], None]") -> "Tuple[str, bool]":
    """Calls one test: its word, and whether it ran out of fuel."""
    try:
        call()
    except FuelExhausted:
        return FAILED, True
    except TestFailed as failure:
        return FAILED, isinstance(failure.cause, FuelExhausted) or exhausted(tick)
    except BaseException as error:
        if isinstance(error, _SKIPS) or type(error).__name__ == "Skipped":
            return SKIPPED, False
        if type(error).__name__ == "XFailed":
            return XFAILED, False
        return FAILED, exhausted(tick)
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
    return outcome.word, False


Details = Dict[str, Any]


def details(verdict: Verdict) -> Details:
    """What the protocol tells of a passing or partial candidate."""
    return {
        "passed": sorted(index for index, word in verdict.outcome.items() if word == PASSED),
        "regressed": sorted(verdict.regressed),
        "outcome": {str(index): word for index, word in sorted(verdict.outcome.items())},
    }
