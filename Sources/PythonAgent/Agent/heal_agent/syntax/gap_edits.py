"""Candidate edits where something is missing between two operands, or is too much or foreign."""

from __future__ import annotations

import keyword
import re
from typing import Iterator, Sequence

from .edits import Edit
from .lexer import CLOSERS, OPENERS, Token
from .token_edits import depths, is_operand_end, is_operand_start

_UNUSUAL = {
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"', "‘": "'", "’": "'", "‚": "'", "′": "'", "´": "'",
    "，": ",", "、": ",", "：": ":", "；": ";", "（": "(", "）": ")", "［": "[", "］": "]", "｛": "{", "｝": "}", "。": ".", "＝": "=",
    "–": "-", "—": "-", "−": "-", "×": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "…": "...", "→": "->",
    "\u00a0": " ", "\u3000": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "", "\u2060": "", "\u00ad": "",
}  # fmt: skip
_UNUSUAL_RUN = re.compile("[" + "".join(_UNUSUAL) + "]")
_PROMPT = re.compile(r"(?:>>>|\.\.\.) ?")
_MARKER = re.compile(r"(?:<{7}|={7}|>{7}|`{3})")


def unusual_characters(text: str) -> Iterator[Edit]:
    """Typographic quotes, dashes and spaces that only look like Python's own."""
    places = [m.start() for m in _UNUSUAL_RUN.finditer(text)]
    if places:
        start, end = places[0], places[-1] + 1
        new = "".join(_UNUSUAL.get(c, c) for c in text[start:end])
        yield Edit(start, end, new, "replace the typographic characters by plain ones", 0.2)


def gap_edits(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    """Something missing between two neighbours that cannot stand side by side."""
    level = depths(tokens)
    inside = _innermost(tokens)
    for i in range(1, len(tokens)):
        a, b = tokens[i - 1], tokens[i]
        if not (is_operand_end(a) and is_operand_start(b)):
            continue
        if b.text in OPENERS and a.text != ")" and a.kind != "number" and b.text != "{":
            continue
        yield from _between(text, tokens, i, level[i], inside[i])
    for i in range(1, len(tokens)):
        a, b = tokens[i - 1], tokens[i]
        if a.text == b.text == ",":
            yield Edit(b.start, b.end, "", "remove the doubled ','", 0.5)
        if a.text in OPENERS and b.text == ",":
            yield Edit(b.start, b.end, "", "remove the ',' that follows no value", 0.9)


def _innermost(tokens: Sequence[Token]) -> list:
    stack, found = [], []
    for token in tokens:
        if token.kind == "op" and token.text in CLOSERS and stack:
            stack.pop()
        found.append(stack[-1] if stack else "")
        if token.kind == "op" and token.text in OPENERS:
            stack.append(token.text)
    return found


def _between(text: str, tokens: Sequence[Token], i: int, level: int, inside: str) -> Iterator[Edit]:
    a, b = tokens[i - 1], tokens[i]
    at = a.end
    words = [t.text for t in tokens]
    literal = a.kind in ("number", "string") or b.kind in ("number", "string")
    if level:
        yield Edit(at, at, ",", "add the missing ','", 0.5 if a.text in CLOSERS or literal or b.start > at else 1.0)
        if inside == "{":
            yield Edit(at, at, ":", "add the missing ':' between key and value", 0.6)
        if inside == "[":
            yield Edit(at, at, ":", "add the missing ':' of the slice", 1.4)
        if inside == "(" and a.kind == "name":
            yield Edit(at, at, "=", "add the missing '='", 1.2)
    else:
        yield Edit(at, at, ",", "add the missing ','", 1.0)
        if a.kind == "name" and all(t.kind == "name" or t.text in (".", ",", "[", "]") or t.kind in ("string", "number") for t in tokens[:i]):
            yield Edit(at, at, " =" if b.start > at else " = ", "add the missing '='", 0.8)
    if a.kind == "name" and b.kind == "name":
        yield Edit(at, b.start, ".", "add the missing '.'", 0.3 if a.text in ("self", "cls") else 1.2)
        yield Edit(at, b.start, "_", "a name cannot contain a space", 1.6)
    if "for" in words[:i] and "in" not in words[words.index("for") : i + 1]:
        yield Edit(at, at, " in", "add the missing 'in'", 0.6)
    if "lambda" in words[:i]:
        yield Edit(at, at, ":", "add the missing ':' of the lambda", 0.8)
    if "if" in words[:i] and level:
        yield Edit(at, at, " else", "add the missing 'else'", 1.4)
    if b.text == "not":
        return
    operators = ("+", "*", "-", "==", "and", "or", "in", "if", "%", ">", "<", "/")
    for rank, operator in enumerate(operators):
        pad = "" if text[at : b.start] else " "
        yield Edit(at, at, f" {operator}{pad}", f"add a missing '{operator}'", 1.3 + 0.1 * rank)


def call_edits(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    """A call written without its parentheses."""
    level = depths(tokens)
    for i in range(1, len(tokens)):
        a, b = tokens[i - 1], tokens[i]
        if a.kind != "name" or not is_operand_end(a) or not is_operand_start(b) or b.text in OPENERS:
            continue
        end = i
        while end < len(tokens) and level[end] >= level[i] and tokens[end].text not in (";", "for", "if", "else"):
            if level[end] == level[i] and tokens[end].text == ":" and end == len(tokens) - 1:
                break
            end += 1
        inner = text[b.start : tokens[end - 1].end]
        cost = 0.3 if a.text in ("print", "exec") and i == 1 else 1.5 if i == 1 else 1.9
        if inner.endswith(",") and a.text == "print":
            inner = inner[:-1] + ", end=' '"
        yield Edit(a.end, tokens[end - 1].end, f"({inner})", f"call '{a.text}' with parentheses", cost)
    ticks = [t for t in tokens if t.text == "`"]
    if len(ticks) == 2:
        inner = text[ticks[0].end : ticks[1].start]
        yield Edit(ticks[0].start, ticks[1].end, f"repr({inner})", "backquotes are 'repr(…)'", 0.4)


def removal_edits(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    """Things that should not be there at all."""
    prompt = _PROMPT.match(text)
    if prompt:
        yield Edit(0, prompt.end(), "", "remove the interpreter prompt", 0.3)
    if _MARKER.match(text) and "\n" not in text:
        yield Edit(0, len(text), "pass", "remove the line that is not code", 0.8)
    for i, token in enumerate(tokens):
        end = tokens[i + 1].start if i == 0 and len(tokens) > 1 else token.end
        if token.kind == "stray":
            yield Edit(token.start, token.end, "", f"remove the stray '{token.text}'", 0.6)
            if i + 1 < len(tokens) and token.end < tokens[i + 1].start:
                yield Edit(token.start, tokens[i + 1].start, "", f"remove the stray '{token.text}'", 0.6)
        elif i and token.text == tokens[i - 1].text and token.kind in ("name", "op"):
            yield Edit(tokens[i - 1].end, token.end, "", f"remove the doubled '{token.text}'", 0.7)
        elif token.kind == "op":
            yield Edit(token.start, token.end, "", f"remove the superfluous '{token.text}'", 1.6)
        else:
            start = tokens[i - 1].end if i and tokens[i - 1].end < token.start else token.start
            cost = 2.2 if token.kind == "name" else 2.4
            yield Edit(start, end, "", f"remove the superfluous '{token.text}'", cost)
    swaps = {":": (",", ";", "."), ";": (":", ","), ".": (",",), ",": (".", ":"), "=": (":", "-", "in"), "-": ("=", "_")}
    for token in tokens:
        if token.kind == "op":
            for new in swaps.get(token.text, ()):
                text_new = f" {new} " if new == "in" else new
                yield Edit(token.start, token.end, text_new, f"'{token.text}' should be '{new}'", 1.5)
    if tokens and tokens[-1].text not in (":",) and len(tokens) <= 2 and tokens[-1].text == "=":
        yield Edit(tokens[-1].end, tokens[-1].end, " None", "give the assignment a value", 1.2)
    words = [t.text for t in tokens[:1] if not keyword.iskeyword(t.text)]
    if words and sum(1 for i in range(1, len(tokens)) if tokens[i].kind == tokens[i - 1].kind == "name") >= 3:
        yield Edit(0, 0, "# ", "make the text a comment", 1.6)
