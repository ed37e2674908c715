"""Where CPython looks whether another thread asked for its global lock, by version.

- Up to 3.9: before every instruction, but for a few that begin a block, and but for those that follow an instruction which goes on at once.
- 3.10: after calls, after jumps of conditions and loops, where a function is entered or goes on, where a handler begins; not before the
  same few.
- Since 3.11: after calls of what is no function of Python, where such a function is entered or goes on after a `yield`, where a loop goes
  round.
"""

from __future__ import annotations

import dis
import sys
from typing import Tuple

NEVER, MAYBE, ALWAYS = 0, 1, 2
"""Whether the lock may be lost: not there, only if code of the program or its like is run there, or on any way."""

Version = Tuple[int, int]

CALLS = frozenset(("CALL", "CALL_KW", "CALL_FUNCTION", "CALL_FUNCTION_KW", "CALL_FUNCTION_EX", "CALL_METHOD"))
ENTERS = frozenset(("SETUP_WITH", "BEFORE_WITH"))
"""What calls `__enter__` without looking afterwards."""

#: Before these nobody looks, up to 3.10.
_UNSEEN = frozenset(("SETUP_FINALLY", "SETUP_WITH", "BEFORE_ASYNC_WITH", "YIELD_FROM"))
#: After these up to 3.9 goes on without a look.
_FAST = frozenset(("NOP", "LOAD_FAST", "LOAD_CONST", "STORE_FAST", "POP_TOP", "ROT_TWO", "ROT_THREE", "ROT_FOUR", "DUP_TOP", "DUP_TOP_TWO", "UNARY_NOT",
                   "IS_OP", "CONTAINS_OP", "JUMP_IF_NOT_EXC_MATCH", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE", "JUMP_IF_FALSE_OR_POP",
                   "JUMP_IF_TRUE_OR_POP", "JUMP_FORWARD", "EXTENDED_ARG"))
#: In 3.10 a look follows where these jump.
_JUMPS_3_10 = frozenset(("JUMP_ABSOLUTE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE"))


def has_lock() -> bool:
    """Whether this interpreter has a global lock, and uses it."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def version() -> Version:
    """The version whose rules count here."""
    return sys.version_info[:2]


def look(rules: Version, one: dis.Instruction, other: dis.Instruction, jumps: bool, raised: bool) -> bool:
    """Whether the interpreter looks for other threads on its way from `one` to `other`.

    `jumps`: the way is the one that a jump takes; `raised`: the one to a handler.
    """
    name = one.opname
    if rules <= (3, 9):
        return other.opname not in _UNSEEN and (raised or name not in _FAST)
    if rules == (3, 10):
        if other.opname in _UNSEEN:
            return False
        return raised or name in CALLS or name in ("YIELD_VALUE", "GEN_START") or jumps and name in _JUMPS_3_10
    if name == "RESUME":
        return resumes(one)
    return not raised and (name in CALLS or jumps and "BACKWARD" in name and "NO_INTERRUPT" not in name)


def resumes(one: dis.Instruction) -> bool:
    """Whether a `RESUME` looks: not where a frame that awaits another one goes on."""
    return (one.arg or 0) & 3 < 2


def looks_on_return(rules: Version) -> bool:
    """Whether the interpreter looks in the caller of a function of Python when that has returned."""
    return rules <= (3, 10)
