"""Which isolation between candidates is sound for this suite: decided by trying, not by hope."""

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
from .suite import PASSED, DECIDED_BY_PROGRAM, Suite
from .verdicts import level_of, run_direct
from .workers import quiet_assertions

IN_PROCESS, FORK, FRESH = "inProcess", "fork", "fresh"
_PROBE_SECONDS, _PROBE_FUEL, _HANG_FUEL = 4.0, 2_000_000, 20_000
Depth = Tuple[str, str]


def decide(suite: Suite, baseline: Baseline, program: LiveProgram, close: "Sequence[int]") -> Depth:
    """The cheapest sound depth, and why it is no cheaper."""
    if children.os_threads() > 1:
        return FRESH, "the program keeps threads running after import"
    files = children.written_files()
    if files:
        return FRESH, "the program keeps a file open for writing: %s" % files[0]
    for kind, words in ((DISK, "changes files"), (PROCESS, "starts processes")):
        if kind in baseline.impure:
            return FRESH, "a test %s: %s" % (words, "; ".join(baseline.impure[kind]))
    if suite.collection_failed():
        return FORK, "collection fails, so each candidate collects anew"
    for index, test in enumerate(suite.tests):
        if test.direct is None and baseline.results[index].get("outcome") in DECIDED_BY_PROGRAM and test.full is not None:
            return FORK, "%s needs its framework to run" % test.id
    return _probe(suite, baseline, program, close)


def _probe(suite: Suite, baseline: Baseline, program: LiveProgram, close: "Sequence[int]") -> Depth:
    """Runs every test twice in one process, as evaluation does, and compares outcomes and the memory left behind."""
    worker = Worker(lambda send: _twice(suite, baseline, program, send), close)
    end = time.monotonic() + _PROBE_SECONDS
    answer: "Optional[str]" = None
    try:
        while answer is None:
            messages = worker.messages(end - time.monotonic())
            if messages is None:
                return FORK, "running the tests twice in one process ended the process"
            for message in messages:
                if "why" in message:
                    answer = message["why"]
                    _note(suite, message.get("levels") or {}, message.get("steps") or {})
                    if "differs" in message:
                        suite.tests[message["differs"]].direct = None  # its framework does more than call it
            if answer is None and time.monotonic() > end:
                return FORK, "running the tests twice in one process takes too long"
    finally:
        worker.end()
    return (FORK, answer) if answer else (IN_PROCESS, "")


def _note(suite: Suite, levels: "Dict[str, int]", steps: "Dict[str, Optional[int]]") -> None:
    """What each test may use up follows from what it used: a candidate that needs far more is in an endless loop."""
    longest = max((used for used in steps.values() if used is not None), default=0)
    for number, used in steps.items():
        test = suite.tests[int(number)]
        test.level = levels.get(number, 0)
        test.fuel = 5 * used + 5_000 if used is not None else 20_000 if not longest else max(4_000, 50 * longest)


def _twice(suite: Suite, baseline: Baseline, program: LiveProgram, send: "Callable[[Dict[str, Any]], None]") -> None:
    silence()
    quiet_assertions()
    WATCH.install()
    modules = program.modules + program.test_modules
    try:
        before = fingerprint(modules)
    except Opaque as problem:
        send({"why": str(problem)})
        return
    clear = caches(modules)
    WATCH.arm()
    levels: "Dict[str, int]" = {}
    steps: "Dict[str, Optional[int]]" = {}
    for _ in range(2):
        for index, test in enumerate(suite.tests):
            expected = baseline.results[index].get("outcome")
            if test.direct is None or expected not in DECIDED_BY_PROGRAM:
                continue
            for one in clear:
                one()
            # One that did not end before is only to fail again.
            fuel = _PROBE_FUEL if baseline.results[index].get("stop") is None else _HANG_FUEL
            tick = builtins.__dict__[TICK] = make_tick(fuel)
            word, _ = run_direct(test.direct, tick)
            levels[str(index)] = level_of(word)
            steps[str(index)] = None if exhausted(tick) else fuel - left(tick)
            if (word == PASSED) != (expected == PASSED):
                send({"why": "%s has another outcome when it is called directly" % test.id, "differs": index})
                return
    builtins.__dict__[TICK] = make_tick(1 << 62)
    seen = WATCH.disarm()
    if seen:
        send({"why": "a test does more than compute: %s" % "; ".join("%s(%s)" % event for event in WATCH.events[:3])})
        return
    try:
        after = fingerprint(modules)
    except Opaque as problem:
        send({"why": str(problem)})
        return
    send({"why": "" if before == after else "tests leave the program's module state changed", "levels": levels,
          "steps": steps})
