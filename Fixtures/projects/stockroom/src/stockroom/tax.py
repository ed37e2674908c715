"""Value added tax."""

from .money import Money, round_half_up

RATES = {
    "DE": {"standard": 19, "reduced": 7},
    "FR": {"standard": 20, "reduced": 5.5},
    "CH": {"standard": 8.1, "reduced": 2.6},
}
HOME = "DE"


def rate(country, kind="standard"):
    """The rate of a country in percent; other countries pay none."""
    return RATES.get(country, {}).get(kind, 0)


def contained(gross, percent):
    """The tax that is in a gross amount."""
    return Money(round_half_up(gross.cents * percent / (100 + percent)), gross.currency)


def added(net, percent):
    """The tax that comes on top of a net amount."""
    return Money(round_half_up(net.cents * percent / 100), net.currency)


def by_rate(lines, country=HOME):
    """The contained tax of order lines by their rate."""
    sums = {}
    for line in lines:
        percent = rate(country, line.product.tax)
        sums[percent] = sums.get(percent, Money(0)) + line.total
    return {percent: contained(gross, percent) for percent, gross in sorted(sums.items())}


def is_reverse_charge(country, tax_number):
    """Whether a customer abroad pays the tax himself: with a number of his own country."""
    if country == HOME or not tax_number:
        return False
    return country in RATES and tax_number[:2] == country
