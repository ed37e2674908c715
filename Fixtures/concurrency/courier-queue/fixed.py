"""Couriers take deliveries from one queue until none is left."""

import threading
from collections import deque
from dataclasses import dataclass, field


@dataclass
class Courier:
    nickname: str
    delivered: list = field(default_factory=list)

    def ride(self, waiting):
        while True:
            stop = next_stop(waiting)
            if stop is None:
                return
            self.delivered.append(stop)


def next_stop(waiting):
    try:
        return waiting.popleft()
    except IndexError:
        return None


def main():
    waiting = deque(["mill", "dock", "park"])
    couriers = [Courier("Flash"), Courier("Turtle")]
    rides = [threading.Thread(target=courier.ride, args=(waiting,)) for courier in couriers]
    for ride in rides:
        ride.start()
    for ride in rides:
        ride.join()
    delivered = sorted(stop for courier in couriers for stop in courier.delivered)
    assert delivered == ["dock", "mill", "park"], delivered


main()
