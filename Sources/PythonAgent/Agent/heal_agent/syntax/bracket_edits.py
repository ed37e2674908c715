"""Candidate edits for brackets that are missing, too many or of the wrong kind."""

from __future__ import annotations

import builtins
import keyword
from typing import AbstractSet, Iterator, List, Sequence, Tuple

from .edits import Edit
from .lexer import CLOSERS, OPENERS, Token
from .token_edits import depths, is_operand_end, is_operand_start

_BUILTINS = frozenset(dir(builtins))
_METHODS = frozenset(n for t in (str, bytes, list, dict, set, int, tuple) for n in dir(t) if n[0] != "_") | {"read", "write", "close", "readline"}
_GROUP_AFTER = frozenset("= ( , [ { : + - * / % ** // == != < > <= >= += -= *= :=".split()) | {
    "return", "in", "and", "or", "not", "if", "elif", "while", "is", "yield", "print", "assert", "else", "lambda",
}  # fmt: skip
_PREFIX_OPERATORS = frozenset(("*", "**", "-", "+", "~", ":", "not", "lambda", "[", "{", "("))


def bracket_edits(text: str, tokens: Sequence[Token], known: AbstractSet[str]) -> Iterator[Edit]:
    """Edits for every bracket of the line that has no partner."""
    unclosed, unopened, mismatched = partners(tokens)
    for opener in unclosed[-3:]:
        yield from _missing_closer(text, tokens, opener)
        yield Edit(tokens[opener].start, tokens[opener].end, "", f"remove the '{tokens[opener].text}' that is never closed", 1.3)
    if unclosed:
        # The closer may be missing further in, and the ones after it shifted.
        inner = [i for i in range(unclosed[0] + 1, len(tokens)) if tokens[i].text == tokens[unclosed[0]].text and i not in unclosed]
        for opener in inner[:4]:
            for edit in _missing_closer(text, tokens, opener):
                yield edit._replace(cost=edit.cost + 0.45)
    for closer in unopened[:3]:
        token = tokens[closer]
        yield Edit(token.start, token.end, "", f"remove the '{token.text}' that nothing opens", 0.8)
        yield from _missing_opener(text, tokens, closer, known)
    for opener, closer in mismatched[:3]:
        yield from _mismatch(text, tokens, opener, closer, known)


def partners(tokens: Sequence[Token]) -> Tuple[List[int], List[int], List[Tuple[int, int]]]:
    """Indices of openers never closed, of closers never opened, and of pairs of different kinds."""
    stack: List[int] = []
    unopened: List[int] = []
    mismatched: List[Tuple[int, int]] = []
    for i, token in enumerate(tokens):
        if token.kind != "op":
            continue
        if token.text in OPENERS:
            stack.append(i)
        elif token.text in CLOSERS:
            if not stack:
                unopened.append(i)
            else:
                opener = stack.pop()
                if tokens[opener].text != CLOSERS[token.text]:
                    mismatched.append((opener, i))
    return stack, unopened, mismatched


def _missing_closer(text: str, tokens: Sequence[Token], opener: int) -> Iterator[Edit]:
    bracket = OPENERS[tokens[opener].text]
    reason = f"close the '{tokens[opener].text}' with '{bracket}'"
    level = depths(tokens)
    inside = level[opener] + 1
    last = len(tokens) - 1
    for i in range(opener, len(tokens)):
        token = tokens[i]
        depth_after = level[i] + (1 if token.text in OPENERS and token.kind == "op" else 0)
        if depth_after != inside or (i > opener and level[i] < inside and token.text not in CLOSERS):
            continue
        following = tokens[i + 1] if i < last else None
        yield Edit(token.end, token.end, bracket, reason, _closer_cost(text, tokens, i, opener, following))


def _closer_cost(text: str, tokens: Sequence[Token], i: int, opener: int, following: object) -> float:
    """How unlikely a bracket was meant to be closed after token `i`."""
    if i == opener and not (opener and tokens[opener - 1].kind == "name"):
        base = 1.2
    elif i == opener:
        base = 0.3
    elif not (is_operand_end(tokens[i]) or tokens[i].text == ","):
        return 2.4
    else:
        base = 0.0
    if not isinstance(following, Token):
        return base + 0.4
    if following.text == ":" and i + 2 == len(tokens):
        return base + 0.4
    if "\n" in text[tokens[i].end : following.start]:
        return base + 0.6
    if following.text in CLOSERS:
        return base + 0.9
    if following.text in (":", "=", "==", "!=", "<", ">", "<=", ">=", "for", "if", "else", "and", "or", "in", "is", "not"):
        return base + 0.8
    return base + 1.1


def _missing_opener(
    text: str, tokens: Sequence[Token], closer: int, known: AbstractSet[str]
) -> Iterator[Edit]:
    closing = tokens[closer].text
    bracket = CLOSERS[closing]
    reason = f"add the missing '{bracket}'"
    level = depths(tokens[:closer])
    for i in range(closer):
        token = tokens[i]
        # An opener deeper inside takes a later closer, and sets all those after it right.
        deeper = 0.15 * level[i]
        if level[i] > 2:
            continue
        following = tokens[i + 1]
        gap = text[token.end : following.start]
        if token.kind == "name" and is_operand_end(token):
            for edit in _after_name(text, tokens, i, closer, bracket, reason, known):
                yield edit._replace(cost=edit.cost + deeper)
        elif is_operand_end(token) and bracket != "{" and following.start < tokens[closer].end:
            if is_operand_start(following) or following.text in (":", "-") and bracket == "[":
                end = token.end if "\n" in gap else following.start
                yield Edit(token.end, end, bracket, reason, 0.7 + deeper)
        if token.text in _GROUP_AFTER:
            # Spaces around an operator outlive a bracket beside it, so only the operand's side matters.
            cost = 0.45 if bracket != "(" else 0.9
            cost += 0.25 if token.text in (",", ":", "and", "or", "+", "-", "*") else 0.0
            cost += deeper
            space = "" if gap or token.kind == "op" else " "
            if "\n" in gap:
                yield Edit(token.end, token.end, " " + bracket, reason, cost)
            else:
                yield Edit(following.start, following.start, space + bracket, reason, cost)
    if closer:
        yield Edit(tokens[0].start, tokens[0].start, bracket, reason, 0.7 if bracket != "(" else 1.3)


def _after_name(
    text: str, tokens: Sequence[Token], i: int, closer: int, bracket: str, reason: str, known: AbstractSet[str]
) -> Iterator[Edit]:
    """An opener right after a name, or inside a name that was glued to its argument."""
    token, following = tokens[i], tokens[i + 1]
    gap = text[token.end : following.start]
    end = token.end if "\n" in gap else following.start
    if bracket != "{":
        if i + 1 == closer:
            yield Edit(token.end, token.end, bracket, reason, 0.35 if bracket == "(" else 1.5)
        elif is_operand_start(following) and following.text not in _PREFIX_OPERATORS:
            yield Edit(token.end, end, bracket, reason, 0.2 if not gap.isspace() or bracket == "(" else 0.5)
        elif following.text in _PREFIX_OPERATORS:
            tight = following.end == tokens[i + 2].start if i + 2 < len(tokens) else True
            cost = 0.45 if tight and not gap else 1.0
            if following.text in ("[", "(") and not gap:
                cost = 1.1  # an index or call that is well as it stands
            elif following.text in ("*", "**") and gap == " ":
                cost += 0.3
            yield Edit(token.end, end, bracket, reason, cost)
        before = tokens[i - 1].text if i else ""
        if before in ("def", "class"):
            yield Edit(token.end, end, bracket, reason, 0.3)
    for cut in range(2 if len(token.text) > 2 else 1, len(token.text)):
        head, rest = token.text[:cut], token.text[cut:]
        before = tokens[i - 1].text if i else ""
        named = following.text == "=" and rest.isidentifier()
        extra = 0.0
        if keyword.iskeyword(head):
            continue
        if not _is_known(head, known) and not (before == "." and head in _METHODS) and not _is_dunder(head):
            if not (_is_known(rest, known) and (before in ("def", "class") or len(rest) > 1 and cut > 2)):
                continue
            extra = 0.0 if before in ("def", "class") else 0.5
        string_prefix = following.kind == "string" and not gap and rest.lower() in ("f", "r", "b", "rb", "fr")
        if not (_is_known(rest, known) or rest.isdigit() or string_prefix or named and before == "."):
            continue
        at = token.start + cut
        called = head in _BUILTINS or before in (".", "def", "class")
        yield Edit(at, at, bracket, reason, (0.2 if called else 0.5) + extra - 0.005 * len(head))
    for word in ("return", "in", "not", "and", "or", "if", "while", "elif", "assert", "yield"):
        rest = token.text[len(word) :]
        if rest and token.text.startswith(word) and _is_known(rest, known):
            at = token.start + len(word)
            yield Edit(at, at, bracket if bracket != "(" else "(", reason, 0.9)


def _is_dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def _is_known(name: str, known: AbstractSet[str]) -> bool:
    return name in _BUILTINS or name in known


def _mismatch(
    text: str, tokens: Sequence[Token], opener: int, closer: int, known: AbstractSet[str]
) -> Iterator[Edit]:
    left, right = tokens[opener], tokens[closer]
    wanted = OPENERS[left.text]
    yield Edit(right.start, right.end, wanted, f"close the '{left.text}' with '{wanted}', not '{right.text}'", 0.6)
    fitting = CLOSERS[right.text]
    yield Edit(left.start, left.end, fitting, f"open with '{fitting}', which '{right.text}' closes", 0.7)
    yield Edit(right.start, right.end, "", f"remove the '{right.text}' that nothing opens", 1.0)
    level = depths(tokens)
    inside = level[opener] + 1
    for i in range(opener, closer):
        depth_after = level[i] + (1 if tokens[i].text in OPENERS and tokens[i].kind == "op" else 0)
        if depth_after == inside and (i == opener or is_operand_end(tokens[i])):
            cost = 0.55 if i == closer - 1 else _closer_cost(text, tokens, i, opener, tokens[i + 1])
            yield Edit(tokens[i].end, tokens[i].end, wanted, f"close the '{left.text}' with '{wanted}'", cost)
    inner = [t for t in tokens[opener + 1 : closer + 1]]
    if len(inner) > 1:
        shifted = list(_missing_opener(text, inner, len(inner) - 1, known))
        for edit in shifted:
            yield edit._replace(cost=edit.cost + 0.1)
