"""A workshop's spare parts: orders are refused when the shelf is empty, and deliveries fill it."""

import threading


class OutOfStock(Exception):
    pass


class Shelf:
    def __init__(self, parts):
        self.parts = parts
        self.key = threading.Lock()

    def order(self, count):
        with self.key:
            if self.parts < count:
                raise OutOfStock(f"{count} wanted, {self.parts} left")
            self.parts -= count

    def deliver(self, count):
        self.key.acquire()
        self.parts += count
        self.key.release()


def mechanic(shelf, notes):
    try:
        shelf.order(3)
        notes.append("mended")
    except OutOfStock:
        notes.append("come back tomorrow")


shelf, notes = Shelf(parts=2), []
threads = [
    threading.Thread(target=shelf.deliver, args=(4,)),
    threading.Thread(target=mechanic, args=(shelf, notes)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert notes in (["mended"], ["come back tomorrow"])
