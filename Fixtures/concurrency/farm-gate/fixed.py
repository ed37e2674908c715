"""A farm's automatic gate: a thread opens it for the cows until it is shut down."""

import threading


class Gate:
    def __init__(self):
        self.lock = threading.Lock()
        self.stopping = False
        self.opened = 0
        self.thread = threading.Thread(target=self._serve)

    def begin(self):
        self.thread.start()

    def _serve(self):
        for _ in range(3):
            with self.lock:
                if self.stopping:
                    return
                self.opened += 1

    def shut_down(self):
        with self.lock:
            self.stopping = True
        self.thread.join()


gate = Gate()
gate.begin()
gate.shut_down()
print("the gate is shut")
assert 0 <= gate.opened <= 3
