"""Copies and names of values: bounded, never running code of the program."""

from __future__ import annotations

import abc
import collections
import datetime
import decimal
import fractions
from typing import Any, Dict, List, Optional

NUMBERS = (int, float, bool, complex, decimal.Decimal, fractions.Fraction)
ATOMS = frozenset((*NUMBERS, str, bytes, type(None), range, datetime.date, datetime.datetime, datetime.timedelta, datetime.time))
SEQUENCES = frozenset((list, tuple))
SETS = frozenset((set, frozenset))
MAPS = frozenset((dict, collections.OrderedDict, collections.defaultdict, collections.Counter))
MOST_ITEMS, MOST_TEXT, MOST_BITS = 200, 2_000, 512


_FROM_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE
_OWN_WAYS = ("__new__", "__getattribute__", "__del__", "__slots__")


class Unfit(Exception):
    """A value that is too large, or whose copy could run code of the program."""


class Error:
    """What an expression gives where it raises."""

    def __repr__(self) -> str:
        return "ERROR"


ERROR = Error()


class Copier:
    """Copies values of one moment; what two names share is shared by the copies."""

    def __init__(self, nodes: int) -> None:
        self._left = nodes
        self._known: "Dict[int, Any]" = {}
        self._kept: "List[Any]" = []

    def copy(self, value: Any) -> Any:
        """A copy that later changes of `value` do not reach; raises `Unfit`."""
        kind = type(value)
        if kind in ATOMS:
            if kind is int and value.bit_length() > MOST_BITS or kind in (str, bytes) and len(value) > MOST_TEXT:
                raise Unfit
            return value
        known = self._known.get(id(value))
        if known is not None:
            return known
        self._left -= 1
        if self._left < 0:
            raise Unfit
        self._kept.append(value)  # an id means something only as long as its object lives
        return self._container(value, kind) if kind in SEQUENCES or kind in SETS or kind in MAPS or kind is collections.deque \
            else self._instance(value, kind)

    def _container(self, value: Any, kind: type) -> Any:
        if len(value) > MOST_ITEMS:
            raise Unfit
        if kind is tuple:
            return self._keep(value, tuple([self.copy(one) for one in value]))
        if kind in SETS:
            if not all(type(one) in ATOMS or is_plain(one) for one in value):
                raise Unfit  # to put it into a set would call its __hash__
            return self._keep(value, kind([self.copy(one) for one in value]))
        if kind in (list, collections.deque):
            made: Any = self._keep(value, kind())
            made.extend([self.copy(one) for one in value])
            return made
        if not all(type(key) in ATOMS or is_plain(key) for key in value):
            raise Unfit
        made = self._keep(value, collections.defaultdict(value.default_factory) if kind is collections.defaultdict else kind())
        for key, one in dict.items(value):
            dict.__setitem__(made, self.copy(key), self.copy(one))
        return made

    def _keep(self, value: Any, made: Any) -> Any:
        self._known[id(value)] = made
        return made

    def _instance(self, value: Any, kind: type) -> Any:
        state = getattr_static(value)
        if state is None:
            raise Unfit
        made = self._keep(value, object.__new__(kind))
        for name, one in state.items():
            try:
                made.__dict__[name] = self.copy(one)
            except Unfit:
                if self._left < 0:
                    raise
        return made


def getattr_static(value: Any) -> "Optional[Dict[str, Any]]":
    """The attributes of an object of the program that holds its state in a dictionary alone; `None` for any other."""
    kind = type(value)
    if type(kind) not in (type, abc.ABCMeta) or kind.__mro__[-1:] != (object,):
        return None
    for base in kind.__mro__[:-1]:
        if not base.__flags__ & _FROM_PYTHON or any(name in vars(base) for name in _OWN_WAYS):
            return None
    try:
        state = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    return state if type(state) is dict else None


def is_plain(value: Any) -> bool:
    """Whether comparing, hashing and ordering it runs no code of the program."""
    kind = type(value)
    if kind in ATOMS:
        return True
    if kind in MAPS:
        return all(is_plain(key) and is_plain(one) for key, one in dict.items(value))
    if kind in SEQUENCES or kind in SETS or kind is collections.deque:
        return all(map(is_plain, value))
    return False


def name_of(value: Any) -> Any:
    """Equal for values that a program cannot tell apart, and hashable; objects are told apart by identity."""
    kind = type(value)
    if kind in (int, str, bool, type(None), bytes):
        return kind, value
    if kind is float or kind is complex:
        return kind, repr(value)  # so that nan is itself, and -0.0 is not 0.0
    if kind in SEQUENCES or kind is collections.deque:
        return kind, tuple(map(name_of, value))
    if kind in SETS:
        return kind, frozenset(map(name_of, value))
    if kind in MAPS:
        return kind, tuple([(name_of(key), name_of(one)) for key, one in dict.items(value)])
    return (kind, value) if kind in ATOMS else (kind, id(value))
