"""Makes thumbnails, at most one at a time since each needs much memory; those that exist are not made again."""

import threading
from concurrent.futures import ThreadPoolExecutor

memory = threading.Semaphore(1)
made = {}


def thumbnail(photo):
    if photo in made:
        return made[photo]
    with memory:
        if photo in made:
            return made[photo]
        made[photo] = photo.replace(".jpg", ".small.jpg")
    return made[photo]


wanted = ["lake.jpg", "lake.jpg", "hill.jpg"]
with ThreadPoolExecutor(max_workers=2) as pool:
    thumbnails = list(pool.map(thumbnail, wanted))
assert thumbnails == ["lake.small.jpg", "lake.small.jpg", "hill.small.jpg"], thumbnails
