"""Answers every signal that can be caught by going on, then waits."""
import signal
import time

caught = []


def note(number, frame):
    caught.append(signal.Signals(number).name)


for number in sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}):
    try:
        signal.signal(number, note)
    except (OSError, ValueError):
        continue
print("handlers installed", flush=True)
while True:
    time.sleep(1)
