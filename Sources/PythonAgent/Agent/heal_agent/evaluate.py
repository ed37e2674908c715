"""Evaluates batches of candidates in a host, at the depth that is sound, and checks the cheap depth against the dear one."""

from __future__ import annotations

import gc
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from . import children, live, overlay, verdicts
from .bases import Bases
from .compare import Subject, compare
from .fuel import make_tick
from .selection import Choice, Reach, Selection
from .state import Opaque, caches, fingerprint, size
from .suite import DECIDED_BY_PROGRAM, FORK, FRESH, IN_PROCESS, HostedTest, Suite
from .verdicts import FAIL, IMPURE, NO_COMPILE, PARTIAL, PASS, SAME, Plan, Runner, Verdict
from .workers import CHECK_EVERY, NEEDS_FORK, UNDECIDED, Batch, Row, answer, kind_of

_LEAST_BURNING = 0.1
_MUCH = 4_000
_COMPILE_ERRORS = (SyntaxError, ValueError, TypeError, RecursionError, LookupError, AttributeError)
_NOT_COMPILED = (NO_COMPILE, 0, -1, b"")
_FORK_NEEDED = (NEEDS_FORK, 0, -1, b"")


class Request:
    """The parameters of one `evaluate`."""

    def __init__(self, params: "Dict[str, Any]") -> None:
        self.base = int(params["base"])
        self.candidates: "List[List[int]]" = [list(one) for one in params["candidates"]]
        self.depth = params.get("depth") or FORK
        self.tests: "Optional[List[int]]" = params.get("tests")
        self.full = bool(params.get("full"))
        self.fuel = int(params.get("fuel") or 1_000_000)
        self.timeout = float(params.get("timeout") or 5.0)
        seconds = params.get("seconds")
        self.end = float("inf") if seconds is None else time.monotonic() + float(seconds)


class Evaluator:
    """What a suite's host keeps between batches."""

    def __init__(self, suite: Suite, results: "Sequence[Dict[str, Any]]", program: live.LiveProgram, bases: Bases,
                 close: "Sequence[int]", depth: str, reach: "Optional[Reach]" = None) -> None:
        self.depth = depth  # the cheapest that is sound
        self._tests: "List[HostedTest]" = suite.tests
        self._words = [str(one.get("outcome")) for one in results]
        self._signatures = [signature(one) for one in results]
        self._seconds = [one.get("seconds") or 0.0 for one in results]
        self._flaky = [bool(one.get("flaky")) for one in results]
        self._reach = reach
        self._selections: "Dict[Tuple[int, Optional[Tuple[int, ...]]], Selection]" = {}
        # What no fuel reaches (huge numbers, regular expressions) is in a loop when it takes many times what the tests do.
        self.burning = max(_LEAST_BURNING, 5 * sum(one.get("seconds") or 0.0 for one in results if not one.get("stop")))
        self._program = program
        self._bases = bases
        self._close = close
        self._modules = program.modules + program.test_modules
        self._caches = caches(self._modules)
        self._state: "Optional[bytes]" = None
        self._overlays: "Dict[int, Optional[overlay.Overlay]]" = {}
        # A look at much memory costs more than many candidates.
        self.check_every = CHECK_EVERY if size(self._modules) < _MUCH else 8 * CHECK_EVERY

    def forget(self, base: int) -> None:
        """The texts of a base changed."""
        self._overlays.pop(base, None)
        for key in [key for key in self._selections if key[0] == base]:
            del self._selections[key]

    def evaluate(self, request: Request, stop_fd: int) -> "Dict[str, Any]":
        """Answers one `evaluate` request; that the base needs a host of its own, where it does."""
        if self.overlay(request.base) is None and request.base != self._program.base:
            return {"unfit": True}
        cpu = children.cpu_seconds()
        gc.freeze()  # workers need not look at what the host holds, nor copy its pages
        chosen = [self._bases.chosen(request.base, ids) for ids in request.candidates]
        run = _Run(self, request, chosen, stop_fd)
        depth = run.at_depth(request.depth)
        return run.answer(depth, children.cpu_seconds() - cpu)

    def synthesise(self, base: int, places: "Dict[str, Dict[int, float]]", stop_fd: int) -> "Dict[str, Any]":
        """What synthesis offers at these places; that the base needs a host of its own, where it does."""
        from .synthesis.suites import SuiteRuns, in_fork

        over = self.overlay(base)
        if over is None and base != self._program.base:
            return {"unfit": True}
        if self.depth == FRESH:
            return {}
        runnable = [index for index in range(len(self._tests)) if self._is_runnable(index)]
        plan = self._selected(runnable, over).everything.forked
        return in_fork(SuiteRuns(self._program, self._tests, plan, over), places, self._close, stop_fd)

    def overlay(self, base: int) -> "Optional[overlay.Overlay]":
        """What puts a base over the program; nothing for the program's own, and where nothing can."""
        if base == self._program.base:
            return None
        if base not in self._overlays:
            try:
                self._overlays[base] = self._measured(overlay.make(self._program, self._bases, base))
            except overlay.Unfit:
                self._overlays[base] = None
        return self._overlays[base]

    def _measured(self, made: "overlay.Overlay") -> "overlay.Overlay":
        """An overlay with what the tests say that run what it changes; the others say what they said."""
        tests, reached = self._tests, None
        if self._reach is not None:
            reached = self._reach.running([(change.path, change.qualname) for change in made.changes])
        order = [index for index in range(len(tests)) if self._is_runnable(index) and (reached is None or index in reached)]
        made = made._replace(words=list(self._words), levels=[test.level for test in tests])
        near = [index for index in order if tests[index].depth == IN_PROCESS]
        apart = [[index] for index in order if tests[index].depth == FORK]
        for part in [near, *apart] if near else apart:
            made = overlay.measured(made, tests, part, full_runner(tests, part), self._close)
        return made

    def _is_runnable(self, index: Any) -> bool:
        return isinstance(index, int) and 0 <= index < len(self._tests) and (
            self._tests[index].full is not None and self._words[index] in DECIDED_BY_PROGRAM and not self._flaky[index])

    def compare(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        """Answers one `compare` request."""
        return compare(Subject(self._program, self._tests, self._words, self.depth, self._close, self._bases.text), params)

    def selection(self, request: Request) -> Selection:
        """Which of the tests that a request names each candidate is judged by."""
        key = (request.base, None if request.tests is None else tuple(request.tests))
        if key not in self._selections:
            wanted = range(len(self._tests)) if request.tests is None else request.tests
            runnable = [one for one in wanted if self._is_runnable(one)]
            self._selections[key] = self._selected(runnable, self.overlay(request.base))
        return self._selections[key]

    def _selected(self, runnable: "Sequence[int]", over: "Optional[overlay.Overlay]") -> Selection:
        if over is None:
            levels = [test.level for test in self._tests]
            return Selection(self._tests, self._words, self._signatures, runnable, self._reach, levels)
        told = ["%s %s" % (signature, level) for signature, level in zip(self._signatures, over.levels)]
        reach = self._reach and self._reach.after([change.path for change in over.changes])
        return Selection(self._tests, over.words, told, runnable, reach, over.levels)

    def seconds(self, plan: Plan) -> float:
        """How long the tests of a plan took at first."""
        return sum(self._seconds[index] for index in plan.order)

    def dirty(self) -> bool:
        """Whether the program's state differs from what it was after import."""
        try:
            return fingerprint(self._modules) != self._state
        except (Opaque, Exception):
            return True

    def note_state(self) -> None:
        """Notes the clean state, in each worker for itself: forking reseeds the random numbers."""
        self._state = fingerprint(self._modules)


class _Run:
    """One batch."""

    def __init__(self, evaluator: Evaluator, request: Request, chosen: "List[Dict[str, List[Any]]]", stop_fd: int) -> None:
        self._evaluator = evaluator
        self._request = request
        self._chosen = chosen
        self._selection = evaluator.selection(request)
        over = evaluator.overlay(request.base)
        self._files = evaluator._program.files if over is None else over.files
        self._changes = () if over is None else over.changes
        self._stop_fd = stop_fd
        self._seen: "Dict[bytes, int]" = {}
        self._batch = self._new_batch(request.end)

    def _new_batch(self, end: float = float("inf")) -> Batch:
        return Batch(len(self._chosen), self._judge_in_process, self._evaluator._close, self._stop_fd, self._request.timeout,
                     self._evaluator.burning, end, self._seconds)

    def _seconds(self, index: int) -> float:
        """What a candidate that makes a failing test pass may take, since the others then run too."""
        return 3 * self._evaluator.seconds(self._choice(index).forked)

    def _choice(self, index: int) -> Choice:
        return self._selection.choice(self._chosen[index])

    def at_depth(self, depth: str) -> str:
        """Runs the batch; answers the depth that its verdicts rest on."""
        everything = range(len(self._chosen))
        if depth == IN_PROCESS == self._evaluator.depth:
            self._in_process(everything)
            if self._confirmed():
                return IN_PROCESS
            self._evaluator.depth = FORK  # and stays there
            self._batch = self._new_batch(self._request.end)
        self._seen = {}
        if self._evaluator.depth == FRESH:
            self._leave(everything)
            return FRESH
        self._fork(everything)
        return FORK

    def _leave(self, order: "Sequence[int]") -> None:
        """No fork is sound here: every candidate is to be run in a fresh copy."""
        for index in order:
            decided = self._prepare_fork(index)
            self._batch.board.write(index, *((IMPURE, 0, -1, b"") if callable(decided) else decided))

    def _in_process(self, order: "Sequence[int]") -> None:
        board = self._batch.board

        def run(part: "Sequence[int]", every: int) -> None:
            self._seen = {row[3]: index for index in order for row in (board.row(index),)
                          if row[0] not in (UNDECIDED, NO_COMPILE, SAME) and row[3].strip(b"\0")}
            self._batch.in_process(part, self._evaluator, every)

        self._batch.rounds(order, run, self._evaluator.check_every)
        needing = [index for index in order if board.status(index) == NEEDS_FORK]
        for index in needing:
            board.write(index, UNDECIDED, 0, -1, b"")
        self._fork(needing)

    def _fork(self, order: "Sequence[int]") -> None:
        if order:
            self._ready_for_forks()
            self._batch.forked(order, self._prepare_fork)

    def _ready_for_forks(self) -> None:
        """Makes here what every fork would make for itself, with pages of its own."""
        for clear in self._evaluator._caches:
            clear()
        tests, fuel = self._evaluator._tests, self._request.fuel
        self._ticks = {index: make_tick(verdicts.fuel_of(tests[index], fuel)) for index in self._selection.everything.forked.order}

    def _confirmed(self) -> bool:
        """Repeats passes and a sample of the others in forks: one disagreement voids the batch."""
        board = self._batch.board
        chosen = board.to_repeat()
        if not chosen:
            return True
        check = self._new_batch()
        self._seen = {}
        self._ready_for_forks()
        check.forked(chosen, self._prepare_fork)
        return all(kind_of(check.board.status(index)) == kind_of(board.status(index)) for index in chosen)

    # Judging

    def _compile(self, index: int) -> "Union[live.Prepared, Tuple[int, int, int, bytes]]":
        """The compiled candidate, or the row that says why it needs no run."""
        chosen = self._chosen[index]
        for edits in chosen.values():
            if len(edits) > 1 and live.pairwise_conflict(edits):
                return _NOT_COMPILED
        try:
            prepared = live.prepare(self._files, chosen, self._changes)
        except live.NeedsModule:
            return _FORK_NEEDED
        except _COMPILE_ERRORS:
            return _NOT_COMPILED
        known = self._seen.setdefault(prepared.digest, index)
        if known != index:
            return SAME, known, -1, prepared.digest
        return prepared

    def _judge_in_process(self, index: int) -> Row:
        prepared = self._compile(index)
        if not isinstance(prepared, live.Prepared):
            return (*prepared, None)
        choice = self._choice(index)
        if choice.near is None:
            return (*_FORK_NEEDED, None)
        row = self._run(prepared, choice.near)
        verdict = row[4]
        # What passes all of these is looked at by the others too.
        if choice.has_more and verdict is not None and verdict.gained and verdict.failed_first < 0:
            return (*_FORK_NEEDED, None)
        return row

    def _prepare_fork(self, index: int) -> Any:
        prepared = self._compile(index)
        if isinstance(prepared, live.Prepared):
            swappable, choice = prepared, self._choice(index)
            if choice.is_fresh and not choice.forked.failing:
                return IMPURE, 0, -1, prepared.digest
            return lambda: self._left_to_fresh(choice, self._run_once(swappable, choice.forked))
        if prepared is not _FORK_NEEDED:
            return prepared
        return self._prepare_anew(index)

    def _prepare_anew(self, index: int) -> Any:
        """Whole modules run anew: for edits outside of functions, and functions that cannot be exchanged."""
        spaces = {path: file.space for path, file in self._files.items()}
        chosen = {**{change.path: [] for change in self._changes}, **self._chosen[index]}
        try:
            codes, digest = live.compile_modules(spaces, chosen)
        except _COMPILE_ERRORS:
            return _NOT_COMPILED
        known = self._seen.setdefault(digest, index)
        if known != index:
            return SAME, known, -1, digest
        choice = self._choice(index)
        if choice.is_fresh and not choice.forked.failing:
            return IMPURE, 0, -1, digest
        return lambda: self._left_to_fresh(choice, self._judge_anew(codes, digest, choice.forked))

    @staticmethod
    def _left_to_fresh(choice: Choice, row: Row) -> Row:
        """A failing test that needs a fresh copy decides on what passes all the others."""
        verdict = row[4]
        if choice.is_fresh and verdict is not None and verdict.gained and verdict.failed_first < 0:
            return (IMPURE, *row[1:])
        return row

    def _judge_anew(self, codes: "Dict[str, Any]", digest: bytes, plan: Plan) -> Row:
        try:
            live.run_anew(self._evaluator._program, codes)
        except BaseException:
            return FAIL, 0, plan.order[0] if plan.order else -1, digest, None
        verdict = self._verdict(plan, self._full_runner(plan), self._ticks)
        return verdict.status, verdict.progress, verdict.failed_first, digest, verdict

    def _run_once(self, prepared: live.Prepared, plan: Plan) -> Row:
        """In a fork: nothing has to be put back, and what is the same for all candidates was made before."""
        for function, code, made in prepared.swaps:
            function.swap(code)
            if made is not None:
                function.set_defaults(made)
        verdict = self._verdict(plan, self._full_runner(plan), self._ticks)
        return verdict.status, verdict.progress, verdict.failed_first, prepared.digest, verdict

    def _full_runner(self, plan: Plan) -> Runner:
        return full_runner(self._evaluator._tests, plan.order)

    def _run(self, prepared: live.Prepared, plan: Plan) -> Row:
        for clear in self._evaluator._caches:
            clear()
        try:
            for function, code, made in prepared.swaps:
                function.swap(code)
                if made is not None:
                    function.set_defaults(made)
            verdict = self._verdict(plan, _run_direct)
        finally:
            for function, _, _ in prepared.swaps:
                function.restore()
        return verdict.status, verdict.progress, verdict.failed_first, prepared.digest, verdict

    def _verdict(self, plan: Plan, run: "Runner", ticks: "Optional[Dict[int, Any]]" = None) -> Verdict:
        return verdicts.judge(self._evaluator._tests, plan, self._request.fuel, self._request.full, run, ticks)

    def answer(self, depth: str, cpu: float) -> "Dict[str, Any]":
        """The protocol's reply."""
        board = self._batch.board
        rows = [board.row(index) for index in range(len(self._chosen))]
        kept = {str(index): told for index, told in sorted(self._batch.details.items()) if rows[index][0] in (PASS, PARTIAL)}
        return answer(rows, kept, depth, cpu)


def full_runner(all_tests: "Sequence[HostedTest]", order: "Sequence[int]") -> Runner:
    """Runs tests by their framework, which is told what it runs next, so that it takes down what that one does not use."""
    hosted = [all_tests[index] for index in order if all_tests[index].direct is None]
    following = {first.id: second for first, second in zip(hosted, hosted[1:])}
    return lambda test, tick: verdicts.run_full(test, tick, following.get(test.id))


def _run_direct(test: HostedTest, tick: "Callable[[], None]") -> "Tuple[str, bool]":
    return verdicts.run_direct(test.direct, tick)  # type: ignore[arg-type]


def signature(result: "Dict[str, Any]") -> str:
    """Which failures are alike: the same exception from the same place."""
    error = result.get("exception") or {}
    frames = error.get("frames") or [{}]
    own = [frame for frame in frames if not str(frame.get("path", "/")).startswith("/")] or frames
    place = own[-1]
    return "%s %s %s:%s" % (result.get("stop"), error.get("type"), place.get("path"), place.get("line"))
