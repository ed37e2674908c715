"""What rewritten code calls: decides which accesses are steps, and lets the scheduler know.

A set of hooks belongs to one run. While there is one thread, and none waits to be joined, hooks do nothing. They never call code
of the program: types are looked at, attributes are looked up without descriptors.
"""

from __future__ import annotations

import builtins
import operator
import types
from array import array
from collections import defaultdict, deque
from typing import Any, Callable, Dict, Iterator, Optional, Tuple

from . import clock, kinds
from .builtin_types import (CLASS, CONTAINERS, FOREIGN, INSTANCE, ITERATOR, MAPPING, MODULE, NOTHING, PLAIN, SEQUENCE, VIEW, category, data_of,
                            is_simple, is_whole)
from .calls import Calls, runs_code
from .locations import WHOLE, Locations, Record
from .scheduler import Scheduler
from .sites import Sites

_MISSING = object()
_BACKWARDS = type(reversed([]))
_LOOPED = frozenset(map(id, (list, dict, set, deque, bytearray, array)))
_STABLE = (types.FunctionType, classmethod, staticmethod, property, types.BuiltinFunctionType, type(list.append), type(int.__add__),
           type(types.FunctionType.__code__))


class Hooks:
    """The hooks of one run, by the names that rewritten code has for them."""

    def __init__(self, scheduler: Scheduler, locations: Locations, sites: Sites, tick: "Callable[[], None]", values: bool) -> None:
        self._scheduler = scheduler
        self._locations = locations
        self._modules: "Dict[int, Record]" = {}
        self._sites = sites
        self._values = values
        self._attributes: "Dict[Tuple[type, str], Any]" = {}
        self.calls = Calls(scheduler, locations, sites, self)
        self._tick = tick

    def install(self) -> None:
        """Takes effect in rewritten code from now on."""
        space = builtins.__dict__
        space["__heal_get__"], space["__heal_set__"] = self._of_attributes(False), self._of_attributes(True)
        space["__heal_clock__"] = self._of_clocks(space["__heal_get__"])
        space["__heal_item__"], space["__heal_put__"], space["__heal_pair__"] = self.item, self.put, self.pair
        space["__heal_pick__"] = operator.getitem
        space["__heal_read__"], space["__heal_iter__"], space["__heal_call__"] = self._reader(), self.iterate, self.calls.hook()
        space["__heal_match__"], space["__heal_extend__"] = self.match, self.extend
        space["__heal_name__"], space["__heal_bind__"] = self.name, self.bind
        space["__heal_free__"], space["__heal_keep__"], space["__heal_cell__"] = self.cell, self.keep, object
        space["__heal_tick__"], space["__heal_seen__"], space["__heal_note__"] = self._tick, self.seen, self.note

    # Attributes

    def _of_attributes(self, write: bool) -> "Callable[[int, Any, str], Any]":
        scheduler, access, records = self._scheduler, self.attribute, self._locations.records
        kind, take = kinds.WRITE if write else kinds.READ, self._step if self._values else scheduler.step

        def touch(site: int, owner: Any, name: str) -> Any:
            if not scheduler.solo:
                record = records.get(id(owner))
                if record is not None:
                    place = record.places.get(name)
                    if place is not None and place.shared and place.field >= 0 and record.object is owner:
                        take(kind, record.serial, place.field, site)
                        return owner
                if write or category(type(owner)) != NOTHING:
                    access(site, owner, name, write)
            return owner

        return touch

    def _of_clocks(self, get: "Callable[[int, Any, str], Any]") -> "Callable[[int, Any, str], Any]":
        """For attributes that are named like those which tell the time."""

        def read(site: int, owner: Any, name: str) -> Any:
            return clock.moments(owner, name) or get(site, owner, name)

        return read

    def attribute(self, site: Any, owner: Any, name: str, write: bool) -> None:
        """An access to one attribute: of the instance, or of the class or module that holds it."""
        kind = category(type(owner))
        if kind == MODULE:
            self._module_attribute(site, owner, name, write)
            return
        if kind == CLASS:
            holder = owner if write else _holder(owner, name)
            if write:
                self._attributes.clear()
            if holder is not None and (write or not isinstance(holder.__dict__[name], _STABLE)):
                self.access(site, self._class(holder), name, write)
            return
        if kind != INSTANCE:
            return
        space = _space(owner)
        if name == "__dict__" and space is not None:
            self._locations.alias(space, self._locations.record(owner, site))
            return
        found = self._attributes.get((type(owner), name), _MISSING)
        if found is _MISSING:
            found = self._attributes[type(owner), name] = _holder(type(owner), name)
        if found is not None and (space is None or name not in space):
            value = found.__dict__[name]
            is_slot = type(value) is types.MemberDescriptorType
            if isinstance(value, property) or not write and not is_slot and isinstance(value, _STABLE):
                return  # a property is a call, and its code is rewritten
            if not write and not is_slot:
                self.access(site, self._class(found), name, False)
                return
        self.access(site, self._locations.record(owner, site), name, write)

    def _module_attribute(self, site: Any, owner: Any, name: str, write: bool) -> None:
        number = self._sites.files.get(owner.__dict__.get("__file__"))  # type: ignore[arg-type]
        if number is not None and (write or not isinstance(owner.__dict__.get(name), (types.FunctionType, type, types.ModuleType))):
            self.access(site, self.module(number), name, write)

    def _class(self, holder: type) -> Record:
        return self._locations.record(holder, 0, "%s.%s" % (holder.__module__, holder.__qualname__), holder.__qualname__)

    def module(self, number: int) -> Record:
        """The globals of a rewritten module."""
        record = self._modules.get(number)
        if record is None:
            path = next(path for path, one in self._sites.files.items() if one == number)
            record = self._locations.record(_Module(), 0, "globals of " + self._sites.path(path), "globals")
            record = self._modules.setdefault(number, record)  # in a recording another thread may come first
        return record

    def access(self, site: Any, record: Record, name: str, write: bool) -> None:
        """One field of one object."""
        if self._locations.touch(record, name, write):
            place = record.places[name]
            if place.field < 0:
                place.field = self._locations.field(name)
            self._step(kinds.WRITE if write else kinds.READ, record.serial, place.field, site)
        elif self._scheduler.current.inside is not None:
            self.amid(site)

    def amid(self, site: Any) -> None:
        """A step of code that runs in the midst of an operation on a container: others may see that half done."""
        inside = self._scheduler.current.inside
        self._scheduler.step(kinds.TOUCH, inside.serial, WHOLE, site)

    def _step(self, kind: int, serial: int, field: int, site: Any) -> None:
        scheduler = self._scheduler
        scheduler.step(kind, serial, field, site)
        if self._values:
            me = scheduler.current
            if kind == kinds.READ:
                me.unseen = True
            elif me.wrote is not None:
                scheduler.value(me.wrote)
                me.wrote = None

    # Values

    def seen(self, value: Any) -> Any:
        """The value of a read, if that was a step."""
        me = self._scheduler.current
        if me.unseen:
            me.unseen = False
            self._scheduler.value(self.calls.rendered(value))
        return value

    def note(self, value: Any) -> Any:
        """The value of the write that follows."""
        if not self._scheduler.solo:
            self._scheduler.current.wrote = self.calls.rendered(value)
        return value

    # Items

    def item(self, site: Any, owner: Any, key: Any) -> Any:
        """A read of `owner[key]`; answers what to take the item from."""
        if self._scheduler.solo:
            return owner
        return self._item(site, owner, key, False)

    def put(self, site: Any, owner: Any, key: Any) -> Any:
        """A write or deletion of `owner[key]`; `None` stands for a slice."""
        if self._scheduler.solo:
            return owner
        return self._item(site, owner, key, True)

    def pair(self, site: Any, owner: Any, key: Any) -> "Tuple[Any, Any]":
        """A read of an item whose key cannot be evaluated twice."""
        return self.item(site, owner, key), key

    def _item(self, site: Any, owner: Any, key: Any, write: bool) -> Any:
        kind = category(type(owner))
        record = self._locations.known(owner)
        if record is not None and record.object is not owner and record.places.get(("alias", id(owner))) is not None and type(key) is str:
            self.access(site, record, key, write)
            return owner
        if kind not in CONTAINERS:
            if kind == INSTANCE or is_whole(type(owner)):
                self._foreign(site, owner, "__setitem__" if write else "__getitem__", write)
            return owner
        if record is None:
            record = self._locations.record(owner, site)
        field = WHOLE
        if kind == SEQUENCE and type(key) is int:
            index = key if key >= 0 else key + len(owner)
            field = self._locations.field(str(index)) if 0 <= index < len(owner) else WHOLE
        elif kind == MAPPING:
            if not is_simple(key) or runs_code(owner):
                return self._guarded(site, owner, record, write)
            present = key in owner
            if present:
                field = self._locations.field(repr(key))
            elif type(owner) is defaultdict:
                write = True
        if self._locations.touch(record, "", write):
            self._step(kinds.WRITE if write else kinds.READ, record.serial, field, site)
        return owner

    def _foreign(self, site: Any, owner: Any, name: str, write: bool) -> None:
        """An operation that the program's own code does not do: an access to all of the object."""
        data = data_of(type(owner))
        if data != PLAIN and not self.calls.is_own(getattr_static(type(owner), name)):
            self.whole(site, owner, kinds.TOUCH if write else kinds.READ)
            if data == FOREIGN:
                self.calls.unseen("items of %s" % type(owner).__name__, site, owner)

    def _guarded(self, site: Any, owner: Any, record: Record, write: bool) -> Any:
        """For keys that run the program's code: a step at the beginning, theirs, and a step at the end."""
        if self._locations.touch(record, "", write):
            return _Guarded(owner, lambda: self._step(kinds.TOUCH if write else kinds.READ, record.serial, WHOLE, site))
        return owner

    # Containers as a whole

    def whole(self, site: Any, owner: Any, kind: int) -> bool:
        """An access to all of a container; true when it was a step."""
        record = self._locations.record(owner, site)
        if self._locations.touch(record, "", kind != kinds.READ):
            if kind == kinds.READ:  # of many values: what is seen next is another one
                self._scheduler.step(kind, record.serial, WHOLE, site)
            else:
                self._step(kind, record.serial, WHOLE, site)
            return True
        return False

    def _reader(self) -> "Callable[[int, Any], Any]":
        scheduler, whole = self._scheduler, self.whole

        def read(site: int, value: Any) -> Any:
            if not scheduler.solo:
                kind = category(type(value))
                if kind in CONTAINERS or kind == VIEW or kind == INSTANCE and is_whole(type(value)):
                    whole(site, value, kinds.READ)
            return value

        return read

    def extend(self, site: Any, target: Any, value: Any) -> Any:
        """An augmented assignment that may change `target` in place."""
        if not self._scheduler.solo:
            if category(type(value)) in CONTAINERS or is_whole(type(value)):
                self.whole(site, value, kinds.READ)
            if category(type(target)) in CONTAINERS or is_whole(type(target)):
                self.whole(site, target, kinds.TOUCH)
        return value

    def match(self, site: Any, value: Any) -> Any:
        """The subject of a match statement: all that its patterns may look at is read at once."""
        if not self._scheduler.solo:
            self.calls.opaque(site, (value,), kinds.READ)
        return value

    def iterate(self, site: Any, value: Any) -> Any:
        """What a loop runs over; a container is read anew at each step of the loop."""
        kind = category(type(value))
        if kind in CONTAINERS or kind == VIEW or kind == INSTANCE and _loops_alone(type(value)):
            return self._steps_of(site, value, kinds.READ, value)
        if type(value) is _BACKWARDS:
            return self._steps_of(site, value.__reduce__()[1][0], kinds.READ, value)
        return self._steps_of(site, value, kinds.TOUCH, value) if kind == ITERATOR else value

    def _steps_of(self, site: Any, value: Any, kind: int, iterable: Any) -> "Iterator[Any]":
        """What a loop over `iterable` gets, each step of which accesses `value`."""
        scheduler, whole = self._scheduler, self.whole
        advance = iter(iterable).__next__
        while True:
            if not scheduler.solo:
                whole(site, value, kind)
            try:
                one = advance()
            except StopIteration:
                return
            yield one

    # Names

    def name(self, site: int, module: int, name: str) -> None:
        """A read of a global."""
        if not self._scheduler.solo:
            self.access(site, self._modules.get(module) or self.module(module), name, False)

    def bind(self, site: int, module: int, name: str, value: Any) -> Any:
        """A global is about to be bound, or deleted; answers the value."""
        return self._bound(site, None if self._scheduler.solo else self.module(module), name, value)

    def cell(self, site: int, marker: Any, name: str) -> None:
        """A read of a variable of a function that other functions see."""
        if not self._scheduler.solo:
            self.access(site, self._locations.record(marker, site, None, "variables"), name, False)

    def keep(self, site: int, marker: Any, name: str, value: Any) -> Any:
        """Such a variable is about to be bound; answers the value."""
        return self._bound(site, None if self._scheduler.solo else self._locations.record(marker, site, None, "variables"), name, value)

    def _bound(self, site: int, record: "Optional[Record]", name: str, value: Any) -> Any:
        if record is not None and self._locations.touch(record, name, True):
            if self._values:
                self._scheduler.current.wrote = self.calls.rendered(value)
            self._step(kinds.WRITE, record.serial, self._locations.field(name), site)
        return value


class _Module:
    """Stands for the globals of a module."""


class _Guarded:
    """An item access in several steps; stands in for the container during the one access."""

    def __init__(self, owner: Any, step: "Callable[[], None]") -> None:
        self._owner = owner
        self._step = step

    def _around(self, operation: "Callable[..., Any]", *arguments: Any) -> Any:
        self._step()
        try:
            return operation(self._owner, *arguments)
        finally:
            self._step()

    def __getitem__(self, key: Any) -> Any:
        return self._around(operator.getitem, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._around(operator.setitem, key, value)

    def __delitem__(self, key: Any) -> None:
        self._around(operator.delitem, key)


def getattr_static(kind: type, name: str) -> Any:
    """What a class has under a name, nothing being called."""
    holder = _holder(kind, name)
    return None if holder is None else type.__dict__["__dict__"].__get__(holder)[name]


def _holder(kind: type, name: str) -> "Optional[type]":
    """The class in whose dictionary a name is found."""
    for one in type.__dict__["__mro__"].__get__(kind):
        if name in type.__dict__["__dict__"].__get__(one):
            return one
    return None


def _loops_alone(kind: type) -> bool:
    """Whether loops over such objects run no code of a class that is derived."""
    return is_whole(kind) and id(_holder(kind, "__iter__")) in _LOOPED


def _space(owner: Any) -> "Optional[Dict[str, Any]]":
    """An instance's dictionary."""
    try:
        return object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return None
