"""What is known of built-in types: which hold elements, which methods only read, which values run no code of the program."""

from __future__ import annotations

import _thread
import array
import collections
import datetime
import decimal
import io
import re
import types
from typing import Any, Dict, FrozenSet

#: Categories of types, as far as accesses through the interpreter go.
NOTHING, INSTANCE, SEQUENCE, MAPPING, SET, VIEW, ITERATOR, CLASS, MODULE = range(9)
CONTAINERS = (SEQUENCE, MAPPING, SET)

_EXACT: "Dict[type, int]" = {
    list: SEQUENCE, bytearray: SEQUENCE, collections.deque: SEQUENCE,
    dict: MAPPING, collections.OrderedDict: MAPPING, collections.defaultdict: MAPPING, collections.Counter: MAPPING,
    set: SET,
    type({}.keys()): VIEW, type({}.values()): VIEW, type({}.items()): VIEW,
    types.GeneratorType: ITERATOR, type(iter([])): ITERATOR, type(iter({})): ITERATOR, type(iter(set())): ITERATOR,
    type(iter({}.values())): ITERATOR, type(iter({}.items())): ITERATOR, type(reversed([])): ITERATOR,
    enumerate: ITERATOR, zip: ITERATOR, map: ITERATOR, filter: ITERATOR, type(iter(collections.deque())): ITERATOR,
    type: CLASS, types.ModuleType: MODULE, types.FunctionType: INSTANCE,
}
#: Values that are told by themselves and compared and hashed without code of the program.
SIMPLE: "FrozenSet[type]" = frozenset((int, str, float, bool, bytes, type(None), complex))
_PLAIN = SIMPLE | {tuple, frozenset, range, slice, types.BuiltinFunctionType, types.MethodType, types.CodeType,
                   property, staticmethod, classmethod, type(...), type(NotImplemented), types.TracebackType,
                   types.CoroutineType, super}
_cache: "Dict[type, int]" = dict(_EXACT)
_cache.update((one, NOTHING) for one in _PLAIN)
_built_in = dict(_cache)


def category(kind: type) -> int:
    """How objects of this type are looked at."""
    found = _cache.get(kind)
    if found is None:
        found = INSTANCE if issubclass(kind, object) else NOTHING
        if issubclass(kind, type):
            found = CLASS
        elif issubclass(kind, types.ModuleType):
            found = MODULE
        elif kind.__module__ == "builtins" and not kind.__flags__ & 1 << 9:
            found = NOTHING
        if len(_cache) < 20_000:
            _cache[kind] = found
    return found


def is_whole(kind: type) -> bool:
    """Whether objects of this type, or what they derive from it, hold elements that only the interpreter reaches: all are one place."""
    return kind not in _EXACT and data_of(kind) == ELEMENTS


def is_simple(value: Any) -> bool:
    """Whether hashing and comparing a value runs no code of the program."""
    kind = type(value)
    return kind in SIMPLE or kind is tuple and all(map(is_simple, value))


def holds_simple(container: Any) -> bool:
    """The same for what a container holds; of a long one the first are looked at only when they are many, and it is not."""
    return len(container) <= 64 and all(map(is_simple, container))


#: What an object of a class holds beside attributes: nothing, elements as a built-in container does, or what only C code sees.
PLAIN, ELEMENTS, FOREIGN = range(3)
_HOLDING = (list, dict, set, bytearray, collections.deque, io.StringIO, io.BytesIO, array.array, memoryview)
#: What never changes, or is no state of a program.
_FIXED = (int, str, float, complex, bytes, tuple, frozenset, range, BaseException, type, types.ModuleType, type(re.compile("")), _thread._local,
          datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, decimal.Decimal, property, types.FunctionType)
_data: "Dict[type, int]" = {}


def data_of(kind: type) -> int:
    """What an instance of a class holds that no attribute tells."""
    found = _data.get(kind)
    if found is None:
        found = PLAIN
        for one in type.__dict__["__mro__"].__get__(kind):
            if one in _FIXED or one is object:
                break
            if one in _HOLDING:
                found = ELEMENTS
                break
            if _is_of_c(one):
                found = FOREIGN
                break
        if len(_data) < 20_000:
            _data[kind] = found
    return found


def forget() -> None:
    """Lets the classes of an earlier run go, and with them all that its modules held."""
    _cache.clear()
    _cache.update(_built_in)
    _data.clear()


def _is_of_c(kind: type) -> bool:
    """Whether a class was made in C: it makes its objects there, or has neither a dictionary nor slots for them."""
    space = type.__dict__["__dict__"].__get__(kind)
    if type(space.get("__new__")) is types.BuiltinFunctionType:
        return True
    return type.__dict__["__base__"].__get__(kind) is object and "__dict__" not in space and "__slots__" not in space


READING: "Dict[type, FrozenSet[str]]" = {
    list: frozenset(("index", "count", "copy", "__len__", "__contains__", "__getitem__", "__iter__", "__reversed__", "__eq__")),
    bytearray: frozenset(("decode", "find", "index", "count", "copy", "startswith", "endswith", "hex", "split", "join", "__len__")),
    collections.deque: frozenset(("index", "count", "copy", "__len__", "__contains__", "__getitem__", "__iter__")),
    dict: frozenset(("get", "keys", "values", "items", "copy", "__len__", "__contains__", "__getitem__", "__iter__")),
    set: frozenset(("copy", "difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference",
                    "union", "__len__", "__contains__", "__iter__")),
}
for _kind in (collections.OrderedDict, collections.defaultdict, collections.Counter):
    READING[_kind] = READING[dict] | {"most_common", "elements", "total"}



def reading(kind: type) -> "FrozenSet[str]":
    """The methods of a class that only read, where it is derived from a built-in container."""
    return next((READING[one] for one in type.__dict__["__mro__"].__get__(kind) if one in READING), frozenset())


#: Builtins that only read what they are given, or nothing of it, when elements run no code of the program.
READERS = frozenset(("len", "sum", "sorted", "min", "max", "any", "all", "repr", "ascii", "str", "list", "tuple", "set", "frozenset",
                     "dict", "bytes", "format", "join", "deque", "Counter"))
BLIND = frozenset(("isinstance", "issubclass", "id", "type", "callable", "hash", "super", "range", "object", "globals", "locals", "int",
                   "float", "bool", "abs", "round", "divmod", "pow", "chr", "ord", "input", "open", "hex", "bin", "oct",
                   "dir", "staticmethod", "classmethod", "property", "Thread", "compile", "exec", "eval", "__import__"))
LAZY = frozenset(("iter", "enumerate", "zip", "map", "filter"))
