"""A museum's room: any number of visitors at once, or the restorer alone."""

import contextlib
import threading


class RoomRule:
    def __init__(self):
        self.visitors = 0
        self.counting = threading.Lock()
        self.room = threading.Semaphore(1)

    @contextlib.contextmanager
    def visit(self):
        with self.counting:
            self.visitors += 1
            if self.visitors == 1:
                self.room.acquire()
        yield
        with self.counting:
            self.visitors -= 1
            if self.visitors == 0:
                self.room.release()

    @contextlib.contextmanager
    def restore(self):
        with self.room:
            yield


rule = RoomRule()
painting = {"frame": "old", "canvas": "old"}
seen = []


def visitor():
    with rule.visit():
        seen.append((painting["frame"], painting["canvas"]))


def restorer():
    with rule.restore():
        painting["frame"] = "new"
        painting["canvas"] = "new"


threads = [threading.Thread(target=one) for one in (visitor, restorer, visitor)]
for one in threads:
    one.start()
for one in threads:
    one.join()
assert all(frame == canvas for frame, canvas in seen), seen
