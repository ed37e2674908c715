"""Figures over orders."""

from .calendars import quarter
from .money import Money, total


def turnover(orders):
    """What was placed, cancelled orders left out."""
    return total(order.total for order in orders if order.status not in ("draft", "cancelled"))


def top_products(orders, count=3):
    """The products of which most were sold, as (sku, quantity); of equal ones by SKU."""
    sold = {}
    for order in orders:
        if order.status == "cancelled":
            continue
        for sku, quantity in order.quantities().items():
            sold[sku] = sold.get(sku, 0) + quantity
    return sorted(sold.items(), key=lambda item: (-item[1], item[0]))[:count]


def by_quarter(dated):
    """Turnover by quarter of (day, order) pairs."""
    sums = {}
    for day, order in dated:
        key = quarter(day)
        sums[key] = sums.get(key, Money(0)) + order.total
    return dict(sorted(sums.items()))


def running_total(amounts):
    """The sum so far after each amount."""
    sums = []
    so_far = Money(0)
    for amount in amounts:
        so_far = so_far + amount
        sums.append(so_far)
    return sums


def average_order(orders):
    """The mean total of orders; nothing for none."""
    orders = list(orders)
    if not orders:
        return Money(0)
    return turnover(orders) * (1 / len(orders))


def table(rows, headers):
    """Rows as text in columns; numbers to the right."""
    cells = [headers] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    lines = []
    for number, row in enumerate(cells):
        parts = []
        for column, text in enumerate(row):
            is_number = number > 0 and isinstance(rows[number - 1][column], (int, float, Money))
            parts.append(text.rjust(widths[column]) if is_number else text.ljust(widths[column]))
        lines.append("  ".join(parts).rstrip())
        if number == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)
