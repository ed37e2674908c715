"""Candidate edits of keywords and operators for a logical line that does not parse."""

from __future__ import annotations

import keyword
from typing import Iterator, List, Sequence

from ..names import allowance, distance
from .edits import Edit
from .lexer import CLOSERS, OPENERS, Token

_STATEMENTS = tuple(
    "def class if elif else for while try except finally with return import from raise assert pass "
    "break continue global nonlocal del async await lambda yield match case".split()
)
_INNER = tuple("in is not and or if else for as import lambda from await async None True False".split())
# Words of other languages for the Python keyword of the same meaning.
_FOREIGN = {
    "function": "def", "func": "def", "fun": "def", "fn": "def", "sub": "def", "define": "def",
    "elseif": "elif", "elsif": "elif", "elif_": "elif", "catch": "except", "rescue": "except",
    "foreach": "for", "throw": "raise", "switch": "match", "require": "import", "using": "import",
    "include": "import", "unless": "if not", "until": "while not", "of": "in", "AND": "and", "OR": "or", "NOT": "not",
    "struct": "class", "ensure": "finally",
}  # fmt: skip
_DECLARATIONS = frozenset(
    "var let const auto int float double string String bool boolean char long new public private "
    "protected static void final val mut dim local my our".split()
)
_JOINED = frozenset("<= >= == != += -= *= /= //= **= %= ** // -> := << >> &= |= ^=".split())
HEADERS = frozenset("def class if elif else for while try except finally with async match case".split())


def is_operand_end(token: Token) -> bool:
    """Whether an expression may end with this token."""
    if token.kind == "name":
        return not keyword.iskeyword(token.text) or token.text in ("None", "True", "False")
    return token.kind in ("number", "string") or token.text in CLOSERS or token.text == "..."


def is_operand_start(token: Token) -> bool:
    """Whether an expression may start with this token."""
    if token.kind == "name":
        return not keyword.iskeyword(token.text) or token.text in (
            "None", "True", "False", "not", "lambda", "await",
        )  # fmt: skip
    return token.kind in ("number", "string") or token.text in OPENERS


def depths(tokens: Sequence[Token]) -> List[int]:
    """Bracket depth before each token."""
    depth, found = 0, []
    for token in tokens:
        if token.text in CLOSERS and token.kind == "op":
            depth = max(0, depth - 1)
        found.append(depth)
        if token.text in OPENERS and token.kind == "op":
            depth += 1
    return found


def keyword_edits(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    """Misspelt, foreign, glued and superfluous keywords."""
    for i, token in enumerate(tokens):
        if token.kind != "name" or keyword.iskeyword(token.text):
            continue
        first = i == 0
        yield from _spelling(token, first)
        yield from _glued(token, first)
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.text in _DECLARATIONS and following is not None and following.kind == "name":
            yield Edit(token.start, following.start, "", f"remove '{token.text}', which Python does not have", 0.5)
        if token.text in ("then", "do") and i == len(tokens) - 1:
            yield Edit(tokens[i - 1].end, token.end, ":", f"end the header with ':' instead of '{token.text}'", 0.4)
        if token.text in ("then", "do") and following is not None and following.text == ":":
            yield Edit(tokens[i - 1].end, token.end, "", f"remove '{token.text}', which Python does not have", 0.4)
    yield from _phrases(text, tokens)
    yield from _names_that_are_keywords(tokens)


def _spelling(token: Token, first: bool) -> Iterator[Edit]:
    word = token.text
    if word in _FOREIGN:
        yield Edit(token.start, token.end, _FOREIGN[word], f"'{word}' is '{_FOREIGN[word]}' in Python", 0.4)
    known = _STATEMENTS if first else _INNER
    for other in known:
        if abs(len(other) - len(word)) > 2 or (len(other) <= 2 and len(word) > 3):
            continue
        limit = max(allowance(other), 1.0 if len(other) <= 3 else 1.4)
        d = distance(word, other, limit)
        if d <= limit:
            extra = 0.0 if first else 0.4
            yield Edit(token.start, token.end, other, f"'{word}' looks like a misspelt '{other}'", 0.4 + d / 2 + extra)


def _glued(token: Token, first: bool) -> Iterator[Edit]:
    for word in _STATEMENTS if first else _INNER:
        rest = token.text[len(word) :]
        if rest and token.text.startswith(word) and not keyword.iskeyword(token.text):
            at = token.start + len(word)
            yield Edit(at, at, " ", f"separate '{word}' from '{rest}' by a space", 0.9)
    if not first:
        return
    for word in ("else", "try", "finally"):
        if token.text == word + "s":
            yield Edit(token.end - 1, token.end, ":", f"end '{word}' with ':'", 1.5)


def _phrases(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    words = [t.text for t in tokens]
    if words[:2] == ["else", "if"]:
        yield Edit(tokens[0].start, tokens[1].end, "elif", "'else if' is 'elif' in Python", 0.2)
    elif words[:1] == ["else"] and len(words) > 2:
        yield Edit(tokens[0].start, tokens[0].end, "elif", "'else' takes no condition; 'elif' does", 0.7)
    if words[:1] == ["import"] and "from" in words:
        at = words.index("from")
        names, module = text[tokens[1].start : tokens[at - 1].end], text[tokens[at].end : tokens[-1].end].strip()
        yield Edit(tokens[0].start, tokens[-1].end, f"from {module} import {names}", "write 'from MODULE import NAME'", 0.4)
    if words[:1] == ["except"] and "," in words and words[-1] == ":":
        at = words.index(",")
        if depths(tokens)[at] == 0 and at + 3 == len(words):
            yield Edit(tokens[at].start, tokens[at].end, " as", "name the exception with 'as'", 0.4)
    if words[:1] == ["raise"] and "," in words:
        at = words.index(",")
        if depths(tokens)[at] == 0 and at + 1 < len(words):
            new = "(" + text[tokens[at + 1].start : tokens[-1].end] + ")"
            yield Edit(tokens[at].start, tokens[-1].end, new, "pass the message to the exception in parentheses", 0.6)
    for i in range(len(words) - 1):
        pair = (words[i], words[i + 1])
        if pair in (("in", "not"), ("is", "in")):
            new = "not in" if pair[0] == "in" else "in"
            yield Edit(tokens[i].start, tokens[i + 1].end, new, f"write '{new}'", 0.6)
        if words[i] == "not" and i and is_operand_end(tokens[i - 1]) and is_operand_start(tokens[i + 1]):
            yield Edit(tokens[i].end, tokens[i].end, " in", "complete 'not in'", 0.8)


def _names_that_are_keywords(tokens: Sequence[Token]) -> Iterator[Edit]:
    for i, token in enumerate(tokens):
        if token.kind != "name" or not keyword.iskeyword(token.text) or token.text in _INNER[-3:]:
            continue
        before = tokens[i - 1].text if i else ""
        after = tokens[i + 1].text if i + 1 < len(tokens) else ""
        if after in ("=", "+=", "-=", ".", ",", ")") or before in (".", ",", "(", "for", "import"):
            new = token.text + "_"
            yield Edit(token.start, token.end, new, f"'{token.text}' is a keyword and cannot be a name", 1.9)


def header_edits(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    """A missing ':' and the other faults that only headers of blocks have."""
    if not tokens:
        return
    last = tokens[-1]
    start = 1 if tokens[0].text == "async" and len(tokens) > 1 else 0
    word = tokens[start].text
    is_header = word in HEADERS
    level = depths(tokens)
    if is_header and last.text != ":":
        yield Edit(last.end, last.end, ":", f"add the missing ':' at the end of the '{word}' line", 0.3)
        if last.text in (";", ",", ".", "=", "{", "|", "->", "!", "?") or last.kind == "stray":
            yield Edit(last.start, last.end, ":", f"end the '{word}' line with ':'", 0.6)
        for i in range(start + 1, len(tokens)):
            if is_operand_end(tokens[i - 1]) or tokens[i - 1].text in ("else", "try", "finally"):
                if level[i] == 0 and tokens[i].kind in ("name", "string"):
                    at = tokens[i - 1].end
                    yield Edit(at, at, ":", f"add the missing ':' after the '{word}' header", 1.0)
    if is_header and last.text == ":" and len(tokens) > 2 and tokens[-2].text in (";", ",", ".", "="):
        yield Edit(tokens[-2].start, tokens[-2].end, "", f"remove the '{tokens[-2].text}' before ':'", 0.6)
    if not is_header and last.text == ":" and tokens[0].kind == "name":
        yield from _missing_header_word(text, tokens)
    if word == "for":
        yield from _for_edits(tokens, start)
    if word == "def":
        yield from _def_edits(text, tokens, start)
    if word in ("except", "with", "import", "from"):
        yield from _as_edits(tokens, level)


def _missing_header_word(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    words = [t.text for t in tokens]
    at = tokens[0].start
    if "in" in words:
        yield Edit(at, at, "for ", "add the missing 'for'", 0.8)
    if len(words) > 2 and words[1] == "(" and words[-2] == ")":
        yield Edit(at, at, "def ", "add the missing 'def'", 0.8)
        yield Edit(at, at, "class ", "add the missing 'class'", 1.2 if words[0][:1].islower() else 0.7)
    yield Edit(at, at, "if ", "add the missing 'if'", 1.2)
    yield Edit(at, at, "while ", "add the missing 'while'", 1.7)
    yield Edit(tokens[-1].start, tokens[-1].end, "", "remove the superfluous ':'", 1.3)


def _for_edits(tokens: Sequence[Token], start: int) -> Iterator[Edit]:
    words = [t.text for t in tokens]
    if "in" not in words:
        for i in range(start + 2, len(tokens)):
            if is_operand_end(tokens[i - 1]) and is_operand_start(tokens[i]):
                at = tokens[i - 1].end
                yield Edit(at, at, " in", "add the missing 'in' of the 'for' line", 0.4)
            if tokens[i].kind == "name" and is_operand_end(tokens[i - 1]) and len(tokens[i].text) <= 3:
                yield Edit(tokens[i].start, tokens[i].end, "in", f"'{words[i]}' should be 'in'", 0.7)
            if words[i] in ("=", ":", ",", ";", "<-"):
                yield Edit(tokens[i].start, tokens[i].end, " in ", f"write 'in' instead of '{words[i]}'", 0.9)
    if len(words) > start + 3 and words[start + 1] == "(" and words[-2:] == [")", ":"]:
        yield Edit(tokens[-2].start, tokens[-2].end, "", "remove the parentheses around the 'for' clause", 1.4)
        yield Edit(tokens[start + 1].start, tokens[start + 1].end, "", "remove the parentheses around the 'for' clause", 0.9)


def _def_edits(text: str, tokens: Sequence[Token], start: int) -> Iterator[Edit]:
    name = start + 1
    if len(tokens) <= name or tokens[name].kind != "name":
        if len(tokens) > name and tokens[name].text == "def":
            yield Edit(tokens[name].start, tokens[name].end, "", "remove the second 'def'", 0.5)
        return
    words = [t.text for t in tokens]
    end = len(tokens) - 1 if words[-1] == ":" else len(tokens)
    after = words[name + 1] if len(words) > name + 1 else ""
    if after in (":", ""):
        yield Edit(tokens[name].end, tokens[name].end, "()", "add the parentheses of the parameter list", 0.3)
    elif after != "(" and end > name + 1:
        inner = text[tokens[name + 1].start : tokens[end - 1].end].strip("()[]")
        yield Edit(tokens[name].end, tokens[end - 1].end, f"({inner})", "put the parameters in parentheses", 0.7)
    elif after == "-" and len(words) > name + 2:
        yield Edit(tokens[name + 1].start, tokens[name + 1].end, "_", "names take '_' and not '-'", 0.6)
    yield from _default_edits(tokens, name)


def _default_edits(tokens: Sequence[Token], name: int) -> Iterator[Edit]:
    """A parameter without a default after one that has a default."""
    level = depths(tokens)
    seen = False
    for i in range(name + 2, len(tokens) - 1):
        if level[i] == 1 and tokens[i].text == "=":
            seen = True
        if level[i] == 1 and seen and tokens[i].kind == "name" and tokens[i + 1].text in (",", ")"):
            if tokens[i - 1].text in (",", "("):
                yield Edit(tokens[i].end, tokens[i].end, "=None", "give the parameter after one with a default a default too", 1.2)
                return


def _as_edits(tokens: Sequence[Token], level: Sequence[int]) -> Iterator[Edit]:
    for i in range(2, len(tokens)):
        if level[i] == 0 and tokens[i].kind == "name" and is_operand_end(tokens[i - 1]):
            if not keyword.iskeyword(tokens[i].text):
                yield Edit(tokens[i - 1].end, tokens[i].start, " as ", "add the missing 'as'", 0.7)


def operator_edits(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    """Operators of other languages, split, swapped, doubled or confused."""
    level = depths(tokens)
    header = bool(tokens) and tokens[0].text in ("if", "elif", "while", "assert", "return", "not")
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.text == "=" and token.kind == "op":
            compares = header or any(t.text in ("if", "and", "or", "not") for t in tokens[:i])
            yield Edit(token.start, token.end, "==", "compare with '==', not '='", 0.4 if compares else 1.2)
        if token.text == "==" and i <= 3 and not header:
            yield Edit(token.start, token.end, "=", "assign with '=', not '=='", 1.0)
        if token.kind == "number":
            yield from _number_edits(token, following)
        if following is None:
            if token.kind == "op" and token.text not in CLOSERS and token.text not in (":", ",", ";"):
                start = tokens[i - 1].end if i else token.start
                yield Edit(start, token.end, "", f"remove '{token.text}', which nothing follows", 1.1)
            continue
        if token.kind in ("op", "stray") and following.kind in ("op", "stray"):
            yield from _pair_edits(text, tokens, i, level)
        if token.text == "!" and is_operand_start(following):
            yield Edit(token.start, following.start, "not ", "'!' is 'not' in Python", 0.3)
        if token.text == "?" and any(t.text == ":" for t in tokens[i:]):
            yield from _ternary(text, tokens, i, level)
        if token.text == "//" and (token.start == 0 or following.kind == "name"):
            yield Edit(token.start, token.end, "#", "comments start with '#'", 1.0)


def _number_edits(token: Token, following: object) -> Iterator[Edit]:
    digits = token.text
    if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
        if all(c in "01234567" for c in digits):
            yield Edit(token.start, token.end, "0o" + digits.lstrip("0"), "octal numbers start with '0o'", 0.7)
        yield Edit(token.start, token.end, digits.lstrip("0") or "0", "numbers have no leading zeros", 0.8)
    if isinstance(following, Token) and following.kind == "name" and following.start == token.end:
        if following.text in ("L", "l", "u", "f", "F", "d"):
            yield Edit(following.start, following.end, "", "numbers take no type suffix", 0.5)
        yield Edit(token.end, token.end, " * ", "multiply with '*'", 1.2)
        yield Edit(token.start, token.start, "_", "a name cannot start with a digit", 1.4)


def _pair_edits(text: str, tokens: Sequence[Token], i: int, level: Sequence[int]) -> Iterator[Edit]:
    a, b = tokens[i], tokens[i + 1]
    both = a.text + b.text
    touching = a.end == b.start
    before = tokens[i - 1] if i else None
    at_end = i + 2 == len(tokens) or tokens[i + 2].text in (";", ")") or "\n" in text[b.end : tokens[i + 2].start]
    if touching and both in ("&&", "||"):
        new = "and" if both == "&&" else "or"
        start = before.end if before is not None and before.end < a.start else a.start
        end = tokens[i + 2].start if i + 2 < len(tokens) else b.end
        yield Edit(start, end, f" {new} ", f"'{both}' is '{new}' in Python", 0.2)
    if touching and both in ("++", "--") and before is not None and at_end:
        yield Edit(before.end, b.end, f" {both[0]}= 1", f"Python has no '{both}'; write '{both[0]}= 1'", 0.3)
    swaps = {"<>": "!=", "=>": ">=", "=<": "<=", "=!": "!=", "=+": "+=", "=-": "-=", "=*": "*=", "=/": "/="}
    if both in swaps:
        yield Edit(a.start, b.end, swaps[both], f"write '{swaps[both]}' for '{both}'", 0.3)
    if both in ("===", "!=="):
        yield Edit(a.start, b.end, both[:2], f"write '{both[:2]}' for '{both}'", 0.2)
    if not touching and both in _JOINED:
        cost = 0.9 if a.text == b.text and a.text != "=" else 0.4
        yield Edit(a.start, b.end, both, f"write '{both}' without a space", cost)
    if a.kind == "op" and b.kind == "op" and a.text not in OPENERS and a.text not in CLOSERS:
        if b.text not in OPENERS and b.text not in CLOSERS:
            cost = 0.7 if a.text == b.text or a.text in b.text or b.text in a.text else 1.3
            yield Edit(a.start, a.end, "", f"remove the superfluous '{a.text}'", cost)
            yield Edit(b.start, b.end, "", f"remove the superfluous '{b.text}'", cost)


def _ternary(text: str, tokens: Sequence[Token], i: int, level: Sequence[int]) -> Iterator[Edit]:
    start = i
    while start and level[start - 1] >= level[i] and tokens[start - 1].text not in ("=", "return", ",", "("):
        start -= 1
    colon = next((j for j in range(i, len(tokens)) if tokens[j].text == ":" and level[j] == level[i]), None)
    if colon is None or start == i or colon + 1 >= len(tokens):
        return
    end = colon + 1
    while end < len(tokens) and level[end] >= level[i] and tokens[end].text not in (",", ")", ";"):
        end += 1
    condition = text[tokens[start].start : tokens[i - 1].end]
    first, second = text[tokens[i].end : tokens[colon].start], text[tokens[colon].end : tokens[end - 1].end]
    new = f"{first.strip()} if {condition} else {second.strip()}"
    yield Edit(tokens[start].start, tokens[end - 1].end, new, "write 'A if CONDITION else B' for '?:'", 0.4)
