"""A shop's cash drawer, into which two desks put what they sold; prices end on five cents."""

import threading


class Drawer:
    def __init__(self):
        self.cents = 0

    def put(self, cents):
        self.cents = rounded(self.cents + cents)


def rounded(cents):
    return cents - cents % 5


def desk(drawer, prices):
    for price in prices:
        drawer.put(price)


def main():
    drawer = Drawer()
    sold = [[100, 250], [400, 50]]
    desks = [threading.Thread(target=desk, args=(drawer, prices)) for prices in sold]
    for one in desks:
        one.start()
    for one in desks:
        one.join()
    expected = sum(map(sum, sold))
    assert drawer.cents == expected, f"the drawer holds {drawer.cents} cents instead of {expected}"


if __name__ == "__main__":
    main()
