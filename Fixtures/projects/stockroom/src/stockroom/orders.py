"""Orders and their way from draft to delivery."""

from .errors import BadOrder
from .money import Money, total

STEPS = ["draft", "placed", "packed", "shipped", "delivered"]


class OrderLine:
    """So many of one product at one price."""

    def __init__(self, product, quantity, unit_price=None):
        if quantity < 1:
            raise BadOrder("a line needs a quantity")
        self.product = product
        self.quantity = quantity
        self.unit_price = product.price if unit_price is None else unit_price

    @property
    def total(self):
        return self.unit_price * self.quantity

    @property
    def weight(self):
        return self.product.weight * self.quantity


class Order:
    """An order of one customer."""

    def __init__(self, number, customer, lines=()):
        self.number = number
        self.customer = customer
        self.lines = list(lines)
        self.status = "draft"
        self.history = []
        self.discount = Money(0)
        self.shipping = Money(0)

    def add(self, product, quantity=1):
        """Adds to the line of the product, or makes one."""
        if self.status != "draft":
            raise BadOrder("order %s is %s" % (self.number, self.status))
        for line in self.lines:
            if line.product.sku == product.sku:
                line.quantity += quantity
                return line
        line = OrderLine(product, quantity)
        self.lines.append(line)
        return line

    def quantities(self):
        """How many of each product, by SKU."""
        counts = {}
        for line in self.lines:
            counts[line.product.sku] = counts.get(line.product.sku, 0) + line.quantity
        return counts

    @property
    def subtotal(self):
        return total(line.total for line in self.lines)

    @property
    def total(self):
        return self.subtotal - self.discount + self.shipping

    @property
    def weight(self):
        return sum(line.weight for line in self.lines)

    def advance(self, status):
        """Goes to the next step; steps cannot be left out."""
        if status not in STEPS:
            raise BadOrder("no such step: %s" % status)
        if STEPS.index(status) != STEPS.index(self.status) + 1:
            raise BadOrder("cannot go from %s to %s" % (self.status, status))
        if status == "placed" and not self.lines:
            raise BadOrder("an empty order cannot be placed")
        self.history.append((self.status, status))
        self.status = status

    def cancel(self):
        """Only before it left the house."""
        if self.status not in STEPS or STEPS.index(self.status) >= STEPS.index("shipped"):
            raise BadOrder("too late to cancel order %s" % self.number)
        self.history.append((self.status, "cancelled"))
        self.status = "cancelled"

    @property
    def is_open(self):
        return self.status not in ("delivered", "cancelled")


def merge(first, second):
    """One order of two drafts of the same customer; prices of the first win."""
    if first.customer != second.customer:
        raise BadOrder("orders of different customers")
    if first.status != "draft" or second.status != "draft":
        raise BadOrder("only drafts can be merged")
    merged = Order(first.number, first.customer, [OrderLine(line.product, line.quantity, line.unit_price) for line in first.lines])
    for line in second.lines:
        merged.add(line.product, line.quantity)
    return merged
