"""Passengers of a night bus take the next free seat, row by row."""

import threading

seats = [None] * 4
taken = 0
driver = threading.Lock()


def board(passenger):
    global taken
    with driver:
        seat = taken
        seats[seat] = passenger
        taken = seat + 1


def group(passengers):
    for passenger in passengers:
        board(passenger)


groups = [threading.Thread(target=group, args=(names,)) for names in (["Kai", "Liv"], ["Noa", "Per"])]
for one in groups:
    one.start()
for one in groups:
    one.join()
aboard = sorted(name for name in seats if name)
assert aboard == ["Kai", "Liv", "Noa", "Per"], f"somebody was left behind: {aboard}"
