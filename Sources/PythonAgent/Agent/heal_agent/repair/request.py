"""Answers the protocol's `repairs`."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Set, Tuple

from . import containers, deadlocks, guard, leaks, ordering, structure, waiting
from .candidates import Candidate, Context
from .evidence import read
from .index import Program
from .text import changed_lines, hunks

#: More than these are never tried.
LIMIT = 60
_MAKERS = (waiting.offers, deadlocks.offers, leaks.offers, ordering.offers, structure.offers, containers.offers, guard.offers)


def repairs(files: "Dict[str, str]", params: "Dict[str, Any]") -> "List[Dict[str, Any]]":
    """Candidates for a failure of a program, best first."""
    program = Program(files)
    context = Context(program, read(params))
    found = sorted((one for make in _MAKERS for one in make(context)), key=lambda one: _cost(files, one))
    return [_told(files, one) for one in list(_distinct(found))[:int(params.get("limit") or LIMIT)]]


def _distinct(found: "Iterable[Candidate]") -> "Iterator[Candidate]":
    seen: "Set[Tuple[Tuple[str, str], ...]]" = set()
    for one in found:
        key = tuple(sorted(one.texts.items()))
        if key not in seen:
            seen.add(key)
            yield one


def _cost(files: "Dict[str, str]", one: Candidate) -> float:
    """The rank, and a little for every line that is new in more than its indentation."""
    return one.rank + 0.15 * sum(changed_lines(files[path], text)[1] for path, text in one.texts.items())


def _told(files: "Dict[str, str]", one: Candidate) -> "Dict[str, Any]":
    sizes = [changed_lines(files[path], text) for path, text in sorted(one.texts.items())]
    return {"kind": one.kind, "why": one.why, "lines": sum(size[0] for size in sizes), "size": sum(size[1] for size in sizes),
            "edits": [dict(edit, reason=one.why) for path, text in sorted(one.texts.items()) for edit in hunks(path, files[path], text)]}
