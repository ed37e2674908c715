"""Diagnosis: every rule over every file, what the run showed, what other tools said, as one list."""

from __future__ import annotations

import sys
from typing import Any, Callable, Dict, List, Optional, Sequence

from .attributes import attribute_findings
from .calls import call_findings
from .divisors import divisor_findings
from .failures import failure_findings
from .findings import Finding, merged
from .flow import flow_findings
from .imports import import_findings
from .infer import Inference
from .limits import limit_findings
from .locks import lock_findings
from .mixtures import mixture_findings
from .money import money_findings
from .program import Analyzed, Program
from .records import record_findings
from .resources import resource_findings
from .runtime import runtime_findings
from .shadowing import shadowing_findings
from .sharing import sharing_findings
from .slips import slip_findings
from .suspicious import suspicious_findings
from .syntax_errors import syntax_findings, warning_findings
from .threads import thread_findings
from .times import time_findings
from .tools import tool_findings
from .types_rules import type_findings
from .unbound import unbound_findings
from .undefined import undefined_findings

NAME_RULES: List[Callable[[Program, Analyzed], List[Finding]]] = [undefined_findings, unbound_findings, import_findings]
TYPE_RULES: List[Callable[[Inference, Analyzed], List[Finding]]] = [attribute_findings, type_findings, call_findings, suspicious_findings, flow_findings]
HABIT_RULES: List[Callable[[Inference, Analyzed], List[Finding]]] = [
    lock_findings, thread_findings, record_findings, failure_findings, limit_findings, money_findings, time_findings, divisor_findings,
    mixture_findings, resource_findings, sharing_findings, shadowing_findings, slip_findings,
]  # fmt: skip


# Trees of plain programs are walked by recursion; the default limit is too low for long sums.
DEEPEST = 3000


def diagnose(
    files: Dict[str, str], observation: Optional[Dict[str, Any]], tools: Sequence[Dict[str, Any]]
) -> List[Finding]:
    """All findings for a program: static ones, those of one run, and those of other tools, merged."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEEPEST))
    try:
        result = merged(_found(files, observation, tools))
    finally:
        sys.setrecursionlimit(limit)
    for item in result:
        item.pop("subject", None)
    return result


def _found(
    files: Dict[str, str], observation: Optional[Dict[str, Any]], tools: Sequence[Dict[str, Any]]
) -> List[Finding]:
    program = Program(files)
    inference = Inference(program)
    found: List[Finding] = []
    for module in program.modules:
        found += syntax_findings(module)
        found += warning_findings(module) if module.error is None else []
        if module.tree is None:
            continue
        for rule in NAME_RULES:
            found += rule(program, module)
        for typed in (*TYPE_RULES, *HABIT_RULES):
            found += typed(inference, module)
    found += runtime_findings(program, inference, observation)
    found += tool_findings(program, tools)
    return found
