from datetime import datetime, timedelta, timezone

DEPARTURE = datetime(2024, 3, 1, 9, 0, tzinfo=timezone.utc)
FARES = {("SEK", "NOK"): 1.0875, ("NOK", "SEK"): 0.9195}


class FareBook:
    def __init__(self, lifetime):
        self.lifetime = lifetime
        self.known = {}
        self.inquiries = 0

    def fare(self, origin, port, moment):
        record = self.known.get((origin, port))
        if record is not None and moment - record[1] < self.lifetime:
            return record[0]
        self.inquiries += 1
        price = FARES[(origin, port)]
        self.known[(port, origin)] = (price, moment)
        return price


class Hold:
    def __init__(self, space):
        self.space = space

    def load(self, deck, crates):
        if self.space[deck] > crates:
            self.space[deck] -= crates
            return True
        return False


def freight_bill(parcels, fare):
    charge = 0.0
    for weight, crates in parcels:
        charge += round(weight * crates * fare, 2)
    return round(charge, 2)


def delayed(voyages, moment):
    behind = []
    for number, arrival in voyages:
        if datetime.fromisoformat(arrival) < moment:
            behind.append(number)
    return sorted(behind)


def mean_cargo(tons):
    return sum(tons) / len(tons)


def dispatch():
    book = FareBook(timedelta(seconds=60))
    fare = book.fare("SEK", "NOK", DEPARTURE)
    homeward = book.fare("NOK", "SEK", DEPARTURE + timedelta(seconds=30))
    repeat = book.fare("SEK", "NOK", DEPARTURE + timedelta(seconds=60))
    print(f"Fares: {fare} {homeward} {repeat} with {book.inquiries} inquiries")
    print(f"Freight: {freight_bill([(0.99, 1), (1.49, 1), (2.35, 3)], fare):.2f} NOK")
    hold = Hold({"upper": 40})
    print(f"Loaded: {hold.load('upper', 40)}, free {hold.space['upper']}")
    voyages = [(1042, "2024-02-28T12:00:00"), ("K-3", "2024-02-20T08:30:00"), (1100, "2024-03-09T12:00:00")]
    print("Delayed:", *delayed(voyages, DEPARTURE))
    for harbour, tons in {"Bergen": [120.0, 80.0], "Malmo": []}.items():
        print(f"{harbour}: {mean_cargo(tons):.2f}")


dispatch()
