"""Ants carry grains in rounds; all of them meet at the nest after each round, until there are enough."""

import threading
import time

ENOUGH = 3
meeting = threading.Barrier(2)
leaving = threading.Barrier(2)
carried = 0
carrying = threading.Lock()


def ant(pause):
    global carried
    while True:
        time.sleep(pause)
        with carrying:
            carried += 1
        meeting.wait()
        enough = carried >= ENOUGH
        leaving.wait()
        if enough:
            break


ants = [threading.Thread(target=ant, args=(pause,)) for pause in (0.002, 0.003)]
for one in ants:
    one.start()
for one in ants:
    one.join()
assert carried == 4, carried
