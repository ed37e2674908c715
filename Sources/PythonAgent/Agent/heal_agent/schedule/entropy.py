"""What a fresh interpreter draws from the system comes from one seed here: each run of a schedule gets the same."""

from __future__ import annotations

import os
import random
import sys
from typing import Any, Dict

from .policies import SplitMix64
from .primitives import Run

_NODE = 0x0123456789AB
"""The network address that `uuid` finds; no card has it, since it is one for many."""
_real_urandom = os.urandom


def urandom(size: int, /) -> bytes:
    """`os.urandom`: the same bytes in every run."""
    run = Run.scheduler
    if run is None:
        return _real_urandom(size)
    if size < 0:
        raise ValueError("negative argument not allowed")
    if run.entropy is None:
        run.entropy = SplitMix64(0)
    words = [run.entropy.next().to_bytes(8, "little") for _ in range(-(-size // 8))]
    return b"".join(words)[:size]


def getrandom(size: int, flags: int = 0) -> bytes:
    """`os.getrandom`."""
    return urandom(size)


def replacements() -> "Dict[Any, Any]":
    """What stands in for functions of `os`; `secrets`, `uuid4` and `SystemRandom` draw from these."""
    found: "Dict[Any, Any]" = {os.urandom: urandom}
    if hasattr(os, "getrandom"):
        found[os.getrandom] = getrandom
    return found


def patch() -> None:
    """Lets generators that are given no seed get one, and `uuid1` use the virtual clock."""
    seed: Any = random.Random.seed

    def seeded(self: Any, a: Any = None, version: int = 2) -> None:
        if a is None and Run.scheduler is not None and not isinstance(self, random.SystemRandom):
            a = int.from_bytes(urandom(8), "little")
        seed(self, a, version)

    random.Random.seed = seeded  # type: ignore[method-assign]
    random.seed = random._inst.seed  # type: ignore[attr-defined]


def begin() -> None:
    """At the beginning of a run: what remembers something of the run before forgets it."""
    random.seed()
    uuid: Any = sys.modules.get("uuid")
    if uuid is not None:
        uuid._generate_time_safe = uuid._UuidCreate = None
        uuid._node = _NODE
        for name in [one for one in vars(uuid) if one.startswith(("_last_timestamp", "_last_counter"))]:
            setattr(uuid, name, None)
    numpy: Any = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed(0)
