"""The rules of evidence that read a change: what no repair may do, whatever its oracle says.

`refusals` compares the program before and after a repair. Each rule is a function from a `Change` to the sentences that say
what it forbids there; a rule without a sentence has nothing against the repair.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

from . import answers, structure, tampering, threads
from .change import Change

#: The rules, by the name under which a refusal is reported.
RULES: "Tuple[Tuple[str, Callable[[Change], List[str]]], ...]" = (
    ("hard-coded answer", answers.literals),
    ("constant function", answers.constant_functions),
    ("test input in a condition", answers.inputs_in_conditions),
    ("swallowed failure", tampering.handlers),
    ("operator that ignores its operands", tampering.blind_operators),
    ("interpreter tampering", tampering.interpreter),
    ("new capability", tampering.capabilities),
    ("looks for its tests", tampering.test_awareness),
    ("removed assertion", structure.assertions),
    ("unsupported by the oracle", structure.crash_only),
)
#: The rules beside them where the repair is to put threads in order.
OF_THREADS: "Tuple[Tuple[str, Callable[[Change], List[str]]], ...]" = (
    ("changed assertion", threads.assertions),
    ("time instead of order", threads.waiting),
    ("less at once", threads.threads),
    ("held back exception", threads.handlers),
)


def refusals(params: "Dict[str, Any]") -> "List[Dict[str, str]]":
    """The refusals of a repair: `before` and `after` by path, `tests`, `expected` outputs, `strength` of the oracle; `threads` where it puts threads in order."""
    rules = RULES + OF_THREADS if params.get("threads") else RULES
    found: "List[Dict[str, str]]" = []
    for path in sorted(params["after"]):
        change = Change.of(
            path,
            params["before"].get(path, ""),
            params["after"][path],
            tests=params.get("tests") or {},
            expected=params.get("expected") or [],
            strength=params.get("strength") or "suite",
        )
        if change is None:
            found.append({"rule": "no program", "message": "%s does not parse after the change" % path})
            continue
        for name, rule in rules:
            found.extend({"rule": name, "message": "%s: %s" % (path, text)} for text in rule(change))
    return found
