"""The instructions of a program's files and the ways between them."""

from __future__ import annotations

import dis
import sys
import types
from typing import Callable, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from . import model

_LAST = frozenset(("RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD",
                   "JUMP_BACKWARD_NO_INTERRUPT", "INTERPRETER_EXIT"))
_SETUPS = frozenset(("SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH"))
_JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)

Key = Tuple[str, str, int]
"""Tells a code object from the others of a program: file, name, first line."""
Weigh = Callable[[dis.Instruction], int]


class Step(NamedTuple):
    """A way from one instruction to the next."""

    to: int
    jumps: bool
    raised: bool


def key_of(code: types.CodeType) -> Key:
    """What a code object is known by."""
    return code.co_filename, code.co_name, code.co_firstlineno


class Code:
    """One code object."""

    def __init__(self, code: types.CodeType) -> None:
        self.key = key_of(code)
        self.instructions: "List[dis.Instruction]" = list(dis.get_instructions(code))
        self._at = {one.offset: index for index, one in enumerate(self.instructions)}
        self.lines, self.columns = self._places(code)
        self.steps: "List[List[Step]]" = [list(self._steps(index)) for index in range(len(self.instructions))]
        for first, last, handler in self._handlers(code):
            for index in range(first, last):
                self.steps[index].append(Step(handler, False, True))
        self.before: "List[Set[int]]" = [set() for _ in self.instructions]
        for index, steps in enumerate(self.steps):
            for step in steps:
                self.before[step.to].add(index)

    def _places(self, code: types.CodeType) -> "Tuple[List[Tuple[int, int]], List[Optional[Tuple[int, int]]]]":
        """First and last lines, and, where they are known, first and last columns in bytes from 0."""
        lines: "List[Tuple[int, int]]" = []
        columns: "List[Optional[Tuple[int, int]]]" = []
        starts, line = dict(dis.findlinestarts(code)), code.co_firstlineno
        for one in self.instructions:
            line = starts.get(one.offset) or line
            found = getattr(one, "positions", None)
            if found is None or found.lineno is None:
                lines.append((line, line))
                columns.append(None)
            else:
                lines.append((found.lineno, found.end_lineno or found.lineno))
                columns.append(None if found.col_offset is None else (found.col_offset, found.end_col_offset or found.col_offset))
        return lines, columns

    def _steps(self, index: int) -> "Iterator[Step]":
        one = self.instructions[index]
        if one.opname not in _LAST and index + 1 < len(self.instructions):
            yield Step(index + 1, False, False)
        if one.opcode in _JUMPS and one.opname not in _SETUPS and one.argval in self._at:
            yield Step(self._at[one.argval], True, False)

    def _handlers(self, code: types.CodeType) -> "Iterator[Tuple[int, int, int]]":
        """Instructions from which an exception leads to a handler, and the handler."""
        if sys.version_info >= (3, 11):
            for entry in dis._parse_exception_table(code):  # type: ignore[attr-defined]
                yield self._index(entry.start), self._index(entry.end), self._index(entry.target)
            return
        for index, one in enumerate(self.instructions):
            if one.opname in _SETUPS:
                handler = self._at[one.argval]
                yield index + 1, handler, handler

    def _index(self, offset: int) -> int:
        """The number of the instruction at an offset, or of the next one after it."""
        return next((index for index, one in enumerate(self.instructions) if one.offset >= offset), len(self.instructions))

    # Ways

    def reached(self, start: int, barriers: "Set[int]") -> "Set[int]":
        """What can be reached from behind an instruction, nothing beyond the barriers."""
        return _closure([step.to for step in self.steps[start]], lambda index: (step.to for step in self.steps[index]), barriers)

    def reaching(self, end: int, barriers: "Set[int]") -> "Set[int]":
        """From where an instruction can be reached, nothing before the barriers."""
        return _closure(list(self.before[end]), lambda index: self.before[index], barriers)

    def between(self, start: int, ends: "Set[int]", barriers: "Set[int]", rules: model.Version, weigh: Weigh) -> "Optional[int]":
        """The most that is on any way from behind `start` to before one of `ends`; None when there is no way."""
        ahead = self.reached(start, barriers) - barriers | {start}
        back: "Set[int]" = set()
        for end in ends:
            back |= self.reaching(end, barriers)
        back = back - barriers | ends
        most = None
        for index in ahead:
            for step in self.steps[index]:
                if step.to in back and (index == start or index in back):
                    most = max(most or 0, self._weight(index, step, start, rules, weigh))
        return most

    def _weight(self, index: int, step: Step, start: int, rules: model.Version, weigh: Weigh) -> int:
        one, other = self.instructions[index], self.instructions[step.to]
        if model.look(rules, one, other, step.jumps, step.raised):
            return model.ALWAYS
        if index == start:
            return model.NEVER  # an access that was seen to be one: it ran nothing else
        return model.ALWAYS if one.opname in model.CALLS or one.opname == "YIELD_VALUE" else weigh(one)

    def calls_after(self, start: int, weigh: Weigh) -> int:
        """Whether code of Python may be entered after an instruction, before its function is left."""
        most = model.NEVER
        for index in self.reached(start, set()):
            one = self.instructions[index]
            most = max(most, model.ALWAYS if one.opname in model.CALLS else weigh(one))
        return most

    def calls(self) -> "Set[int]":
        """Where functions are called."""
        return {index for index, one in enumerate(self.instructions) if one.opname in model.CALLS}


def _closure(found: "List[int]", onward: "Callable[[int], Iterable[int]]", barriers: "Set[int]") -> "Set[int]":
    seen: "Set[int]" = set()
    todo = list(found)
    while todo:
        index = todo.pop()
        if index in seen:
            continue
        seen.add(index)
        if index not in barriers:
            todo += onward(index)
    return seen


def codes(source: "str | bytes", path: str) -> "List[Code]":
    """All code objects of a file; raises as `compile` does."""
    return [Code(one) for one in within(compile(source, path, "exec", dont_inherit=True))]


def within(code: types.CodeType) -> "Iterator[types.CodeType]":
    """A code object, and those of the functions and classes in it."""
    yield code
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield from within(one)
