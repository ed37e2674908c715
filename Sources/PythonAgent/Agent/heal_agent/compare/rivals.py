"""`compare`: records the calls that tests make, grows inputs from them, and runs every version on them, each in a fork."""

from __future__ import annotations

import ast
import builtins
import inspect
import pickle
import time
import types
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .. import live, verdicts
from ..depth import FRESH
from ..errors import AgentError
from ..fuel import TICK, instrument, make_tick
from ..pipes import Worker, silence
from ..purity import WATCH
from ..state import Opaque, caches, fingerprint
from ..suite import DECIDED_BY_PROGRAM, PASSED, HostedTest
from .answers import Answer, Asking, answers, answers_alone
from .calls import Function, Place, Recorder
from .grow import Call, grown
from .values import shown_call

MOST_VERSIONS = 16
_BURNING, _WAITING = 0.5, 3.0  # seconds without a word: of computing, and of waiting
_TOGETHER, _MOST_ALONE, _MOST_TESTS, _MOST_LOST = 16, 30, 40, 2
_LEAST_FUEL, _USUAL_FUEL, _STEPS_IN_ALL = 5_000, 50_000, 300_000


class Version(NamedTuple):
    """One version: what has to be run anew, and where its functions stand."""

    codes: "Dict[str, types.CodeType]"
    functions: "Dict[Place, Function]"


class Subject(NamedTuple):
    """The loaded suite whose versions are compared."""

    program: live.LiveProgram
    tests: "Sequence[HostedTest]"
    words: "Sequence[str]"  #: the baseline's outcomes
    depth: str
    close: "Sequence[int]"
    text_of: "Callable[[int, str], str]"  #: by base and path


class Unfit(Exception):
    """These versions cannot be compared; the message says why."""


def compare(subject: Subject, params: "Dict[str, Any]") -> "Dict[str, Any]":
    """Answers a `compare`: nothing but the reason where versions cannot be compared."""
    try:
        return _Comparison(subject, params).answer()
    except Unfit as reason:
        return nothing(str(reason))


def nothing(why: str) -> "Dict[str, Any]":
    """The answer where versions cannot be compared."""
    return {"inputs": [], "answers": [], "outcomes": [], "why": why}


class _Comparison:
    def __init__(self, subject: Subject, params: "Dict[str, Any]") -> None:
        self._subject = subject
        self._program = subject.program
        self.close = subject.close
        self._end = time.monotonic() + float(params.get("seconds") or 5.0)
        self._most = int(params.get("inputs") or 200)
        self._seed = int(params.get("seed") or 0)
        most = int(params.get("fuel") or 250_000)
        needs = [one.fuel for one in subject.tests if one.fuel is not None]
        self.fuel = min(most, max([_LEAST_FUEL, *needs]) if needs else _USUAL_FUEL)
        # Inputs are like those of the tests: what takes many times what any of them took does not end.
        self.knows_end = bool(needs) and max(needs) <= most
        if subject.depth == FRESH:
            raise Unfit("no fork is sound for this program")
        base = int(params["base"])
        self._versions = versions(self._program, lambda path: subject.text_of(base, path), params["versions"])

    def answer(self) -> "Dict[str, Any]":
        calls = self._recorded()
        inputs = self._grown(calls)
        if not inputs:
            raise Unfit("the tests make no call that can be repeated")
        tables = [self._answers(version, [data for _, _, _, data in inputs]) for version in self._versions]
        rows: "List[Any]" = []
        found: "List[Any]" = []
        outcomes: "List[Any]" = []
        for number, (text, steps, passing, data) in enumerate(inputs):
            here = [table[number] for table in tables if number in table]
            if len(here) < len(tables):
                continue  # one of them cannot be asked that
            distinct: "Dict[str, List[Any]]" = {}
            for *told, key in here:
                distinct.setdefault(key, list(told))
            places = {key: place for place, key in enumerate(distinct)}
            rows.append([text, len(data) // 2, steps, passing])
            found.append(list(distinct.values()))
            outcomes.append([places[one[-1]] for one in here])
        return {"inputs": rows, "answers": found, "outcomes": outcomes, "why": ""}

    # Recording

    def _recorded(self) -> "List[str]":
        """Pickled calls: those by tests that reach what changed, else those of what changed itself.

        The first version is recorded in the tests that it passes, the second in all of them: what a failing test would call
        after it failed, a repair shows; what other repairs are called with is hardly ever different.
        """
        entries: "Dict[str, None]" = {}
        inner: "Dict[str, None]" = {}
        passing, failing = self._chosen_tests()
        for version, tests in zip(self._versions, (passing, failing + passing)):
            for entry, reaches, data in self._in_fork(lambda send, one=version, of=tests: self._record(one, of, send)):
                if reaches:
                    (entries if entry else inner).setdefault(data)
        return list(entries or inner)

    def _chosen_tests(self) -> "Tuple[List[int], List[int]]":
        """Tests that passed from the start, and others, as many as their calls are of use."""
        words = self._subject.words
        whole = [index for index, test in enumerate(self._subject.tests) if test.full is not None]
        passing = [index for index in whole if words[index] == PASSED]
        failing = [index for index in whole if words[index] != PASSED and words[index] in DECIDED_BY_PROGRAM]
        return passing[:_MOST_TESTS], failing[:_MOST_TESTS]

    def _record(self, version: Version, tests: "Sequence[int]", send: "Callable[[Dict[str, Any]], None]") -> None:
        self.become(version)
        recorder = Recorder(self._program.root, version.functions, self.resolve)
        for index in tests:
            test = self._subject.tests[index]
            tick = builtins.__dict__[TICK] = make_tick(verdicts.fuel_of(test, self.fuel))
            recorder.start(self._subject.words[index] == PASSED)
            try:
                verdicts.run_full(test, tick)
            except BaseException:
                pass
            finally:
                recorder.stop()
        send({"result": recorder.found})

    def _grown(self, calls: "List[str]") -> "List[Any]":
        return self._in_fork(lambda send: self._grow(calls, send)) if calls else []

    def _grow(self, calls: "List[str]", send: "Callable[[Dict[str, Any]], None]") -> None:
        """In a fork: to take an object up may run code of the program."""
        self.become(self._versions[0])
        taken: "Dict[Tuple[str, str, str], Call]" = {}
        for data in calls:
            try:
                call = Call(*pickle.loads(bytes.fromhex(data)))
            except Exception:
                continue
            key = (call.path, call.qualname, pickle.dumps((call.positional, call.keywords)).hex())
            known = taken.get(key)
            taken[key] = call if known is None else known._replace(passing=known.passing or call.passing)
        result = []
        for call in grown(list(taken.values()), self._most, self._seed):
            text = shown_call(call.qualname, call.names, call.positional, call.keywords)
            result.append([text, call.grown, call.passing, pickle.dumps(tuple(call)).hex()])
        send({"result": result})

    # Answers

    def _answers(self, version: Version, inputs: "Sequence[str]") -> "Dict[int, Answer]":
        """What a version makes of the inputs; those that it cannot be asked are left out."""
        run = _Run(self, version, inputs)
        run.all(range(len(inputs)), _TOGETHER)
        if run.is_dirty:
            # Answers may depend on what was asked before: each is found by itself, as far as that is cheap.
            run = _Run(self, version, inputs)
            run.all(range(min(len(inputs), _MOST_ALONE)), 0)
        return {number: found for number, found in run.found.items() if found is not None}

    # Forks

    def _in_fork(self, work: "Callable[[Callable[[Dict[str, Any]], None]], None]") -> "List[Any]":
        worker = Worker(work, self.close)
        try:
            while True:
                messages = worker.messages(self.left())
                if messages is None:
                    raise Unfit("the program ended its process")
                for message in messages:
                    if "result" in message:
                        return message["result"]
        finally:
            worker.end()

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise AgentError("deadline", "there was no time left to compare")
        return left

    def become(self, version: Version) -> "List[Any]":
        """Makes this process, which is thrown away, one of that version; what empties its caches."""
        silence()
        WATCH.install()
        builtins.__dict__[TICK] = make_tick(1 << 62)
        live.run_anew(self._program, version.codes)
        found = caches(self._program.modules + self._program.test_modules)
        for clear in found:
            clear()
        return found

    def state(self) -> "Optional[bytes]":
        """The program's state in memory; `None` where it is out of sight."""
        try:
            return fingerprint(self._program.modules)
        except (Opaque, Exception):
            return None

    def resolve(self, path: str, qualname: str) -> "Optional[types.FunctionType]":
        """The plain function of that name as the process has it now."""
        file = self._program.files.get(path)
        value: Any = file.modules[0] if file is not None and file.modules else None
        for part in qualname.split("."):
            try:
                value = inspect.getattr_static(value, part)
            except AttributeError:
                return None
            value = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
            value = value.fget if isinstance(value, property) else value
            try:
                value = inspect.unwrap(value) if callable(value) and not isinstance(value, type) else value
            except ValueError:
                return None
        return value if isinstance(value, types.FunctionType) else None


class _Run:
    """One version on all inputs."""

    def __init__(self, comparison: _Comparison, version: Version, inputs: "Sequence[str]") -> None:
        self._comparison = comparison
        self._version = version
        self._inputs = inputs
        self.found: "Dict[int, Any]" = {}
        self.is_dirty = False

    def all(self, order: "Sequence[int]", together: int) -> None:
        """Runs the inputs, `together` in one process without telling each (0: each in a process of its own).

        What no fuel reaches does not come back: it is found by telling each, and the others are run without it.
        """
        left, lost = list(order), 0
        while left and lost < _MOST_LOST:
            begun = self._in_fork(left, together)
            if begun is None or self.is_dirty:
                return
            left = left[left.index(begun):]
            if together <= 1:
                lost += 1
                left.pop(0)
            together = min(together, 1)

    def _in_fork(self, order: "Sequence[int]", together: int) -> "Optional[int]":
        """Fills in answers; the input that was begun last when the process had to be ended."""
        worker = Worker(lambda send: self._work(order, together, send), self._comparison.close)
        begun, since, cpu = order[0], time.monotonic(), 0.0
        try:
            while time.monotonic() - since < _WAITING and worker.cpu() - cpu < _BURNING:
                messages = worker.messages(min(0.1, self._comparison.left()))
                if messages is None:
                    return begun
                for message in messages:
                    begun = message.get("begun", begun)
                    self.found.update({number: told and tuple(told) for number, told in message.get("told", ())})
                    if message.get("impure"):
                        raise Unfit("its functions do more than compute")
                    if "dirty" in message:
                        self.is_dirty = message["dirty"]
                        return None
                if messages:
                    since, cpu = time.monotonic(), worker.cpu()
        finally:
            worker.end()
        return begun

    def _work(self, order: "Sequence[int]", together: int, send: "Callable[[Dict[str, Any]], None]") -> None:
        comparison = self._comparison
        clear = comparison.become(self._version)
        asking = Asking(comparison.resolve, clear, comparison.fuel, comparison.knows_end, _STEPS_IN_ALL)
        before = comparison.state()
        if together:
            answers(asking, self._inputs, order, together, send)
        else:
            answers_alone(asking, self._inputs, order, send)
        send({"dirty": bool(together) and (before is None or before != comparison.state())})


def versions(program: live.LiveProgram, text_of: "Callable[[str], str]", texts: "Sequence[Dict[str, str]]") -> "List[Version]":
    """Compiles all versions; files that any of them changes are run anew in each, so that nothing else tells them apart."""
    paths = sorted({path for one in texts for path in one})
    if any(path not in program.files for path in paths):
        raise Unfit("a file that was changed is not imported")
    try:
        trees = [{path: ast.parse(one.get(path, text_of(path)).lstrip("\ufeff"), path) for path in paths} for one in texts]
    except (SyntaxError, ValueError):
        raise Unfit("a version does not parse") from None
    bodies = [{path: _bodies(tree) for path, tree in one.items()} for one in trees]
    found = []
    for own, held in zip(trees, bodies):
        codes: "Dict[str, types.CodeType]" = {}
        functions = _unchanged(program, paths)
        for path, tree in own.items():
            code = codes[path] = compile(instrument(tree), path, "exec", dont_inherit=True)
            # What stands outside of functions may matter to all of them.
            everything = len({one[path].get("") for one in bodies}) > 1
            for qualname, line, name in live.outermost(code):
                changed = everything or len({one[path].get(qualname) for one in bodies}) > 1
                functions[(path, line, name)] = Function(path, qualname, changed)
        found.append(Version(codes, functions))
    return found


def _unchanged(program: live.LiveProgram, changed: "Sequence[str]") -> "Dict[Place, Function]":
    found: "Dict[Place, Function]" = {}
    for path, file in program.files.items():
        for qualname, function in file.functions.items() if path not in changed else ():
            found[(path, function.base.co_firstlineno, function.base.co_name)] = Function(path, qualname, False)
    return found


def _bodies(tree: ast.Module) -> "Dict[str, str]":
    """The outermost functions by qualified name, and, under no name, what stands outside of them."""
    found: "Dict[str, str]" = {}
    outside: "List[str]" = []

    def visit(body: "Sequence[ast.stmt]", prefix: str) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[prefix + node.name] = ast.dump(node)
            elif isinstance(node, ast.ClassDef):
                outside.append(" ".join(map(ast.dump, [*node.bases, *node.decorator_list])))
                visit(node.body, prefix + node.name + ".")
            elif not isinstance(node, (ast.Import, ast.ImportFrom)):
                outside.append(ast.dump(node))

    visit(tree.body, "")
    found[""] = "\n".join(outside)
    return found
