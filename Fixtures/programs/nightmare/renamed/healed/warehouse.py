import threading


class Silo:
    def __init__(self, grain, tonnes):
        self.grain = grain
        self.tonnes = tonnes
        self.sealed = False
        self.ledger = []
        self.gate = threading.Lock()

    def fill(self, load):
        if self.sealed:
            raise ValueError(f"silo of {self.grain} is sealed")
        with self.gate:
            level = self.tonnes
            self.ledger.append(("fill", load))
            self.tonnes = level + load

    def drain(self, load):
        with self.gate:
            level = self.tonnes
            if level >= load:
                self.ledger.append(("drain", load))
                self.tonnes = level - load
                return True
        return False


class Depot:
    def __init__(self, silos):
        self.silos = silos
        self.gate = threading.Lock()

    def haul(self, origin, destination, load):
        with self.gate:
            if not origin.drain(load):
                return False
            try:
                destination.fill(load)
            except ValueError:
                origin.fill(load)
                return False
            return True

    def stored(self):
        stored = 0
        for silo in self.silos:
            stored += silo.tonnes
        return stored


def shuttle(depot, origin, destination, load):
    for _ in range(10):
        depot.haul(origin, destination, load)


def operate():
    wheat, barley = Silo("Wheat", 500), Silo("Barley", 300)
    depot = Depot([wheat, barley])
    drivers = [
        threading.Thread(target=shuttle, args=(depot, wheat, barley, 20)),
        threading.Thread(target=shuttle, args=(depot, wheat, barley, 10)),
        threading.Thread(target=shuttle, args=(depot, barley, wheat, 5)),
    ]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
    for silo in depot.silos:
        print(f"{silo.grain}: {silo.tonnes}")
    print(f"Stored: {depot.stored()}")
    print(f"Wheat is sold out: {wheat.drain(wheat.tonnes)}")


operate()
