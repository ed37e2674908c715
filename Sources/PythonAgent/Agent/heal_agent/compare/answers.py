"""Runs one version of the program on inputs, and tells what it answers to each."""

from __future__ import annotations

import builtins
import hashlib
import io
import os
import pickle
import sys
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .. import children
from ..fuel import TICK, FuelExhausted, exhausted, left, make_tick
from ..purity import DISK, PROCESS, WATCH
from .grow import Call
from .values import TooMuch, identity, settled, shown

#: How a call ended.
VALUE, NONE, RAISED, ENDLESS = range(4)
#: Kind, whether arguments were changed, what a person reads, what tells it from other answers.
Answer = Tuple[int, bool, str, str]
ENDLESS_ANSWER: Answer = (ENDLESS, False, "does not end", "endless")
_MAX_OUTPUT = 2000


def answer(call: Call, function: "Callable[..., Any]", tick: "Callable[[], None]") -> "Optional[Answer]":
    """What a function makes of one input; `None` where that cannot be compared."""
    before = identity([call.positional, call.keywords])
    output = io.StringIO()
    standard, sys.stdout = sys.stdout, output
    builtins.__dict__[TICK] = tick
    try:
        kind, value = _called(call, function)
    finally:
        sys.stdout = standard
    if kind == ENDLESS or exhausted(tick):
        return ENDLESS_ANSWER
    try:
        after = identity([call.positional, call.keywords])
        key = "%d %s %s" % (kind, value if kind == RAISED else identity(value), output.getvalue()[:_MAX_OUTPUT])
        if after != before:
            key += " " + after
        text = _text(kind, value, call if after != before else None, output.getvalue())
        return kind, after != before, text, _digest(key)
    except TooMuch:
        return None


def _called(call: Call, function: "Callable[..., Any]") -> "Tuple[int, Any]":
    try:
        value = settled(function(*call.positional, **call.keywords))
    except FuelExhausted:
        return ENDLESS, None
    except BaseException as error:
        return RAISED, type(error).__name__
    return (NONE if value is None else VALUE), value


def _text(kind: int, value: Any, changed: "Optional[Call]", output: str) -> str:
    text = "raises %s" % value if kind == RAISED else shown(value)
    if output:
        text += " and prints %s" % shown(output)
    if changed is not None:
        values = [one for one in (*changed.positional, *changed.keywords.values()) if type(one) not in (int, str, float, bool)]
        text += " and leaves %s" % ", ".join(shown(one) for one in values)
    return text


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class Asking:
    """How inputs are run: by which functions, what is emptied before each, and on how many steps, each and in all."""

    def __init__(self, resolve: "Callable[[str, str], Any]", caches: "Sequence[Any]", fuel: int, knows_end: bool, steps: int) -> None:
        self._resolve = resolve
        self._caches = caches
        self._fuel = fuel
        self._knows_end = knows_end  # else what runs out of steps may only be slow
        self._steps = steps

    def is_spent(self) -> bool:
        """Whether all steps were used: the remaining inputs are not asked."""
        return self._steps <= 0

    def twice(self, data: str) -> "Optional[Answer]":
        """What this version makes of one pickled input, if it is the same twice."""
        found = self.once(data)
        return found if found is None or found == ENDLESS_ANSWER or found == self.once(data) else None

    def once(self, data: str) -> "Optional[Answer]":
        """What it makes of one pickled input; `None` where that cannot be compared."""
        for clear in self._caches:
            clear()
        tick = make_tick(self._fuel)
        try:
            call = Call(*pickle.loads(bytes.fromhex(data)))
            function = self._resolve(call.path, call.qualname)
            found = None if function is None else answer(call, function, tick)
        except Exception:  # an object that this version cannot take up
            return None
        self._steps -= self._fuel if exhausted(tick) else self._fuel - left(tick)
        return None if found == ENDLESS_ANSWER and not self._knows_end else found


Send = Callable[[Dict[str, Any]], None]


def answers(asking: Asking, inputs: "Sequence[str]", order: "Sequence[int]", every: int, send: Send) -> None:
    """Runs inputs in the given order in this process; tells `every` so many answers together."""
    told: "List[Any]" = []
    WATCH.arm()
    for place, number in enumerate(order):
        if asking.is_spent():
            break
        if place % every == 0:
            send({"begun": number, "told": told})
            told = []
        told.append([number, asking.twice(inputs[number])])
    send({"told": told, "impure": _impure()})


def answers_alone(asking: Asking, inputs: "Sequence[str]", order: "Sequence[int]", send: Send) -> None:
    """The same with a process for each input: none sees what another one left behind."""
    for number in order:
        send({"begun": number})
        pid = children.fork()
        if pid == 0:
            try:
                WATCH.arm()
                told = [[number, asking.once(inputs[number])]]
                send({"told": told, "impure": _impure()})
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


def _impure() -> bool:
    """Whether what ran since the watch was armed did more than compute."""
    seen = WATCH.disarm()
    return bool(seen.get(DISK) or seen.get(PROCESS))
