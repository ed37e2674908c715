"""Kills the process that started it, then goes on."""
import os
import signal
import time

os.kill(os.getppid(), signal.SIGKILL)
time.sleep(1)
print("parent killed")
