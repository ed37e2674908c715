"""A loading dock with room for one crate: trucks bring crates, and carts fetch them."""

import threading


class Dock:
    def __init__(self):
        self.crate = None
        self.changed = threading.Condition()

    def unload(self, crate):
        with self.changed:
            while self.crate is not None:
                self.changed.wait()
            self.crate = crate
            self.changed.notify()

    def fetch(self):
        with self.changed:
            while self.crate is None:
                self.changed.wait()
            crate, self.crate = self.crate, None
            self.changed.notify()
            return crate


def truck(dock, crates):
    for crate in crates:
        dock.unload(crate)


def cart(dock, fetched):
    fetched.append(dock.fetch())


dock, fetched = Dock(), []
crew = [threading.Thread(target=truck, args=(dock, [1, 2]))]
crew += [threading.Thread(target=cart, args=(dock, fetched)) for _ in range(2)]
for one in crew:
    one.start()
for one in crew:
    one.join()
assert sorted(fetched) == [1, 2], fetched
