"""Sends a newsletter with two mailers that take addresses from one queue."""

import queue
import threading


class Mailer(threading.Thread):
    at_work = 0
    door = threading.Lock()

    def __init__(self, addresses, sent):
        super().__init__()
        self.addresses = addresses
        self.sent = sent

    def run(self):
        with Mailer.door:
            Mailer.at_work += 1
        while True:
            address = self.addresses.get()
            if address is None:
                break
            self.sent.append(address)


addresses, sent = queue.Queue(), []
mailers = [Mailer(addresses, sent) for _ in range(2)]
for mailer in mailers:
    mailer.start()
for address in ("ada@lake.example", "bob@hill.example"):
    addresses.put(address)
for _ in mailers:
    addresses.put(None)
for mailer in mailers:
    mailer.join()
assert len(sent) == 2, sent
