"""What can go wrong, as the callers see it."""


class StockroomError(Exception):
    """The base of all errors of this package."""


class UnknownProduct(StockroomError):
    """There is no product with this code."""

    def __init__(self, code):
        super().__init__("unknown product: %s" % code)
        self.code = code


class NotEnoughStock(StockroomError):
    """More was asked for than is there."""

    def __init__(self, code, wanted, available):
        super().__init__("%s: %d wanted, %d available" % (code, wanted, available))
        self.code = code
        self.wanted = wanted
        self.available = available


class BadOrder(StockroomError):
    """An order that cannot be taken."""
