"""Synthesis for suites and scripts: how their tests run with notes, in a fork that is thrown away afterwards."""

from __future__ import annotations

import ast
import builtins
import gc
import select
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from .. import live, verdicts
from ..edits.scope import Function
from ..errors import BatchStopped
from ..fuel import TICK, exhausted, left, make_tick
from ..overlay import Overlay
from ..pipes import Worker
from ..suite import PASSED

#: What a run costs beside its steps: where a framework or an import is in it.
_DIRECT_STEPS, _FRAMEWORK_STEPS, _SCRIPT_STEPS = 50, 4_000, 300
#: And what each 20 ms of CPU and each half second cost: so long that small tests never take it, on whatever machine.
_SLICE, _PAUSE, _SLICE_STEPS, _PAUSE_STEPS = 0.02, 0.5, 1_000, 20_000
_SECONDS, _CPU_SECONDS = 10.0, 3.0
Offers = Dict[str, List[List[Any]]]


class _Cost:
    """The steps that a run is said to take."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.tick = builtins.__dict__[TICK] = make_tick(most)
        self._cpu, self._clock = time.process_time(), time.monotonic()

    def steps(self, more: int) -> int:
        """Those that were counted, and what stands for the rest."""
        counted = self._most if exhausted(self.tick) else self._most - left(self.tick)
        slices = int((time.process_time() - self._cpu) / _SLICE)
        pauses = int((time.monotonic() - self._clock) / _PAUSE)
        return counted + more + slices * _SLICE_STEPS + pauses * _PAUSE_STEPS


class SuiteRuns:
    """The tests of a suite over the living functions."""

    scopes = Function

    def __init__(self, program: live.LiveProgram, tests: "Sequence[Any]", plan: verdicts.Plan, over: "Optional[Overlay]") -> None:
        self._files, self._over, self._tests = program.files if over is None else over.files, over, tests
        self.spaces = {path: file.space for path, file in self._files.items()}
        self.failing = [one for one in plan.order if one in plan.failing]
        self.passing = [one for one in plan.order if one not in plan.failing]

    def take_code(self, functions: "Dict[str, List[str]]") -> None:
        """Gives the living functions the code that their trees say now."""
        if self._over is not None:
            self._over.swap()
        for path, names in functions.items():
            file = self._files[path]
            for name in names:
                function = file.functions.get(name)
                if function is not None:
                    code = file.space.compile_function(name)
                    if code.co_freevars == function.original.co_freevars:
                        function.swap(code)

    def run(self, test: int, most: int) -> "Tuple[bool, int]":
        """Whether a test passed, and the steps that it took, at most so many."""
        one = self._tests[test]
        cost = _Cost(verdicts.fuel_of(one, most))
        word, _ = verdicts.run_full(one, cost.tick)
        return word == PASSED, cost.steps(_DIRECT_STEPS if one.direct is not None else _FRAMEWORK_STEPS)

    def constants(self, path: str) -> "Dict[str, Any]":
        """What the module of a file holds."""
        return dict(vars(self._files[path].modules[0]))


class ScriptRuns:
    """The cases of a script, each from its start."""

    scopes = (*Function, ast.Module)

    def __init__(self, script: Any, spaces: "Dict[str, Any]", plan: verdicts.Plan) -> None:
        self._script, self.spaces = script, spaces
        self._codes: "Dict[str, Any]" = {}
        self.failing = [one for one in plan.order if one in plan.failing]
        self.passing = [one for one in plan.order if one not in plan.failing]

    def take_code(self, functions: "Dict[str, List[str]]") -> None:
        """Compiles the modules as their trees are now."""
        self._codes = {path: self.spaces[path].compile_module() for path in functions}

    def run(self, test: int, most: int) -> "Tuple[bool, int]":
        """Whether a case passed, and the steps that it took, at most so many."""
        cost = _Cost(most)
        word, _, _ = self._script.inside(test, self._codes, cost.tick)
        return word == PASSED, cost.steps(_SCRIPT_STEPS)

    def constants(self, path: str) -> "Dict[str, Any]":
        """Nothing: modules come into being with each run."""
        return {}


def in_fork(runs: "Union[SuiteRuns, ScriptRuns]", places: "Dict[str, Dict[int, float]]", close: "Sequence[int]",
            stop_fd: int) -> Offers:
    """The offers; none where a fork does not come to them."""
    def work(send: "Callable[[Dict[str, Any]], None]") -> None:
        from .run import Synthesis

        gc.disable()  # it lives for less than a collection is worth
        send({"offers": Synthesis(runs, places).offers()})

    worker = Worker(work, close)
    end = time.monotonic() + _SECONDS
    try:
        while time.monotonic() < end and worker.cpu() < _CPU_SECONDS:
            messages = worker.messages(0.2, (stop_fd,))
            if select.select([stop_fd], [], [], 0)[0]:
                raise BatchStopped()
            for message in messages or ():
                if "offers" in message:
                    return message["offers"]
            if messages is None:
                break
    finally:
        worker.end()
    return {}
