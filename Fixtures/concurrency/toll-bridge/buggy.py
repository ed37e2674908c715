"""A bridge with one lane: a car from either side waits until the other side has raised no hand."""

import threading
import time

hand_up = {"east": False, "west": False}
on_bridge = []
crashes = []


def cross(side, other):
    while hand_up[other]:
        time.sleep(0)
    hand_up[side] = True
    drive(side)
    hand_up[side] = False


def drive(side):
    on_bridge.append(side)
    if len(on_bridge) > 1:
        crashes.append(tuple(on_bridge))
    on_bridge.remove(side)


cars = [threading.Thread(target=cross, args=pair) for pair in (("east", "west"), ("west", "east"))]
for car in cars:
    car.start()
for car in cars:
    car.join()
assert not crashes, crashes
