"""A base put over the living program of another: its functions' codes in the place of theirs.

To start a host for each state that a search continues from costs as much as thousands of candidates. Where two bases
differ in the bodies of functions alone, one host serves both.
"""

from __future__ import annotations

import ast
import builtins
import marshal
import time
from typing import Any, Callable, Dict, List, NamedTuple, Sequence

from . import verdicts
from .bases import Bases
from .fuel import TICK, make_tick
from .live import LiveFile, LiveFunction, LiveProgram, body_lines, outermost
from .pipes import Worker, silence
from .suite import PASSED, HostedTest
from .verdicts import Runner, fuel_of, level_of

_SECONDS = 5.0


class Unfit(Exception):
    """The base differs in more than the bodies of functions: it needs a host of its own."""


class Change(NamedTuple):
    """A function that the base changes."""

    path: str
    qualname: str
    live: LiveFunction
    code: Any


class Overlay(NamedTuple):
    """The files of the program as the base has them, the functions that differ, and how far each test gets."""

    files: "Dict[str, LiveFile]"
    changes: "List[Change]"
    words: "List[str]"
    levels: "List[int]"

    def swap(self) -> None:
        """Puts the base's functions in; `restore` of each takes them out."""
        for change in self.changes:
            change.live.swap(change.code)


def make(program: LiveProgram, bases: Bases, number: int) -> Overlay:
    """The overlay of a base, its tests not yet run. Raises `Unfit`."""
    files = dict(program.files)
    changes: "List[Change]" = []
    for path in sorted(bases.files(number)):
        if bases.text(number, path) != bases.text(program.base, path):
            files[path] = _file(program, bases, number, path, changes)
    return Overlay(files, changes, [], [])


def _file(program: LiveProgram, bases: Bases, number: int, path: str, changes: "List[Change]") -> LiveFile:
    known, space = program.files.get(path), bases.space(number, path)
    text = bases.text(number, path)
    if known is None or space is None or _skeleton(text, known) != _skeleton(bases.text(program.base, path), known):
        raise Unfit()
    file = LiveFile(path, known.modules, space)
    lines = body_lines(text)
    for qualname, first_line, _ in outermost(space.compile_module()):
        living = known.functions.get(qualname)
        if living is None:
            continue  # nothing of it differs
        try:
            code = space.compile_function(qualname)
        except Exception:
            raise Unfit() from None
        if len(code.co_freevars) != len(living.original.co_freevars):
            raise Unfit()
        file.functions[qualname] = living.at(lines.get(first_line, 1 << 30))
        if marshal.dumps(code) != marshal.dumps(living.base):
            changes.append(Change(path, qualname, living, code))
    return file


def _skeleton(text: str, file: LiveFile) -> str:
    """All of a module but the bodies of the functions whose code can be exchanged."""
    tree = ast.parse(text)
    _empty(tree, "", file)
    return ast.dump(tree)


def _empty(node: Any, prefix: str, file: LiveFile) -> None:
    for child in node.body:
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if prefix + child.name in file.functions:
                child.body = []
        elif isinstance(child, ast.ClassDef):
            _empty(child, prefix + child.name + ".", file)


def measured(overlay: Overlay, tests: "Sequence[HostedTest]", order: "Sequence[int]", run: Runner,
             close: "Sequence[int]") -> Overlay:
    """The overlay with the word and the level of each test of `order`, found out in a process of its own.

    Raises `Unfit` when that process dies or takes too long.
    """
    found_words, found_levels = list(overlay.words), list(overlay.levels)
    left = set(order)
    worker = Worker(lambda send: _run_all(overlay, tests, order, run, send), close)
    end = time.monotonic() + _SECONDS
    try:
        while left:
            messages = worker.messages(max(0.0, end - time.monotonic()))
            if messages is None or time.monotonic() > end:
                raise Unfit()
            for message in messages:
                index = message["done"]
                found_words[index], found_levels[index] = message["word"], message["level"]
                left.discard(index)
    finally:
        worker.end()
    return overlay._replace(words=found_words, levels=found_levels)


def _run_all(overlay: Overlay, tests: "Sequence[HostedTest]", order: "Sequence[int]", run: Runner,
             send: "Callable[[Dict[str, Any]], None]") -> None:
    silence()
    overlay.swap()
    for index in order:
        tick = builtins.__dict__[TICK] = make_tick(fuel_of(tests[index], 200_000))
        word, _ = run(tests[index], tick)
        send({"done": index, "level": level_of(word), "word": PASSED if word == PASSED else verdicts.FAILED})
