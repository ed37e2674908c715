"""Pauses threads of the plain program where a schedule takes its turn from them, and only where the interpreter lets that happen.

Nothing else changes hands: the interpreter is told to take the lock from nobody by itself, so that threads lose it when they wait, and here.
"""

from __future__ import annotations

import dis
import sys
import threading
import time
import types
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from . import model
from .code import Key, key_of, within

_SWITCH_INTERVAL = 1000.0
_LOOK = 0.001
_TOOL = 4
#: Looks for which nothing may move before a thread begins though those before it did not, and before a paused thread goes on.
_LONG, _CALM = 300, 400
_sleep = time.sleep


class Switch:
    """One switch: a thread is paused after an event, and goes on when the others have come as far as the schedule lets them."""

    def __init__(self, thread: int, other: int, count: int, begins: bool) -> None:
        self.thread = thread
        self.other = other
        self.count = count
        self.begins = begins
        """Whether the event is the beginning of the thread."""
        self.after: "Dict[Key, Set[int]]" = {}
        self.before: "Dict[Key, Set[int]]" = {}
        self.at_once: "Set[Tuple[Key, int]]" = set()
        """Instructions behind which it can be paused at once."""
        self.within: "Set[Tuple[Key, int]]" = set()
        """Instructions of the event after it that run code of Python first, in which it can be paused."""
        self.reached = False


class _Thread:
    """What is known of a thread of the program."""

    def __init__(self, number: int, switches: "List[Switch]") -> None:
        self.number = number
        self.known = -1
        self.todo = [one for one in switches if one.thread == number]
        self.seen: "Dict[Switch, int]" = {one: 0 for one in self.todo}
        self.armed = self.at_once = self.began = self.is_last = False
        self.frame: Any = None
        self.last: "Dict[types.FrameType, int]" = {}
        self.entered: "Set[types.FrameType]" = set()


class Pauses:
    """The switches of one run."""

    def __init__(self, switches: "List[Switch]", order: "List[int]", files: "Set[str]", rules: model.Version, calm: int) -> None:
        self._switches = switches
        self._order = order
        self._files = files
        self._rules = rules
        self._calm = calm
        self._moves = 0
        self._told: "Callable[[int], None]" = lambda number: None
        self._threads: "Dict[int, _Thread]" = {}
        self._begun: "Set[int]" = {0}
        self._handles: "Dict[int, threading.Thread]" = {}
        self._codes: "Dict[types.CodeType, Dict[int, Tuple[dis.Instruction, int]]]" = {}

    def install(self, told: "Callable[[int], None]") -> None:
        """Takes effect in this process, for all threads that start from now on and for this one; `told` gets the number of each switch taken."""
        self._told = told
        sys.setswitchinterval(_SWITCH_INTERVAL)
        start, handles = threading.Thread.start, self._handles

        def numbered(thread: threading.Thread) -> None:
            handles[len(handles) + 1] = thread
            start(thread)

        threading.Thread.start = numbered  # type: ignore[method-assign]
        self._threads[threading.get_ident()] = _Thread(0, self._switches)
        if sys.version_info >= (3, 12):
            self._monitor()
        else:
            threading.settrace(self._trace)
            sys.settrace(self._trace)

    # Following a thread

    def _monitor(self) -> None:
        """Has the interpreter tell of functions and of instructions of the program's files: since 3.13 a trace function misses the first run of
        a function."""
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        events, tool = monitoring.events, _TOOL
        monitoring.use_tool_id(tool, "heal")
        files, entered, left, step = self._files, self._entered, self._left, self._step

        def watch(event: str, arguments: "Tuple[Any, ...]") -> None:
            if event == "exec" and isinstance(arguments[0], types.CodeType) and arguments[0].co_filename in files:
                for code in within(arguments[0]):
                    monitoring.set_local_events(tool, code, events.INSTRUCTION)

        sys.addaudithook(watch)
        monitoring.register_callback(tool, events.PY_START, lambda code, offset: entered(sys._getframe(1)))
        monitoring.register_callback(tool, events.PY_RESUME, lambda code, offset: entered(sys._getframe(1)))
        monitoring.register_callback(tool, events.PY_RETURN, lambda code, offset, value: left(sys._getframe(1)))
        monitoring.register_callback(tool, events.PY_YIELD, lambda code, offset, value: left(sys._getframe(1)))
        monitoring.register_callback(tool, events.PY_UNWIND, lambda code, offset, error: left(sys._getframe(1)))
        monitoring.register_callback(tool, events.INSTRUCTION, lambda code, offset: step(sys._getframe(1), offset))
        monitoring.set_events(tool, events.PY_START | events.PY_RESUME | events.PY_RETURN | events.PY_YIELD | events.PY_UNWIND)

    def _trace(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        self._entered(frame)
        if frame.f_code.co_filename not in self._files:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._local

    def _local(self, frame: types.FrameType, event: str, argument: Any) -> Any:
        if event == "return":
            self._left(frame)
        elif event == "opcode":
            self._step(frame, frame.f_lasti)
        return self._local

    def _me(self) -> "Optional[_Thread]":
        """The running thread; what the interpreter calls it may have been another one's name before."""
        ident, started = threading.get_ident(), len(self._handles)
        me = self._threads.get(ident)
        if me is not None and me.known == started:
            return me
        number = max((number for number, one in self._handles.items() if one.ident == ident), default=None)
        if number is not None and (me is None or me.number != number):
            self._threads[ident] = me = _Thread(number, self._switches)
        if me is not None:
            me.known = started
        return me

    def _entered(self, frame: types.FrameType) -> None:
        """A function of Python is entered, of the program or not."""
        me = self._me()
        if me is None:
            return
        self._moves += 1
        if frame.f_back in me.last:
            me.entered.add(frame.f_back)
        if me.armed and not me.at_once:
            self._pause(me)
        if frame.f_code.co_filename in self._files:
            if not me.began:
                me.began = True
                self._begin(me)
            me.last[frame] = -1

    def _left(self, frame: types.FrameType) -> None:
        me = self._me()
        if me is not None:
            me.last.pop(frame, None)
            me.entered.discard(frame)

    def _begin(self, me: _Thread) -> None:
        """Waits for those that begin before it, and until nothing moves any more."""
        before = set(self._order[:self._order.index(me.number)]) if me.number in self._order else set()
        if me.number:
            self._await(lambda calm: calm >= (_LONG if before - self._begun else self._calm))
        self._begun.add(me.number)
        if me.todo and me.todo[0].begins:
            me.armed = True
            self._pause(me)

    def _await(self, done: "Callable[[int], bool]") -> None:
        """Waits until `done` says so, which is told for how many looks nothing has moved."""
        calm, last = 0, -1
        while not done(calm):
            _sleep(_LOOK)
            calm, last = (calm + 1 if self._moves == last else 0), self._moves

    def _step(self, frame: types.FrameType, offset: int) -> None:
        """An instruction is about to be executed."""
        self._moves += 1
        me = self._me()
        if me is None or not me.todo:
            return
        key = key_of(frame.f_code)
        if me.armed:
            if self._may_lose(me, frame, offset):
                self._pause(me)
            elif me.is_last:
                self._next(me)  # nowhere on the way
            elif offset in me.todo[0].before.get(key, ()):
                me.is_last = True
                if (key, offset) not in me.todo[0].within:
                    self._next(me)
        me.last[frame] = offset
        me.entered.discard(frame)
        if not me.todo or not self._handles:
            return
        for one in me.todo:
            if offset in one.after.get(key, ()):
                me.seen[one] += 1
        first = me.todo[0]
        if not me.armed and me.seen[first] >= first.count > 0:
            me.armed, me.frame, me.at_once = True, frame, (key, offset) in first.at_once

    def _may_lose(self, me: _Thread, frame: types.FrameType, offset: int) -> bool:
        """Whether the interpreter has just looked for other threads."""
        if me.at_once:
            return me.frame is frame
        before = me.last.get(frame, -1)
        code = self._codes.get(frame.f_code)
        if code is None:
            every = list(dis.get_instructions(frame.f_code))
            code = self._codes[frame.f_code] = {one.offset: (one, every[index + 1].offset if index + 1 < len(every) else -1)
                                                for index, one in enumerate(every)}
        if before < 0 or before not in code or offset not in code:
            return False
        one, following = code[before]
        if one.opname in model.CALLS and frame in me.entered and not model.looks_on_return(self._rules):
            return False
        return model.look(self._rules, one, code[offset][0], offset != following, False)

    # Pausing

    def _next(self, me: _Thread) -> None:
        me.armed = me.at_once = me.is_last = False
        me.frame = None
        del me.todo[0]

    def _pause(self, me: _Thread) -> None:
        switch = me.todo[0]
        self._next(me)
        switch.reached = True
        number = self._switches.index(switch)
        self._told(number)
        back = next((one for one in self._switches[number + 1:] if one.other == me.number), None)
        self._await(lambda calm: calm >= _CALM or (back.reached if back is not None else self._is_over(switch.other)))

    def _is_over(self, number: int) -> bool:
        handle = self._handles.get(number)
        return handle is not None and handle.ident is not None and not handle.is_alive()

Install = Callable[[Any], None]
