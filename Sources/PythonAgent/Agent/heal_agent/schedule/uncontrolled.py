"""Notes what a program uses that no scheduler of threads controls: what it does with it may depend on more than the schedule."""

from __future__ import annotations

import sys
from typing import Any

from .primitives import Run

_EVENTS = {"socket.__new__": "a socket", "subprocess.Popen": "a process", "os.fork": "a process", "os.forkpty": "a process",
           "os.posix_spawn": "a process", "os.system": "a process", "os.spawn": "a process", "os.exec": "another program"}


def watch() -> None:
    """Begins; an audit hook stays until the process ends."""
    sys.addaudithook(_note)


def _note(event: str, arguments: Any) -> None:
    what = _EVENTS.get(event)
    run = Run.scheduler
    if what is None or run is None or run.over:
        return
    if Run.sites.caller():
        run.limit("%s at %s" % (what, Run.sites.where()))
