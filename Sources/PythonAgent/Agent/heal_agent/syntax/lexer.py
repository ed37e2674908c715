"""Tolerant lexing: tokens and logical lines of a text that may not be a program yet.

The standard tokenizer stops at the first fault and differs between Python versions; this one
never fails. What it cannot read becomes a `stray` token, a string without an end a `broken` one.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

_PREFIX = r"(?i:[rbuft]|br|rb|fr|rf|tr|rt)?"
_TOKEN = re.compile(
    r"(?P<space>[ \t\f]+)"
    r"|(?P<newline>\r\n|\n|\r)"
    r"|(?P<comment>\#[^\r\n]*)"
    r"|(?P<join>\\[ \t]*(?:\r\n|\n|\r))"
    r"|(?P<string>" + _PREFIX + r"(?:"
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\[\s\S]|'(?!''))*'''"
    r'|"(?!"")(?:[^"\\\r\n]|\\(?:\r\n|[\s\S]))*"'
    r"|'(?!'')(?:[^'\\\r\n]|\\(?:\r\n|[\s\S]))*'"
    r"))"
    r"|(?P<broken>" + _PREFIX + r'(?:"""[\s\S]*|\'\'\'[\s\S]*|["\'][^\r\n]*))'
    r"|(?P<number>0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+"
    r"|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?[jJ]?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<op>\*\*=|//=|>>=|<<=|\.\.\.|!=|->|:=|==|<=|>=|\*\*|//|<<|>>"
    r"|[-+*/%@&|^]=|[-+*/%@&|^~<>()\[\]{},:.;=])"
    r"|(?P<stray>[\s\S])"
)

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {")": "(", "]": "[", "}": "{"}
# A physical line that starts with one of these cannot continue a bracket.
HARD_STARTS = frozenset(
    "def class return import while try with raise del global nonlocal assert pass break continue "
    "elif except finally".split()
)
COMPOUND = frozenset(
    "def class if elif else for while try except finally with async match case".split()
)
_LINE_START = re.compile(r"[ \t\f]*(?P<word>[^\W\d]\w*|[^\s\w])?(?P<after>[ \t]*[=(.\[]?)")


class Token(NamedTuple):
    """One token: what it is, its text, and where it lies in the text."""

    kind: str
    text: str
    start: int
    end: int


class Line:
    """A logical line: its tokens without comments, where it starts, and what is wrong with its brackets."""

    __slots__ = ("tokens", "start", "end", "indent", "number", "unclosed", "extra", "broken")

    def __init__(self, start: int, indent: str, number: int) -> None:
        self.tokens: List[Token] = []
        self.start = start
        self.end = start
        self.indent = indent
        self.number = number
        self.unclosed: List[Token] = []
        self.extra: List[Token] = []
        self.broken = False

    def text(self, source: str) -> str:
        """The line's own text, indentation left out."""
        return source[self.start : self.end]

    @property
    def balanced(self) -> bool:
        return not (self.unclosed or self.extra or self.broken)

    @property
    def opens_block(self) -> bool:
        """Whether the line is a header whose body must follow on deeper lines."""
        return bool(self.tokens) and self.tokens[-1].text == ":"


def tokens(text: str) -> List[Token]:
    """All tokens but white space, comments and line ends."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "stray"
        if kind not in ("space", "newline", "comment", "join"):
            found.append(Token(kind, match.group(), match.start(), match.end()))
    return found


def width(indent: str) -> int:
    """The column an indentation reaches, tabs going to multiples of eight."""
    column = 0
    for c in indent:
        column = (column // 8 + 1) * 8 if c == "\t" else 0 if c == "\f" else column + 1
    return column


def logical_lines(text: str, recover: bool = False) -> List[Line]:
    """The logical lines of `text`.

    With `recover`, a bracket that is open at a place where a statement plainly starts is given
    up there, so that one missing bracket does not swallow the rest of the file.
    """
    lines: List[Line] = []
    line: Optional[Line] = None
    stack: List[Token] = []
    number = 1
    line_start = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "space" or kind == "comment":
            continue
        if kind == "newline" or kind == "join":
            number += 1
            line_start = match.end()
            if kind == "newline" and line is not None:
                if not stack or (recover and _starts_statement(text, line_start, line)):
                    line.unclosed = stack
                    lines.append(line)
                    line, stack = None, []
            continue
        token = Token(kind or "stray", match.group(), match.start(), match.end())
        if line is None:
            line = Line(token.start, text[line_start : token.start], number)
        line.tokens.append(token)
        line.end = token.end
        if kind == "op":
            _bracket(token, stack, line)
        elif kind == "broken":
            line.broken = True
        if kind == "string" or kind == "broken":
            number += _line_ends(token.text)
    if line is not None:
        line.unclosed = stack
        lines.append(line)
    return lines


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _bracket(token: Token, stack: List[Token], line: Line) -> None:
    if token.text in OPENERS:
        stack.append(token)
    elif token.text in CLOSERS:
        if stack:
            if stack.pop().text != CLOSERS[token.text]:
                line.extra.append(token)
        else:
            line.extra.append(token)


def _starts_statement(text: str, at: int, line: Line) -> bool:
    """Whether the physical line at `at` cannot belong to the open bracket of `line`."""
    if line.tokens[-1].text == ":" and line.tokens[0].text in COMPOUND:
        openers = [t for t in line.tokens if t.kind == "op" and t.text in "([{"]
        if openers and openers[-1].text == "(":
            return True  # a header whose bracket was not closed before its colon
    match = _LINE_START.match(text, at)
    word = match.group("word") if match else None
    if not match or not word:
        return False
    if word in HARD_STARTS:
        return True
    if not (word[0].isalpha() or word[0] in "_@"):
        return False
    deeper = width(text[at : match.start("word")]) > width(line.indent)
    if deeper:
        return False
    return word not in ("and", "or", "in", "is", "not", "else", "lambda")


def strict_or_recovered(text: str) -> Tuple[List[Line], bool]:
    """Logical lines, recovered only when the brackets and strings of `text` do not balance."""
    lines = logical_lines(text)
    if all(line.balanced for line in lines):
        return lines, False
    return logical_lines(text, recover=True), True
