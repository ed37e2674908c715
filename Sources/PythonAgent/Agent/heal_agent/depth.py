"""Which isolation between candidates is sound for each test: decided by trying, not by hope."""

from __future__ import annotations

import builtins
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import children
from .baseline import Baseline
from .fuel import TICK, exhausted, left, make_tick
from .live import LiveProgram
from .pipes import Worker, silence
from .purity import DISK, PROCESS, WATCH
from .state import Opaque, caches, fingerprint
from .suite import DECIDED_BY_PROGRAM, FORK, FRESH, IN_PROCESS, PASSED, Suite
from .verdicts import level_of, run_direct
from .workers import quiet_assertions

#: CPU seconds of one trial, seconds of all of them together, and seconds between two looks.
_PROBE_SECONDS, _PATIENCE, _LOOK = 4.0, 12.0, 0.1
_PROBE_FUEL, _HANG_FUEL = 2_000_000, 20_000
#: Rounds of trying, each without the tests that the one before found wanting; and the tests between two looks at the memory.
_ROUNDS, _CHUNK = 6, 16
#: Seconds of tests, as the first run took them, that are tried in one process: those that fail first, then the quickest.
_MOST_TRIED = 5.0
Depth = Tuple[str, str]
Told = Dict[str, Any]


def decide(suite: Suite, baseline: Baseline, program: LiveProgram, close: "Sequence[int]") -> Depth:
    """Gives each test the cheapest depth that is sound for it. Answers the depth at which a search begins: that of what
    fails, and why it is no cheaper."""
    why = _shared(suite, baseline)
    if why is not None:
        return _all(suite, *why)
    decided = [index for index, test in enumerate(suite.tests)
               if test.full is not None and baseline.results[index].get("outcome") in DECIDED_BY_PROGRAM
               and not baseline.results[index].get("flaky")]
    reasons: "Dict[int, str]" = {}
    for index in decided:
        for kind, words in ((DISK, "changes files"), (PROCESS, "starts processes")):
            if kind in baseline.impure.get(index, ()):
                suite.tests[index].depth = FRESH
                reasons.setdefault(index, "a test %s: %s" % (words, "; ".join(baseline.impure[index][kind])))
        if baseline.results[index].get("stop") == "hang":  # no fuel ends what only waits
            reasons.setdefault(index, "%s waits for what does not come" % suite.tests[index].id)
    _Probe(suite, baseline, program, close, decided, reasons).run()
    return _begin(suite, baseline, decided, reasons)


def _shared(suite: Suite, baseline: Baseline) -> "Optional[Depth]":
    """What holds for all tests alike."""
    if children.os_threads() > 1:
        return FRESH, "the program keeps threads running after import"
    files = children.written_files()
    if files:
        return FRESH, "the program keeps a file open for writing: %s" % files[0]
    if suite.collection_failed():
        kinds = {kind for seen in baseline.impure.values() for kind in seen}
        return FRESH if kinds & {DISK, PROCESS} else FORK, "collection fails, so each candidate collects anew"
    return None


def _all(suite: Suite, depth: str, why: str) -> Depth:
    for test in suite.tests:
        test.depth = depth
    return depth, why


def _begin(suite: Suite, baseline: Baseline, decided: "Sequence[int]", reasons: "Dict[int, str]") -> Depth:
    failing = [index for index in decided if baseline.results[index]["outcome"] != PASSED]
    asked = [index for index in failing if suite.tests[index].target] or failing or list(decided)
    # One that fails and can be tried cheaply is begun with; where none fails, the dearest test decides.
    order = (IN_PROCESS, FORK, FRESH) if failing else (FRESH, FORK, IN_PROCESS)
    depths = {suite.tests[index].depth for index in asked}
    depth = next((one for one in order if one in depths), FORK)
    return depth, "" if depth == IN_PROCESS else next(
        (reasons[index] for index in asked if suite.tests[index].depth == depth and index in reasons), "no test can be tried")


class _Probe:
    """Runs tests twice in one process, as evaluation does, and compares outcomes and the memory left behind."""

    def __init__(self, suite: Suite, baseline: Baseline, program: LiveProgram, close: "Sequence[int]",
                 decided: "Sequence[int]", reasons: "Dict[int, str]") -> None:
        self._suite, self._baseline, self._program, self._close = suite, baseline, program, close
        self._reasons = reasons
        self._end = time.monotonic() + _PATIENCE
        for index in decided:
            if suite.tests[index].direct is None:
                reasons.setdefault(index, "%s needs its framework to run" % suite.tests[index].id)
        self._chosen = self._affordable([index for index in decided
                                         if suite.tests[index].direct is not None and suite.tests[index].depth != FRESH
                                         and baseline.results[index].get("stop") != "hang"])

    def _affordable(self, chosen: "Sequence[int]") -> "List[int]":
        results, seconds = self._baseline.results, 0.0
        found = []
        for index in sorted(chosen, key=lambda one: (results[one]["outcome"] == PASSED, results[one].get("seconds") or 0.0)):
            # One that hung is given little fuel, whatever it took.
            seconds += 0.0 if results[index].get("stop") else results[index].get("seconds") or 0.0
            if seconds > _MOST_TRIED and results[index]["outcome"] == PASSED:
                self._reasons.setdefault(index, "%s takes too long to be tried twice" % self._suite.tests[index].id)
            else:
                found.append(index)
        return sorted(found)

    def run(self) -> None:
        """Marks the tests that one process may run for many candidates."""
        for _ in range(_ROUNDS):
            if not self._chosen:
                return
            told = self._ask(lambda send: _twice(self._suite, self._baseline, self._program, self._chosen, send))
            if "why" in told:
                self._drop(self._chosen, told["why"])
                return
            wanting = {int(index): str(why) for index, why in told["wanting"].items()}
            for index in told["differs"]:
                self._suite.tests[index].direct = None  # its framework does more than call it
            if not wanting and told["changed"]:
                wanting = dict.fromkeys(self._spoilers(), "tests leave the program's module state changed")
                if not wanting:
                    self._drop(self._chosen, "tests leave the program's module state changed")
                    return
            for index, why in wanting.items():
                self._drop([index], why)
            if not wanting:
                _note(self._suite, told["levels"], told["steps"])
                for index in self._chosen:
                    self._suite.tests[index].depth = IN_PROCESS
                return
        self._drop(self._chosen, "tests behave differently each time they are run in one process")

    def _drop(self, indices: "Sequence[int]", why: str) -> None:
        for index in indices:
            self._reasons.setdefault(index, why)
        gone = set(indices)
        self._chosen = [index for index in self._chosen if index not in gone]

    def _spoilers(self) -> "List[int]":
        """The tests after which the program's state is another one: first by stretches of them, then one by one."""
        suspects = self._changing(self._chosen, _CHUNK)
        found = self._changing(suspects, 1)
        return found or suspects

    def _changing(self, chosen: "Sequence[int]", size: int) -> "List[int]":
        """The members of stretches of this size that change the state, and those that there was no time to look at."""
        if not chosen:
            return []
        told = self._ask(lambda send: _watch_state(self._suite, self._baseline, self._program, chosen, size, send), "done")
        return [index for index in chosen if index not in told["kept"]]

    def _ask(self, work: "Callable[[Callable[[Told], None]], None]", last: str = "") -> Told:
        """What a process says that does this work: its first message, or all that it kept until the last one."""
        worker = Worker(work, self._close)
        kept: "set[int]" = set()
        try:
            # By the work that was done, not by the time it got on a busy machine.
            while worker.cpu() <= _PROBE_SECONDS and time.monotonic() <= self._end:
                messages = worker.messages(_LOOK)
                if messages is None:
                    return {"why": "running the tests twice in one process ended the process", "kept": kept}
                for message in messages:
                    kept.update(message.get("kept", ()))
                    if not last or last in message:
                        return dict(message, kept=kept)
            return {"why": "running the tests twice in one process takes too long", "kept": kept}
        finally:
            worker.end()


def _note(suite: Suite, levels: "Dict[str, int]", steps: "Dict[str, Optional[int]]") -> None:
    """What each test may use up follows from what it used: a candidate that needs far more is in an endless loop."""
    longest = max((used for used in steps.values() if used is not None), default=0)
    for number, used in steps.items():
        test = suite.tests[int(number)]
        test.level = levels.get(number, 0)
        test.fuel = 5 * used + 2_000 if used is not None else 20_000 if not longest else max(4_000, 50 * longest)


def _prepare(program: LiveProgram) -> "Tuple[List[Any], List[Callable[[], Any]], bytes]":
    """In the process that tries: its modules, what clears their caches, and the clean state."""
    silence()
    quiet_assertions()
    WATCH.install()
    modules = program.modules + program.test_modules
    return modules, caches(modules), fingerprint(modules)


def _twice(suite: Suite, baseline: Baseline, program: LiveProgram, chosen: "Sequence[int]", send: "Callable[[Told], None]") -> None:
    try:
        modules, clear, before = _prepare(program)
        levels: "Dict[str, int]" = {}
        steps: "Dict[str, Optional[int]]" = {}
        wanting: "Dict[str, str]" = {}
        differs: "List[int]" = []
        for _ in range(2):
            for index in chosen:
                test, expected = suite.tests[index], baseline.results[index].get("outcome")
                if str(index) in wanting:
                    continue
                for one in clear:
                    one()
                fuel = _fuel(baseline, index)
                tick = builtins.__dict__[TICK] = make_tick(fuel)
                WATCH.arm()
                word, _ = run_direct(test.direct, tick)  # type: ignore[arg-type]
                seen = WATCH.disarm()
                levels[str(index)] = level_of(word)
                steps[str(index)] = None if exhausted(tick) else fuel - left(tick)
                if (word == PASSED) != (expected == PASSED):
                    wanting[str(index)] = "%s has another outcome when it is called directly" % test.id
                    differs.append(index)
                elif seen:
                    wanting[str(index)] = "a test does more than compute: %s" % "; ".join("%s(%s)" % one for one in WATCH.events[:3])
        builtins.__dict__[TICK] = make_tick(1 << 62)
        # What a test that is left out did is not looked at.
        changed = not wanting and fingerprint(modules) != before
    except Opaque as problem:
        send({"why": str(problem)})
        return
    send({"wanting": wanting, "differs": differs, "changed": changed, "levels": levels, "steps": steps})


def _fuel(baseline: Baseline, index: int) -> int:
    """One that did not end before is only to fail again."""
    return _PROBE_FUEL if baseline.results[index].get("stop") is None else _HANG_FUEL


def _watch_state(suite: Suite, baseline: Baseline, program: LiveProgram, chosen: "Sequence[int]", size: int,
                 send: "Callable[[Told], None]") -> None:
    """Tells of stretches of so many tests which of them leave the state as they found it."""
    try:
        modules, clear, before = _prepare(program)
        for begin in range(0, len(chosen), size):
            part = chosen[begin:begin + size]
            for index in part:
                for one in clear:
                    one()
                tick = builtins.__dict__[TICK] = make_tick(_fuel(baseline, index))
                run_direct(suite.tests[index].direct, tick)  # type: ignore[arg-type]
            builtins.__dict__[TICK] = make_tick(1 << 62)
            after = fingerprint(modules)
            if after == before:
                send({"kept": list(part)})
            before = after
    except Opaque:
        pass
    send({"done": True})
