"""What the standard library builds on locks: conditions tell of waits and notices, events and simple queues of what passes through.

Queues, semaphores, barriers and executors stay as they are: they are made of these.
"""

from __future__ import annotations

import _thread
import queue
import sys
import threading
from typing import Any, Optional

from . import kinds
from .recording_locks import Lock, Recording, tell
from .recording_log import What

_allocate, _frame = _thread.allocate_lock, sys._getframe


def note(object: Any, kind: int, label: str, frame: Any) -> None:
    """An entry about a condition, event or queue."""
    places = Recording.places
    serial = places.number(places.known(object) or places.record(object, Recording.sites.caller(), None, label))
    tell(What(kind, serial, -1, 0), frame)


def _is_told(condition: Any) -> bool:
    return not Recording.log.solo and isinstance(condition._lock, Lock)


def _wait(self: Any, timeout: "Optional[float]" = None) -> bool:
    """`Condition.wait`; who waits is found by this frame."""
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    waiter = _allocate()
    waiter.acquire()
    self._waiters.append(waiter)
    me = Recording.log.current
    me.waits = True
    saved = self._release_save()
    me.waits = False
    woken = False
    try:
        woken = waiter.acquire(True, -1 if timeout is None else min(timeout, threading.TIMEOUT_MAX)) if timeout is None or timeout > 0 \
            else waiter.acquire(False)
        return woken
    finally:
        if _is_told(self):
            note(self, kinds.WAKE if woken else kinds.TIMEOUT, "Condition", _frame(1))
        self._acquire_restore(saved)
        if not woken and waiter in self._waiters:
            self._waiters.remove(waiter)


def _notify(self: Any, n: int = 1) -> None:
    if _is_told(self) and self._is_owned():
        note(self, kinds.NOTIFY, "Condition", _frame(1))
    _real_notify(self, n)


def _is_set(self: Any) -> bool:
    found: bool = self._flag
    if found and _is_told(self._cond):
        note(self, kinds.WAKE, "Event", _frame(1))
    return found


def _set(self: Any) -> None:
    if _is_told(self._cond):
        note(self, kinds.NOTIFY, "Event", _frame(1))
    _real_set(self)


_real_notify, _real_set = threading.Condition.notify, threading.Event.set


class SimpleQueue(queue.SimpleQueue):  # type: ignore[type-arg]
    """`queue.SimpleQueue`: what was put is a notice to whoever gets something."""

    def put(self, item: Any, block: bool = True, timeout: Any = None) -> None:
        """Puts an item into the queue."""
        if not Recording.log.solo:
            note(self, kinds.NOTIFY, "SimpleQueue", _frame(1))
        super().put(item, block, timeout)

    def put_nowait(self, item: Any) -> None:
        """The same."""
        self.put(item)

    def get(self, block: bool = True, timeout: Any = None) -> Any:
        """Takes an item out of the queue; who waits is found by this frame."""
        item = super().get(block, timeout)
        if not Recording.log.solo:
            note(self, kinds.WAKE, "SimpleQueue", _frame(1))
        return item

    def get_nowait(self) -> Any:
        """Takes an item without waiting."""
        return self.get(False)


SimpleQueue.__module__ = "_queue"  # as the interpreter's own


def patch() -> None:
    """Lets the standard library's classes tell what they do, whoever has their names."""
    threading.Condition.wait, threading.Condition.notify = _wait, _notify  # type: ignore[method-assign]
    threading.Event.is_set = threading.Event.isSet = _is_set  # type: ignore[attr-defined,method-assign]
    threading.Event.set = _set  # type: ignore[method-assign]


#: The functions in which a thread waits, by their code: what it does there, and the local name of what it waits for.
WAITING = {_wait.__code__: (kinds.WAKE, "self"), SimpleQueue.get.__code__: (kinds.WAKE, "self")}
