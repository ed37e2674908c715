"""A host for scripts: third-party modules are warm, the script itself runs in forks (or, where that is sound, inside)."""

from __future__ import annotations

import atexit
import builtins
import gc
import os
import tempfile
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import children, describe, live, verdicts, workers
from .candidate_import import Splicer
from .evaluate import _LEAST_BURNING, Request, signature
from .forks import Forks
from .fuel import TICK, make_tick
from .pipes import Worker
from .purity import WATCH
from .script_runs import Case, Script
from .state import fingerprint
from .suite import FORK, FRESH, IN_PROCESS, PASSED, HostedTest
from .verdicts import IMPURE, NO_COMPILE, PARTIAL, PASS, SAME, Plan, Verdict
from .workers import Batch, Row

_PROBE_SECONDS, _PROBE_FUEL = 4.0, 2_000_000
_NOT_RUN: Row = (workers.UNDECIDED, 0, -1, b"", None)
_COMPILE_ERRORS = (SyntaxError, ValueError, TypeError, RecursionError, LookupError, AttributeError)


def cases_of(oracle: "Dict[str, Any]") -> "List[Case]":
    """The cases of a script oracle."""
    argv = [str(one) for one in oracle.get("argv") or ()]
    return [Case(str(case.get("name", number)), argv + [str(one) for one in case.get("args") or ()],
                 (case.get("stdin") or "").encode("utf-8", "surrogateescape"), case.get("expected"))
            for number, case in enumerate(oracle.get("cases") or ())]


def run(host: Any, oracle: "Dict[str, Any]") -> None:
    """Decides the depth from the baseline that the agent observed, then answers `evaluate`."""
    cases = cases_of(oracle)
    host._send({"collected": len(cases)})
    argv = cases[0].argv if cases else ["none.py"]
    script = Script(host.root, describe.relative(os.path.abspath(argv[0]), host.root), cases)
    results = host.params["baseline"]
    script.note_base([str(one.get("text") or "") for one in results])
    workers.prepare_host()
    script.prepare(str(tempfile.tempdir))
    gc.collect()
    chosen, why = _decide(script, results, (host.channel.fd,))
    host._send({"loaded": {"depth": chosen, "why": why}})
    evaluator = ScriptEvaluator(script, results, host, chosen)
    host.answer(evaluator.evaluate, synthesise=evaluator.synthesise)


def _decide(script: Script, results: "Sequence[Dict[str, Any]]", close: "Sequence[int]") -> "Tuple[str, str]":
    for result in results:
        impure = result.get("impure") or {}
        for kind, words in (("disk", "changes files"), ("process", "starts processes")):
            if kind in impure:
                return FRESH, "the program %s: %s" % (words, impure[kind])
        if "thread" in impure:
            return FORK, "the program starts threads"
    if children.os_threads() > 1:
        return FRESH, "an imported module keeps threads running"
    if not script.cases:
        return FORK, "there are no cases"
    return _probe(script, results, close)


def _probe(script: Script, results: "Sequence[Dict[str, Any]]", close: "Sequence[int]") -> "Tuple[str, str]":
    worker = Worker(lambda send: _twice(script, results, send), close)
    end = time.monotonic() + _PROBE_SECONDS
    try:
        while time.monotonic() < end:
            messages = worker.messages(end - time.monotonic())
            if messages is None:
                return FORK, "running the program twice in one process ended the process"
            for message in messages:
                return (FORK, message["why"]) if message.get("why") else (IN_PROCESS, "")
    finally:
        worker.end()
    return FORK, "running the program twice in one process takes too long"


def _twice(script: Script, results: "Sequence[Dict[str, Any]]", send: "Callable[[Dict[str, Any]], None]") -> None:
    atexit._clear()
    before = fingerprint(())
    WATCH.arm()
    for _ in range(2):
        for number, result in enumerate(results):
            tick = builtins.__dict__[TICK] = make_tick(_PROBE_FUEL)
            try:
                word, _, text = script.inside(number, {}, tick)
            except _COMPILE_ERRORS:
                send({"why": "the program does not compile"})
                return
            if (word == PASSED) != (result["outcome"] == PASSED) or result.get("stop") is None and text != result["text"]:
                send({"why": "%s has another outcome inside one process" % script.cases[number].name})
                return
    if WATCH.disarm():
        send({"why": "the program does more than compute: %s" % "; ".join("%s(%s)" % event for event in WATCH.events[:3])})
    elif fingerprint(()) != before:
        send({"why": "the program leaves the interpreter's state changed"})
    else:
        send({"why": ""})


class ScriptEvaluator:
    """Evaluates candidates of a script."""

    def __init__(self, script: Script, results: "Sequence[Dict[str, Any]]", host: Any, depth: str) -> None:
        self._script = script
        self.depth = depth
        self._words = [str(one["outcome"]) for one in results]
        self._signatures = [signature(one) + str(one.get("text", ""))[-200:] for one in results]
        self.burning = max(_LEAST_BURNING, 5 * sum(one.get("seconds") or 0.0 for one in results if not one.get("stop")))
        self._bases = host.bases
        self._base = host.base
        self._close = (host.channel.fd,)
        self._splicers: "Dict[str, Splicer]" = {}
        self._tests = [HostedTest(case.name, True, None) for case in script.cases]
        self._numbers = {id(test): number for number, test in enumerate(self._tests)}

    def evaluate(self, request: Request, stop_fd: int) -> "Dict[str, Any]":
        """Answers one `evaluate` request."""
        cpu = children.cpu_seconds()
        chosen = [self._bases.chosen(request.base, ids) for ids in request.candidates]
        for path in {path for one in chosen for path in one}:
            if path not in self._splicers:
                text = self._bases.text(self._base, path)
                self._splicers[path] = Splicer(self._bases.space(self._base, path), live.body_lines(text))
        gc.freeze()
        batch = _ScriptBatch(self, request, chosen, stop_fd)
        depth = batch.at_depth(request.depth)
        return batch.answer(depth, children.cpu_seconds() - cpu)

    def synthesise(self, base: int, places: "Dict[str, Dict[int, float]]", stop_fd: int) -> "Dict[str, Any]":
        """What synthesis offers at these places."""
        from .synthesis.suites import ScriptRuns, in_fork

        if self.depth == FRESH:
            return {}
        spaces = {path: self._bases.space(self._base, path) for path in places}
        known = {path: space for path, space in spaces.items() if space is not None}
        plan = verdicts.plan(self._words, self._signatures, None, [0] * len(self._tests))
        return in_fork(ScriptRuns(self._script, known, plan), places, self._close, stop_fd)

    def note_state(self) -> None:
        """Notes the interpreter's clean state."""
        atexit._clear()
        self._state = fingerprint(())

    def dirty(self) -> bool:
        """Whether candidates changed it."""
        return fingerprint(()) != self._state


class _ScriptBatch:
    def __init__(self, evaluator: ScriptEvaluator, request: Request, chosen: "List[Dict[str, List[Any]]]", stop_fd: int) -> None:
        self._evaluator = evaluator
        self._script = evaluator._script
        self._request = request
        self._chosen = chosen
        self._stop_fd = stop_fd
        self._seen: "Dict[bytes, int]" = {}
        wanted = request.tests if request.tests is not None else list(range(len(evaluator._tests)))
        self._plan: Plan = verdicts.plan(evaluator._words, evaluator._signatures, wanted, [0] * len(evaluator._tests))
        self._batch = Batch(len(chosen), self._judge_inside, evaluator._close, stop_fd, request.timeout,
                            evaluator.burning, request.end)
        self._rows: "List[Optional[Row]]" = [None] * len(chosen)

    def at_depth(self, depth: str) -> str:
        """Runs the batch; answers the depth that its verdicts rest on."""
        if depth == IN_PROCESS == self._evaluator.depth:
            if self._inside():
                return IN_PROCESS
            self._evaluator.depth = FORK  # and stays there
        if self._evaluator.depth == FRESH:
            self._seen = {}
            compiled = [self._compile(index) for index in range(len(self._chosen))]
            self._rows = [(*one, None) if len(one) == 4 else (IMPURE, 0, -1, one[1], None) for one in compiled]
            return FRESH
        self._rows = list(self._forked(range(len(self._chosen)), self._batch.is_over))
        return FORK

    def _forked(self, order: "Sequence[int]", is_late: "Callable[[], bool]") -> "List[Row]":
        """Judges candidates by forks, in blocks that are compiled before; answers their rows. Late ones are not run."""
        self._seen = {}
        if len(order) >= workers.BLOCK:
            children.into_huge_pages()
        tick = make_tick(self._request.fuel)
        rows: "List[Row]" = []
        forks = Forks(self._evaluator._close, self._stop_fd, self._batch.is_fork_over)
        try:
            for start in range(0, len(order), workers.BLOCK):
                if is_late():
                    break
                with workers.without_collections():
                    compiled = [self._compile(index) for index in order[start : start + workers.BLOCK]]
                rows += [_NOT_RUN if is_late() else self._judge_forked(one, tick, forks) for one in compiled]
        finally:
            forks.end()
        return rows + [_NOT_RUN] * (len(order) - len(rows))

    def _inside(self) -> bool:
        board = self._batch.board
        self._batch.rounds(range(len(self._chosen)), lambda part, every: self._batch.in_process(part, self._evaluator, every))
        checked = board.to_repeat()
        if any(workers.kind_of(row[0]) != workers.kind_of(board.status(index))
               for index, row in zip(checked, self._forked(checked, lambda: False))):
            return False
        for index in range(len(self._chosen)):
            status, passed, first, digest = board.row(index)
            self._rows[index] = (status, passed, first, digest, None)
        return True

    def _compile(self, index: int) -> Any:
        applied: "List[Any]" = []
        codes: "Dict[str, Any]" = {}
        try:
            for path, edits in self._chosen[index].items():
                if len(edits) > 1 and live.pairwise_conflict(edits):
                    return (NO_COMPILE, 0, -1, b"")
                for edit in edits:
                    edit.apply()
                    applied.append(edit)
                codes[path] = self._evaluator._splicers[path].code(edits)
        except _COMPILE_ERRORS:
            return (NO_COMPILE, 0, -1, b"")
        finally:
            for edit in reversed(applied):
                edit.undo()
        digest = live.digest(codes)
        known = self._seen.setdefault(digest, index)
        return (SAME, known, -1, digest) if known != index else (codes, digest)

    def _judge_inside(self, index: int) -> Row:
        compiled = self._compile(index)
        if len(compiled) == 4:
            return (*compiled, None)
        codes, digest = compiled
        numbers = self._evaluator._numbers

        def run(test: HostedTest, tick: "Callable[[], None]") -> "Tuple[str, bool]":
            word, spent, _ = self._script.inside(numbers[id(test)], codes, tick)
            return word, spent

        return self._row(self._verdict(run), digest)

    def _judge_forked(self, compiled: Any, tick: "Callable[[], None]", forks: Forks) -> Row:
        if len(compiled) == 4:
            return (*compiled, None)
        codes, digest = compiled
        numbers, impure = self._evaluator._numbers, {}  # type: Dict[int, int], Dict[str, Any]

        def run(test: HostedTest, _: "Callable[[], None]") -> "Tuple[str, bool]":
            word, spent, seen = self._script.fork(numbers[id(test)], codes, tick, forks)
            impure.update(seen)
            return word, spent

        row = self._row(self._verdict(run), digest)
        return (IMPURE, *row[1:]) if "disk" in impure or "process" in impure else row  # type: ignore[return-value]

    def _verdict(self, run: Any) -> Verdict:
        """The verdict of a candidate; outputs are compared, so progress is how much closer they come than the base's."""
        self._script.near.clear()
        verdict = verdicts.judge(self._evaluator._tests, self._plan, self._request.fuel, self._request.full, run)
        near, before = self._script.near, self._script.near_at_base
        closer = sum(value - before[number] for number, value in near.items())
        return verdict._replace(progress=round(1000 * closer / len(near)) if near else 0)

    def _row(self, verdict: Verdict, digest: bytes) -> Row:
        return verdict.status, verdict.progress, verdict.failed_first, digest, verdict

    def answer(self, depth: str, cpu: float) -> "Dict[str, Any]":
        """The protocol's reply."""
        rows = [row or _NOT_RUN for row in self._rows]
        told = {}
        for index, row in enumerate(rows):
            if row[0] in (PASS, PARTIAL):
                verdict = row[4]
                told[str(index)] = verdicts.details(verdict) if verdict is not None else self._batch.details.get(index, {})
        return workers.answer(rows, told, depth, cpu)

