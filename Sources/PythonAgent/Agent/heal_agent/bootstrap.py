"""Prepares the agent's process: descriptors, search path, signals."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import FrozenSet, List

from . import children, startup
from .server import Server


def serve(arguments: "List[str]", at_start: "FrozenSet[str]") -> int:
    """Runs the agent until its control descriptor reaches the end."""
    parser = argparse.ArgumentParser(prog="heal_agent", allow_abbrev=False)
    parser.add_argument("--in", dest="control_in", type=int, required=True)
    parser.add_argument("--out", dest="control_out", type=int, required=True)
    parser.add_argument("--root", default=".", help="the folder that paths are relative to; the current one unless given")
    options = parser.parse_args(arguments)
    control_in = children.high_descriptor(options.control_in)
    control_out = children.high_descriptor(options.control_out)
    _null_standard_streams()
    sys.dont_write_bytecode = True
    startup.prepare(at_start)
    children.become_subreaper()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        # Ending is decided by the control descriptor alone; a Ctrl-C in the terminal is the other side's to handle.
        signal.signal(number, signal.SIG_IGN)
    return Server(control_in, control_out, os.path.realpath(options.root)).run()


def _null_standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd, inheritable=True)
    if null > 2:
        os.close(null)
