"""Parcels and what they cost."""

from .money import Money
from .units import volumetric_weight

#: The most grams of each band with its price.
BANDS = [(1_000, Money(390)), (2_000, Money(490)), (5_000, Money(690)), (10_000, Money(990)), (31_500, Money(1790))]
FREE_FROM = Money(5000)
ZONES = {"DE": 1.0, "AT": 1.6, "FR": 1.8, "CH": 2.4}


def band_price(weight):
    """The price of one parcel of this weight in grams."""
    for most, price in BANDS:
        if weight <= most:
            return price
    raise ValueError("too heavy for a parcel: %d g" % weight)


def chargeable(product):
    """The weight that the carrier charges: the real one or, for bulky goods, that of their volume."""
    return max(product.weight, volumetric_weight(*product.size))


def pack(weights, most=31_500):
    """Puts pieces into as few parcels as a first fit of the heaviest first needs; lists of weights."""
    parcels = []
    for weight in sorted(weights, reverse=True):
        if weight > most:
            raise ValueError("too heavy for a parcel: %d g" % weight)
        for parcel in parcels:
            if sum(parcel) + weight <= most:
                parcel.append(weight)
                break
        else:
            parcels.append([weight])
    return parcels


def cost(order, country="DE"):
    """What shipping an order costs; free at home from an amount on."""
    if country not in ZONES:
        raise ValueError("no shipping to %s" % country)
    if country == "DE" and order.subtotal >= FREE_FROM:
        return Money(0)
    pieces = [chargeable(line.product) for line in order.lines for _ in range(line.quantity)]
    result = Money(0)
    for parcel in pack(pieces):
        result += band_price(sum(parcel))
    return result * ZONES[country]
