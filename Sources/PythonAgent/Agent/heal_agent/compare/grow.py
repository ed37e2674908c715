"""Inputs grown from those of the tests: the same shapes with elements dropped, doubled and swapped, and numbers and texts nearby.

Types are never mixed: what a function is not made for tells nothing of a repair.
"""

from __future__ import annotations

import copy
import random
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Sequence, Tuple

from .values import TooMuch, identity, is_plain, shape

_NEAR, _DEPTH, _MAX_LENGTH = 3, 3, 60


class Call(NamedTuple):
    """One call of a function of the program; `passing` when it comes, or grew, from a test that passed from the start."""

    path: str
    qualname: str
    names: "List[str]"
    positional: "List[Any]"
    keywords: "Dict[str, Any]"
    passing: bool
    grown: int  #: steps from a call of the tests


def grown(calls: "Sequence[Call]", most: int, seed: int) -> "List[Call]":
    """At most `most` calls: those of the tests, those one step away, and, by chance, those further away."""
    found: "List[Call]" = []
    known: "set[str]" = set()

    def take(call: Call) -> None:
        try:
            key = "%s %s %s" % (call.path, call.qualname, identity([call.positional, call.keywords]))
        except TooMuch:
            return
        if key not in known:
            known.add(key)
            found.append(call)

    for call in calls:
        take(call)
    chance = random.Random(seed)
    pools = _pools(found)
    level = list(found)
    for step in (1, 2, 3):
        following = [one for call in level for one in _neighbours(call, pools, step)]
        room = most - len(found)
        if room <= 0:
            break
        # A share of each step, so that one call with many neighbours does not push out those of others.
        chance.shuffle(following)
        before = len(found)
        for one in following:
            if len(found) - before >= (room if step == 3 else (2 * room) // 3):
                break
            take(one)
        level = found[before:]
    return found[:most]


Pools = Dict[Tuple[str, str, Any, Tuple[Any, ...]], List[Any]]


def _pools(calls: "Sequence[Call]") -> Pools:
    """The values that tests gave to each argument, by their shape."""
    pools: Pools = {}
    for call in calls:
        for slot, value in _slots(call):
            pools.setdefault((call.path, call.qualname, slot, shape(value)[:1]), []).append(value)
    return pools


def _slots(call: Call) -> "Iterator[Tuple[Any, Any]]":
    for index, value in enumerate(call.positional):
        if is_plain(value):
            yield index, value
    for name, value in call.keywords.items():
        if is_plain(value):
            yield name, value


def _neighbours(call: Call, pools: Pools, step: int) -> "Iterator[Call]":
    for slot, value in _slots(call):
        others = pools.get((call.path, call.qualname, slot, shape(value)[:1]), [])
        for changed in [*mutations(value), *others]:
            yield _with(call, slot, changed, step)


def _with(call: Call, slot: Any, value: Any, step: int) -> Call:
    positional, keywords = list(call.positional), dict(call.keywords)
    if isinstance(slot, int):
        positional[slot] = value
    else:
        keywords[slot] = value
    return call._replace(positional=positional, keywords=keywords, grown=step)


def mutations(value: Any, depth: int = _DEPTH) -> "List[Any]":
    """Values of the same type nearby, simple ones first."""
    maker = _MAKERS.get(type(value))
    return [] if maker is None else [one for one in maker(value, depth) if one != value]


def _bool(value: bool, depth: int) -> "List[Any]":
    return [not value]


def _int(value: int, depth: int) -> "List[Any]":
    return list(dict.fromkeys((0, 1, value - 1, value + 1, -value, 2 * value, value // 2)))


def _float(value: float, depth: int) -> "List[Any]":
    return list(dict.fromkeys((0.0, 1.0, value - 1, value + 1, -value, value / 2, value + 0.5)))


def _str(value: str, depth: int) -> "List[Any]":
    found = ["", value[:1], value[1:], value[:-1], value[::-1], value + value[-1:], value[:1] + value, value.swapcase()]
    middle = len(value) // 2
    found += [value[:middle] + value[middle + 1:], value[:middle], value + " ", value.replace(" ", "")]
    if len(value) > 1:
        found += [value[1] + value[0] + value[2:], value[:middle] + value[0] + value[middle + 1:]]
    if value.isdigit():
        found = [str(abs(one)) for one in _int(int(value), depth)] if len(value) < 10 else found
    return [one for one in dict.fromkeys(found) if len(one) <= 4 * _MAX_LENGTH]


def _list(value: Any, depth: int) -> "List[Any]":
    make, items = type(value), list(value)
    return [make(one) for one in _items(items, depth)]


def _items(items: "List[Any]", depth: int) -> "List[List[Any]]":
    """The same elements, fewer, more, in another order, or one of them changed."""
    found: "List[List[Any]]" = [[]]
    spots = _spots(len(items))
    if len(items) > 1:
        found += [items[:1], items[-1:], items[::-1], items[: len(items) // 2]]
    found += [items[:spot] + items[spot + 1:] for spot in spots]
    if len(items) < _MAX_LENGTH:
        found += [items[: spot + 1] + [copy.deepcopy(items[spot])] + items[spot + 1:] for spot in spots]
        found += [items + [copy.deepcopy(items[0])] for _ in items[:1]]
    found += [items[:spot] + [items[spot + 1], items[spot]] + items[spot + 2:] for spot in spots if spot + 1 < len(items)]
    if depth:
        change = _changed_record if _are_records(items) else _changed_element
        for spot in spots:
            found += [items[:spot] + [one] + items[spot + 1:] for one in change(items, spot, depth)]
            found += [items[:spot] + [items[other]] + items[spot + 1:] for other in spots
                      if shape(items[other]) == shape(items[spot]) and other != spot]
    return found


def _changed_element(items: "List[Any]", spot: int, depth: int) -> "List[Any]":
    return mutations(items[spot], depth - 1)[:8]


def _are_records(items: "List[Any]") -> bool:
    """Whether the elements are rows of one table: their length and the types in them mean something."""
    first = items[0] if items else None
    return len(items) > 1 and type(first) in (tuple, list) and len(first) > 1 and all(
        type(one) is type(first) and len(one) == len(first) and [type(cell) for cell in one] == [type(cell) for cell in first]
        for one in items)


def _changed_record(items: "List[Any]", spot: int, depth: int) -> "List[Any]":
    """The row with one cell as in another row, or changed."""
    row, found = list(items[spot]), []
    for column, cell in enumerate(row):
        cells = [items[other][column] for other in _spots(len(items)) if other != spot] + mutations(cell, depth - 2)[:4]
        found += [row[:column] + [one] + row[column + 1:] for one in cells if one != cell]
    return [type(items[spot])(one) for one in found]


def _spots(count: int) -> "List[int]":
    """The first, the last and some between."""
    if count <= _NEAR:
        return list(range(count))
    return sorted({0, count // 2, count - 1})


def _set(value: Any, depth: int) -> "List[Any]":
    items = sorted(value, key=identity)
    found = [[]] + [items[:spot] + items[spot + 1:] for spot in _spots(len(items))]
    if depth:
        found += [items + [one] for spot in _spots(len(items)) for one in mutations(items[spot], depth - 1)[:3]]
    return [type(value)(one) for one in found]


def _dict(value: "Dict[Any, Any]", depth: int) -> "List[Any]":
    items = list(value.items())
    found = [[]] + [items[:spot] + items[spot + 1:] for spot in _spots(len(items))]
    if depth:
        for spot in _spots(len(items)):
            key, held = items[spot]
            found += [items[:spot] + [(key, one)] + items[spot + 1:] for one in mutations(held, depth - 1)[:6]]
            found += [items[:spot] + [(one, held)] + items[spot + 1:] for one in mutations(key, 0)[:3]]
    return [dict(one) for one in found]


_MAKERS: "Dict[type, Callable[[Any, int], List[Any]]]" = {
    bool: _bool, int: _int, float: _float, str: _str, list: _list, tuple: _list, set: _set, frozenset: _set, dict: _dict,
}
