"""A press room: reporters hand in stories, and the editor closes the issue."""

import threading
from concurrent.futures import ThreadPoolExecutor


class PressRoom:
    def __init__(self):
        self.presses = ThreadPoolExecutor(max_workers=1)
        self.closed = False
        self.lock = threading.Lock()
        self.printed = []

    def hand_in(self, story):
        if self.closed:
            return False
        self.presses.submit(self.printed.append, story)
        return True

    def close_issue(self):
        with self.lock:
            self.closed = True
            self.presses.shutdown(wait=False)


room = PressRoom()
reporter = threading.Thread(target=room.hand_in, args=("storm over the coast",))
editor = threading.Thread(target=room.close_issue)
reporter.start()
editor.start()
reporter.join()
editor.join()
room.presses.shutdown()
assert len(room.printed) <= 1
