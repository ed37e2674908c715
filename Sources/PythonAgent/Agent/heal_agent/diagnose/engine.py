"""Diagnosis: every rule over every file, what the run showed, what other tools said, as one list."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Sequence

from .findings import Finding, merged
from .program import Analyzed, Program
from .syntax_errors import syntax_findings, warning_findings
from .undefined import undefined_findings

Rule = Callable[[Program, Analyzed], List[Finding]]

RULES: List[Rule] = [undefined_findings]
# A program with more text than this gets the syntax and name rules only.
LARGEST = 4_000_000


def diagnose(
    files: Dict[str, str], observation: Optional[Dict[str, Any]], tools: Sequence[Dict[str, Any]]
) -> List[Finding]:
    """All findings for a program: static ones, those of one run, and those of other tools, merged."""
    program = Program(files)
    found: List[Finding] = []
    for module in program.modules:
        found += syntax_findings(module)
        found += warning_findings(module) if module.error is None else []
        for rule in RULES:
            found += rule(program, module)
    result = merged(found)
    for item in result:
        item.pop("subject", None)
    return result
