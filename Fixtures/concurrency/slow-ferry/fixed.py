"""A ferry crosses the river; at the other side its passengers are counted."""

import threading
import time


class Ferry:
    def __init__(self, passengers):
        self.aboard = passengers
        self.landed = None

    def cross(self):
        time.sleep(0.01)
        self.landed, self.aboard = self.aboard, 0


def travel(ferry):
    trip = threading.Thread(target=ferry.cross)
    trip.start()
    trip.join()
    return ferry.landed + 1  # and the captain


people = travel(Ferry(passengers=12))
assert people == 13, people
