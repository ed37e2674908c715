"""A fire brigade takes the most urgent call first."""

import queue
import threading

calls = queue.PriorityQueue()
numbers = iter(range(1000))
answered = []


def ring(urgency, place):
    calls.put((urgency, next(numbers), {"place": place}))


def respond(count):
    for _ in range(count):
        *_, call = calls.get()
        answered.append(call["place"])


crew = threading.Thread(target=respond, args=(2,), daemon=True)
crew.start()
for place in ("mill lane", "fish market"):
    threading.Thread(target=ring, args=(1, place)).start()
crew.join()
assert sorted(answered) == ["fish market", "mill lane"], answered
