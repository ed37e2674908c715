"""A raffle: two sellers tear numbers off one roll, which tells how many are gone."""

import threading

gone = {"numbers": 0}
tearing = threading.Lock()


def roll(first, last):
    number = first
    while number <= last:
        gone["numbers"] += 1
        yield number
        number += 1


tickets = roll(101, 110)


def tear():
    return next(tickets)


def sell(count, sold):
    for _ in range(count):
        sold.append(tear())


sold = []
sellers = [threading.Thread(target=sell, args=(2, sold)) for _ in range(2)]
for seller in sellers:
    seller.start()
for seller in sellers:
    seller.join()
assert sorted(sold) == [101, 102, 103, 104], sold
assert gone["numbers"] == 4
