"""A lake's boat rental with two boats; who finds none goes for ice cream."""

import threading

boats = threading.BoundedSemaphore(2)
rowed, had_ice = [], []


def trip(family):
    got_boat = boats.acquire(blocking=False)
    try:
        if got_boat:
            rowed.append(family)
        else:
            had_ice.append(family)
    finally:
        if got_boat:
            boats.release()


families = [threading.Thread(target=trip, args=(one,)) for one in ("Maier", "Huber", "Lang")]
for family in families:
    family.start()
for family in families:
    family.join()
assert len(rowed) + len(had_ice) == 3
assert boats.acquire(blocking=False) and boats.acquire(blocking=False)
assert not boats.acquire(blocking=False), "the lake has more boats than were bought"
