"""A conveyor belt for grain sacks: it can be closed, and what is on it is still taken."""

import threading


class Belt:
    def __init__(self):
        self.sacks = []
        self.closed = False
        self.moved = threading.Condition()

    def lay(self, sack):
        with self.moved:
            self.sacks.append(sack)
            self.moved.notify_all()

    def close(self):
        with self.moved:
            self.closed = True
            self.moved.notify_all()

    def __iter__(self):
        return self

    def __next__(self):
        with self.moved:
            while not self.sacks and not self.closed:
                self.moved.wait()
            if not self.sacks:
                raise StopIteration
            return self.sacks.pop(0)


def fill(belt):
    for sack in ("oats", "barley"):
        belt.lay(sack)
    belt.close()


def store(belt, barn):
    for sack in belt:
        barn.append(sack)


belt, barn = Belt(), []
farmer = threading.Thread(target=fill, args=(belt,))
hand = threading.Thread(target=store, args=(belt, barn))
farmer.start()
hand.start()
farmer.join()
hand.join()
assert barn == ["oats", "barley"], barn
