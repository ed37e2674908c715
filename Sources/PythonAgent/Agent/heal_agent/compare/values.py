"""Values of the program as texts: one by which two of them are compared, and one that a person reads.

Neither calls the program's code, except that iterators are run to their end, up to a bound.
"""

from __future__ import annotations

import itertools
import types
from typing import Any, Dict, Iterator, List, Tuple

from ..describe import _MASK, _SECRET, shown_value

_MAX_NODES, _MAX_ITERATED, _MAX_TEXT = 3000, 100, 200
_ITERATORS = (types.GeneratorType, map, filter, zip, enumerate, reversed, type(iter([])), type(iter(())), type(iter("")),
              type(iter({})), type(iter(set())), type(iter(range(0))), itertools.chain, itertools.islice)
_CONTAINERS = {list: "[]", tuple: "()", set: "{}", frozenset: "<>"}
_ATOMS = (int, float, complex, str, bytes, bool, type(None), range)


class TooMuch(Exception):
    """A value that is too large to be compared."""


def settled(value: Any) -> Any:
    """The value, an iterator as the list of what it gives."""
    if isinstance(value, _ITERATORS):
        return list(itertools.islice(value, _MAX_ITERATED))
    return value


def identity(value: Any) -> str:
    """Equal for values that a test could not tell apart by `==`; raises `TooMuch`."""
    return "".join(_Identity().parts_of(value))


class _Identity:
    def __init__(self) -> None:
        self._nodes = 0
        self._open: "List[int]" = []

    def parts_of(self, value: Any) -> "Iterator[str]":
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise TooMuch()
        kind = type(value)
        if kind in _ATOMS:
            yield _atom(value)
        elif id(value) in self._open:
            yield "again"
        else:
            self._open.append(id(value))
            yield from self._inside(value, kind)
            self._open.pop()

    def _inside(self, value: Any, kind: type) -> "Iterator[str]":
        if kind in (list, tuple):
            opening, closing = _CONTAINERS[kind]
            yield opening
            for one in value:
                yield from self.parts_of(one)
                yield ","
            yield closing
        elif kind in (set, frozenset):
            yield "{%s}" % ",".join(sorted("".join(self.parts_of(one)) for one in value))
        elif isinstance(value, dict):
            items = ("%s:%s" % ("".join(self.parts_of(key)), "".join(self.parts_of(held))) for key, held in dict.items(value))
            yield "{%s}" % ",".join(sorted(items))
        elif isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)):
            yield "<%s>" % getattr(value, "__name__", kind.__name__)
        else:
            yield kind.__qualname__
            yield from self._held(value, kind)

    def _held(self, value: Any, kind: type) -> "Iterator[str]":
        """What an instance holds: elements of the built-in type it derives from, and attributes."""
        for base in (list, tuple, int, float, str):
            if isinstance(value, base):
                yield from self.parts_of(list(base.__iter__(value)) if base in (list, tuple) else base(base.__add__(value, base())))
                break
        yield from self.parts_of(attributes(value, kind))


def attributes(value: Any, kind: type) -> "Dict[str, Any]":
    """The attributes that an instance holds itself, by name."""
    found: "Dict[str, Any]" = {}
    try:
        own = object.__getattribute__(value, "__dict__")
        found.update(own if isinstance(own, dict) else {})
    except AttributeError:
        pass
    for base in kind.__mro__:
        for name, slot in list(vars(base).items()):
            if type(slot) is types.MemberDescriptorType and not name.startswith("__"):
                try:
                    found[name] = slot.__get__(value, kind)
                except AttributeError:
                    continue
    return found


def _atom(value: Any) -> str:
    if isinstance(value, (bool, int)):
        value = int(value)
        return str(value) if value.bit_length() < 4000 else "int %x" % hash(value)
    if isinstance(value, float):
        return str(int(value)) if value == value and abs(value) < 1e15 and value == int(value) else "%.12g" % value
    return repr(value)


def shown(value: Any) -> str:
    """A bounded text for a person; what looks like a secret is masked."""
    text = _shown(value, 4)
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"


def _shown(value: Any, depth: int) -> str:
    kind = type(value)
    if kind in _CONTAINERS and depth and 0 < len(value) <= 24:
        inside = ", ".join(_shown(one, depth - 1) for one in _in_order(value, kind))
        if kind is tuple:
            return "(%s)" % (inside + "," if len(value) == 1 else inside)
        return "[%s]" % inside if kind is list else "{%s}" % inside if kind is set else "frozenset({%s})" % inside
    if kind is dict and depth and 0 < len(value) <= 24:
        return "{%s}" % ", ".join("%s: %s" % (_shown(key, 0), named(key, held, depth - 1)) for key, held in value.items())
    if kind in _ATOMS or kind in _CONTAINERS or kind is dict or isinstance(value, (type, types.FunctionType)):
        return shown_value(value)
    held = attributes(value, kind)
    parts = ["%s=%s" % (name, named(name, one, depth - 1)) for name, one in list(held.items())[:8]] if depth else []
    return "%s(%s)" % (kind.__name__, ", ".join(parts))


def _in_order(value: Any, kind: type) -> "List[Any]":
    """Elements in an order that does not depend on the run."""
    return sorted(value, key=identity) if kind in (set, frozenset) else list(value)


def named(name: Any, value: Any, depth: int = 4) -> str:
    """The text of a value that has a name: masked where the name says that it is a secret."""
    return _MASK if type(name) is str and _SECRET.search(name) else _shown(value, depth)


def shown_call(qualname: str, names: "List[str]", positional: "List[Any]", keywords: "Dict[str, Any]") -> str:
    """A call as one would write it."""
    padded = names + [""] * len(positional)
    parts = [named(name, value) for name, value in zip(padded, positional)]
    parts += ["%s=%s" % (name, named(name, value)) for name, value in keywords.items()]
    return bounded("%s(%s)" % (qualname, ", ".join(parts)))


def bounded(text: str) -> str:
    """Not longer than what fits into a line or two."""
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…)"


def is_plain(value: Any, depth: int = 6) -> bool:
    """Whether a value is made of exact built-in types alone."""
    kind = type(value)
    if kind in _ATOMS:
        return True
    if depth == 0:
        return False
    if kind in _CONTAINERS:
        return all(is_plain(one, depth - 1) for one in value)
    return kind is dict and all(is_plain(key, depth - 1) and is_plain(held, depth - 1) for key, held in value.items())


def shape(value: Any, depth: int = 3) -> "Tuple[Any, ...]":
    """The types that a value is made of, so that only like takes the place of like."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset) and depth:
        return (kind.__name__, *sorted({shape(one, depth - 1) for one in itertools.islice(value, 20)}, key=repr))
    if kind is dict and depth:
        return (kind.__name__, *sorted({shape(one, depth - 1) for one in itertools.islice(value.values(), 20)}, key=repr))
    return (kind.__name__,)
