"""How alike two identifiers look, and which known names a misspelt one may have meant.

Distances are Damerau-Levenshtein (optimal string alignment) with cheaper steps for what hands
and eyes confuse: case, underscores, swapped neighbours, digits that look like letters.
"""

from __future__ import annotations

import unicodedata
from typing import Dict, Iterable, List, Optional, Tuple

# Characters drawn alike fold to one representative.
_ALIKE_GROUPS = ("0Oo", "1lI|i", "5Ss", "8B", "2Zz", "9gq", "6b")
_HOMOGLYPHS = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТХУαοινκρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijshdqwABEKMHOPCTXYaoivkpuABEZHIKMNOPTYX",
)
_FOLD: Dict[str, str] = {c: group[0] for group in _ALIKE_GROUPS for c in group}
_KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    frozenset(pair) for row in _KEYBOARD_ROWS for pair in zip(row, row[1:])
}


def fold(name: str) -> str:
    """`name` with look-alike characters mapped to one representative each."""
    plain = unicodedata.normalize("NFKC", name).translate(_HOMOGLYPHS)
    return "".join(_FOLD.get(c, c) for c in plain)


def _substitution(a: str, b: str) -> float:
    if a == b:
        return 0.0
    if a.translate(_HOMOGLYPHS) == b.translate(_HOMOGLYPHS):
        return 0.1
    if a.lower() == b.lower():
        return 0.25
    if _FOLD.get(a, a) == _FOLD.get(b, b):
        return 0.35
    if frozenset((a.lower(), b.lower())) in _NEIGHBOURS:
        return 0.9
    return 1.0


def _gap(c: str, before: str) -> float:
    if c == "_":
        return 0.35
    return 0.8 if c == before else 1.0


def distance(a: str, b: str, limit: float = 3.0) -> float:
    """Weighted edit distance between two identifiers; anything above `limit` may be returned as `limit + 1`."""
    if a == b:
        return 0.0
    if abs(len(a) - len(b)) > limit + 2 * (a.count("_") + b.count("_")):
        return limit + 1
    before: List[float] = []
    row = [0.0]
    for j, cb in enumerate(b):
        row.append(row[j] + _gap(cb, b[j - 1] if j else ""))
    for i, ca in enumerate(a):
        new = [row[0] + _gap(ca, a[i - 1] if i else "")]
        for j, cb in enumerate(b):
            best = min(
                row[j] + _substitution(ca, cb),
                row[j + 1] + _gap(ca, a[i - 1] if i else ""),
                new[j] + _gap(cb, b[j - 1] if j else ""),
            )
            if i and j and ca == b[j - 1] and a[i - 1] == cb and ca != cb:
                best = min(best, before[j - 1] + 0.7)
            new.append(best)
        if min(new) > limit:
            return limit + 1
        before, row = row, new
    return row[-1]


def allowance(name: str) -> float:
    """The largest distance at which another name still counts as a look-alike of `name`."""
    size = len(name.strip("_")) or 1
    if size <= 2:
        return 0.4
    if size == 3:
        return 0.8
    if size <= 5:
        return 1.0
    return 1.6 if size <= 7 else 2.0


def look_alikes(
    name: str, known: Iterable[str], limit: int = 3, most: Optional[float] = None
) -> List[Tuple[float, str]]:
    """The `known` names that `name` may be a misspelling of, nearest first, as (distance, name)."""
    most = allowance(name) if most is None else most
    found: List[Tuple[float, str]] = []
    folded = fold(name)
    for other in known:
        if other == name or not other:
            continue
        # A misspelling rarely makes a short name of a long one: the shorter side sets the allowance.
        cap = min(most, allowance(other) + 0.3)
        d = distance(name, other, cap)
        if d > cap and fold(other) == folded:
            d = 0.5
        if d <= max(cap, 0.5) and (d <= cap or d == 0.5):
            found.append((round(d, 3), other))
    found.sort()
    return found[:limit]


def closest(name: str, known: Iterable[str]) -> Optional[str]:
    """The name that the interpreter would suggest, by its own measure; before Python 3.10 it suggests none."""
    best, found = float(len(name)), None
    for other in known:
        # At most a third of the characters may differ, and upper from lower case counts half.
        most = min((len(name) + len(other) + 3) / 6, best - 0.5)
        if other != name and abs(len(name) - len(other)) <= most:
            apart = _edits(name, other)
            if apart <= most:
                best, found = apart, other
    return found


def _edits(a: str, b: str) -> float:
    row = [float(j) for j in range(len(b) + 1)]
    for i, ca in enumerate(a, 1):
        corner, row[0] = row[0], float(i)
        for j, cb in enumerate(b, 1):
            change = 0.0 if ca == cb else 0.5 if ca.lower() == cb.lower() else 1.0
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + change)
    return row[-1]


def similarity(name: str, other: str) -> float:
    """1 for equal names down to 0 for names with nothing in common."""
    longest = max(len(name), len(other)) or 1
    return max(0.0, 1.0 - distance(name, other, float(longest)) / longest)
