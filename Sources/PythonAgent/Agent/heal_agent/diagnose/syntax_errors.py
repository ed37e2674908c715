"""Every syntax error of a file, each with its fix, and the compiler's warnings."""

from __future__ import annotations

from typing import List

from ..syntax.check import check_text, error_range, newer_syntax
from .findings import Finding
from .module import Module


def syntax_findings(module: Module) -> List[Finding]:
    """One finding per edit of the best repair; without a repair, the compiler's own error."""
    if module.error is None:
        return []
    message = str(module.error.msg)
    line = module.error.lineno or 1
    if not module.repairs:
        return [_plain(module, newer_syntax(module.original.text) or message)]
    found = []
    edits = module.repairs[0].patch.edits
    nearest = min(range(len(edits)), key=lambda i: abs(module.original.position(edits[i].start)[0] - line))
    groups = _groups(module)
    for group in groups:
        first = edits[group[0]]
        evidence = [{"source": "parse", "text": first.reason}]
        if nearest in group:
            evidence.insert(0, {"source": "compile", "text": f"{type(module.error).__name__}: {message}"})
        fixes = [{"edits": [_wire(module, edits[i]) for i in group], "confidence": "high"}]
        fixes += _others(module, group)
        place = module.original.range(first.start, max(first.end, first.start))
        found.append(
            {
                "category": "syntax",
                "rule": "syntax/" + _kind(first.reason),
                "path": module.path,
                "range": _visible(module, place),
                "message": f"syntax error: {first.reason}",
                "hint": f"Line {place[0]}: {first.reason}.",
                "evidence": evidence,
                "confidence": "high" if len(module.repairs) == 1 or module.repairs[0].score < 1.5 * len(edits) else "medium",
                "fixes": fixes,
            }
        )
    return found


def _groups(module: Module) -> List[List[int]]:
    """Edits of one slip together: a run of lines that is re-indented is one finding."""
    edits = module.repairs[0].patch.edits
    groups: List[List[int]] = []
    for i, edit in enumerate(edits):
        before = edits[i - 1] if i else None
        if before is not None and before.reason == edit.reason and "indent" in edit.reason:
            lines = module.original.position(edit.start)[0] - module.original.position(before.start)[0]
            if lines <= 3:
                groups[-1].append(i)
                continue
        groups.append([i])
    return groups


def _wire(module: Module, edit: object) -> dict:
    start, end = edit.start, edit.end  # type: ignore[attr-defined]
    return {
        "path": module.path,
        "range": module.original.range(start, end),
        "new": edit.new,  # type: ignore[attr-defined]
        "reason": edit.reason,  # type: ignore[attr-defined]
    }


def _others(module: Module, group: List[int]) -> List[dict]:
    """Other edits at the same place that further repairs make instead."""
    best = module.repairs[0].patch.edits
    lines = {module.original.position(best[i].start)[0] for i in group}
    have = {tuple((best[i].start, best[i].end, best[i].new) for i in group)}
    fixes = []
    for other in module.repairs[1:]:
        here = [e for e in other.patch.edits if module.original.position(e.start)[0] in lines]
        key = tuple((e.start, e.end, e.new) for e in here)
        if here and key not in have:
            have.add(key)
            fixes.append({"edits": [_wire(module, e) for e in here], "confidence": "medium"})
    return fixes[:3]


def _kind(reason: str) -> str:
    """A rule name for a repair by what its reason speaks of."""
    kinds = (
        ("missing ':'", "missing-colon"), ("with ':'", "missing-colon"), ("after ':'", "missing-colon"),
        ("indent", "indentation"), ("'pass'", "empty-block"), ("string", "quotes"), ("quote", "quotes"),
        ("'=='", "assignment-in-condition"), ("missing '('", "brackets"), ("missing '['", "brackets"),
        ("missing '{'", "brackets"), ("close the", "brackets"), ("opens", "brackets"), ("parenthes", "parentheses"),
        ("misspelt", "keyword"), ("in Python", "foreign-syntax"), ("missing ','", "missing-comma"),
        ("missing", "missing-token"), ("superfluous", "superfluous-token"), ("stray", "stray-character"),
    )  # fmt: skip
    return next((kind for part, kind in kinds if part in reason), "token")


def _visible(module: Module, place: List[int]) -> List[int]:
    """A range of at least one character, so that it can be shown."""
    if place[:2] != place[2:]:
        return place
    line = module.original.line(place[0])
    column = place[1]
    if column > len(line) and column > 1:
        return [place[0], column - 1, place[0], column]
    return [place[0], column, place[0], column + 1]


def _plain(module: Module, message: str) -> Finding:
    error = module.error
    assert error is not None
    return {
        "category": "syntax",
        "rule": "syntax/" + ("indentation" if isinstance(error, IndentationError) else "error"),
        "path": module.path,
        "range": error_range(error, module.original),
        "message": f"{type(error).__name__}: {message}",
        "hint": f"Line {error.lineno or 1} cannot be parsed: {message}. Correct the statement there.",
        "evidence": [{"source": "compile", "text": f"{type(error).__name__}: {message}"}],
        "confidence": "high",
        "fixes": [],
    }


def warning_findings(module: Module) -> List[Finding]:
    """The compiler's syntax warnings that speak of a bug."""
    found = []
    for item in check_text(module.path, module.original.text):
        if item["kind"] != "warning" or "invalid escape" in item["message"] or "invalid octal" in item["message"]:
            continue
        if "with a literal" in item["message"] or "with '" in item["message"]:
            continue  # logic/is-literal says so with a fix
        found.append(
            {
                "category": "logic",
                "rule": "logic/compiler-warning",
                "path": module.path,
                "range": item["range"],
                "message": item["message"],
                "hint": f"The compiler warns: {item['message']}",
                "evidence": [{"source": "compile", "text": item["message"]}],
                "confidence": "medium",
                "fixes": [],
            }
        )
    return found
