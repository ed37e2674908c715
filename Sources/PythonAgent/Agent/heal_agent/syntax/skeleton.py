"""The block structure of a program, apart from what its statements say.

Each logical line becomes the smallest line of its kind, so that the compiler judges indentation,
headers without bodies and misplaced `return`, `break` or `else` alone, and fast.
"""

from __future__ import annotations

import warnings
from typing import List, NamedTuple, Optional, Sequence, Tuple

from .lexer import Line

_HEADERS = {
    "if": "if 1:", "elif": "elif 1:", "else": "else:", "for": "for x in x:", "while": "while 1:",
    "try": "try:", "finally": "finally:", "with": "with x:", "def": "def f():", "class": "class C:",
    "async": "async def f():", "match": "match x:", "case": "case 1:",
}  # fmt: skip
_PLAIN = {"return": "return", "break": "break", "continue": "continue", "@": "@d"}


class Stub(NamedTuple):
    """A logical line reduced to its kind: header or not, and the word it starts with."""

    code: str
    word: str
    opens: bool


def stub(line: Line) -> Stub:
    """The smallest line that plays the part of `line`."""
    words = [t.text for t in line.tokens[:2]]
    word = words[0] if words else ""
    opens = line.opens_block
    if word == "async" and len(words) > 1 and words[1] in ("for", "with"):
        word = words[1]
    if word in ("match", "case") and not opens:
        return Stub("pass", word, False)
    if word == "except":
        header = "except:" if len(line.tokens) == 2 else "except E:"
        if len(line.tokens) > 1 and line.tokens[1].text == "*":
            header = "except E:"
    elif word in _HEADERS:
        header = _HEADERS[word]
    else:
        return Stub("if 1:" if opens else _PLAIN.get(word, "pass"), "if" if opens else word, opens)
    if opens:
        return Stub(header, word, True)
    tail = line.tokens[-1].text
    return Stub(header + (" " + _inline(line) if tail != ":" else ""), word, False)


def _inline(line: Line) -> str:
    """The body of a compound statement on one line."""
    words = {t.text for t in line.tokens[1:]}
    for word in ("return", "break", "continue"):
        if word in words:
            return word
    return "pass"


class Fault(NamedTuple):
    """The first structural fault: whether all lines parse (phase 1), and the index of its line."""

    phase: int
    index: int
    message: str


def fault(stubs: Sequence[Stub], indents: Sequence[str], insertions: Sequence[int] = ()) -> Optional[Fault]:
    """The first structural fault, or None. `insertions` are indices of headers that get a `pass`."""
    rows: List[str] = []
    owner: List[int] = []
    adding = set(insertions)
    for i, item in enumerate(stubs):
        rows.append(indents[i] + item.code)
        owner.append(i)
        if i in adding:
            rows.append(indents[i] + "\tpass" if "\t" in indents[i] else indents[i] + " pass")
            owner.append(i)
    text = "\n".join(rows) + "\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<structure>", "exec", 0, True)
        except SyntaxError as error:
            row = min(max((error.lineno or 1) - 1, 0), len(owner) - 1)
            return Fault(_phase(error), owner[row], str(error.msg))
        except (ValueError, MemoryError, RecursionError):
            return Fault(0, 0, "too deep")
    return None


def _phase(error: SyntaxError) -> int:
    """0 for faults of the parser, 1 for those found once everything parses."""
    message = str(error.msg)
    later = ("outside", "not properly in loop", "default 'except:'")
    return 1 if any(part in message for part in later) else 0


def progress(before: Fault, after: Optional[Fault]) -> bool:
    """Whether the fault moved on."""
    return after is None or (after.phase, after.index) > (before.phase, before.index)


def key(found: Optional[Fault]) -> Tuple[int, int]:
    """A fault's place in the order of discovery; no fault comes last."""
    return (9, 0) if found is None else (found.phase, found.index)
