"""A sauna club's water meter, read and written by whoever pours water on the stones."""

import threading


def open_club(ladles):
    used = 0
    meter = threading.Semaphore(2)

    def pour(ladle):
        nonlocal used
        with meter:
            before = used
            used = mixed(before, ladle)

    guests = [threading.Thread(target=pour, args=(ladle,)) for ladle in ladles]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    return used


def mixed(water, ladle):
    return water + ladle


litres = open_club([2, 3, 4])
if litres != 9:
    raise ValueError(f"the meter shows {litres} litres")
