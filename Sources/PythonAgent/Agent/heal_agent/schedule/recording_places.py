"""Which state several threads reach; what one thread alone does is not told, but for the last of it before the second came.

As in Eraser (Savage et al. 1997): a place belongs to the first thread that reaches it, then to readers only, then to all. Of
the first thread, and of each reader before the first write, the last read and the last write are kept with their positions in
the log, and told there once the place belongs to all. Objects are not kept alive where a weak reference to them can be had.
"""

from __future__ import annotations

import gc
import sys
import weakref
from _thread import get_ident
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import kinds
from .builtin_types import VIEW, category
from .recording_log import Log, RecordedThread, What
from .sites import Sites

EXCLUSIVE, READERS, SHARED = range(3)
_SWEEP = 4096
_QUANTUM, _RECORD = 500, 5
"""How often new objects are counted, and what one counts of the bound on accesses."""
WHOLE = object()
"""Stands for all of a container where one of its items could stand."""


class Place:
    """One field of one object, or a whole container."""

    __slots__ = ("record", "name", "state", "owner", "sole", "read", "wrote", "last", "whats")

    def __init__(self, record: "Record", name: str, owner: RecordedThread) -> None:
        self.record = record
        self.name = name
        self.state = EXCLUSIVE
        self.owner = owner
        self.sole: "Optional[RecordedThread]" = owner  # the only one to reach it so far
        self.read: Any = None
        self.wrote: Any = None
        self.last: "Dict[Tuple[RecordedThread, Any, bool], Tuple[int, Any]]" = {}
        self.whats: "Dict[Any, What]" = {}

    @property
    def shared(self) -> bool:
        """Whether several threads reached it."""
        return self.state == SHARED


class Record:
    """What is known of one object."""

    __slots__ = ("_object", "_reference", "serial", "_born", "_key", "_prefix", "places", "label", "quick", "__weakref__")

    def __init__(self, object: Any, reference: Any, born: "Tuple[int, Any, int]", key: "Optional[str]", label: "Optional[str]") -> None:
        self._reference = reference
        self._object = None if reference is not None else object
        self.serial = 0
        self._born = born
        self._key = key
        self._prefix = "" if label is None else label + " "
        self.label = label or type(object).__name__
        self.places: "Dict[Any, Any]" = {}
        self.quick: "Dict[str, Place]" = {}

    @property
    def object(self) -> Any:
        """The object, unless it is gone."""
        return self._object if self._reference is None else self._reference()

    @property
    def is_named(self) -> bool:
        """Whether it has a name of its own."""
        return self._key is not None

    def key(self, name_of: "Callable[[Any], str]") -> str:
        """What stands for the object in every run: who reached it first, where, and as which one there."""
        return self._key or "%s%d@%s#%d" % (self._prefix, self._born[0], name_of(self._born[1]), self._born[2])

    def is_left(self) -> bool:
        """Whether nothing but this record keeps the object."""
        return self._reference is None and sys.getrefcount(self._object) == 2

    def forget(self) -> None:
        """Lets the object go."""
        self._object = None
        self.places = self.quick = {}


class Places:
    """All places of one run, in the form in which the hooks know `locations.Locations`."""

    def __init__(self, log: Log, sites: Sites) -> None:
        self._log = log
        self._sites = sites
        self.records: "Dict[int, Record]" = {}
        self._kept: "List[Tuple[int, Record]]" = []
        self._sweep_at = _SWEEP
        self._new = 0
        self._fields: "Dict[str, int]" = {}
        self.objects: "List[Record]" = []
        self.found: "List[Tuple[Record, str]]" = []
        log.on_cut.append(self.end)

    # Objects

    def record(self, object: Any, site: Any, key: "Optional[str]" = None, label: "Optional[str]" = None) -> Record:
        """The record of an object; `key` names one that has a name of its own, which is told in any case."""
        if category(type(object)) == VIEW:
            object = gc.get_referents(object)[0]
        address = id(object)
        record = self.records.get(address)
        if record is None:
            me = self._log.current
            number = 0
            if key is None:
                number = me.births.get(site, 0)
                me.births[site] = number + 1
            record = Record(object, self._reference(object, address), (me.number, site, number), key, label)
            record = self.records.setdefault(address, record)
            self._new += 1
            if self._new == _QUANTUM:
                self._new = 0
                self._log.spend(_QUANTUM * _RECORD)
            if record._reference is None:
                self._keep(address, record)
            if key is not None:
                self.number(record)
        return record

    def _reference(self, object: Any, address: int) -> Any:
        pop = self.records.pop
        try:
            return weakref.ref(object, lambda _: pop(address, None))
        except TypeError:
            return None

    def _keep(self, address: int, record: Record) -> None:
        """Of those that must be kept, those that the program let go are let go from time to time."""
        self._kept.append((address, record))
        if len(self._kept) >= self._sweep_at:
            self._sweep_at = 1 << 60
            kept, self._kept = self._kept, []
            left = [one for one in kept if one[1].is_left()]
            gone = {address for address, _ in left}
            self._kept += [one for one in kept if one[0] not in gone]
            self._sweep_at = max(_SWEEP, 2 * len(self._kept))
            for address, one in left:
                self.records.pop(address, None)
            for _, one in left:
                one.forget()

    def number(self, record: Record) -> int:
        """The number of an object that is told."""
        if not record.serial:
            self.objects.append(record)
            record.serial = len(self.objects)
        return record.serial

    def known(self, object: Any) -> "Optional[Record]":
        """The record of an object that was met before."""
        return self.records.get(id(object))

    def alias(self, object: Any, record: Record) -> None:
        """An instance's dictionary, through which its attributes are reached."""
        if category(type(object)) != VIEW and self.records.setdefault(id(object), record) is record:
            record.places.setdefault(("alias", id(object)), object)
            weak = record._reference
            if weak is not None and weak() is not None:
                weakref.finalize(weak(), self.records.pop, id(object), None).atexit = False

    # Accesses

    def touch(self, record: Record, name: Any, write: bool) -> bool:
        """Notes an access by the running thread; true when it has to be told."""
        place = record.places.get(name)
        if place is None:
            place = record.places.setdefault(name, Place(record, name, self._log.current))
        return self.reach(place, self._log.by_ident[get_ident()], write, None)

    def reach(self, place: Place, me: RecordedThread, write: bool, site: Any, item: Any = WHOLE) -> bool:
        """The same for a known place, or one item of a container; `site` is looked for when it is needed and not given."""
        if place.state == SHARED:
            return True
        if place.sole is not me:
            if write or place.wrote is not None:
                self._share(place)
                return True
            place.state, place.sole = READERS, None
        last = len(self._log.rows), self._sites.caller() if site is None else site
        if write:
            place.wrote = last
        if item is not WHOLE or place.owner is not me:
            place.last[me, item, write] = last
        elif not write:
            place.read = last
        return place.state == SHARED  # another thread came meanwhile

    def _share(self, place: Place) -> None:
        place.state, place.sole = SHARED, None
        record, last, place.last = place.record, place.last, {}
        for found, write in ((place.read, False), (place.wrote, True)):
            if found is not None and not any(one is found for one in last.values()):
                last[place.owner, WHOLE, write] = found
        self.number(record)
        self.found.append((record, place.name))
        whole = self.field(place.name) if place.name else -1
        for (thread, item, write), (position, site) in list(last.items()):
            field = whole if item is WHOLE else self.field(repr(item))
            self._log.earlier.append((position, thread.number, What(kinds.WRITE if write else kinds.READ, record.serial, field, site)))

    def field(self, name: str) -> int:
        """The number of a field's name."""
        return self._fields.setdefault(name, len(self._fields))

    def fields(self) -> "List[str]":
        """The names, by number."""
        return list(self._fields)

    def end(self) -> None:
        """Lets the objects go that are not told of."""
        for _, record in self._kept:
            if not record.serial:
                record.forget()
        self._kept = []
        self.records.clear()
