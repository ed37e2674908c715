"""How the next thread is chosen where no prefix says it. The other side can compute the same choices from the seed.

A policy is called only where more than one thread can go on, and gets their numbers in ascending order.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from ..errors import AgentError

_MASK = (1 << 64) - 1
Policy = Callable[[List[int], int, int], int]


class SplitMix64:
    """The generator of Steele, Lea and Flood ("Fast splittable pseudorandom number generators", OOPSLA 2014)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def next(self) -> int:
        """The next 64 bits."""
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return state ^ (state >> 31)


def policy(params: "Dict[str, Any]", fair: int) -> Policy:
    """The policy that a request names; after `fair` steps in a row of one thread another one has its turn."""
    kind, seed = params.get("policy", "continue"), int(params.get("seed", 0))
    if kind == "continue":
        return _continuing(fair)
    if kind == "random":
        return _random(seed)
    if kind == "pct":
        return _pct(seed, int(params.get("depth", 3)), int(params.get("length", 100)), fair)
    raise AgentError("malformed", "schedule: there is no policy named %r" % (kind,))


def _continuing(fair: int) -> Policy:
    """Goes on with the current thread while it can; else the next higher number that can, and around."""
    run = 0
    last = -1

    def choose(ready: "List[int]", current: int, step: int) -> int:
        nonlocal run, last
        run = run + 1 if step == last + 1 else 0
        last = step
        if current in ready and run < fair:
            return current
        run = 0
        return next((one for one in ready if one > current), ready[0])

    choose.is_natural = True  # type: ignore[attr-defined]
    return choose


def _random(seed: int) -> Policy:
    """Each output gives eight choices, lowest byte first: byte × count / 256; over 64 threads a whole output, modulo."""
    draw = SplitMix64(seed).next
    bits = left = 0

    def choose(ready: "List[int]", current: int, step: int) -> int:
        nonlocal bits, left
        count = len(ready)
        if count > 64:
            return ready[draw() % count]
        if not left:
            bits, left = draw(), 8
        byte = bits & 255
        bits >>= 8
        left -= 1
        return ready[byte * count >> 8]

    return choose


def _pct(seed: int, depth: int, length: int, fair: int) -> Policy:
    """Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): the highest priority goes on, and at depth - 1
    random steps the current thread gets a priority below all others.

    First draws of the generator: one for each change, its step `draw mod length`. A thread's priority is drawn when it is
    first seen among those that can go on.
    """
    draw = SplitMix64(seed).next
    changes = {draw() % max(1, length) for _ in range(depth - 1)}
    priorities: "Dict[int, int]" = {}
    lowest = 0
    run = 0

    def choose(ready: "List[int]", current: int, step: int) -> int:
        nonlocal lowest, run
        for one in ready:
            if one not in priorities:
                priorities[one] = draw()
        if step in changes or run >= fair:
            lowest -= 1
            priorities[current] = lowest
            run = 0
        best = max(ready, key=priorities.__getitem__)
        run = run + 1 if best == current else 0
        return best

    return choose
