"""The hooks of a run that nobody directs: those of a schedule, with short ways for what happens most."""

from __future__ import annotations

import builtins
import types
from _thread import get_ident
from functools import partial
from typing import Any, Callable, Iterator, Set, Tuple

from . import kinds
from .builtin_types import CLASS, CONTAINERS, INSTANCE, MAPPING, NOTHING, SEQUENCE, VIEW, category, is_simple
from .calls import Calls, runs_code
from .hooks import Hooks, _space
from .recording_log import Log, What
from .recording_places import EXCLUSIVE, SHARED, WHOLE, Place, Places
from .sites import Sites

_QUANTUM = 5000
_ACCESS, _CALL = 1, 4
"""What looking at an access, or at a call of something that is not rewritten, counts of the bound."""


class RecordingHooks(Hooks):
    """The hooks of one recorded run."""

    def __init__(self, log: Log, places: Places, sites: Sites) -> None:
        super().__init__(log, places, sites, _nothing, False)  # type: ignore[arg-type]
        self._log = log
        self._places = places
        self._methods: "Set[Tuple[type, str]]" = set()
        self._shadowed: "Set[str]" = set()
        self.calls = RecordingCalls(log, places, sites, self)  # type: ignore[arg-type]

    def install(self) -> None:
        """Takes effect in rewritten code from now on."""
        super().install()
        space = builtins.__dict__
        space["__heal_item__"], space["__heal_put__"] = self._accessor_of_items(False), self._accessor_of_items(True)

    def _of_clocks(self, get: "Callable[[int, Any, str], Any]") -> "Callable[[int, Any, str], Any]":
        return get  # time is real

    def _of_attributes(self, write: bool) -> "Callable[[int, Any, str], Any]":
        log, slow, quick = self._log, self._attribute_first, _quick(self._log, self._places, write)
        known, left, methods, by_ident, rows = self._places.records.get, _QUANTUM, self._methods, self._log.by_ident, self._log.rows

        def access(site: int, owner: Any, name: str) -> Any:
            nonlocal left
            if log.solo:
                return owner
            left -= 1
            if left < 0:
                left = _QUANTUM
                log.spend(_QUANTUM * _ACCESS)
            record = known(id(owner))
            place = None if record is None else record.quick.get(name)
            if place is None:
                if write or (type(owner), name) not in methods:
                    slow(site, owner, name, write)
            elif place.sole is not by_ident[get_ident()]:
                quick(place, site)
            else:
                if write:
                    place.wrote = len(rows), site
                else:
                    place.read = len(rows), site
                if place.sole is None:
                    quick(place, site)  # another thread came meanwhile
            return owner

        return access

    def _attribute_first(self, site: int, owner: Any, name: str, write: bool) -> None:
        kind = category(type(owner))
        if kind == NOTHING:
            return
        self.attribute(site, owner, name, write)
        if kind == CLASS and write:
            self._methods.clear()
        if kind != INSTANCE:
            return
        if write:
            self._shadowed.add(name)
            self._methods.clear()
        elif name not in self._shadowed and type(self._class_attribute(owner, name)) is types.FunctionType and len(self._methods) < 10_000:
            self._methods.add((type(owner), name))
        record = self._places.known(owner)
        if record is not None and record.object is owner:
            place = record.places.get(name)
            if place is not None:
                record.quick[name] = place

    def _class_attribute(self, owner: Any, name: str) -> Any:
        """What an instance's class has by a name, unless the instance has its own."""
        holder = self._attributes.get((type(owner), name))
        space = _space(owner)
        return None if holder is None or space is not None and name in space else holder.__dict__.get(name)

    def access(self, site: Any, record: Any, name: str, write: bool) -> None:
        """One field of one object."""
        place = record.places.get(name)
        me = self._log.current
        if place is None:
            place = record.places.setdefault(name, Place(record, name, me))
        if self._places.reach(place, me, write, site):
            self._log.step(kinds.WRITE if write else kinds.READ, record.serial, self._places.field(name), site)
        elif me.inside is not None:
            self.amid(site)

    # Items

    def _accessor_of_items(self, write: bool) -> "Callable[[int, Any, Any], Any]":
        log, slow, exact = self._log, self._item, self._exact_item
        left = _QUANTUM

        def access(site: int, owner: Any, key: Any) -> Any:
            nonlocal left
            if log.solo:
                return owner
            left -= 1
            if left < 0:
                left = _QUANTUM
                log.spend(_QUANTUM * _ACCESS)
            kind = type(owner)
            if (kind is dict and type(key) is str or kind is list and type(key) is int) and exact(site, owner, key, write):
                return owner
            return slow(site, owner, key, write)

        return access

    def _exact_item(self, site: int, owner: Any, key: Any, write: bool) -> bool:
        """An item of a container that one thread has reached so far, or of one whose items are told; false when it takes more."""
        record = self._places.records.get(id(owner))
        if record is None or record.object is not owner:
            return False
        place = record.places.get("")
        if place is None:
            return False
        me = self._log.by_ident[get_ident()]
        if place.state == EXCLUSIVE and place.owner is me:
            known = type(owner) is dict and key in owner or type(owner) is list and 0 <= key < len(owner)
            return not self._places.reach(place, me, write, site, key if known else WHOLE)
        what = place.whats.get((key, ~site if write else site)) if place.state == SHARED else None
        if what is None:
            return False
        self._log.access(me, what)
        return True

    def _item(self, site: Any, owner: Any, key: Any, write: bool) -> Any:
        record = self._places.known(owner)
        kind = category(type(owner))
        if kind not in CONTAINERS or record is not None and record.object is not owner:
            return super()._item(site, owner, key, write)
        if record is None:
            record = self._places.record(owner, site)
        if kind == MAPPING and (not is_simple(key) or runs_code(owner)):
            return self._guarded(site, owner, record, write)
        place = record.places.get("") or record.places.setdefault("", Place(record, "", self._log.current))
        field = self._field_of(owner, kind, key)
        if self._places.reach(place, self._log.current, write, site, key if field >= 0 and kind == MAPPING else WHOLE):
            what = What(kinds.WRITE if write else kinds.READ, record.serial, field, site)
            if field >= 0 and len(place.whats) < 10_000:
                what = place.whats.setdefault((key, ~site if write else site), what)
            self._log.access(self._log.current, what)
        return owner

    def _field_of(self, owner: Any, kind: int, key: Any) -> int:
        """An item's name as a number; -1 where the access is one to the whole container."""
        if kind == SEQUENCE and type(key) is int:
            index = key if key >= 0 else key + len(owner)
            return self._places.field(str(index)) if 0 <= index < len(owner) else -1
        return self._places.field(repr(key)) if kind == MAPPING and key in owner else -1

    # Loops and names

    def _reader(self) -> "Callable[[int, Any], Any]":
        log, whole = self._log, self.whole
        left = _QUANTUM

        def read(site: int, value: Any) -> Any:
            nonlocal left
            if not log.solo:
                kind = category(type(value))
                if kind in CONTAINERS or kind == VIEW:
                    left -= 1
                    if left < 0:
                        left = _QUANTUM
                        log.spend(_QUANTUM * _CALL)
                    whole(site, value, kinds.READ)
            return value

        return read

    def _steps_of(self, site: Any, value: Any, kind: int, iterable: Any) -> "Iterator[Any]":
        return iterable if self._log.cut is not None else super()._steps_of(site, value, kind, iterable)  # type: ignore[no-any-return]


class RecordingCalls(Calls):
    """The hook around calls."""

    def hook(self) -> "Callable[..., Callable[[], Any]]":
        log, files, special = self._scheduler, self._files, self._special
        left = _QUANTUM

        def call(site: int, function: Any, /, *arguments: Any, **named: Any) -> "Callable[[], Any]":
            nonlocal left
            kind = type(function)
            if not log.solo:
                left -= 1
                inner = function.__func__ if kind is types.MethodType else function
                if type(inner) is not types.FunctionType or inner.__code__.co_filename not in files:
                    left -= _CALL
                    if left < 0:
                        left = _QUANTUM
                        log.spend(_QUANTUM)  # type: ignore[attr-defined]
                    return special(site, function, inner, arguments, named)
                if left < 0:
                    left = _QUANTUM
                    log.spend(_QUANTUM)  # type: ignore[attr-defined]
            elif not callable(function):
                raise TypeError("'%s' object is not callable" % kind.__name__)
            return partial(function, *arguments, **named)

        return call


def _quick(log: Log, places: Places, write: bool) -> "Callable[[Place, int], None]":
    """The access to a known field."""
    by_ident, add, kind = log.by_ident, log.add, kinds.WRITE if write else kinds.READ
    rows, full, reach = log.rows, log.full, places.reach

    def access(place: Place, site: int) -> None:
        me = by_ident[get_ident()]
        if place.state != SHARED and not reach(place, me, write, site):
            return
        what = place.whats.get(site)
        if what is None:
            what = place.whats.setdefault(site, What(kind, place.record.serial, places.field(place.name), site))
        elif what.kind != kind:
            what = place.whats.setdefault(~site, What(kind, place.record.serial, places.field(place.name), site))
        if what.stamp is not me.epoch:
            what.stamp = me.epoch
            add((me.number, what, 0, None, 0))
            if len(rows) > full:
                log.stop("events")

    return access


def _nothing() -> None:
    """Rounds of loops are not counted."""
