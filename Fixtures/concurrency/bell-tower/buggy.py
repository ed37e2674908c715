"""A bell tower: strokes are counted, and the counter is reset on the hour."""

import threading


class Tower:
    def __init__(self):
        self.lock = threading.Lock()
        self.strokes = 0
        self.total = 0

    def strike(self):
        with self.lock:
            self.strokes += 1
            self.total += 1

    def reset(self):
        self.lock = threading.Lock()
        self.strokes = 0


def ring(tower, times):
    for _ in range(times):
        tower.strike()


tower = Tower()
ringers = [threading.Thread(target=ring, args=(tower, 2)) for _ in range(2)]
clock = threading.Thread(target=tower.reset)
for one in (*ringers, clock):
    one.start()
for one in (*ringers, clock):
    one.join()
assert tower.total == 4, f"{tower.total} strokes were heard"
