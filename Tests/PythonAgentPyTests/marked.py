"""Programs that carry their own expectations.

A line may end in `#! RULE` or `#! RULE => LINE`: a finding of that rule on that line, and what
the line reads once the finding's first fix is applied (indentation left out). Several are
separated by ` ;; `. A line `#!> LINE` at the top says that the fixed text must contain that line.
"""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Sources" / "PythonAgent" / "Agent"))

from heal_agent.diagnose import diagnose  # noqa: E402
from heal_agent.syntax.source import Source  # noqa: E402

Expectation = Tuple[int, str, Optional[str]]


def read(marked: str) -> Tuple[str, List[Expectation]]:
    """The program without its marks, and the marks."""
    lines, expected = [], []
    for number, line in enumerate(marked.split("\n"), 1):
        code, mark, words = line.partition("#!")
        lines.append(code.rstrip() if mark else line)
        for part in words.split(" ;; ") if mark else ():
            rule, arrow, fixed = part.strip().partition(" => ")
            expected.append((number, rule, fixed if arrow else None))
    return "\n".join(lines), expected


def apply(text: str, edits: List[Dict[str, Any]]) -> str:
    """The text with a fix's edits made."""
    source = Source(text)
    for edit in sorted(edits, key=lambda e: e["range"], reverse=True):
        line, column, end_line, end_column = edit["range"]
        start, end = source.offset(line, column), source.offset(end_line, end_column)
        text = text[:start] + edit["new"] + text[end:]
        source = Source(text)
    return text


def problems(marked: str, observation: Optional[Dict[str, Any]] = None, tools: Any = (), only: bool = True) -> List[str]:
    """Differences between what a marked program expects and what the diagnosis finds."""
    text, expected = read(marked)
    found = diagnose({"main.py": text}, observation, list(tools))
    wrong: List[str] = []
    used = []
    for line, rule, fixed in expected:
        hits = [f for f in found if f["range"][0] == line and f["rule"] == rule and f not in used]
        if not hits:
            wrong.append(f"line {line}: no {rule}; found {[(f['rule'], f['range'][0], f['message']) for f in found]}")
            continue
        used.append(hits[0])
        if fixed is None:
            continue
        options = [apply(text, fix["edits"]) for fix in hits[0]["fixes"]]
        if not options or fixed not in [part.strip() for part in options[0].split("\n")]:
            wrong.append(f"line {line}: {rule} does not give {fixed!r} first; fixes {[[(e['range'], e['new']) for e in f['edits']] for f in hits[0]['fixes']]}")
    if only:
        wrong += [f"unexpected {f['rule']} on line {f['range'][0]}: {f['message']}" for f in found if f not in used]
    return wrong


def observe(text: str, path: str = "main.py", stdin: str = "") -> Dict[str, Any]:
    """The observation of running a (harmless) text of the tests' own here."""
    names: Dict[str, Any] = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, path, "exec"), names)
    except BaseException as error:  # noqa: BLE001: whatever a program raises is what is observed
        return {"exception": exception(error, text, path), "stop": "finished", "attributes": _attributes(error)}
    return {"exception": None, "stop": "finished", "attributes": {}}


def exception(error: BaseException, text: str, path: str) -> Dict[str, Any]:
    """An exception in the shape of the protocol."""
    lines = text.split("\n")
    frames = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == path:
            values = {k: {"type": type(v).__name__, "repr": repr(v)[:80]} for k, v in frame.f_locals.items() if not k.startswith("__")}
            frames.append({"path": path, "line": line, "function": frame.f_code.co_name, "code": lines[line - 1], "locals": values})
    chain = [exception(e, text, path) for e in (error.__cause__ or error.__context__,) if e is not None]
    return {"type": type(error).__name__, "message": str(error), "suggestion": None, "frames": frames, "chain": chain}


def _attributes(error: BaseException) -> Dict[str, List[str]]:
    owner = getattr(error, "obj", None)
    return {type(owner).__name__: sorted(dir(owner))} if owner is not None else {}
