"""A parcel service gives each parcel a number of its own."""

import itertools
from concurrent.futures import ThreadPoolExecutor


class Parcel:
    issued = itertools.count(1)

    def __init__(self, goes_to):
        self.goes_to = goes_to
        self.tag = self.next_tag()

    @classmethod
    def next_tag(cls):
        return next(cls.issued)


def accept(town):
    return Parcel(town)


with ThreadPoolExecutor(max_workers=3) as desks:
    parcels = list(desks.map(accept, ["Ulm", "Jena", "Celle"]))

tags = {parcel.tag for parcel in parcels}
assert len(tags) == len(parcels), f"{len(parcels)} parcels carry {len(tags)} different tags"
