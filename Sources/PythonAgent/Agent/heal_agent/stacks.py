"""Reads the stacks that faulthandler prints, back into frames."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional

from .describe import Describer, source_line

_THREAD = re.compile(r"^(Current thread|Thread) (0x[0-9a-fA-F]+)(?: \[(.*)\])? \(most recent call first\):")
_BARE = re.compile(r"^Stack \(most recent call first\):")
_FRAME = re.compile(r'^  File "(.*)", line (\d+|\?\?\?) in (.*)$')
_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


def parse(text: str, describer: Describer) -> "List[Dict[str, Any]]":
    """The protocol's `stacks`: one entry a thread, frames outermost first, the agent's own left out."""
    found: "List[Dict[str, Any]]" = []
    current: "Optional[Dict[str, Any]]" = None
    seen = set()
    for line in text.splitlines():
        start = _THREAD.match(line) or _BARE.match(line)
        if start:
            name = start.group(3) or start.group(2) if start.re is _THREAD else "main"
            # A second dump of the same threads adds nothing.
            current = None if name in seen else {"thread": name, "frames": []}
            if current is not None:
                seen.add(name)
                found.append(current)
            continue
        frame = _FRAME.match(line)
        if frame and current is not None:
            _add(current["frames"], frame, describer)
    for entry in found:
        entry["frames"].reverse()
    return found


def _add(frames: "List[Dict[str, Any]]", match: "re.Match[str]", describer: Describer) -> None:
    filename = _ESCAPE.sub(lambda m: chr(int(m.group(1)[1:], 16)), match.group(1))
    if describer._is_hidden(filename):
        return
    line = int(match.group(2)) if match.group(2).isdigit() else 0
    frames.append({
        "path": describer.path(filename), "line": line, "function": match.group(3),
        "code": source_line(filename, line) if line else "", "locals": {},
    })
