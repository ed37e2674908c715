"""Reads survey forms in a pool; the last one that is done reports that all are."""

import threading
from concurrent.futures import ThreadPoolExecutor


class Survey:
    def __init__(self, forms):
        self.forms = forms
        self.open = len(forms)
        self.complete = threading.Event()
        self.guard = threading.Lock()

    def parse(self, form):
        return form.strip().lower()

    def done(self, future):
        with self.guard:
            self.open -= 1
            left = self.open
        if left == 0:
            self.complete.set()

    def read(self):
        with ThreadPoolExecutor(max_workers=2) as pool:
            futures = [pool.submit(self.parse, form) for form in self.forms]
            for future in futures:
                future.add_done_callback(self.done)
            self.complete.wait()
            return [future.result() for future in futures]


answers = Survey([" Yes", "no ", "YES"]).read()
assert answers == ["yes", "no", "yes"], answers
