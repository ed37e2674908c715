"""Lighthouses report the ships that pass to one logbook that all of them share."""

import threading


class Lighthouse(threading.Thread):
    ships_seen = 0

    def __init__(self, place, ships):
        super().__init__(name=place)
        self.ships = ships
        self.lamp = threading.Lock()

    def run(self):
        for ship in self.ships:
            self.report(ship)

    def report(self, ship):
        with self.lamp:
            seen = Lighthouse.ships_seen
            if ship:
                seen += 1
            Lighthouse.ships_seen = seen


houses = [
    Lighthouse("north pier", ["Anna", "Bela"]),
    Lighthouse("south pier", ["Cora", None, "Dina"]),
]
for house in houses:
    house.start()
for house in houses:
    house.join()
if Lighthouse.ships_seen != 4:
    raise SystemExit(f"four ships went by, and {Lighthouse.ships_seen} were counted")
