"""Leaves a daemon behind that keeps the output open, ignores SIGTERM and writes a heartbeat.

The heartbeat file, `heartbeat.txt` or the first argument, holds the daemon's process id and a count. The daemon
gives up after ten minutes, far beyond any budget, so that one that escaped does not stay for ever.
"""
import os
import signal
import sys
import time

heartbeat = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "heartbeat.txt")
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for count in range(6000):
        with open(heartbeat, "w", encoding="ascii") as file:
            file.write(f"{os.getpid()} {count}\n")
        time.sleep(0.1)
    os._exit(0)
os.wait()
print("daemon started")
