"""Findings from what one run showed: the exception with its place, its locals and its chain."""

from __future__ import annotations

import ast
import re
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from .findings import Finding, finding
from .infer import Inference
from .program import Analyzed, Program


class Failure(NamedTuple):
    """One exception of a run, and the place in the program's own code where it surfaced."""

    program: Program
    inference: Inference
    module: Analyzed
    line: int
    frame: Dict[str, Any]
    exception: Dict[str, Any]
    observation: Dict[str, Any]

    @property
    def message(self) -> str:
        return str(self.exception.get("message") or "")

    @property
    def type(self) -> str:
        return str(self.exception.get("type") or "").rsplit(".", 1)[-1]

    @property
    def text(self) -> str:
        """What the run's traceback ends with."""
        suggestion = self.exception.get("suggestion")
        words = f"{self.type}: {self.message}" if self.message else self.type
        return words + (f" ({suggestion})" if suggestion and suggestion not in self.message else "")

    def values(self, *names: str) -> str:
        """The values that the frame's locals had, as far as named here (all when none are)."""
        held = self.frame.get("locals") or {}
        chosen = [n for n in (names or sorted(held)) if n in held and not n.startswith("__")]
        shown = [f"{n} = {held[n].get('repr') or held[n].get('type')}" for n in chosen[:6]]
        return ", ".join(shown)

    def line_span(self) -> Tuple[int, int]:
        """Offsets of the failing line without its indentation."""
        start, end = self.module.offset_of_original_line(self.line)
        text = self.module.text[start:end]
        return start + len(text) - len(text.lstrip()), start + len(text.rstrip())

    def nodes(self, *kinds: type) -> List[Any]:
        """Nodes of the failing line."""
        return self.module.nodes_on_line(self.line, *kinds)

    def report(
        self, rule: str, message: str, hint: str, confidence: str = "high", fixes: Any = (),
        span: Optional[Tuple[int, int]] = None, subject: Optional[str] = None,
    ) -> Finding:  # fmt: skip
        """A finding of this failure."""
        item = finding(self.module, rule, span or self.line_span(), message, hint, confidence, list(fixes), "runtime", self.text)
        if subject:
            item["subject"] = subject
        return item


Handler = Callable[[Failure], Iterator[Finding]]


def runtime_findings(
    program: Program, inference: Inference, observation: Optional[Dict[str, Any]]
) -> List[Finding]:
    """Findings for the exception of a run and those it was raised from."""
    from .runtime_names import NAME_HANDLERS
    from .runtime_types import TYPE_HANDLERS
    from .runtime_values import VALUE_HANDLERS

    handlers: Dict[str, Handler] = {**NAME_HANDLERS, **TYPE_HANDLERS, **VALUE_HANDLERS}
    found: List[Finding] = []
    if not observation:
        return found
    for exception in _chain(observation.get("exception")):
        failure = _failure(program, inference, exception, observation)
        if failure is None:
            continue
        handler = handlers.get(failure.type)
        items = list(handler(failure)) if handler is not None else []
        found += items or [_plain(failure)]
    found += _limits(program, observation)
    return found


def _chain(exception: Optional[Dict[str, Any]]) -> Iterator[Dict[str, Any]]:
    stack, count = [exception], 0
    while stack and count < 8:
        current = stack.pop(0)
        if isinstance(current, dict):
            count += 1
            yield current
            stack.extend(current.get("chain") or [])


def _failure(
    program: Program, inference: Inference, exception: Dict[str, Any], observation: Dict[str, Any]
) -> Optional[Failure]:
    frames = [f for f in exception.get("frames") or [] if f.get("path") in program.by_path]
    if not frames:
        return None
    frame = frames[-1]
    module = program.by_path[frame["path"]]
    if module.tree is None:
        return None
    return Failure(program, inference, module, int(frame.get("line") or 1), frame, exception, observation)


def _plain(failure: Failure) -> Finding:
    if failure.type in ("SyntaxError", "IndentationError", "TabError"):
        return failure.report("syntax/at-run-time", failure.text, f"Line {failure.line}: {failure.message}.")
    if failure.type in ("AssertionError",):
        values = failure.values()
        return failure.report("logic/assertion", failure.text,
            f"Line {failure.line}: the assertion does not hold{' with ' + values if values else ''}; what it checks was computed wrongly before.", "low")  # fmt: skip
    values = failure.values()
    rule = "semantic/exception"
    return failure.report(rule, failure.text,
        f"Line {failure.line} raises {failure.type}{' with ' + values if values else ''}. Find out why these values occur there.", "low")  # fmt: skip


def _limits(program: Program, observation: Dict[str, Any]) -> Iterator[Finding]:
    """A run that was ended at a limit: where it was."""
    stop = observation.get("stop")
    words = {"endlessLoop": "runs without end", "hang": "waits without end", "memory": "takes memory without end", "output": "prints without end"}
    if stop not in words:
        return
    for stack in observation.get("stacks") or []:
        frames = [f for f in stack.get("frames") or [] if f.get("path") in program.by_path]
        if not frames:
            continue
        module = program.by_path[frames[-1]["path"]]
        line = int(frames[-1].get("line") or 1)
        if module.tree is None:
            continue
        loop = next((n for n in module.nodes_on_line(line, ast.While, ast.For)), None)
        if loop is None:
            inner = module.nodes_on_line(line, ast.stmt)
            loop = module.enclosing(inner[0], ast.While, ast.For) if inner else None
        start = module.span(loop)[0] if loop is not None else module.offset_of_original_line(line)[0]
        place = module.original_range(start, start)[0]
        text = f"the program {words[stop]}; it was at line {line}"
        hint = f"Line {place}: make sure that what the loop tests changes in its body and that the loop can end."
        if isinstance(loop, ast.While):
            hint = f"Line {place}: the condition '{module.code(loop.test)}' never becomes false; change what it tests inside the loop."
        span = (start, min(start + 5, len(module.text)))
        confidence = "medium" if loop is not None else "low"
        rule = "resource/endless-loop" if stop != "hang" else "resource/hang"
        yield finding(module, rule, span, text, hint, confidence, (), "runtime", text)
        return


def quoted(message: str) -> List[str]:
    """The words in quotes of a message."""
    return re.findall(r"['\"]([^'\"]*)['\"]", message)
