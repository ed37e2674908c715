"""A fingerprint of a program's module state: whether running tests left anything behind in memory.

Bounded, and honest about what it cannot see: a value whose state is out of sight makes the answer unknown, never equal.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import functools
import hashlib
import operator
import os
import re
import struct
import sys
import types
import typing
from collections import namedtuple
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple

MAX_NODES = 120_000
_PLAIN = (int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented), range, slice)
_FROZEN = (re.Pattern, decimal.Decimal, fractions.Fraction, datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo,
           types.ModuleType, types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType,
           types.GetSetDescriptorType, types.MemberDescriptorType, types.ClassMethodDescriptorType, types.MethodWrapperType,
           types.CodeType, types.GenericAlias, type(len), os.PathLike, typing.TypeVar, struct.Struct, type(operator.itemgetter(0)),
           type(operator.attrgetter("a")), type(operator.methodcaller("a")), type(vars(namedtuple("_Pair", "first"))["first"]))
#: Exact types whose state a call tells. A generator of random numbers that the system feeds has none.
_TOLD: "Dict[str, Callable[[Any], Any]]" = {
    "itertools.count": repr, "random.Random": lambda value: hash(value.getstate()), "random.SystemRandom": lambda value: None,
    "array.array": lambda value: value.tobytes(), "_io.StringIO": lambda value: value.closed or (value.getvalue(), value.tell()),
    "_io.BytesIO": lambda value: value.closed or (value.getvalue(), value.tell()), "zoneinfo.ZoneInfo": str,
}
_SKIPPED_NAMES = frozenset(("__builtins__", "__doc__", "__loader__", "__spec__", "__file__", "__cached__", "__name__", "__package__",
                            "__path__", "__annotations__", "__heal_tick__", "__warningregistry__", "__firstlineno__",
                            "__static_attributes__", "__annotations_cache__", "__annotate_func__", "__dict__", "__weakref__",
                            "__abstractmethods__", "_abc_impl", "__module__", "__qualname__", "__annotate__"))


class Opaque(Exception):
    """The state of a value is out of sight; the message names it."""


def fingerprint(modules: "Iterable[types.ModuleType]") -> bytes:
    """A digest of everything reachable from the modules' globals, and of the interpreter's own state that programs change."""
    walk = _Walk()
    for module in modules:
        walk.holder = module.__name__
        walk.mapping(vars(module))
    walk.add(_interpreter_state())
    return hashlib.blake2b(repr(walk.parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def size(modules: "Iterable[types.ModuleType]") -> int:
    """How much a fingerprint of these modules looks at."""
    walk = _Walk()
    try:
        for module in modules:
            walk.mapping(vars(module))
    except Opaque:
        pass
    return len(walk.parts)


def _interpreter_state() -> "Tuple[Any, ...]":
    random = sys.modules.get("random")
    context = decimal.getcontext()
    numpy_random = sys.modules.get("numpy.random")
    return (
        hash(random.getstate()) if random is not None else 0,
        repr(numpy_random.get_state()[1:]) if numpy_random is not None and hasattr(numpy_random, "get_state") else "",
        (context.prec, context.rounding),
        sys.getrecursionlimit(),
        tuple(sys.path),
        len(os.environ),
    )


class _Walk:
    """Visits values depth first and writes down their contents."""

    def __init__(self) -> None:
        self.parts: "List[Any]" = []
        self.holder = ""
        self._seen: "Set[int]" = set()
        self._kept: "List[Any]" = []

    def add(self, part: Any) -> None:
        self.parts.append(part)
        if len(self.parts) > MAX_NODES:
            raise Opaque("module %s holds too much to compare" % self.holder)

    def mapping(self, values: "Dict[Any, Any]") -> None:
        for name, value in list(values.items()):
            if type(name) is str and name in _SKIPPED_NAMES:
                continue
            self.visit(name)
            self.visit(value)

    def visit(self, value: Any) -> None:
        kind = type(value)
        if kind in _PLAIN:
            self.add(value)
            return
        if id(value) in self._seen:
            self.add("again")
            return
        self._seen.add(id(value))
        self._kept.append(value)
        if kind in (list, tuple):
            self.add((kind.__name__, len(value)))
            for one in list(value):
                self.visit(one)
        elif kind in (set, frozenset):
            self._visit_set(value)
        elif kind is dict:
            self.add(("dict", len(value)))
            self.mapping(value)
        else:
            self._visit_object(value, kind)

    def _visit_set(self, value: Any) -> None:
        self.add((type(value).__name__, len(value)))
        if all(type(one) in (int, str, bytes, float, bool, type(None)) for one in value):
            self.add(tuple(sorted(map(repr, value))))
        else:
            for one in value:
                self.visit(one)

    def _visit_object(self, value: Any, kind: type) -> None:
        if isinstance(value, type):
            self._visit_class(value)
        elif kind is types.FunctionType:
            self._visit_function(value)
        elif isinstance(value, enum.Enum):
            self.add((kind.__name__, value.name))
        elif kind is object or isinstance(value, _FROZEN):
            self.add(kind.__name__)
        elif isinstance(value, (staticmethod, classmethod)):
            self.visit(value.__func__)
        elif isinstance(value, property):
            for part in (value.fget, value.fset, value.fdel):
                self.visit(part)
        elif isinstance(value, functools.partial):
            self.visit(value.func), self.visit(value.args), self.visit(value.keywords)
        elif kind is types.MethodType:
            self.visit(value.__func__), self.visit(value.__self__)
        elif isinstance(value, types.MappingProxyType):
            self.mapping(dict(value))
        elif type(value).__name__ == "_lru_cache_wrapper":
            self.add("cache")  # emptied before each candidate, so its contents do not matter
            self.visit(value.__wrapped__)
        else:
            self._visit_instance(value, kind)

    def _visit_class(self, value: type) -> None:
        self.add(("class", value.__name__))
        if _is_program_class(value):
            for base in value.__bases__:
                self.visit(base)
            self.mapping(dict(vars(value)))

    def _visit_function(self, value: types.FunctionType) -> None:
        self.add(("function", value.__name__))
        self.visit(value.__defaults__)
        self.visit(value.__kwdefaults__)
        if value.__dict__:
            self.mapping(value.__dict__)
        for cell in value.__closure__ or ():
            try:
                self.visit(cell.cell_contents)
            except ValueError:
                self.add("empty")

    def _visit_instance(self, value: Any, kind: type) -> None:
        module = str(getattr(kind, "__module__", ""))
        if module.partition(".")[0] in ("pytest", "_pytest", "pluggy"):
            self.add(kind.__name__)  # the framework's own, from which all of it can be reached
            return
        plain = _plain_parts(value, kind)
        if plain is not None:
            self.add((kind.__name__, len(plain)))
            for one in plain:
                self.visit(one)
            return
        told = _TOLD.get("%s.%s" % (module, kind.__name__))
        if told is not None:
            self.add((kind.__name__, told(value)))
            return
        if _is_python_class(kind):  # state is in __dict__ and slots
            self._visit_attributes(value, kind)
            return
        if module.startswith(("threading", "_thread", "logging", "typing", "abc", "_abc", "weakref", "inspect")):
            self.add(kind.__name__)
            return
        raise Opaque("%s holds a %s, whose state cannot be compared" % (self.holder, kind.__name__))

    def _visit_attributes(self, value: Any, kind: type) -> None:
        for base in kind.__mro__:
            if base in _CONTAINERS:
                self.add(base.__name__)
                for one in base.__iter__(value):  # type: ignore[attr-defined]
                    self.visit(one)
                    if base is dict:
                        self.visit(dict.__getitem__(value, one))
                break
            if base is not object and base is not typing.Generic and not _is_python_class(base) \
                    and not issubclass(base, (BaseException, int, str, float, bytes)):
                raise Opaque("%s holds a %s, whose state cannot be compared" % (self.holder, kind.__name__))
        self.add(kind.__name__)
        state = getattr(value, "__dict__", None)
        if isinstance(state, dict):
            self.mapping(state)
        for base in kind.__mro__:
            for name, slot in list(vars(base).items()):
                if type(slot) is types.MemberDescriptorType:
                    try:
                        self.visit(slot.__get__(value, kind))
                    except AttributeError:
                        self.add(("unset", name))


_CONTAINERS = (list, tuple, dict, set, frozenset)


def _plain_parts(value: Any, kind: type) -> "Optional[List[Any]]":
    """The contents of standard containers written in C."""
    import collections

    if kind is collections.deque:
        return list(value)
    if kind is collections.defaultdict or kind is collections.OrderedDict or kind is collections.Counter:
        return [part for pair in dict.items(value) for part in pair]
    if kind is bytearray:
        return [bytes(value)]
    return None


def _is_python_class(value: type) -> bool:
    """Whether a class statement made it: types written in C keep their state out of sight."""
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    return module is None or module.__name__ == "__main__" or str(getattr(module, "__file__", None) or "").endswith(".py")


def _is_program_class(value: type) -> bool:
    module = sys.modules.get(getattr(value, "__module__", None) or "")
    if module is None:
        return True
    filename = getattr(module, "__file__", None) or ""
    return bool(filename) and "site-packages" not in filename and not filename.startswith(os.path.dirname(os.__file__))


def caches(modules: "Iterable[types.ModuleType]") -> "List[Any]":
    """The `cache_clear` of every memoised function of these modules and their classes."""
    found = []
    for module in modules:
        holders = [vars(module)]
        holders += [vars(one) for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
        for holder in holders:
            for value in holder.values():
                value = getattr(value, "__func__", value) if isinstance(value, (staticmethod, classmethod)) else value
                if type(value).__name__ == "_lru_cache_wrapper":
                    found.append(value.cache_clear)
    return found
