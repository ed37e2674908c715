from datetime import datetime, timedelta, timezone

OPENING = datetime(2024, 3, 1, 9, 0, tzinfo=timezone.utc)
RATES = {("EUR", "USD"): 1.0875, ("USD", "EUR"): 0.9195}


class RateCache:
    def __init__(self, ttl):
        self.ttl = ttl
        self.entries = {}
        self.fetches = 0

    def rate(self, base, quote, now):
        entry = self.entries.get((base, quote))
        if entry is not None and now - entry[1] <= self.ttl:
            return entry[0]
        self.fetches += 1
        value = RATES[(base, quote)]
        self.entries[(base, quote)] = (value, now)
        return value


class Stock:
    def __init__(self, levels):
        self.levels = levels

    def reserve(self, item, quantity):
        if self.levels[item] >= quantity:
            self.levels[item] -= quantity
            return True
        return False


def invoice_total(lines, rate):
    total = 0.0
    for price, quantity in lines:
        total += price * quantity * rate
    return round(total, 2)


def overdue(orders, now):
    late = []
    for reference, due in orders:
        if datetime.fromisoformat(due).replace(tzinfo=timezone.utc) < now:
            late.append(reference)
    return sorted(late, key=str)


def average_order(amounts):
    if not amounts:
        return 0.0
    return sum(amounts) / len(amounts)


def main():
    cache = RateCache(timedelta(seconds=60))
    rate = cache.rate("EUR", "USD", OPENING)
    back = cache.rate("USD", "EUR", OPENING + timedelta(seconds=30))
    again = cache.rate("EUR", "USD", OPENING + timedelta(seconds=60))
    print(f"Rates: {rate} {back} {again} after {cache.fetches} fetches")
    print(f"Invoice: {invoice_total([(0.99, 1), (1.49, 1), (2.35, 3)], rate):.2f} USD")
    stock = Stock({"bolt": 40})
    print(f"Reserved: {stock.reserve('bolt', 40)}, left {stock.levels['bolt']}")
    orders = [(1042, "2024-02-28T12:00:00"), ("A-7", "2024-02-20T08:30:00"), (1100, "2024-03-09T12:00:00")]
    print("Overdue:", *overdue(orders, OPENING))
    for region, amounts in {"North": [120.0, 80.0], "South": []}.items():
        print(f"{region}: {average_order(amounts):.2f}")


main()
