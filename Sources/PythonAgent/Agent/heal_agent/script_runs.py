"""One case of a script under a candidate: in a fork of its own, or inside a process that runs many."""

from __future__ import annotations

import atexit
import builtins
import io
import os
import re
import sys
import types
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import program
from .candidate_import import CandidateFinder, forget_own_modules
from .forks import Forks
from .fuel import TICK, FuelExhausted, exhausted
from .purity import WATCH
from .suite import FAILED, PASSED

_ROOM = 1 << 16
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_MOST_OUTPUT = 8 << 20


class Case(NamedTuple):
    """One case of a script oracle."""

    name: str
    argv: "List[str]"
    stdin: bytes
    expected: "Optional[str]"

    def room(self) -> int:
        """Bytes of output after which a run cannot pass any more."""
        return _MOST_OUTPUT if self.expected is None else 2 * len(self.expected.encode("utf-8", "replace")) + _ROOM


def same_output(output: str, expected: str) -> bool:
    """Equal but for white space at the ends of lines and of the whole."""
    return trimmed(output) == trimmed(expected)


def closeness(output: str, expected: str) -> float:
    """How much of an expected output came, from 0 to 1: line by line, and within a line by the values of its numbers."""
    wanted, came = trimmed(expected), trimmed(output)
    if not wanted or not came:
        return float(wanted == came)
    return sum(map(_alike, wanted, came)) / max(len(wanted), len(came))


def _alike(wanted: str, came: str) -> float:
    if wanted == came:
        return 1.0
    numbers, others = _NUMBER.findall(wanted), _NUMBER.findall(came)
    if numbers and len(numbers) == len(others) and _NUMBER.sub("0", wanted) == _NUMBER.sub("0", came):
        pairs = [(float(one), float(other)) for one, other in zip(numbers, others)]
        return 0.5 * sum(1 / (1 + abs(one - other) / max(1.0, abs(one))) for one, other in pairs) / len(pairs)
    words, said = wanted.split(), came.split()
    return 0.4 * sum(map(str.__eq__, words, said)) / max(len(words), len(said), 1)


def trimmed(text: str) -> "List[str]":
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


class Script:
    """The script of one host: its cases, and the codes that a candidate replaces."""

    def __init__(self, root: str, path: str, cases: "Sequence[Case]") -> None:
        self.root = root
        self.path = path  # relative to the root
        self.cases = list(cases)
        #: By case: its input, the module to run in, and the folder to import from.
        self._starts: "List[Tuple[str, types.ModuleType, str]]" = []
        self._own_code: "Optional[types.CodeType]" = None
        #: How close the outputs of the candidate in hand came, by case.
        self.near: "Dict[int, float]" = {}
        self.near_at_base: "Dict[int, float]" = {}

    def note_base(self, outputs: "Sequence[str]") -> None:
        """Takes the output of each case as it is at the base."""
        self.near_at_base = {number: closeness(text, case.expected) for number, (text, case) in enumerate(
            zip(outputs, self.cases)) if case.expected is not None}

    def prepare(self, folder: str) -> None:
        """Makes what every fork would make for itself: inputs that each can open, standard streams, modules to run in."""
        self._open_streams()
        for number, case in enumerate(self.cases):
            name = os.path.join(folder, "input-%d" % number)
            with open(name, "wb") as file:
                file.write(case.stdin)
            main = program.main_module(case.argv[0])
            self._starts.append((name, main, os.path.dirname(os.path.realpath(main.__dict__["__file__"]))))

    @staticmethod
    def _open_streams() -> None:
        # Over a pipe, as in each fork: whether an output can seek is asked when it is opened.
        reading, writing = os.pipe()
        kept = os.dup(1)
        os.dup2(writing, 1)
        program.standard_streams()
        os.dup2(kept, 1)
        for fd in (reading, writing, kept):
            os.close(fd)

    def main_code(self, codes: "Dict[str, types.CodeType]") -> types.CodeType:
        """The code of `__main__`."""
        code = codes.get(self.path) or self._own_code
        if code is None:
            with open(os.path.join(self.root, self.path), "rb") as file:
                code = self._own_code = compile(file.read(), os.path.join(self.root, self.path), "exec", dont_inherit=True)
        return code

    # In a fork

    def fork(self, number: int, codes: "Dict[str, types.CodeType]", tick: "Callable[[], None]",
             forks: Forks) -> "Tuple[str, bool, Dict[str, Any]]":
        """Runs one case in a fork: its word, whether it was spent, and what it did beyond memory."""
        case = self.cases[number]
        code, finder = self.main_code(codes), CandidateFinder(self.root, codes)

        def work(writing: int, send: "Callable[[Dict[str, Any]], None]") -> None:
            self._become(number, code, finder, tick, writing, send)

        ended = forks.one(work, case.room())
        notes: "Dict[str, Any]" = {}
        for message in ended.messages:
            notes.update(message)
        text = ended.output.decode("utf-8", "replace")
        passed = not ended.over and ended.status == 0 and (case.expected is None or same_output(text, case.expected))
        if case.expected is not None:
            self.near[number] = closeness(text, case.expected)
        if notes.get("spent"):
            return FAILED, True, notes.get("seen", {})
        return (PASSED if passed else FAILED), ended.over, notes.get("seen", {})

    def _become(self, number: int, code: types.CodeType, finder: CandidateFinder, tick: "Callable[[], None]", writing: int,
                send: "Callable[[Dict[str, Any]], None]") -> None:
        name, main, folder = self._starts[number]
        given = os.open(name, os.O_RDONLY)
        os.dup2(given, 0)
        os.dup2(writing, 1)
        os.close(given)
        os.close(writing)
        program.enter_main(main, self.cases[number].argv, folder)
        finder.install()
        builtins.__dict__[TICK] = tick
        WATCH.arm()
        status = _run_main(main, code)
        _finish()
        notes: "Dict[str, Any]" = {"seen": WATCH.disarm()} if WATCH.seen else {}
        if exhausted(tick):
            notes["spent"] = True
        if notes:
            send(notes)
        os._exit(status)

    # Inside one process

    def inside(self, number: int, codes: "Dict[str, types.CodeType]", tick: "Callable[[], None]") -> "Tuple[str, bool, str]":
        """Runs one case in this process: its word, whether it was spent, and its output."""
        case = self.cases[number]
        kept = sys.stdin, sys.stdout, sys.path[:], sys.argv
        raw = _Bounded(case.room())
        output = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="\n", write_through=True)
        sys.stdin = io.TextIOWrapper(io.BytesIO(case.stdin), encoding="utf-8", errors="replace", newline="\n")
        sys.stdout = output
        forget_own_modules(self.root)
        finder = CandidateFinder(self.root, codes)
        try:
            main = program.become_main(case.argv)
            finder.install()
            status = _run_main(main, self.main_code(codes))
            atexit._run_exitfuncs()
        except FuelExhausted:
            status = 1
        finally:
            sys.stdin, sys.stdout, sys.path[:], sys.argv = kept
            if finder in sys.meta_path:
                sys.meta_path.remove(finder)
        text = raw.getvalue().decode("utf-8", "replace")
        if case.expected is not None:
            self.near[number] = closeness(text, case.expected)
        if exhausted(tick) or raw.full:
            return FAILED, True, text
        passed = status == 0 and (case.expected is None or same_output(text, case.expected))
        return (PASSED if passed else FAILED), False, text


class _Bounded(io.BytesIO):
    """Output of a run; refuses to grow beyond what can still be right."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self._room = room
        self.full = False

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._room:
            self.full = True
            raise FuelExhausted
        return super().write(data)


def _run_main(main: types.ModuleType, code: types.CodeType) -> int:
    try:
        exec(code, main.__dict__)
    except SystemExit as leaving:
        return program.exit_status(leaving)
    except BaseException:
        return 1
    return 0


def _finish() -> None:
    """What the interpreter does at its end, down to flushing: threads are awaited, exit functions run."""
    threading = sys.modules.get("threading")
    try:
        if threading is not None:
            threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except BaseException:
        pass
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            pass

