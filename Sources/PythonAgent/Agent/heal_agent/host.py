"""The host process: holds the imported program, runs the baseline, and answers `evaluate` for one base."""

from __future__ import annotations

import ast
import gc
import os
import sys
import tempfile
from typing import Any, Callable, Dict, List, Optional, Sequence

from . import children, depth, startup, verdicts, workers
from .baseline import Baseline
from .bases import Bases
from .compare import nothing
from .describe import Describer
from .errors import AgentError, BatchStopped
from .evaluate import Evaluator, Request
from .frames import Channel
from .import_calls import ImportCalls
from .live import LiveProgram
from .pipes import silence
from .program import modules_elsewhere, watch_stacks
from .purity import WATCH, watch_environment
from .selection import Reach
from .suite import FRESH, Suite, Wanted, failing

_MAX_COVERAGE = 8 << 20
Synthesise = Callable[[int, Dict[str, Dict[int, float]], int], Dict[str, Any]]
_MEMORY = 2 << 30
_MAX_WHOLE_EXCEPTIONS = 20


def incomparable(params: "Dict[str, Any]") -> "Dict[str, Any]":
    """What `compare` answers where inputs are not calls."""
    return nothing("only functions that tests call are compared")


class Host:
    """What the host's child of the agent does. One per base."""

    def __init__(self, root: str, channel: Channel, params: "Dict[str, Any]", bases: Bases, base: int, parent: int,
                 folder: str, stacks: int) -> None:
        self._folder = folder
        self._stacks = stacks
        self._threaded = children.os_threads() > 1  # in the agent: what an imported package started there is dead here
        self.root = root
        self.channel = channel
        self.params = params
        self.bases = bases
        self.base = base
        self._parent = parent
        self._calls = ImportCalls(root)

    def run(self) -> int:
        """Runs until the agent closes the channel; never returns to the interpreter's own end."""
        try:
            self._prepare()
            self._host()
        except AgentError as error:
            self._send({"error": {"kind": error.kind, "message": error.message}})
        except BatchStopped:
            pass
        except BaseException as error:
            from .server import internal

            self._send({"error": {"kind": "failed", "message": internal(error)}})
        os._exit(0)

    def _prepare(self) -> None:
        os.setsid()
        children.reset_signals()
        children.die_with_parent(self._parent)
        silence()
        tempfile.tempdir = self._folder
        children.limit_memory(_MEMORY)
        watch_stacks(self._stacks)
        watch_environment(self.params.get("withheld") or (), self.root, WATCH.note_refusal)
        if os.getcwd() not in sys.path:
            sys.path.insert(0, os.getcwd())

    def _host(self) -> None:
        oracle = self.params["oracle"]
        if oracle["kind"] == "script":
            from . import script_host

            script_host.run(self, oracle)
            return
        if self.params.get("anew"):
            from . import anew_host

            anew_host.run(self, oracle)
            return
        self._calls.start()
        collect(self.root, oracle, self.serve)

    def _send(self, message: "Dict[str, Any]") -> None:
        try:
            self.channel.send(message)
        except OSError:
            os._exit(0)

    # A suite

    def serve(self, suite: Suite) -> None:
        """Called with the collected suite, while its framework's session lives."""
        self._calls.stop()
        self._send({"collected": len(suite.tests)})
        describer = Describer(self.root, _frameworks())
        close = (self.channel.fd,)
        verdicts.PROGRAM.set(self.root, suite.test_files)
        baseline = Baseline(suite, self.root, describer, close, float(self.params.get("timeout") or 10.0),
                            bool(self.params.get("coverage")))
        baseline.run()
        program = LiveProgram(self.root, self.bases, self.base, suite.test_files)
        program.discover(self._calls.places())
        chosen, why = depth.decide(suite, baseline, program, close)
        if self._threaded:
            chosen, why = FRESH, "an imported package starts threads"
        reach = self._reach(suite, baseline)
        answer = loaded(suite, baseline, chosen, why)
        if self.base == 0 and reach is not None:
            answer["reach"] = reach.wire(suite.tests)  # for the agent alone: hosts of other bases do not measure again
        self._send({"loaded": answer})
        gc.collect()
        workers.prepare_host()
        evaluator = Evaluator(suite, baseline.results, program, self.bases, close, chosen, reach)
        self.answer(evaluator.evaluate, evaluator.forget, evaluator.compare, evaluator.synthesise)
        os._exit(0)

    def _reach(self, suite: Suite, baseline: Baseline) -> "Optional[Reach]":
        """Which tests run what: as measured here, or, for another base, as measured at the first."""
        if self.params.get("coverage"):
            return Reach.measured(len(suite.tests), baseline.coverage, lambda path: self.bases.text(self.base, path))
        known = self.params.get("reach")
        if known is None:
            return None
        here, first = self.bases.files(self.base), self.bases.files(0)
        return Reach.from_wire(known, suite.tests, [path for path in here if here[path] != first.get(path)])

    def answer(self, evaluate: "Callable[[Request, int], Dict[str, Any]]",
               forget: "Callable[[int], None]" = lambda base: None,
               compare: "Callable[[Dict[str, Any]], Dict[str, Any]]" = incomparable,
               synthesise: "Optional[Synthesise]" = None) -> None:
        """Takes commands until the channel ends."""
        while True:
            message = self.channel.receive()
            if message is None:
                os._exit(0)
            if "define" in message:
                self.bases.define(message["define"])
                forget(message["define"]["base"])
            listing = message.get("listing")
            if listing is not None and self.bases.listings.get(listing["base"]) != listing:
                self.bases.list_edits(listing)
            if "synthesise" in message:
                places = {path: {int(line): float(weight) for line, weight in lines.items()}
                          for path, lines in message["synthesise"]["places"].items()}
                base = message["synthesise"]["base"]
                self._answer_one("synthesised", lambda: synthesise(base, places, self.channel.fd) if synthesise is not None else {})
            if "list" in message:
                wanted = message["list"]
                self._answer_one("listed", lambda: {"edits": self.bases.enumerate(wanted)}, goes_on=True)
            if "render" in message:
                candidate = message["render"]
                self._answer_one("rendered", lambda: self.bases.render(candidate), goes_on=True)
            if "evaluate" in message:
                params = message["evaluate"]
                self._answer_one("evaluated", lambda: evaluate(Request(params), self.channel.fd))
            if "compare" in message:
                versions = message["compare"]
                self._answer_one("compared", lambda: compare(versions))

    def _answer_one(self, name: str, work: "Callable[[], Dict[str, Any]]", goes_on: bool = False) -> None:
        """Sends what the work finds. Of a fault in it the agent is told where the host `goes_on`; else it ends the host."""
        try:
            found = work()
            answer = found if "unfit" in found else {name: found}
        except AgentError as error:
            answer = {"error": {"kind": error.kind, "message": error.message}}
        except BatchStopped:
            self.channel.receive()  # the word that stopped it
            answer = {"error": {"kind": "cancelled", "message": "the batch was stopped"}}
        except Exception as error:
            if not goes_on:
                raise
            answer = {"error": {"kind": "failed", "message": "%s: %s" % (type(error).__name__, error)}}
        self._send(answer)


def collect(root: str, oracle: "Dict[str, Any]", serve: "Callable[[Suite], None]",
            before_collection: "Optional[Callable[[Callable[[], None]], None]]" = None) -> None:
    """Collects the oracle's suite with pytest, or with unittest where there is no pytest.

    `before_collection` is called when all is set up but no test was imported yet, with a function that does the rest.
    """
    wanted = wanted_of(root, oracle)
    if startup.can_import("pytest"):
        from . import suite_host

        suite_host.run(wanted, [str(one) for one in oracle.get("args") or ()], serve, before_collection)
    else:
        from . import unittest_host

        if before_collection is not None:
            before_collection(lambda: unittest_host.run(wanted, serve))
        unittest_host.run(wanted, serve)


def wanted_of(root: str, oracle: "Dict[str, Any]") -> Wanted:
    """What an oracle asks for; without a target, the tests below the current folder."""
    targets = [str(one) for one in oracle.get("targets") or ()] or [os.path.relpath(os.path.realpath(os.getcwd()), root)]
    regressions = oracle.get("regressions")
    everything = ["."] if regressions == "root" else [str(one) for one in regressions or ()]
    return Wanted(root, targets, [_from_here(root, one) for one in targets], [_from_here(root, one) for one in everything])


def _from_here(root: str, target: str) -> str:
    """A target that is relative to the root, as seen from the current folder."""
    path, separator, rest = target.partition("::")
    return os.path.relpath(os.path.join(root, path), os.getcwd()) + separator + rest


def _frameworks() -> "List[str]":
    """Folders whose frames say nothing about the program."""
    found = []
    for name in ("pytest", "_pytest", "pluggy", "unittest"):
        module = sys.modules.get(name)
        filename = getattr(module, "__file__", None)
        if filename:
            folder = os.path.dirname(filename)
            found.append(folder + os.sep if filename.endswith("__init__.py") and name != "pytest" else filename)
    return found


def loaded(suite: Suite, baseline: Baseline, chosen: str, why: str) -> "Dict[str, Any]":
    """The protocol's answer to `load`."""
    tests = []
    failures = 0
    for test, result in zip(suite.tests, baseline.results):
        error = result.get("exception")
        failures += error is not None
        entry = {"id": test.id, "outcome": result["outcome"], "target": test.target, "seconds": result["seconds"],
                 "exception": error if failures <= _MAX_WHOLE_EXCEPTIONS or error is None else shortened(error)}
        if result.get("stop"):
            entry["stop"] = result["stop"]
        if result.get("flaky"):
            entry["flaky"] = True
        tests.append(entry)
    answer = {"tests": tests, "coverage": _coverage(suite, baseline), "depth": chosen, "why": why,
              "observation": dict(_observation(tests, baseline.results), elsewhere=modules_elsewhere(baseline._root))}
    if suite.collection_failed():
        # For the agent alone: what a host that collects anew compares with.
        answer["anew"] = [{"id": test["id"], "outcome": test["outcome"], "target": test["target"],
                           "collected": one.full is not None} for one, test in zip(suite.tests, tests)]
    return answer


def shortened(error: "Dict[str, Any]") -> "Dict[str, Any]":
    """Type, message and place, when there are too many failures to tell all of each."""
    frames = [dict(frame, locals={}) for frame in error["frames"][-3:]]
    return dict(error, message=error["message"][:400], frames=frames, chain=[])


def _observation(tests: "Sequence[Dict[str, Any]]", results: "Sequence[Dict[str, Any]]") -> "Dict[str, Any]":
    """The suite seen as one run: the first failing target's exception stands for it."""
    broken = [index for index, test in enumerate(tests) if failing(test["outcome"])]
    first = next((index for index in broken if tests[index]["target"]), broken[0] if broken else None)
    attributes: "Dict[str, List[str]]" = {}
    for index in broken:
        for name, found in (results[index].get("attributes") or {}).items():
            attributes.setdefault(name, found)
    refused: "List[Dict[str, str]]" = []
    for index in broken:
        if tests[index]["target"]:
            entries = [{"operation": operation, "what": what} for operation, what in results[index].get("refused") or ()]
            refused += [entry for entry in entries if entry not in refused]
    empty = {"head": "", "tail": "", "total": 0}
    return {
        "exit": {"code": 1 if broken else 0, "signal": None},
        "stop": next((results[index]["stop"] for index in broken if results[index].get("stop") in ("endlessLoop", "hang")),
                     "finished"),
        "stdout": empty, "stderr": empty, "exception": None if first is None else results[first].get("exception"),
        "wall": sum(test["seconds"] for test in tests), "cpu": 0.0, "peakMemory": 0, "threadsStarted": 0, "stacks": [],
        "coverage": {}, "refused": refused, "attributes": attributes, "started": True,
    }


def _coverage(suite: Suite, baseline: Baseline) -> "Dict[str, Dict[str, List[int]]]":
    """Lines by test and file; lines that only importing runs count for every test, since each depends on them."""
    imported: "Dict[str, List[int]]" = {}
    found: "Dict[str, Dict[str, List[int]]]" = {}
    size = 0
    by_importance = sorted(range(len(suite.tests)), key=lambda one: not failing(baseline.results[one]["outcome"]))
    for index in by_importance:
        lines = baseline.coverage.get(index)
        if lines is None:
            continue
        merged = {}
        for path, numbers in lines.items():
            if path not in imported:
                imported[path] = statement_lines(os.path.join(os.path.realpath(baseline._root), path))
            merged[path] = sorted(set(numbers) | set(imported[path]))
            size += 6 * len(merged[path]) + len(path)
        if size > _MAX_COVERAGE:
            break
        found[suite.tests[index].id] = merged
    return found


def statement_lines(filename: str) -> "List[int]":
    """The lines of plain statements outside of functions: constants, tables, class attributes."""
    try:
        with open(filename, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return []
    lines: "List[int]" = []
    todo: "List[Any]" = [tree]
    while todo:
        for node in getattr(todo.pop(), "body", []):
            if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)) or (
                    isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)):
                lines.extend(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            elif isinstance(node, (ast.ClassDef, ast.If, ast.Try, ast.With, ast.For, ast.While)):
                todo.append(node)
    return lines

