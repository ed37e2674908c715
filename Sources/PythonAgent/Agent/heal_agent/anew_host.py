"""A host for suites that cannot be collected at the base: every candidate collects anew, in a fork of its own.

Slow, and the only way: tests come into being when the module that they import does.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Dict, List, Optional

from . import host as hosting
from . import children, describe, live, verdicts, workers
from .candidate_import import CandidateFinder
from .evaluate import Request
from .suite import DECIDED_BY_PROGRAM, PASSED, Suite, failing, is_target
from .verdicts import FAIL, NO_COMPILE, PARTIAL, PASS, SAME, SPENT, Verdict
from .workers import Batch, Row

_COMPILE_ERRORS = (SyntaxError, ValueError, TypeError, RecursionError, LookupError, AttributeError)


def run(host: Any, oracle: "Dict[str, Any]") -> None:
    """Answers `evaluate` until the channel ends, from inside a framework that is about to collect."""
    AnewEvaluator(host, oracle).run()


class AnewEvaluator:
    """Evaluates candidates by whole collections."""

    def __init__(self, host: Any, oracle: "Dict[str, Any]") -> None:
        self._host = host
        self._oracle = oracle
        self._baseline: "List[Dict[str, Any]]" = host.params["anew"]
        self._request: "Optional[Request]" = None
        self._verdict_found: "Optional[Verdict]" = None

    def run(self) -> None:
        """Sets the framework up once; forks then collect, each with its candidate."""
        hosting.collect(self._host.root, self._oracle, self._serve, self._before)
        # Here the framework cannot even be set up, for what a candidate may mend.
        self._before(lambda: None, starts_over=True)

    def _before(self, collect: "Callable[[], None]", starts_over: bool = False) -> None:
        self._collect = collect
        workers.prepare_host()
        # A conftest that imports the program has it imported before any candidate: then each fork starts over.
        self._starts_over = starts_over or bool(_own_modules(self._host.root))
        self._host._send({"loaded": {}})
        self._host.answer(self.evaluate)

    def _serve(self, suite: Suite) -> None:
        if self._request is not None:
            self._verdict_found = self._verdict(suite, self._request)

    def evaluate(self, request: Request, stop_fd: int) -> "Dict[str, Any]":
        """Answers one `evaluate` request."""
        cpu = children.cpu_seconds()
        bases = self._host.bases
        chosen = [bases.chosen(request.base, ids) for ids in request.candidates]
        spaces = {path: bases.space(self._host.base, path) for one in chosen for path in one}
        seen: "Dict[bytes, int]" = {}

        def prepare(index: int) -> Any:
            if any(len(edits) > 1 and live.pairwise_conflict(edits) for edits in chosen[index].values()):
                return NO_COMPILE, 0, -1, b""
            try:
                codes, digest = live.compile_modules(spaces, chosen[index])
            except _COMPILE_ERRORS:
                return NO_COMPILE, 0, -1, b""
            known = seen.setdefault(digest, index)
            if known != index:
                return SAME, known, -1, digest
            return lambda: self._judge(codes, digest, request)

        batch = Batch(len(chosen), _unused, (self._host.channel.fd,), stop_fd, max(request.timeout, 5.0), end=request.end)
        batch.forked(range(len(chosen)), prepare)
        rows = [batch.board.row(index) for index in range(len(chosen))]
        return workers.answer(rows, {str(k): v for k, v in batch.details.items()}, "fork", children.cpu_seconds() - cpu)

    # In the fork

    def _judge(self, codes: "Dict[str, Any]", digest: bytes, request: Request) -> Row:
        CandidateFinder(self._host.root, codes).install()
        self._request = request
        verdicts.builtins.__dict__[verdicts.TICK] = verdicts.make_tick(request.fuel)  # modules count their steps too
        try:
            if self._starts_over:
                for name in _own_modules(self._host.root):
                    sys.modules.pop(name, None)
                hosting.collect(self._host.root, self._oracle, self._serve)
            else:
                self._collect()
        except BaseException:
            if self._verdict_found is None:
                return FAIL, 0, 0, digest, None
        verdict = self._verdict_found
        if verdict is None:
            return FAIL, 0, 0, digest, None
        return verdict.status, verdict.progress, verdict.failed_first, digest, verdict

    def _verdict(self, suite: Suite, request: Request) -> Verdict:
        """Baseline entries by index; what only now exists counts under the broken file that it comes from."""
        tests = {test.id: test for test in suite.tests}
        still_broken = {test.id for test in suite.tests if test.full is None}
        outcome: "Dict[int, str]" = {}
        spent = False
        indices = sorted(range(len(self._baseline)), key=lambda one: not failing(self._baseline[one]["outcome"]))
        for index in indices:
            entry = self._baseline[index]
            if entry["outcome"] not in DECIDED_BY_PROGRAM or failing(entry["outcome"]) and not entry["target"]:
                continue  # what failed before for reasons that nobody asks about is none of a candidate's business
            members = [tests[entry["id"]]] if entry["collected"] and entry["id"] in tests else [
                test for test in suite.tests
                if not entry["collected"] and test.full is not None and is_target(test.id, [entry["id"]])]
            if entry["id"] in still_broken or not members:
                if entry["target"] or entry["collected"]:
                    outcome[index] = "error"
                continue
            words = []
            for test in members:
                tick = verdicts.builtins.__dict__[verdicts.TICK] = verdicts.make_tick(request.fuel)
                word, out = verdicts.run_full(test, tick)
                spent = spent or out
                words.append(word)
            outcome[index] = PASSED if all(word == PASSED for word in words) else "failed"
            if not entry["collected"] and len(words) > 1 and outcome[index] != PASSED and PASSED in words:
                outcome[index] = "partial"
        return self._summed(outcome, spent)

    def _summed(self, outcome: "Dict[int, str]", spent: bool) -> Verdict:
        # A file that can be collected at last is progress, whatever its tests say.
        gained = [index for index, word in outcome.items() if failing(self._baseline[index]["outcome"]) and (
            word == PASSED or not self._baseline[index]["collected"] and word != "error")]
        regressed = [index for index, word in outcome.items()
                     if word != PASSED and not failing(self._baseline[index]["outcome"])]
        failed = [index for index, word in outcome.items() if word != PASSED]
        if not failed and outcome:
            status = PASS
        else:
            status = PARTIAL if gained else SPENT if spent else FAIL
        words = {index: ("failed" if word == "partial" else word) for index, word in outcome.items()}
        return Verdict(status, verdicts.PASS_LEVEL * (len(gained) - len(regressed)), failed[0] if failed else -1, words, regressed, gained)


def _unused(index: int) -> Row:
    raise AssertionError("nothing is served in one process here")



def _own_modules(root: str) -> "List[str]":
    """The program's modules that are imported already, conftest files included."""
    return [name for name, module in list(sys.modules.items())
            if name != "__main__" and describe.is_own(str(getattr(module, "__file__", None) or ""), root)
            and str(getattr(module, "__file__", "")).startswith(root + os.sep)]
