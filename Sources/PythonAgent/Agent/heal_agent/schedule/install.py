"""Puts the scheduler's stand-ins in the place of locks, threads and clocks, wherever their names are held already.

Done once, in a process that runs nothing but schedules. `_thread` itself stays: the import system's locks must remain real,
since nothing may be parked while it holds one. The program gets a module of that name with the stand-ins.
"""

from __future__ import annotations

import _thread
import os
import sys
import threading
import time
import types
from typing import Any, Dict

from . import clock, entropy, identities, primitives, threads
from .primitives import Lock, RLock

_LOCK, _RLOCK = type(_thread.allocate_lock()), type(_thread.RLock())
_OWN = __package__.rpartition(".")[0]
_UNTOUCHED = frozenset(("_thread", "_frozen_importlib", "_frozen_importlib_external", "importlib._bootstrap", "builtins", "sys", "gc"))


def install() -> None:
    """Replaces what modules that are loaded hold: functions, classes and locks of their own, and attributes of their classes."""
    import concurrent.futures.thread
    import logging
    import queue

    table: "Dict[int, Any]" = {id(old): new for old, new in (*clock.replacements().items(), *threads.replacements().items())}
    table.update({id(_thread.allocate_lock): Lock, id(threading.Lock): Lock, id(threading.RLock): RLock, id(_thread.RLock): RLock,
                  id(_LOCK): Lock})
    table.update({id(old): new for old, new in entropy.replacements().items()})
    plain: Any = queue._PySimpleQueue  # type: ignore[attr-defined]
    table[id(queue.SimpleQueue)] = plain
    if "asyncio" in sys.modules:
        from . import event_loop, tasks

        table.update({id(old): new for old, new in event_loop.replacements().items()})
        tasks.patch()
    keep = [time.time, os.urandom, threading.RLock]  # what is replaced stays, so that no other object gets its address
    for name, module in list(sys.modules.items()):
        if type(module) is types.ModuleType and name not in _UNTOUCHED and not name.startswith(_OWN):
            _replace(module.__dict__, table)
            for value in list(module.__dict__.values()):
                if isinstance(value, type) and value.__module__ == name:
                    _replace_in_class(value, table)
    sys.modules["_thread"] = _substitute(table)
    primitives.patch()
    threads.patch()
    identities.patch()
    _patch_queue(plain)
    entropy.patch()
    if logging.lastResort is not None:
        logging.lastResort.createLock()
    install.kept = keep  # type: ignore[attr-defined]
    assert concurrent.futures.thread


def _replace(space: "Dict[str, Any]", table: "Dict[int, Any]") -> None:
    for name, value in list(space.items()):
        new = table.get(id(value))
        if new is not None:
            space[name] = new
        elif type(value) is _LOCK:
            space[name] = Lock()
        elif type(value) is _RLOCK:
            space[name] = RLock()


def _replace_in_class(kind: type, table: "Dict[int, Any]") -> None:
    for name, value in list(vars(kind).items()):
        new = table.get(id(value.__func__ if isinstance(value, staticmethod) else value))
        new = Lock() if type(value) is _LOCK else RLock() if type(value) is _RLOCK else new
        if new is not None:
            try:
                setattr(kind, name, staticmethod(new) if isinstance(value, staticmethod) else new)
            except (AttributeError, TypeError):
                continue  # a class that cannot be changed


def _substitute(table: "Dict[int, Any]") -> types.ModuleType:
    module = types.ModuleType("_thread", _thread.__doc__)
    module.__dict__.update({name: table.get(id(value), value) for name, value in vars(_thread).items()})
    module.__dict__["LockType"] = Lock
    return module


def _patch_queue(plain: Any) -> None:
    from . import kinds

    put, qsize, empty = plain.put, plain.qsize, plain.empty

    def noted_put(self: Any, item: Any, block: bool = True, timeout: Any = None) -> None:
        primitives.note(self, kinds.WRITE, "SimpleQueue")
        put(self, item, block, timeout)

    def noted_qsize(self: Any) -> int:
        primitives.note(self, kinds.READ, "SimpleQueue")
        return qsize(self)

    def noted_empty(self: Any) -> bool:
        primitives.note(self, kinds.READ, "SimpleQueue")
        return empty(self)

    plain.put, plain.qsize, plain.empty = noted_put, noted_qsize, noted_empty
