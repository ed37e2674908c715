"""Ignores every polite request to end, and sleeps."""
import signal
import time

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("asleep", flush=True)
while True:
    time.sleep(60)
