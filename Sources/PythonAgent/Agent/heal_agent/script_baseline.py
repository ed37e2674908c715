"""The first run of every case of a script: each observed as a whole."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Tuple

from . import program
from .errors import AgentError
from .host import statement_lines
from .observe import Watched
from .script_host import cases_of
from .script_runs import Case, same_output
from .server import Task
from .suite import FAILED, PASSED

_BUSY_LIMIT, _LEAST = 2.0, 0.5
_MEMORY, _OUTPUT = 1 << 30, 64 << 20


def run(task: Task, root: str, params: "Dict[str, Any]", close: "List[int]") -> "Tuple[Dict[str, Any], List[Dict[str, Any]]]":
    """The answer to `load` but for the depth, and what the host has to know of each case."""
    measure, timeout = bool(params.get("coverage")), float(params.get("timeout") or 10.0)
    tests, coverage, known, observations = [], {}, [], []
    longest, hangs = 0.0, 0
    for case in cases_of(params["oracle"]):
        busy = min(timeout, _BUSY_LIMIT) if not hangs else min(timeout, max(_LEAST, 10 * longest))
        seen = _observe(task, root, case, close, timeout if not hangs else busy, busy, measure)
        lines = seen["coverage"]
        if seen["stop"] == "endlessLoop" and measure and not hangs:
            # Tracing slows a program down: whether it hangs is said by a run without.
            seen = _observe(task, root, case, close, timeout, busy, False)
        if seen["stop"] in ("endlessLoop", "hang"):
            hangs += 1
        else:
            longest = max(longest, seen["wall"])
        outcome = PASSED if passes(seen, case) else FAILED
        tests.append({"id": case.name, "outcome": outcome, "target": True, "seconds": seen["wall"],
                      "exception": seen["exception"]})
        if measure:
            coverage[case.name] = {path: sorted(set(numbers) | set(_imported(root, path, lines))) for path, numbers in lines.items()}
        known.append({"outcome": outcome, "seconds": seen["cpu"], "exception": _place(seen["exception"]), "impure": seen["impure"],
                      "stop": None if seen["stop"] == "finished" else seen["stop"],
                      "text": seen["stdout"]["head"] + seen["stdout"]["tail"]})
        observations.append(seen)
    first = next((one for one, test in zip(observations, tests) if test["outcome"] == FAILED), observations[0] if observations else None)
    return {"tests": tests, "coverage": coverage, "observation": first}, known


def _imported(root: str, path: str, lines: "Dict[str, List[int]]") -> "List[int]":
    # Of the script itself each line was seen to run or not.
    return [] if path in lines else statement_lines(os.path.join(root, path))


def _observe(task: Task, root: str, case: Case, close: "List[int]", wall: float, cpu: float, measure: bool) -> "Dict[str, Any]":
    run = program.Run(root, {
        "argv": case.argv, "stdin": case.stdin.decode("utf-8", "surrogateescape"),
        "limits": {"wall": wall, "cpu": cpu, "memory": _MEMORY, "output": _OUTPUT}})
    if not case.argv:
        raise AgentError("malformed", "a script oracle needs argv")
    watched = Watched(run, measure, close)
    try:
        watched.start()
        watched.watch(task)
    finally:
        if os.getpid() == watched.owner:
            watched.end()
    return watched.observation()


def passes(seen: "Dict[str, Any]", case: Case) -> bool:
    """Whether an observed run met its case."""
    if seen["exit"]["code"] != 0 or seen["stop"] != "finished":
        return False
    if case.expected is None:
        return True
    text = seen["stdout"]["head"] + seen["stdout"]["tail"]
    return seen["stdout"]["total"] <= 2 * (64 << 10) and same_output(text, case.expected)


def _place(exception: "Dict[str, Any] | None") -> "Dict[str, Any] | None":
    """Enough of an exception to tell failures apart."""
    if exception is None:
        return None
    frames = [{"path": frame["path"], "line": frame["line"]} for frame in exception["frames"]]
    return {"type": exception["type"], "frames": frames[-5:]}
