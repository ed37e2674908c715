"""Coal slides down a chute that holds one load; both ends keep the books."""

import queue
import threading
import time

chute = queue.Queue(maxsize=1)
books = threading.Lock()
loads = {"sent": 0, "burnt": 0}


def shovel(count):
    for number in range(count):
        with books:
            loads["sent"] += 1
        chute.put(number)
        time.sleep(0.005)  # back to the heap
    chute.put(None)


def burn():
    while True:
        number = chute.get()
        if number is None:
            return
        with books:
            loads["burnt"] += 1


stoker = threading.Thread(target=burn)
miner = threading.Thread(target=shovel, args=(3,))
stoker.start()
miner.start()
miner.join()
stoker.join()
assert loads == {"sent": 3, "burnt": 3}, loads
