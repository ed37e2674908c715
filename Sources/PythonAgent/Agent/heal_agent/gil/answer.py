"""Answers the protocol's `gil`: whether a thread can lose the global lock between two events that it has one after the other."""

from __future__ import annotations

import ast
import os
from typing import Any, Dict, Iterator, List, Optional, Tuple

from .. import sources
from ..describe import relative
from ..schedule.request import program_files
from ..server import Task
from . import model
from .code import Code, Key, codes
from .events import Event, Spot, runs_after, runs_before, spots
from .knowledge import Knowledge

#: Events that are followed by a look for other threads, and those that are preceded by one.
_LOOK_AFTER = frozenset(("START", "END", "SPAWN", "JOIN", "RELEASE", "WAIT", "WAKE", "NOTIFY", "SLEEP", "TIMEOUT", "OUTPUT", "YIELD"))
_LOOK_BEFORE = frozenset(("START", "END", "SPAWN", "JOIN", "WAIT", "WAKE", "NOTIFY", "SLEEP", "TIMEOUT"))
_ANSWERS = {model.ALWAYS: True, model.MAYBE: None, model.NEVER: False}


def answer(task: Task, root: str) -> "Dict[str, Any]":
    """The model's version, and an answer for each pair: true, false, or null where that cannot be told."""
    pairs = [(Event.of(one), Event.of(other)) for one, other in task.params["pairs"]]
    if not model.has_lock():
        return {"model": None, "answers": [True] * len(pairs)}
    with task.interruptible():
        judge = Judge(root, task.params["run"]["argv"][0], model.version())
        return {"model": "%d.%d" % model.version(), "answers": [_ANSWERS[judge.between(one, other)] for one, other in pairs]}


class Judge:
    """Knows a program's files."""

    def __init__(self, root: str, script: str, rules: model.Version) -> None:
        self._rules = rules
        self.files = set(program_files(os.path.abspath(script), root)[0])
        self._codes: "Dict[str, List[Code]]" = {}
        trees: "Dict[str, ast.Module]" = {}
        for file in sorted(self.files):
            path, source = relative(file, root), sources.read_bytes(file)
            try:
                trees[path] = ast.parse(source, file)
                self._codes[path] = codes(source, file)
            except (SyntaxError, ValueError, RecursionError):
                continue  # never run either
        self._knowledge = Knowledge(trees)

    def between(self, one: Event, other: Event) -> int:
        """How sure it is that the lock can be lost between two events of a thread."""
        if one.kind in _LOOK_AFTER or other.kind in _LOOK_BEFORE:
            return model.ALWAYS
        weights = [self._from(start, index, one, other) for start in self._spots(one) for index in start.exact or start.later]
        return _joined(weights)

    def instructions(self, event: Event) -> "Iterator[Tuple[Key, int, bool, bool]]":
        """Where an event may be: code, offset, whether the lock may be lost in its instruction before it, and right after it."""
        for spot in self._spots(event):
            for index in spot.exact or spot.later:
                one = spot.code.instructions[index]
                before, after = (runs(event, one.opname, self._knowledge) for runs in (runs_before, runs_after))
                yield spot.code.key, one.offset, before != model.NEVER, event.kind in _LOOK_AFTER or after == model.ALWAYS

    def _spots(self, event: Event) -> "List[Spot]":
        return spots(self._codes.get(event.place[0], []), event)

    def _from(self, start: Spot, index: int, one: Event, other: Event) -> int:
        name = start.code.instructions[index].opname
        after = runs_after(one, name, self._knowledge)
        if after == model.ALWAYS:
            return after
        ends = self._spots(other)
        within = [self._within(start, index, end, other) for end in ends if end.code is start.code]
        known = [weight for weight in within if weight is not None]
        if known:
            return max(after, _joined(known))
        return max(after, _joined([self._across(start.code, index, end) for end in ends]))

    def _within(self, start: Spot, index: int, end: Spot, other: Event) -> "Optional[int]":
        """On the ways inside of one function; None when there is none."""
        barriers = (start.exact | end.exact) - end.later
        weight = start.code.between(index, end.exact | end.later, barriers, self._rules, self._knowledge.weigh)
        if weight is None:
            return None
        return max([weight, *(runs_before(other, end.code.instructions[one].opname, self._knowledge) for one in end.exact)])

    def _across(self, code: Code, index: int, end: Spot) -> int:
        """From one function into another: one is entered, or left, or both."""
        entered = code.calls_after(index, self._knowledge.weigh)
        if entered == model.ALWAYS or model.looks_on_return(self._rules):
            return model.ALWAYS
        calls = end.code.calls()
        if any(calls & end.code.reaching(one, set()) for one in end.exact | end.later):
            return model.MAYBE  # it may have gone on there
        return model.ALWAYS  # that function was entered anew


def _joined(weights: "List[int]") -> int:
    """One answer for all that may be meant; what is not the same for all is not known."""
    return weights[0] if len(set(weights)) == 1 else model.MAYBE
