"""A small cache of recipes: the oldest one goes when a third one comes."""

import threading


class RecipeCache:
    CAPACITY = 2

    def __init__(self, load):
        self._load = load
        self._recipes = {}
        self._lock = threading.RLock()

    def get(self, dish):
        with self._lock:
            if dish in self._recipes:
                return self._recipes[dish]
        return self._fetch(dish)

    def _fetch(self, dish):
        recipe = self._load(dish)
        with self._lock:
            if len(self._recipes) >= self.CAPACITY:
                oldest = next(iter(self._recipes))
                del self._recipes[oldest]
            self._recipes[dish] = recipe
        return recipe


def load(dish):
    return f"how to cook {dish}"


def cook(cache, dishes, eaten):
    for dish in dishes:
        eaten.append(cache.get(dish))


cache = RecipeCache(load)
cache.get("soup")
cache.get("stew")
eaten = []
cooks = [
    threading.Thread(target=cook, args=(cache, ["soup"], eaten)),
    threading.Thread(target=cook, args=(cache, ["cake"], eaten)),
]
for one in cooks:
    one.start()
for one in cooks:
    one.join()
assert len(eaten) == 2, f"only {eaten} came to the table"
