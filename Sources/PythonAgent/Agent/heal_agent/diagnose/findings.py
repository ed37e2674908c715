"""Findings as the wire protocol has them: building, and merging those of several sources."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from .module import Module

Finding = Dict[str, Any]
_RANK = {"high": 0, "medium": 1, "low": 2}
_CATEGORY = {
    "syntax": "syntax", "name": "name", "type": "type", "logic": "logic", "semantic": "semantic",
    "resource": "resource", "environment": "resource", "concurrency": "concurrency",
}  # fmt: skip


def finding(
    module: Module,
    rule: str,
    span: Tuple[int, int],
    message: str,
    hint: str,
    confidence: str = "medium",
    fixes: Sequence[Optional[Dict[str, Any]]] = (),
    source: str = "static",
    text: Optional[str] = None,
) -> Finding:
    """A finding of `rule` at the offsets `span` of the module's parsed text."""
    return {
        "category": _CATEGORY.get(rule.split("/")[0], "semantic"),
        "rule": rule,
        "path": module.path,
        "range": module.original_range(*span),
        "message": message,
        "hint": hint,
        "evidence": [{"source": source, "text": text or message}],
        "confidence": confidence,
        "fixes": [fix for fix in fixes if fix is not None],
    }


def fix(
    module: Module, edits: Iterable[Tuple[int, int, str]], reason: str, confidence: str = "medium"
) -> Optional[Dict[str, Any]]:
    """A fix from (start, end, new) offsets, or None where a syntax repair holds the same place."""
    wired = []
    for start, end, new in edits:
        place = module.editable_range(start, end)
        if place is None:
            return None
        wired.append({"path": module.path, "range": place, "new": new, "reason": reason})
    return {"edits": wired, "confidence": confidence}


def merged(found: List[Finding]) -> List[Finding]:
    """One finding per bug: those of one family at one place are joined, the surest first."""
    groups: Dict[Tuple[Any, ...], Finding] = {}
    order: List[Finding] = []
    for item in sorted(found, key=lambda f: (_RANK[f["confidence"]], -len(f["fixes"]))):
        other_source = item["evidence"][0]["source"] not in ("static", "parse")
        looked_up = _keys(item) if other_source else _keys(item)[:1]
        known = next((groups[k] for k in looked_up if k in groups), None)
        if known is None:
            order.append(item)
            for key in _keys(item):
                groups.setdefault(key, item)
        else:
            _join(known, item)
    order.sort(key=lambda f: (f["path"], f["range"], _RANK[f["confidence"]], f["rule"]))
    return order


def _keys(item: Finding) -> List[Tuple[Any, ...]]:
    """What makes two findings one: their family and start, or family, line and subject."""
    family = _family(item["rule"])
    line, column = item["range"][0], item["range"][1]
    keys: List[Tuple[Any, ...]] = [(item["path"], family, line, column)]
    subject = item.get("subject")
    if subject:
        keys.append((item["path"], family, line, "subject", subject))
    return keys


def _family(rule: str) -> str:
    head = rule.split("/")[0]
    return "name" if head in ("name", "environment") else head


def _join(known: Finding, item: Finding) -> None:
    texts = {(e["source"], e["text"]) for e in known["evidence"]}
    known["evidence"] += [e for e in item["evidence"] if (e["source"], e["text"]) not in texts]
    if item["rule"] != known["rule"] and known["rule"] == "name/undefined" and item["fixes"]:
        known["rule"], known["hint"] = item["rule"], item["hint"]
    have = {tuple((tuple(e["range"]), e["new"]) for e in f["edits"]) for f in known["fixes"]}
    for candidate in item["fixes"]:
        if tuple((tuple(e["range"]), e["new"]) for e in candidate["edits"]) not in have:
            known["fixes"].append(candidate)
    if any(e["source"] == "runtime" for e in item["evidence"]) and known["confidence"] != "high":
        known["confidence"] = min(known["confidence"], item["confidence"], key=_RANK.__getitem__)
