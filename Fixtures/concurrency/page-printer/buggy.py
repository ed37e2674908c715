"""A printer thread that sleeps while there are no pages."""

import collections
import threading


class Printer(threading.Thread):
    def __init__(self):
        super().__init__(name="printer")
        self.pages = collections.deque()
        self.printed = []
        self.closing = False
        self.wanted = threading.Event()

    def run(self):
        while True:
            self.wanted.wait()
            closing = self.closing
            while self.pages:
                self.printed.append(self.pages.popleft())
            if closing:
                return
            self.wanted.clear()

    def send(self, page):
        self.pages.append(page)
        self.wanted.set()

    def close(self):
        self.closing = True
        self.wanted.set()


printer = Printer()
printer.start()
printer.send("cover")
printer.send("index")
printer.close()
printer.join()
assert printer.printed == ["cover", "index"], printer.printed
