"""A share splits: its price is halved and the number of shares doubles, and somebody reads the worth."""

import threading


class Share:
    __slots__ = ("price", "count", "_lock")

    def __init__(self, price, count):
        self.price = price
        self.count = count
        self._lock = threading.RLock()

    def split(self):
        with self._lock:
            self.price //= 2
            self.count *= 2

    @property
    def worth(self):
        return self.price * self.count


share = Share(price=80, count=5)
read = []
exchange = threading.Thread(target=share.split)
owner = threading.Thread(target=lambda: read.append(share.worth))
exchange.start()
owner.start()
exchange.join()
owner.join()
assert read == [400], f"the worth was read as {read}"
