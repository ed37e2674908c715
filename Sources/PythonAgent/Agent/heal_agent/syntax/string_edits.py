"""Candidate edits for strings without an end or a start, and for braces of f-strings."""

from __future__ import annotations

import re
from typing import Iterator, Sequence

from .edits import Edit
from .lexer import Token

_TAIL = re.compile(r"[)\]},:;\s]*$")
_STOPS = re.compile(r"""[)\]},:;]|\s+(?:[-+%*]|if|for|in|and|or|else|not|==|!=)(?=\s|$)|\.\w+\(|\s*$""")
_EXPRESSION = re.compile(r"\w+(?:\.\w+|\[[^\]{}]*\]|\([^(){}]*\))*")
_INNER_QUOTES = re.compile(r"\{[^{}'\"]*(\")[^{}'\"]*(\")[^{}'\"]*\}|\{[^{}'\"]*(')[^{}'\"]*(')[^{}'\"]*\}")


def string_edits(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    """Edits for each string of a line that does not parse."""
    has_broken = any(t.kind == "broken" for t in tokens)
    for i, token in enumerate(tokens):
        if token.kind == "broken" and not _quote(token).startswith(('"""', "'''")):
            yield from _close(token)
            yield from _open(tokens, i)
            yield from _change_quotes(token)
            yield from _apostrophes(text, tokens, i)
        elif token.kind == "broken":
            yield from _close_triple(token)
        elif token.kind == "string":
            if has_broken and len(_quote(token)) == 1:
                yield from _close_early(token)
                yield from _open(tokens, i)
            if "f" in token.text[: token.text.find(_quote(token))].lower():
                yield from _braces(token)
    yield from _nested_quotes(text)


def _quote(token: Token) -> str:
    """The quotes a string token starts with, prefix left out."""
    body = token.text.lstrip("rRbBuUfFtT")
    return body[:3] if body[:3] in ('"""', "'''") else body[:1]


def _close(token: Token) -> Iterator[Edit]:
    quote = _quote(token)
    text = token.text.split(" #")[0].rstrip() if quote not in token.text.split(" #")[-1] else token.text.rstrip()
    reason = f"close the string with {quote}"
    first = token.text.find(quote) + 1
    tail = _TAIL.search(text)
    tail_start = max(tail.start() if tail else len(text), first)
    for at in range(tail_start, len(text) + 1):
        yield Edit(token.start + at, token.start + at, quote, reason, 0.4 + 0.02 * (at - tail_start))
    for stop in _STOPS.finditer(text, first):
        at = stop.start()
        if at < tail_start:
            yield Edit(token.start + at, token.start + at, quote, reason, 0.7)


def _close_early(token: Token) -> Iterator[Edit]:
    """A closing quote inside a string that runs into the next one."""
    quote = _quote(token)
    first = token.text.find(quote) + 1
    for stop in _STOPS.finditer(token.text, first, len(token.text) - 1):
        at = token.start + stop.start()
        yield Edit(at, at, quote, f"close the string with {quote}", 0.8)


def _open(tokens: Sequence[Token], i: int) -> Iterator[Edit]:
    quote = _quote(tokens[i])
    if tokens[i].text[:1] not in "\"'":
        return
    for j in range(i - 1, -1, -1):
        if "\n" in tokens[j].text:
            break
        before = tokens[j - 1].text if j else ""
        natural = before in ("(", ",", "=", "[", "{", "return", "+", ":", "==", "in", "!=", "+=", "%")
        if tokens[j].kind in ("name", "number", "op", "stray"):
            cost = 0.5 + 0.05 * (i - j) if natural else 1.4
            yield Edit(tokens[j].start, tokens[j].start, quote, f"open the string with {quote}", cost)
    yield Edit(tokens[i].start, tokens[i].start + 1, "", "remove the quote that opens nothing", 1.2)
    yield Edit(tokens[i].start, tokens[i].start, quote, f"open the string with {quote}", 0.8)


def _change_quotes(token: Token) -> Iterator[Edit]:
    quote = _quote(token)
    other = "'" if quote == '"' else '"'
    places = [m.start() for m in re.finditer(other, token.text)]
    for at in dict.fromkeys((places[-1:] + places[:1])):
        yield Edit(token.start + at, token.start + at + 1, quote, f"close the string with {quote}, as it was opened", 0.35)
    if places:
        first = token.start + token.text.find(quote)
        yield Edit(first, first + 1, other, f"open the string with {other}, as it is closed", 0.45)


def _apostrophes(text: str, tokens: Sequence[Token], i: int) -> Iterator[Edit]:
    """'it's' : a quote between letters was meant as an apostrophe."""
    for earlier in tokens[: i + 1]:
        if earlier.kind not in ("string", "broken") or _quote(earlier) != "'":
            continue
        for match in re.finditer(r"(?<=\w)'(?=\w)", text[earlier.start + 1 :]):
            at = earlier.start + 1 + match.start()
            yield Edit(at, at, "\\", "escape the apostrophe inside the string", 0.5)
            break


def _close_triple(token: Token) -> Iterator[Edit]:
    quote = _quote(token)
    lines = token.text.splitlines(keepends=True)
    at = token.start
    for number, line in enumerate(lines[:30]):
        body = line.rstrip()
        end = at + len(body)
        partial = len(body) - len(body.rstrip(quote[0])) if number or len(body) > 3 else 0
        if 0 < partial < 3:
            yield Edit(end, end, quote[partial:], f"close the string with {quote}", 0.2)
        yield Edit(end, end, quote, f"close the string with {quote}", 0.5 + 0.1 * number)
        at += len(line)


def _braces(token: Token) -> Iterator[Edit]:
    """Unbalanced braces of an f-string."""
    text, base = token.text, token.start
    quote = len(_quote(token))
    start = text.find(_quote(token)) + quote
    depth, opened, i = 0, -1, start
    while i < len(text) - quote:
        pair = text[i : i + 2]
        if pair in ("{{", "}}") and depth == 0:
            i += 2
            continue
        if text[i] == "{":
            if depth == 0:
                opened = i
            depth += 1
        elif text[i] == "}":
            if depth == 0:
                yield from _lone_closing_brace(text, base, i, start)
            depth = max(0, depth - 1)
        i += 1
    if depth:
        match = _EXPRESSION.match(text, opened + 1)
        if match:
            yield Edit(base + match.end(), base + match.end(), "}", "close the '{' of the f-string", 0.35)
        end = base + len(text) - quote
        yield Edit(end, end, "}", "close the '{' of the f-string", 0.5)
        for stop in re.finditer(r"[\s,:;!]|$", text[opened + 1 : len(text) - quote]):
            at = base + opened + 1 + stop.start()
            yield Edit(at, at, "}", "close the '{' of the f-string", 0.7)
        yield Edit(base + opened, base + opened, "{", "write '{{' for a brace in the text", 1.1)
        yield Edit(base + opened, base + opened + 1, "", "remove the '{' that is never closed", 1.2)
    for empty in re.finditer(r"\{\s*\}", text):
        yield Edit(base + empty.start(), base + empty.end(), "{{}}", "write '{{}}' for empty braces in the text", 1.0)


def _lone_closing_brace(text: str, base: int, i: int, start: int) -> Iterator[Edit]:
    word = re.search(r"[\w.]+(?:\[[^\]]*\]|\([^)]*\))*(?:![rsa])?(?::[^{}\s]*)?$", text[start:i])
    if word:
        at = base + start + word.start()
        yield Edit(at, at, "{", "open the braces of the f-string", 0.5)
    yield Edit(base + i, base + i, "}", "write '}}' for a brace in the text", 0.9)
    yield Edit(base + i, base + i + 1, "", "remove the '}' that nothing opens", 1.0)


def _nested_quotes(text: str) -> Iterator[Edit]:
    """The string's own quotes inside its braces, which Python has only read since 3.12."""
    for match in _INNER_QUOTES.finditer(text):
        groups = (1, 2) if match.group(1) else (3, 4)
        first, last = match.start(groups[0]), match.start(groups[1])
        other = "'" if text[first] == '"' else '"'
        new = other + text[first + 1 : last] + other
        yield Edit(first, last + 1, new, "use the other quotes inside the braces of the f-string", 0.6)
