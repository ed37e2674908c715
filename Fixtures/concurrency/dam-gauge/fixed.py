"""Gauges at a dam report levels while the keeper works out the highest ones."""

import threading

levels = set()
gauge_lock = threading.Lock()
top = []


def report(meters):
    with gauge_lock:
        levels.add(meters)


def keeper():
    with gauge_lock:
        high = [meters for meters in levels if meters > threshold(meters)]
    top.append(len(high))


def threshold(meters):
    return 40 if meters < 100 else 90


for meters in (38, 41, 43):
    report(meters)
gauges = [threading.Thread(target=report, args=(meters,)) for meters in (44, 120)]
watch = threading.Thread(target=keeper)
watch.start()
for gauge in gauges:
    gauge.start()
for one in (watch, *gauges):
    one.join()
assert len(top) == 1 and 2 <= top[0] <= 4, top
