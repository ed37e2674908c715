"""Rebates on orders."""

from .money import Money, total


class Percentage:
    """So many percent off, from a least amount on."""

    def __init__(self, percent, least=None):
        self.percent = percent
        self.least = least

    def amount(self, lines):
        subtotal = total(line.total for line in lines)
        if self.least is not None and subtotal < self.least:
            return Money(0)
        return subtotal * (self.percent / 100)


class OneFree:
    """For every `count` of a product one of them is free."""

    def __init__(self, sku, count):
        self.sku = sku
        self.count = count

    def amount(self, lines):
        result = Money(0)
        for line in lines:
            if line.product.sku == self.sku:
                result += line.unit_price * (line.quantity // self.count)
        return result


class Bundle:
    """A fixed amount off when all of some products are bought, for each whole set."""

    def __init__(self, skus, off):
        self.skus = set(skus)
        self.off = off

    def amount(self, lines):
        counts = {}
        for line in lines:
            counts[line.product.sku] = counts.get(line.product.sku, 0) + line.quantity
        sets = min(counts.get(sku, 0) for sku in self.skus)
        return self.off * sets


def best(discounts, lines):
    """The discount that takes off most, with its amount; none when none takes anything off."""
    chosen = None
    most = Money(0)
    for discount in discounts:
        amount = discount.amount(lines)
        if amount > most:
            chosen = discount
            most = amount
    return chosen, most


def capped(amount, subtotal, percent=50):
    """A discount that takes off at most so many percent of the subtotal."""
    limit = subtotal * (percent / 100)
    return min(amount, limit)
