"""Turnstiles of a stadium: a pair of functions counts those who come in and tells how many there are."""

import threading


def counter():
    inside = 0
    bar = threading.Lock()

    def come(group):
        nonlocal inside
        for _ in group:
            with bar:
                inside = after_one(inside)

    def count():
        return inside

    return come, count


def after_one(number):
    return number + 1


come, count = counter()
gates = [threading.Thread(target=come, args=(group,)) for group in ("ab", "cd")]
for gate in gates:
    gate.start()
for gate in gates:
    gate.join()
assert count() == 4, f"{count()} came through the gates"
