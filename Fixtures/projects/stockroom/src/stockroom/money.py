"""Amounts of money in whole cents of one currency."""

from functools import total_ordering

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


@total_ordering
class Money:
    """An amount in cents; amounts of different currencies do not mix."""

    __slots__ = ("cents", "currency")

    def __init__(self, cents, currency="EUR"):
        self.cents = int(cents)
        self.currency = currency

    @classmethod
    def parse(cls, text):
        """Reads `12.50 EUR`, `12,50 EUR` or `12.5`."""
        amount, _, currency = text.strip().partition(" ")
        negative = amount.startswith("-")
        whole, _, part = amount.lstrip("-").replace(",", ".").partition(".")
        cents = int(whole or 0) * 100 + int((part + "00")[:2])
        return cls(-cents if negative else cents, currency or "EUR")

    def _same(self, other):
        if self.currency != other.currency:
            raise ValueError("cannot mix %s and %s" % (self.currency, other.currency))

    def __add__(self, other):
        self._same(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other):
        self._same(other)
        return Money(self.cents - other.cents, self.currency)

    def __mul__(self, factor):
        return Money(round_half_up(self.cents * factor), self.currency)

    __rmul__ = __mul__

    def __neg__(self):
        return Money(-self.cents, self.currency)

    def __eq__(self, other):
        return isinstance(other, Money) and (self.cents, self.currency) == (other.cents, other.currency)

    def __lt__(self, other):
        self._same(other)
        return self.cents < other.cents

    def __hash__(self):
        return hash((self.cents, self.currency))

    def __bool__(self):
        return self.cents != 0

    def __repr__(self):
        return "Money(%d, %r)" % (self.cents, self.currency)

    def __str__(self):
        sign = "-" if self.cents < 0 else ""
        whole, part = divmod(abs(self.cents), 100)
        return "%s%s%d.%02d" % (sign, SYMBOLS.get(self.currency, self.currency + " "), whole, part)

    def split(self, parts):
        """Shares that differ by at most a cent and together are the whole; the larger ones come first."""
        share, rest = divmod(self.cents, parts)
        return [Money(share + (1 if index < rest else 0), self.currency) for index in range(parts)]


def round_half_up(value):
    """The nearest whole number; halves go away from zero."""
    return int(value + 0.5) if value >= 0 else -int(-value + 0.5)


def total(amounts, currency="EUR"):
    """The sum of amounts, which may be none."""
    result = Money(0, currency)
    for amount in amounts:
        result = result + amount
    return result
