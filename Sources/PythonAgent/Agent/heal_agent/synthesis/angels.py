"""Angelic runs: a condition is made to hold or not by decree, to learn which decisions would make a failing test pass.

Where some do, what names meant at each decision, with the decision, is an example of the condition that is sought.
"""

from __future__ import annotations

from itertools import combinations
from typing import Callable, Iterator, List, NamedTuple, Sequence, Tuple

from .recording import Key, Recorder, Visit

MOST_DECISIONS, MOST_LESSONS, MOST_RUNS = 6, 2, 40
Decide = Callable[[int, bool], bool]


class Lesson(NamedTuple):
    """The decisions of one run that passed, visit by visit, with what names meant there."""

    test: int
    decisions: "Tuple[Tuple[Visit, bool], ...]"


def policies(visits: int) -> "Iterator[Decide]":
    """Ways to decide, the simplest first: one decision turned round, one and the same, one change of mind, two or three turned round."""
    count = min(visits, MOST_DECISIONS)
    for one in range(count):
        yield lambda number, natural, one=one: natural is not (number == one)
    for fixed in (True, False):
        yield lambda number, natural, fixed=fixed: fixed
    for change in range(1, min(MOST_DECISIONS, visits + 3)):
        for first in (True, False):
            yield lambda number, natural, change=change, first=first: first if number < change else not first
    for size in (2, 3):
        for some in combinations(range(min(max(visits, 4), MOST_DECISIONS)), size):
            yield lambda number, natural, some=some: natural is not (number in some)


class Angels:
    """Tries decisions at conditions."""

    def __init__(self, recorder: Recorder, run: "Callable[[int, int], Tuple[bool, int]]", steps: int, conditions: int, longest: int) -> None:
        self._recorder, self._run = recorder, run
        self._left = steps
        self._conditions = conditions  # that are left: each gets its share, so that none starves those after it
        self._most = 300 + 5 * longest  # for one run: far more than a test takes that passes

    def lessons(self, key: Key, tests: "Sequence[int]") -> "List[Lesson]":
        """What failing tests teach about one condition."""
        end = self._left - max(0, self._left) // max(1, self._conditions)
        self._conditions -= 1
        return [lesson for number, test in enumerate(tests)
                for lesson in self._taught(key, test, self._left - (self._left - end) // (len(tests) - number))]

    def _taught(self, key: Key, test: int, end: int) -> "List[Lesson]":
        recorder = self._recorder
        found: "List[Lesson]" = []
        known: "List[List[bool]]" = []
        for number, decide in enumerate(policies(recorder.totals[test].get(key, 0))):
            if self._left <= end or len(found) >= MOST_LESSONS or found and number > MOST_RUNS:
                break
            recorder.force(key, decide)
            recorder.begin(test, None)
            passed, steps = self._run(test, self._most)
            recorder.end()
            self._left -= steps
            taught = recorder.free()
            decisions = [decision for _, decision in taught]
            if passed and taught and decisions not in known:
                known.append(decisions)
                found.append(Lesson(test, tuple(taught)))
        return found
