"""What lies where, and what of it is promised to somebody."""

from collections import defaultdict

from .errors import NotEnoughStock


class Stock:
    """Counts by product and location, with reservations."""

    def __init__(self):
        self._counts = defaultdict(dict)
        self._reserved = {}
        self.movements = []

    def receive(self, sku, count, location="main"):
        """Puts goods into a location."""
        if count <= 0:
            raise ValueError("nothing received")
        here = self._counts[sku]
        here[location] = here.get(location, 0) + count
        self.movements.append(("in", sku, count, location))

    def on_hand(self, sku, location=None):
        """What is there, in one location or in all."""
        counts = self._counts.get(sku, {})
        if location is not None:
            return counts.get(location, 0)
        return sum(counts.values())

    def reserved(self, sku):
        """What is promised."""
        return sum(lines.get(sku, 0) for lines in self._reserved.values())

    def available(self, sku):
        """What can still be promised."""
        return self.on_hand(sku) - self.reserved(sku)

    def reserve(self, key, lines):
        """Promises goods under a key: all of them or none."""
        for sku, count in lines.items():
            available = self.available(sku)
            if count > available:
                raise NotEnoughStock(sku, count, available)
        held = self._reserved.setdefault(key, {})
        for sku, count in lines.items():
            held[sku] = held.get(sku, 0) + count

    def release(self, key):
        """Takes a promise back; what it held."""
        return self._reserved.pop(key, {})

    def ship(self, key):
        """Takes what was promised out of the locations, the fullest first."""
        lines = self._reserved.pop(key)
        picks = []
        for sku, count in lines.items():
            for location, there in sorted(self._counts[sku].items(), key=lambda item: (-item[1], item[0])):
                taken = min(count, there)
                if taken:
                    picks.append((sku, location, taken))
                    self._counts[sku][location] -= taken
                    self.movements.append(("out", sku, taken, location))
                count -= taken
                if not count:
                    break
        return picks

    def move(self, sku, count, source, target):
        """From one location to another."""
        there = self.on_hand(sku, source)
        if count > there:
            raise NotEnoughStock(sku, count, there)
        self._counts[sku][source] -= count
        self._counts[sku][target] = self._counts[sku].get(target, 0) + count
        self.movements.append(("move", sku, count, target))

    def to_reorder(self, minimums):
        """What has to be ordered to come back to twice the minimum, where less than the minimum is available."""
        wanted = {}
        for sku, minimum in minimums.items():
            available = self.available(sku)
            if available < minimum:
                wanted[sku] = 2 * minimum - available
        return wanted
