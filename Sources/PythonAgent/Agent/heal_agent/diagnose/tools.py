"""What ruff and ty say, as findings: bugs only, matters of style left out."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .findings import Finding
from .program import Analyzed, Program

# Rule of the tool (or its prefix) to our rule, confidence, and a subject in quotes where it names one.
_RUFF: Tuple[Tuple[str, str, str], ...] = (
    ("F821", "name/undefined", "high"), ("F822", "name/undefined-export", "medium"), ("F823", "name/unbound-local", "high"),
    ("F811", "name/redefined", "low"), ("F502", "type/format", "high"), ("F50", "type/format", "high"), ("F52", "type/format", "high"),
    ("F541", "", ""), ("F601", "logic/repeated-key", "low"), ("F631", "logic/assert-tuple", "high"), ("F632", "logic/is-literal", "high"),
    ("F633", "logic/print-shift", "high"), ("F634", "logic/if-tuple", "high"), ("F70", "syntax/misplaced", "high"), ("F72", "syntax/annotation", "low"),
    ("F622", "syntax/misplaced", "high"), ("F621", "syntax/misplaced", "high"), ("F402", "name/shadowed-import", "low"),
    ("F702", "syntax/misplaced", "high"), ("E9", "syntax/error", "high"), ("E712", "", ""), ("E711", "", ""),
    ("B002", "logic/increment", "high"), ("B003", "logic/environ", "medium"), ("B006", "logic/mutable-default", "low"), ("B008", "", ""),
    ("B012", "logic/jump-in-finally", "medium"), ("B015", "logic/comparison-statement", "medium"), ("B016", "type/raise-literal", "high"),
    ("B017", "", ""), ("B018", "logic/useless-expression", "low"), ("B020", "logic/loop-variable-overwrites-iterable", "medium"),
    ("B023", "logic/late-binding", "low"), ("B025", "logic/repeated-handler", "low"), ("B029", "logic/empty-handler", "medium"),
    ("B030", "logic/handler-type", "medium"), ("B031", "logic/reused-group", "medium"), ("B032", "logic/annotation-for-assignment", "medium"),
    ("B035", "logic/repeated-key", "low"), ("B039", "logic/mutable-default", "low"), ("B909", "logic/changed-during-iteration", "low"),
    ("PLE0118", "name/used-before-global", "high"), ("PLE0100", "logic/yield-in-init", "high"), ("PLE0101", "logic/return-in-init", "high"),
    ("PLE0241", "logic/duplicate-base", "high"), ("PLE0302", "type/special-signature", "medium"), ("PLE0604", "type/all", "low"),
    ("PLE1142", "syntax/await-outside-async", "high"), ("PLE1205", "type/logging-arguments", "medium"), ("PLE1206", "type/logging-arguments", "medium"),
    ("PLE1307", "type/format", "medium"), ("PLE1310", "logic/strip", "low"), ("PLE25", "", ""), ("PLE", "logic/error", "medium"),
    ("RUF006", "concurrency/dangling-task", "low"), ("ASYNC1", "concurrency/blocking-in-async", "low"), ("ASYNC2", "concurrency/blocking-in-async", "low"),
    ("S110", "logic/swallowed-exception", "low"), ("BLE001", "logic/swallowed-exception", "low"), ("E722", "logic/swallowed-exception", "low"),
)  # fmt: skip
_TY: Dict[str, Tuple[str, str]] = {
    "unresolved-reference": ("name/undefined", "high"), "unresolved-attribute": ("name/attribute", "medium"),
    "unresolved-import": ("name/missing-module", "medium"), "invalid-argument-type": ("type/argument", "medium"),
    "unsupported-operator": ("type/operands", "medium"), "call-non-callable": ("type/not-callable", "medium"),
    "missing-argument": ("type/arguments", "medium"), "unknown-argument": ("type/arguments", "medium"),
    "too-many-positional-arguments": ("type/arguments", "medium"), "parameter-already-assigned": ("type/arguments", "medium"),
    "not-iterable": ("type/not-iterable", "medium"), "non-subscriptable": ("type/not-subscriptable", "medium"), "not-subscriptable": ("type/not-subscriptable", "medium"),
    "index-out-of-bounds": ("semantic/index", "medium"), "division-by-zero": ("semantic/zero-division", "medium"),
    "possibly-unbound": ("name/possibly-unbound", "low"), "possibly-unresolved-reference": ("name/possibly-unbound", "low"),
    "possibly-unbound-attribute": ("name/possibly-unbound", "low"), "possibly-missing-attribute": ("name/possibly-unbound", "low"),
    "invalid-return-type": ("type/return", "low"), "invalid-assignment": ("type/assignment", "low"), "no-matching-overload": ("type/argument", "low"),
    "invalid-context-manager": ("type/context-manager", "medium"), "invalid-await": ("type/await", "medium"), "unused-awaitable": ("concurrency/missing-await", "medium"),
    "invalid-syntax": ("syntax/error", "high"), "invalid-raise": ("type/raise-literal", "medium"), "invalid-exception-caught": ("logic/handler-type", "medium"),
    "unsupported-bool-conversion": ("type/operands", "low"), "invalid-base": ("type/base", "medium"), "unresolved-global": ("name/undefined", "medium"),
    "too-many-values": ("type/unpack", "medium"), "not-enough-values": ("type/unpack", "medium"), "invalid-super-argument": ("type/argument", "medium"),
}  # fmt: skip


def tool_findings(program: Program, tools: Sequence[Dict[str, Any]]) -> List[Finding]:
    """Findings of other tools, in our rules; unknown and stylistic ones are dropped."""
    found: List[Finding] = []
    for item in tools:
        mapped = _mapped(str(item.get("tool") or ""), str(item.get("rule") or ""))
        place = item.get("range")
        module = program.by_path.get(str(item.get("path") or ""))
        if mapped is None or not _is_range(place):
            continue
        rule, confidence = mapped
        message = str(item.get("message") or "").strip()
        if rule.startswith("syntax/error") and module is not None and module.repairs:
            # Of a file that we can repair, other parsers' cascades add only noise; near places join below.
            place = _nearest_syntax(module, list(place))
            if place is None:
                continue
        elif module is not None and module.error is not None and rule.startswith("syntax/"):
            continue
        found.append(_finding(program, item, rule, confidence, message, list(place)))
    return found


def _is_range(place: Any) -> bool:
    return isinstance(place, (list, tuple)) and len(place) == 4 and all(isinstance(p, int) for p in place)


def _mapped(tool: str, rule: str) -> Optional[Tuple[str, str]]:
    if tool == "ty":
        return _TY.get(rule)
    if rule in ("invalid-syntax", "syntax-error", "", "null", "None"):
        return ("syntax/error", "high") if tool == "ruff" else None
    for prefix, ours, confidence in _RUFF:
        if rule.startswith(prefix):
            return (ours, confidence) if ours else None
    return None


def _nearest_syntax(module: Analyzed, place: List[int]) -> Optional[List[int]]:
    """The place of the syntax edit on the same line, which a finding of ours already has."""
    for edit in module.repairs[0].patch.edits:
        line, column = module.original.position(edit.start)
        if line == place[0]:
            return [line, column, *module.original.position(edit.end)]
    return None


def _finding(program: Program, item: Dict[str, Any], rule: str, confidence: str, message: str, place: List[int]) -> Finding:
    category = rule.split("/")[0]
    subject = re.search(r"[`'\"](\w[\w.]*)[`'\"]", message)
    module = program.by_path.get(str(item["path"]))
    if rule == "name/attribute" and module is not None:
        name = re.findall(r"[`'\"](\w+)[`'\"]", message)
        place = _attribute_place(module, name, place)
        subject = re.search(r"attribute [`'\"](\w+)[`'\"]", message) or subject
    code = str(item.get("rule") or "")
    return {
        "category": {"environment": "resource"}.get(category, category),
        "rule": rule,
        "path": item["path"],
        "range": place,
        "message": message,
        "hint": f"Line {place[0]}: {message}" + ("" if message.endswith(".") else "."),
        "evidence": [{"source": str(item["tool"]), "text": f"{code}: {message}" if code else message}],
        "confidence": confidence,
        "fixes": [],
        "subject": subject.group(1).rsplit(".", 1)[-1] if subject else None,
    }


def _attribute_place(module: Analyzed, names: List[str], place: List[int]) -> List[int]:
    """ty marks `owner.name` as a whole; ours marks the name."""
    for node in module.walk(ast.Attribute):
        if node.attr in names:
            span = module.original_range(*module.span(node))
            if span[:2] == place[:2] or span[2:] == place[2:]:
                end = module.span(node)[1]
                return module.original_range(end - len(node.attr), end)
    return place
