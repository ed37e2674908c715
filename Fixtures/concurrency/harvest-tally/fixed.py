"""Pickers count the crates that they filled, by fruit."""

import functools
import threading

tally = {}
tally_lock = threading.Lock()


def count(fruit, crates):
    with tally_lock:
        tally[fruit] = tally.get(fruit, 0) + crates


def pick(rows):
    for fruit, crates in rows:
        count(fruit, crates)


WORK = [
    [("plum", 3), ("pear", 1)],
    [("pear", 2), ("plum", 4)],
]
pickers = [threading.Thread(target=functools.partial(pick, rows)) for rows in WORK]
for picker in pickers:
    picker.start()
for picker in pickers:
    picker.join()

for fruit, crates in sorted(tally.items()):
    print(f"{fruit}: {crates} crates")
