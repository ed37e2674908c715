"""A weaving mill: each weaver needs the loom at her place and the shuttle at the next one."""

import threading

PLACES = 3
tools = [threading.Lock() for _ in range(PLACES)]
woven = [0] * PLACES


def weave(place):
    loom, shuttle = place, (place + 1) % PLACES
    tools[loom].acquire()
    tools[shuttle].acquire()
    try:
        woven[place] += 1
    finally:
        tools[shuttle].release()
        tools[loom].release()


weavers = [threading.Thread(target=weave, args=(place,)) for place in range(PLACES)]
for weaver in weavers:
    weaver.start()
for weaver in weavers:
    weaver.join()
assert woven == [1, 1, 1], woven
