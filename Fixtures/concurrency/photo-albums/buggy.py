"""Exports photo albums: each album waits for its pictures, and all the work is done by one pool."""

import time
from concurrent.futures import ThreadPoolExecutor


class Exporter:
    def __init__(self):
        self.pool = ThreadPoolExecutor(max_workers=2)
        self.covers = self.pool

    def picture(self, photo):
        return f"[{photo}]"

    def album(self, photos):
        pictures = [self.pool.submit(self.picture, photo) for photo in photos]
        return "".join(picture.result() for picture in pictures)

    def export(self, albums):
        pending = []
        for photos in albums:
            pending.append(self.covers.submit(self.album, photos))
            time.sleep(0.01)  # the list of albums is read page by page
        return [one.result() for one in pending]

    def close(self):
        self.covers.shutdown()
        self.pool.shutdown()


exporter = Exporter()
exported = exporter.export([["beach", "boat"], ["tent"]])
exporter.close()
assert exported == ["[beach][boat]", "[tent]"], exported
