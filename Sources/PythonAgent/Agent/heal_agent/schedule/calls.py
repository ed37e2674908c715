"""Calls out of rewritten code: what a function that is not rewritten does to objects that threads share.

The hook answers a `functools.partial`, which the rewritten code calls at once: so no frame of ours stands between caller and
callee, and what looks at its caller's frame finds it.
"""

from __future__ import annotations

import functools
import os
import types
from functools import partial
from typing import Any, Callable, List, Sequence, Tuple

from . import kinds
from .builtin_types import (BLIND, CLASS, CONTAINERS, FOREIGN, INSTANCE, ITERATOR, LAZY, MAPPING, NOTHING, READERS, READING, SIMPLE, VIEW,
                            category, data_of, holds_simple, is_simple, is_whole, reading)
from .locations import WHOLE, Locations, Record
from .scheduler import Scheduler
from .sites import Sites

#: Modules whose classes and functions are modelled, or do not look into what they are given.
_MODELLED = frozenset((
    "threading", "_thread", "queue", "_queue", "concurrent.futures.thread", "concurrent.futures._base", "concurrent.futures",
    "time", "functools", "contextlib", "contextvars", "collections", "types", "typing", "enum", "abc", "dataclasses", "weakref",
    "_asyncio", "atexit", "sys", "gc"))
#: Modules that read what they are given and change none of it.
_READ_ONLY = frozenset(("json", "json.encoder", "json.decoder", "copy", "math", "statistics", "operator", "string", "textwrap", "pprint", "datetime",
                        "decimal", "fractions", "itertools", "logging", "re", "hashlib", "base64", "struct", "pickle", "os", "posixpath", "builtins"))
#: Methods that compare or hash elements; the others of sequences leave them alone, and those of mappings and sets do not.
_COMPARING = frozenset(("remove", "index", "count", "sort", "__contains__", "__eq__"))
_HASHLESS = frozenset(("clear", "keys", "values", "items", "popitem", "copy", "__len__", "__iter__"))
_LOOK = 200


class Calls:
    """The hook around calls, for one run."""

    def __init__(self, scheduler: Scheduler, locations: Locations, sites: Sites, hooks: Any) -> None:
        self._scheduler = scheduler
        self._locations = locations
        self._sites = sites
        self._files = sites.files
        self._hooks = hooks

    def hook(self) -> "Callable[..., Callable[[], Any]]":
        """`hook(place, function, *arguments)` is called, and what it answers too."""
        scheduler, files, special = self._scheduler, self._files, self._special

        def call(site: int, function: Any, /, *arguments: Any, **named: Any) -> "Callable[[], Any]":
            kind = type(function)
            if not scheduler.solo:
                inner = function.__func__ if kind is types.MethodType else function
                if type(inner) is not types.FunctionType or inner.__code__.co_filename not in files:
                    return special(site, function, inner, arguments, named)
            elif not callable(function):
                raise TypeError("'%s' object is not callable" % kind.__name__)
            return partial(function, *arguments, **named)

        return call

    def _special(self, site: Any, function: Any, inner: Any, arguments: "Tuple[Any, ...]", named: "dict[str, Any]") -> "Callable[[], Any]":
        kind = type(function)
        if not callable(function):
            raise TypeError("'%s' object is not callable" % kind.__name__)
        call = partial(function, *arguments, **named)
        if kind is types.BuiltinFunctionType or kind is types.MethodWrapperType:
            owner = function.__self__
            if owner is None or type(owner) is types.ModuleType:
                return self._builtin(site, function.__name__, owner, arguments, named, call)
            return self._method(site, owner, function.__name__, arguments, named, call)
        if kind is types.MethodDescriptorType or kind is types.WrapperDescriptorType:
            return self._method(site, arguments[0], function.__name__, arguments[1:], named, call) if arguments else call
        if category(kind) == CLASS:
            return self._class(site, function, arguments, named, call)
        if kind is _CACHED:
            return self._around(site, function, kinds.TOUCH, call)
        if type(inner) is not types.FunctionType or _modelled(inner):
            return call  # an object whose __call__ is rewritten, a partial of something that is
        given = (*arguments, *named.values())
        if kind is types.MethodType and category(type(function.__self__)) != CLASS:
            self.opaque(site, (function.__self__, *given), _kind_of(inner.__module__))
        else:
            self.opaque(site, given, _kind_of(inner.__module__))
        return call

    def _builtin(self, site: Any, name: str, module: Any, arguments: "Tuple[Any, ...]", named: "dict[str, Any]",
                 call: "partial[Any]") -> "Callable[[], Any]":
        if name in ("exec", "eval"):
            self._scheduler.unseen.add("%s at %s" % (name, self._place(site)))
        if name in BLIND or not arguments:
            return call
        first = arguments[0]
        if name in ("getattr", "hasattr", "setattr", "delattr") and len(arguments) > 1 and type(arguments[1]) is str:
            self._hooks.attribute(site, first, arguments[1], name in ("setattr", "delattr"))
            return call
        if name == "vars":
            self._hooks.attribute(site, first, "__dict__", False)
            return call
        if name == "next":
            return self._around(site, first, kinds.TOUCH, call)
        if name == "iter":
            return partial(self._hooks.iterate, site, first) if len(arguments) == 1 and category(type(first)) in CONTAINERS else call
        space = getattr(module, "__name__", None) or "builtins"
        if _is_known(space):
            return call
        if name in READERS or name == "print" or space in _READ_ONLY:
            return self._reading(site, arguments, named, call)
        self.opaque(site, (*arguments, *named.values()), kinds.TOUCH)
        return call

    def _class(self, site: Any, made: Any, arguments: "Tuple[Any, ...]", named: "dict[str, Any]", call: "partial[Any]") -> "Callable[[], Any]":
        name, module = made.__name__, made.__module__
        if module == "builtins" and name in LAZY:
            return partial(made, *[self._hooks.iterate(site, one) for one in arguments], **named)
        if _is_known(module) and name not in READERS or name in BLIND:
            return call
        if module in ("builtins", "collections"):
            return self._reading(site, arguments, named, call)
        if made.__flags__ & 1 << 9:
            return call  # a class of Python code: of the program, or its __init__ gets what it stores
        self.opaque(site, (*arguments, *named.values()), kinds.READ)
        return call

    def _reading(self, site: Any, arguments: "Tuple[Any, ...]", named: "dict[str, Any]", call: "partial[Any]") -> "Callable[[], Any]":
        """A function that reads its arguments; where elements run code of the program, there are steps before and after."""
        for one in arguments:
            kind = category(type(one))
            if (kind in CONTAINERS or kind == VIEW) and ("key" in named or not holds_simple(one)) and runs_code(one):
                return self._around(site, one, kinds.READ, call)
        self.opaque(site, arguments, kinds.READ, 1)
        return call

    def _method(self, site: Any, owner: Any, name: str, arguments: "Tuple[Any, ...]", named: "dict[str, Any]",
                call: "partial[Any]") -> "Callable[[], Any]":
        kind, exact = category(type(owner)), type(owner)
        if kind == CLASS:
            return self._reading(site, arguments, named, call)
        if exact in SIMPLE or kind == NOTHING:
            self.opaque(site, arguments, kinds.READ, 1)
            return call
        if kind not in CONTAINERS:
            if not _is_modelled(exact):
                self.opaque(site, (owner, *arguments), kinds.READ if name in reading(exact) else kinds.TOUCH)
                if data_of(exact) == FOREIGN:
                    self.unseen("%s.%s" % (exact.__name__, name), site, owner)
            return call
        self.opaque(site, arguments, kinds.READ, 0)
        if kind == MAPPING and name in ("keys", "values", "items"):
            return partial(self._view, owner, site, call)
        reads = name in READING.get(exact, ())
        touch = kinds.READ if reads else kinds.WRITE
        if name in _COMPARING if exact not in (set, dict) and kind != MAPPING else name not in _HASHLESS:
            if named or not all(map(is_simple, arguments)) or not holds_simple(owner) and runs_code(owner):
                return self._around(site, owner, kinds.READ if reads else kinds.TOUCH, call)
        record = self._locations.record(owner, site)
        if self._locations.touch(record, "", not reads):
            field = WHOLE
            if name == "get" and is_simple(arguments[0] if arguments else ()) and arguments and arguments[0] in owner:
                field = self._locations.field(repr(arguments[0]))
            self._scheduler.step(touch, record.serial, field, site)
        return call

    def _view(self, owner: Any, site: Any, call: "partial[Any]") -> Any:
        view = call()
        self._locations.alias(view, self._locations.record(owner, site))
        return view

    def _around(self, site: Any, owner: Any, kind: int, call: "partial[Any]") -> "Callable[[], Any]":
        """A call in the midst of which the program's code may run: a step before it, one after, and some in that code."""
        key = call.keywords.get("key")
        if type(key) is types.FunctionType:
            call = partial(call.func, *call.args, **{**call.keywords, "key": lambda one: self._keyed(site, key, one)})

        def both() -> Any:
            me = self._scheduler.current
            outer = me.inside
            if self._hooks.whole(site, owner, kind):
                me.inside = self._locations.record(owner, site)
            try:
                return call()
            finally:
                me.inside = outer
                self._hooks.whole(site, owner, kind)
        return both

    def _keyed(self, site: Any, key: "Callable[[Any], Any]", value: Any) -> Any:
        if self._scheduler.current.inside is not None:
            self._hooks.amid(site)
        return key(value)

    # What cannot be looked into

    def opaque(self, site: Any, values: "Sequence[Any]", kind: int, depth: int = 3) -> None:
        """One step that accesses all that is reachable from the values and shared."""
        found: "List[Record]" = []
        todo = [(one, depth) for one in values if type(one) not in SIMPLE]
        seen = set()
        while todo and len(seen) < _LOOK:
            value, left = todo.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            sort = category(type(value))
            if sort in CONTAINERS or sort in (VIEW, ITERATOR) or is_whole(type(value)) or sort == INSTANCE and self._is_foreign(type(value)):
                record = self._locations.record(value, site)
                if sort == ITERATOR:
                    kind = kinds.TOUCH  # whoever reads it moves it on
                if self._locations.touch(record, "", kind != kinds.READ):
                    found.append(record)
            elif type(value) is not tuple and sort != INSTANCE:
                continue
            if left > 0 and (sort != INSTANCE or not _is_modelled(type(value))):
                todo.extend((one, left - 1) for one in self._inside(site, value, sort, kind, found) if type(one) not in SIMPLE)
        if todo and len(seen) >= _LOOK:
            self._scheduler.unseen.add("what is reachable from more than %d objects at %s" % (_LOOK, self._place(site)))
        for index, record in enumerate(found):
            if index == 0:
                self._scheduler.step(kind, record.serial, WHOLE, site)
            else:
                self._scheduler.further(kind, record.serial, WHOLE)

    def _inside(self, site: Any, value: Any, sort: int, kind: int, found: "List[Record]") -> "List[Any]":
        if type(value) is tuple or sort in CONTAINERS and sort != MAPPING:
            return list(value)[:_LOOK]
        if sort == MAPPING:
            return [*value.values()][:_LOOK]
        if sort != INSTANCE:
            return []
        try:
            space = object.__getattribute__(value, "__dict__")
        except AttributeError:
            return []
        record = self._locations.record(value, site)
        every = [self._locations.touch(record, name, kind != kinds.READ) for name in list(space)]
        if any(every):
            found.append(record)
        return list(space.values())

    def unseen(self, what: str, site: Any, owner: Any) -> None:
        """Notes an operation in C on an object that several threads reach: what else it reaches is not known."""
        record = self._locations.known(owner)
        place = None if record is None else record.places.get("")
        if place is not None and place.shared:
            self._scheduler.unseen.add("%s at %s" % (what, self._place(site)))

    def _is_foreign(self, kind: type) -> bool:
        return data_of(kind) == FOREIGN and not _is_modelled(kind)

    def _place(self, site: Any) -> str:
        return self._sites.name(site).rpartition(":")[0]

    def is_own(self, function: Any) -> bool:
        """Whether a function is rewritten code of the program."""
        return type(function) is types.FunctionType and function.__code__.co_filename in self._files

    def rendered(self, value: Any) -> str:
        """A value in words; objects by type and number."""
        if type(value) in SIMPLE or type(value) in (list, tuple, dict, set) and len(value) <= 12 and is_flat(value):
            text = repr(value)
            return text if len(text) <= 120 else text[:117] + "..."
        record = self._locations.known(value)
        return "<%s%s>" % (type(value).__name__, "" if record is None else " #%d" % record.serial)


def is_flat(value: Any) -> bool:
    """Whether a short container holds nothing but plain values."""
    elements = [*value, *value.values()] if type(value) is dict else value
    return all(type(one) in SIMPLE or type(one) is tuple and is_simple(one) for one in elements)


def runs_code(container: Any) -> bool:
    """Whether what a container holds may run the program's code; a long one is judged by its first elements."""
    for index, one in enumerate(container):
        if index >= _LOOK:
            return False
        if not is_simple(one):
            return True
    return False


_CACHED = type(functools.lru_cache(maxsize=1)(len))


def _is_known(module: str) -> bool:
    return module in _MODELLED or module.startswith(_FAMILIES)


def _is_modelled(kind: type) -> bool:
    return _is_known(kind.__module__)


def _modelled(function: Any) -> bool:
    return _is_known(getattr(function, "__module__", None) or "") or _OWN in function.__code__.co_filename


def _kind_of(module: Any) -> int:
    return kinds.READ if module in _READ_ONLY else kinds.TOUCH


_OWN = os.path.dirname(os.path.abspath(__file__))
_FAMILIES = (__package__, "asyncio")
