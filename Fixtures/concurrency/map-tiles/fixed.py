"""Map tiles share one archive, which is opened when the first tile is read."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait


class Archive:
    opened = []

    def __init__(self, path):
        Archive.opened.append(path)
        self.path = path

    def tile(self, x, y):
        return f"{self.path}/{x}/{y}"


class Atlas:
    def __init__(self, path):
        self.path = path
        self._archive = None
        self.gate = threading.Lock()

    @property
    def archive(self):
        with self.gate:
            if self._archive is None:
                self._archive = Archive(self.path)
            return self._archive

    def draw(self, x, y):
        return self.archive.tile(x, y)


atlas = Atlas("alps.zip")
with ThreadPoolExecutor(2) as painters:
    drawn = [painters.submit(atlas.draw, 4, 7), painters.submit(atlas.draw, 4, 8)]
    wait(drawn)
assert sorted(one.result() for one in drawn) == ["alps.zip/4/7", "alps.zip/4/8"]
assert Archive.opened == ["alps.zip"], f"opened {len(Archive.opened)} times"
