from datetime import datetime, timedelta, timezone


def average_order(amounts):
    if not amounts:
        return 0.0
    return sum(amounts) / len(amounts)


def overdue(orders, now):
    late = []
    for reference, due in orders:
        if now > datetime.fromisoformat(due).replace(tzinfo=timezone.utc):
            late.append(reference)
    return sorted(late, key=str)


def main():
    stock = Stock({"bolt": 40})
    cache = RateCache(timedelta(seconds=60))
    orders = [(1100, "2024-03-09T12:00:00"), ("A-7", "2024-02-20T08:30:00"), (1042, "2024-02-28T12:00:00")]
    rate = cache.rate("EUR", "USD", OPENING)
    back = cache.rate("USD", "EUR", OPENING + timedelta(seconds=30))
    again = cache.rate("EUR", "USD", OPENING + timedelta(seconds=60))
    print(f"Rates: {rate} {back} {again} after {cache.fetches} fetches")
    print(f"Invoice: {invoice_total([(2.35, 3), (1.49, 1), (0.99, 1)], rate):.2f} USD")
    print(f"Reserved: {stock.reserve('bolt', 40)}, left {stock.levels['bolt']}")
    print("Overdue:", *overdue(orders, OPENING))
    for region, amounts in {"North": [80.0, 120.0], "South": []}.items():
        print(f"{region}: {average_order(amounts):.2f}")


class Stock:
    def reserve(self, item, quantity):
        if self.levels[item] >= quantity:
            self.levels[item] -= quantity
            return True
        return False

    def __init__(self, levels):
        self.levels = levels


class RateCache:
    def rate(self, base, quote, now):
        entry = self.entries.get((base, quote))
        if entry is not None and now - entry[1] <= self.ttl:
            return entry[0]
        value = RATES[(base, quote)]
        self.entries[(base, quote)] = (value, now)
        self.fetches += 1
        return value

    def __init__(self, ttl):
        self.fetches = 0
        self.entries = {}
        self.ttl = ttl


def invoice_total(lines, rate):
    total = 0.0
    for price, quantity in lines:
        total += price * quantity * rate
    return round(total, 2)


RATES = {("USD", "EUR"): 0.9195, ("EUR", "USD"): 1.0875}
OPENING = datetime(2024, 3, 1, 9, 0, tzinfo=timezone.utc)

main()
