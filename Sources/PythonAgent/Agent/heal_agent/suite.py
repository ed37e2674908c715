"""What a host knows of its tests, whatever collected them."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from . import describe

PASSED, FAILED, ERROR, SKIPPED, XFAILED, XPASSED = "passed", "failed", "error", "skipped", "xfailed", "xpassed"
#: How far evaluations of candidates are kept apart, the cheapest first.
IN_PROCESS, FORK, FRESH = "inProcess", "fork", "fresh"
#: Outcomes that a candidate can change: the others are decided before the program is called.
DECIDED_BY_PROGRAM = frozenset((PASSED, FAILED, ERROR))


class Outcome(NamedTuple):
    """The one verdict of a test, with what it raised."""

    word: str
    error: "Optional[BaseException]"


class HostedTest:
    """One test in a host. `full` runs it as its framework does; `direct`, where there is one, calls it and raises."""

    __slots__ = ("id", "target", "full", "direct", "collection_error", "level", "fuel", "depth")

    def __init__(self, id: str, target: bool, full: "Optional[Callable[[Optional[HostedTest]], Outcome]]",
                 direct: "Optional[Callable[[], object]]" = None,
                 collection_error: "Optional[BaseException]" = None) -> None:
        self.id = id
        self.target = target
        self.full = full
        self.direct = direct
        self.collection_error = collection_error
        #: How far the test gets at the base, and the steps that it may take; found out when the depth is decided.
        self.level = 0
        self.fuel: "Optional[int]" = None
        #: The cheapest isolation that is sound for this test.
        self.depth = FORK


class Suite:
    """The collected tests of one host."""

    def __init__(self, tests: "Sequence[HostedTest]", test_files: "Sequence[str]") -> None:
        self.tests: "List[HostedTest]" = _unique(tests)
        self.test_files = frozenset(test_files)

    def collection_failed(self) -> bool:
        """Whether a target could not even be collected: then a candidate may bring tests into being."""
        return any(test.target and test.full is None for test in self.tests)


def _unique(tests: "Sequence[HostedTest]") -> "List[HostedTest]":
    seen: "Dict[str, HostedTest]" = {}
    for test in tests:
        known = seen.setdefault(test.id, test)
        if known is not test and test.target:
            known.target = True
    return list(seen.values())


class Wanted(NamedTuple):
    """What is asked of a suite: which tests decide, and which others guard against regressions."""

    root: str  #: what node ids are relative to, whatever folder the framework takes for its own
    targets: "Sequence[str]"  #: relative to the root
    words: "Sequence[str]"  #: the same, relative to the current folder
    guards: "Sequence[str]"  #: relative to the current folder

    def node_id(self, filename: str, inside: str) -> str:
        """The id of a test in a file, `inside` as the framework names it there (`Class::test`, may be empty)."""
        full = os.path.abspath(filename)
        path = "." if os.path.realpath(full) == self.root else describe.relative(full, self.root)
        return path + "::" + inside if inside else path


def is_target(test_id: str, targets: "Sequence[str]") -> bool:
    """Whether a node id lies in what was asked for: the file or folder itself, or below it."""
    for target in targets:
        while target.startswith("./"):
            target = target[2:]
        target = target.rstrip("/")
        if target in ("", ".") or test_id == target or test_id.startswith((target + "/", target + "::", target + "[")):
            return True
    return False


def worst(words: "Sequence[str]") -> str:
    """One word for the phases of a test."""
    for word in (ERROR, FAILED, SKIPPED, XFAILED, XPASSED):
        if word in words:
            return word
    return PASSED if words else ERROR


def failing(word: str) -> bool:
    return word in (FAILED, ERROR)


Described = Dict[str, Any]
