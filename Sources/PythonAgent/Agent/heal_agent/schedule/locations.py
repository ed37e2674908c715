"""Which places in memory matter: those that two threads reached, one of them writing.

All others cost no step. What is not known beforehand is found out: a run begins with the places that earlier runs found to
be shared, and tells those that it found itself. A search is complete only when its runs find no more: then each run
stepped at every access to a shared place. A place is known across runs by its object, named by who reached it first, where,
and as which one there (identity is never an address), and by its field.
"""

from __future__ import annotations

from typing import Any, Callable, Collection, Dict, List, Optional

from .scheduler import ScheduledThread, Scheduler

WHOLE = -1


class Place:
    """One field of one object, or a whole container."""

    __slots__ = ("owner", "written", "several", "shared", "name", "field")

    def __init__(self, owner: int, name: str, shared: bool) -> None:
        self.owner = owner
        self.written = self.several = False
        self.shared = shared
        self.name = name
        self.field = -2
        """The number of the field's name, where an access to it was a step; the next one needs no more looking up."""


class Record:
    """What is known of one object in one run. It keeps the object, so that its address is not given to another one."""

    __slots__ = ("object", "serial", "key", "places", "label")

    def __init__(self, object: Any, serial: int, key: str, label: str) -> None:
        self.object = object
        self.serial = serial
        self.key = key
        self.places: "Dict[Any, Place]" = {}
        self.label = label


class Locations:
    """The places of one run."""

    def __init__(self, scheduler: Scheduler, shared: "Collection[str]", place_of: "Callable[[Any], str]") -> None:
        self._scheduler = scheduler
        self._shared = shared
        self._place_of = place_of
        self.records: "Dict[int, Record]" = {}
        self._fields: "Dict[str, int]" = {}
        self.objects: "List[Record]" = []
        self.found: "List[str]" = []

    def record(self, object: Any, site: Any, key: "Optional[str]" = None, label: "Optional[str]" = None) -> Record:
        """The record of an object; `key` names one that has a name of its own."""
        record = self.records.get(id(object))
        if record is None:
            me: ScheduledThread = self._scheduler.current
            if key is None:
                number = me.births.get(site, 0)
                me.births[site] = number + 1
                key = "%d@%s#%d" % (me.number, self._place_of(site), number)
                if label is not None:
                    key = label + " " + key
            record = Record(object, len(self.objects) + 1, key, label or type(object).__name__)
            self.records[id(object)] = record
            self.objects.append(record)
        return record

    def known(self, object: Any) -> "Optional[Record]":
        """The record of an object that was met before."""
        return self.records.get(id(object))

    def alias(self, object: Any, record: Record) -> None:
        """Another object through which the same places are reached: an instance's dictionary, a view."""
        self.records[id(object)] = record
        record.places.setdefault(("alias", id(object)), Place(-1, "", False)).name = object

    def touch(self, record: Record, name: Any, write: bool) -> bool:
        """Notes an access by the running thread; true when it has to be a step."""
        place = record.places.get(name)
        if place is None:
            owner = self._scheduler.current.number
            record.places[name] = place = Place(owner, name, "%s\t%s" % (record.key, name) in self._shared)
            place.written = write
            return place.shared
        if place.shared:
            return True
        if write:
            place.written = True
        if place.owner != self._scheduler.current.number:
            place.several = True
        if place.written and place.several:
            place.shared = True
            self.found.append("%s\t%s" % (record.key, name))
            return True
        return False

    def field(self, name: str) -> int:
        """The number of a field's name."""
        return self._fields.setdefault(name, len(self._fields))

    def fields(self) -> "List[str]":
        """The names, by number."""
        return list(self._fields)
