"""JUnit reports of pytest, read into plain values."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any, Dict, List


def read(text: str) -> List[Dict[str, Any]]:
    """The test cases of a report; a case with several records keeps its worst outcome.

    A report is the program's to forge, so nothing here is trusted: entities are not expanded (a
    document with a type declaration is refused) and the caller compares ids with its own.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("a report has no document type")
    cases: Dict[tuple, Dict[str, Any]] = {}
    for element in ElementTree.fromstring(text).iter("testcase"):
        key = tuple(element.get(name, "") for name in ("file", "classname", "name"))
        outcome = _outcome(element)
        known = cases.get(key)
        if known is None or _RANK[outcome] > _RANK[known["outcome"]]:
            cases[key] = {
                "file": key[0],
                "classname": key[1],
                "name": key[2],
                "outcome": outcome,
                "seconds": float(element.get("time") or 0),
            }
    return list(cases.values())


_RANK = {"passed": 0, "xpassed": 1, "xfailed": 2, "skipped": 3, "failed": 4, "error": 5}


def _outcome(element: ElementTree.Element) -> str:
    worst = "passed"
    for child in element:
        outcome = {"failure": "failed", "error": "error", "skipped": "skipped"}.get(child.tag)
        if outcome == "skipped" and child.get("type") == "pytest.xfail":
            outcome = "xfailed"
        if outcome and _RANK[outcome] > _RANK[worst]:
            worst = outcome
    return worst
