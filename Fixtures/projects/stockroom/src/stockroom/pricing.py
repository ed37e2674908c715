"""Prices by quantity."""

from bisect import bisect_right

from .money import Money


class PriceList:
    """Unit prices that fall with the quantity: a list of (from quantity, price)."""

    def __init__(self, tiers):
        if not tiers:
            raise ValueError("a price list needs a price")
        self._tiers = sorted(tiers, key=lambda tier: tier[0])
        self._starts = [start for start, _ in self._tiers]
        if self._starts[0] > 1:
            raise ValueError("there is no price for a single one")

    def unit_price(self, quantity):
        """The price of one when so many are bought."""
        if quantity < 1:
            raise ValueError("quantity must be positive")
        return self._tiers[bisect_right(self._starts, quantity) - 1][1]

    def price(self, quantity):
        """The price of all of them."""
        return self.unit_price(quantity) * quantity

    def next_tier(self, quantity):
        """How many more bring the next lower price, with that price; none at the last tier."""
        index = bisect_right(self._starts, quantity)
        if index == len(self._tiers):
            return None
        start, price = self._tiers[index]
        return start - quantity, price


def margin(cost, price):
    """The share of the price that is earned, in percent with one decimal."""
    if not price:
        return 0.0
    return round(100 * (price.cents - cost.cents) / price.cents, 1)


def with_margin(cost, percent):
    """The price that earns this share of itself, rounded up to the next five cents."""
    exact = cost.cents * 100 / (100 - percent)
    steps = -(-exact // 5)
    return Money(steps * 5, cost.currency)
