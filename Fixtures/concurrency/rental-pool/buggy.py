"""A pool of connections to the rental database: one is borrowed, used and given back."""

import contextlib
import threading


class Connection:
    def __init__(self):
        self.user = None

    def query(self, text):
        return f"{text} for {self.user}"


class Pool:
    def __init__(self, size):
        self._idle = [Connection() for _ in range(size)]
        self._free = threading.Condition()

    @contextlib.contextmanager
    def borrowed(self):
        with self._free:
            while not self._idle:
                self._free.wait()
            connection = self._idle.pop()
        try:
            yield connection
        finally:
            with self._free:
                self._idle.append(connection)
                self._free.notify()


def rent(pool, user, answers):
    with pool.borrowed() as connection:
        connection.user = user
    answers[user] = connection.query("bikes")


pool, answers = Pool(1), {}
users = [threading.Thread(target=rent, args=(pool, user, answers)) for user in ("Eva", "Jan")]
for one in users:
    one.start()
for one in users:
    one.join()
assert answers == {"Eva": "bikes for Eva", "Jan": "bikes for Jan"}, answers
