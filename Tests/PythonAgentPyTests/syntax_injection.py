"""Injects syntax errors of many kinds into functions of the standard library."""

from __future__ import annotations

import ast
import random
import re
import sysconfig
import warnings
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Tuple

_MODULES = (
    "argparse bisect calendar cmd collections/__init__ configparser copy csv difflib fnmatch fractions functools getopt glob "
    "gzip heapq html/parser inspect json/decoder json/encoder mailbox ntpath numbers optparse pickle pprint queue random "
    "sched shlex shutil statistics string tarfile tempfile textwrap threading traceback urllib/parse uuid zipfile"
).split()


def functions(count: int, seed: int) -> List[str]:
    """Functions of 6 to 40 lines from modules of the running interpreter, at no indentation."""
    root = Path(sysconfig.get_paths()["stdlib"])
    found: List[str] = []
    for name in _MODULES:
        for path in (root / f"{name}.py", root / name / "__init__.py"):
            if path.exists():
                text = path.read_text("utf-8")
                found += _functions_of(text)
                break
    random.Random(seed).shuffle(found)
    return found[:count]


def _functions_of(text: str) -> Iterator[str]:
    lines = text.split("\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and 6 <= (node.end_lineno or 0) - node.lineno <= 40:
            part = lines[node.lineno - 1 : node.end_lineno]
            if node.col_offset and any(line.strip() and not line.startswith(" " * node.col_offset) for line in part):
                continue
            function = "\n".join(line[node.col_offset :] for line in part) + "\n"
            if compiles(function):
                yield function


def _pick(rng: random.Random, text: str, pattern: str, group: int = 0) -> Optional["re.Match[str]"]:
    found = [m for m in re.finditer(pattern, text, re.M) if not _in_string(text, m.start())]
    return rng.choice(found) if found else None


def _in_string(text: str, at: int) -> bool:
    """Whether a place lies in a string or comment, roughly: inside a docstring or after a quote or # on its line."""
    before = text[:at]
    if (before.count('"""') + before.count("'''")) % 2:
        return True
    line = before[before.rfind("\n") + 1 :]
    return "#" in line or line.count('"') % 2 == 1 or line.count("'") % 2 == 1


def _replace(pattern: str, new: str, group: int = 0) -> Callable[[random.Random, str], Optional[str]]:
    def inject(rng: random.Random, text: str) -> Optional[str]:
        match = _pick(rng, text, pattern, group)
        if match is None:
            return None
        start, end = match.span(group)
        return text[:start] + match.expand(new) + text[end:]

    return inject


def _misspell(rng: random.Random, text: str) -> Optional[str]:
    match = _pick(rng, text, r"^ *(def|return|while|for|elif|else|if|import|raise|try|except|finally|with)\b(?=.*[\w:])", 1)
    if match is None:
        return None
    word = match.group(1)
    if len(word) == 2:
        return text[: match.start(1)] + word[::-1] + text[match.end(1) :]
    at = rng.randrange(len(word) - 1)
    new = word[:at] + word[at + 1] + word[at] + word[at + 2 :] if rng.random() < 0.7 else word[:at] + word[at + 1 :]
    return text[: match.start(1)] + new + text[match.end(1) :] if new != word else None


def _shift(by: int) -> Callable[[random.Random, str], Optional[str]]:
    """Moves one line that starts a statement by a number of columns."""

    def inject(rng: random.Random, text: str) -> Optional[str]:
        lines = text.split("\n")
        places = [i for i, line in enumerate(lines) if i and len(line) - len(line.lstrip()) >= max(4, -by) and line.strip() and re.match(r" *(\w+ [^\"']*=|return|if|for|\w+\()", line)]
        places = [i for i in places if not _in_string(text, len("\n".join(lines[:i])) + 1)]
        if not places:
            return None
        i = rng.choice(places)
        lines[i] = lines[i][-by:] if by < 0 else " " * by + lines[i]
        return "\n".join(lines)

    return inject


def _flat_body(rng: random.Random, text: str) -> Optional[str]:
    """The one-line body of a header at the header's own depth."""
    match = _pick(rng, text, r"^( *)(?:if|for|while|else|elif)\b[^\n]*:\n(\1    )(?=\w[^\n]*\n(?! {4}\1))", 2)
    return None if match is None else text[: match.start(2)] + match.group(1) + text[match.end(2) :]


KINDS: Dict[str, Callable[[random.Random, str], Optional[str]]] = {
    "missing colon": _replace(r"^ *(?:def|if|for|while|else|elif|try|except|with|class)\b[^\n]*(:)$", "", 1),
    "= for ==": _replace(r"^ *(?:if|elif|while)\b[^\n]* (==) ", "=", 1),
    "missing )": _replace(r"\)", ""),
    "missing ]": _replace(r"\]", ""),
    "missing (": _replace(r"\(", ""),
    "missing [": _replace(r"\[", ""),
    "missing {": _replace(r"\{", ""),
    "missing }": _replace(r"\}", ""),
    "extra )": _replace(r"\)", "))"),
    "extra (": _replace(r"\(", "(("),
    "wrong closer": _replace(r"\)", "]"),
    "missing comma": _replace(r"[\w\"'\])](,) ", "", 1),
    "missing closing quote": _replace(r"(?<![\"'\w])'[^'\"\n\\]*(')(?!')", "", 1),
    "missing opening quote": _replace(r"(?<![\"'\w])(')[^'\"\n\\]+'(?!')", "", 1),
    "mixed quotes": _replace(r"(?<![\"'\w])'[^'\"\n\\]*(')(?!')", '"', 1),
    "else if": _replace(r"^ *(elif) ", "else if", 1),
    "&&": _replace(r" (and) ", "&&", 1),
    "||": _replace(r" (or) ", "||", 1),
    "!": _replace(r"\b(not )(?!in\b)", "!", 1),
    "++": _replace(r"^ *\w+( \+= 1)$", "++", 1),
    "<>": _replace(r" (!=) ", "<>", 1),
    "=>": _replace(r" (>=) ", "=>", 1),
    "function for def": _replace(r"^ *(def) ", "function", 1),
    "misspelt keyword": _misspell,
    "stray character": _replace(r"(?<=\w)(?=[\s(),.])", "$"),
    "smart quotes": _replace(r"(?<![\"'\w])'([^'\"\n\\]*)'(?!')", "\u2018\\1\u2019"),
    "indent +1": _shift(1), "indent -1": _shift(-1), "indent +4": _shift(4), "indent -4": _shift(-4), "indent -2": _shift(-2),
    "flat body": _flat_body,
    "missing in": _replace(r"\bfor \w+( in) ", "", 1),
    "def without ()": _replace(r"^ *def \w+(\(\)):", "", 1),
    "trailing operator": _replace(r"[\w)\]]($)", " +", 1),
    "doubled operator": _replace(r" ([-+*/<>]|==|and|or) ", "\\1 \\1", 1),
    "missing pass": _replace(r"^ +pass\n", ""),
    "fullwidth comma": _replace(r"(,) ", "，", 1),
    "glued keyword": _replace(r"^ *(?:return|if|while|for|elif|not|import|raise)( )\w", "", 1),
    "missing dot": _replace(r"\bself(\.)\w", " ", 1),
    "colon for comma": _replace(r"\w(,) \w", ";", 1),
}  # fmt: skip


def broken(text: str, kinds: List[str], rng: random.Random) -> Optional[str]:
    """`text` with one error of each kind, or None where one does not fit or the result still parses."""
    for kind in kinds:
        new = KINDS[kind](rng, text)
        if new is None or new == text:
            return None
        text = new
    return None if compiles(text) else text


def compiles(text: str) -> bool:
    """Whether a text is a program."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<sample>", "exec")
        except (SyntaxError, ValueError):
            return False
    return True


def same(a: str, b: str) -> bool:
    """Whether two texts are one program."""
    try:
        return ast.dump(ast.parse(a)) == ast.dump(ast.parse(b))
    except (SyntaxError, ValueError):
        return False


def samples(per_kind: int, seed: int) -> Iterator[Tuple[str, str, str]]:
    """(kind, original, broken), up to `per_kind` of each."""
    pool = functions(600, seed)
    for kind in KINDS:
        rng = random.Random(f"{seed} {kind}")
        made = 0
        for original in rng.sample(pool, len(pool)):
            text = broken(original, [kind], rng)
            if text is not None:
                made += 1
                yield kind, original, text
                if made == per_kind:
                    break


def several(count: int, errors: int, seed: int) -> Iterator[Tuple[str, str, str]]:
    """(kinds, original, broken) with several errors each."""
    pool = functions(600, seed)
    rng = random.Random(f"{seed} several {errors}")
    names = [k for k in KINDS if k not in ("missing pass",)]
    made = 0
    for original in pool * 4:
        kinds = rng.sample(names, errors)
        text = broken(original, kinds, rng)
        if text is not None:
            made += 1
            yield " + ".join(kinds), original, text
            if made == count:
                return
