extension DemoProgram {
  /// The bundled programs, the simplest first; they need the standard library alone.
  static let all = [ticket, orbit, stairs, basket, readings, invoice]

  private static let ticket = DemoProgram(
    name: "ticket",
    bugs: 1,
    story: "prices a cinema ticket; a function's header lacks its colon",
    script: "ticket.py",
    expected: "Ticket: 8.50\n",
    files: [
      "ticket.py": #"""
      """The price of a cinema ticket."""

      FULL_PRICE = 12.00


      def price(age)
          if age < 12:
              return 6.00
          if age >= 65:
              return 8.50
          return FULL_PRICE


      print(f"Ticket: {price(70):.2f}")

      """#
    ]
  )

  private static let orbit = DemoProgram(
    name: "orbit",
    bugs: 2,
    story: "computes an orbit; a module is not imported, and a name has a zero for an O",
    script: "orbit.py",
    expected: "One round takes 92.4 minutes\n",
    files: [
      "orbit.py": #"""
      """How long a satellite takes for one round."""

      GM_EARTH = 398600.4418
      RADIUS_EARTH = 6371.0
      HEIGHT_ORBIT = 400.0


      def period(radius):
          return 2 * math.pi * math.sqrt(radius ** 3 / GM_EARTH)


      seconds = period(RADIUS_EARTH + HEIGHT_0RBIT)
      print(f"One round takes {seconds / 60:.1f} minutes")

      """#
    ]
  )

  private static let stairs = DemoProgram(
    name: "stairs",
    bugs: 1,
    story: "counts the blocks of a staircase; its loop ends one step early",
    script: "stairs.py",
    expected: "1 step: 1 block(s)\n4 steps: 10 blocks\n",
    files: [
      "stairs.py": #"""
      """How many blocks a staircase needs."""


      def blocks(steps):
          total = 0
          for height in range(1, steps):
              total += height
          return total


      print(f"1 step: {blocks(1)} block(s)")
      print(f"4 steps: {blocks(4)} blocks")

      """#
    ]
  )

  private static let basket = DemoProgram(
    name: "basket",
    bugs: 1,
    story: "a shop's basket with its tests; one comparison is strict that must not be",
    script: nil,
    expected: nil,
    files: [
      "basket.py": #"""
      """A shop's basket."""

      FREE_SHIPPING_FROM = 50
      SHIPPING = 5


      class Basket:
          def __init__(self):
              self.items = []

          def add(self, name, price, count=1):
              if count < 1:
                  raise ValueError("count must be at least 1")
              self.items.append((name, price, count))

          def goods(self):
              return sum(price * count for _, price, count in self.items)

          def shipping(self):
              if not self.items:
                  return 0
              if self.goods() > FREE_SHIPPING_FROM:
                  return 0
              return SHIPPING

          def total(self):
              return self.goods() + self.shipping()

      """#,
      "test_basket.py": #"""
      import unittest

      from basket import Basket


      class BasketTest(unittest.TestCase):
          def setUp(self):
              self.basket = Basket()

          def test_empty_basket_costs_nothing(self):
              self.assertEqual(self.basket.total(), 0)

          def test_small_basket_pays_shipping(self):
              self.basket.add("tea", 7, 2)
              self.assertEqual(self.basket.total(), 19)

          def test_free_shipping_at_the_limit(self):
              self.basket.add("lamp", 25, 2)
              self.assertEqual(self.basket.total(), 50)

          def test_just_below_the_limit(self):
              self.basket.add("chair", 49)
              self.assertEqual(self.basket.total(), 54)

          def test_large_basket_ships_free(self):
              self.basket.add("table", 120)
              self.assertEqual(self.basket.total(), 120)

          def test_count_is_checked(self):
              with self.assertRaises(ValueError):
                  self.basket.add("tea", 7, 0)


      if __name__ == "__main__":
          unittest.main()

      """#,
    ]
  )

  private static let readings = DemoProgram(
    name: "readings",
    bugs: 1,
    story: "sums a sensor's readings; the sum starts as a text",
    script: "readings.py",
    expected: "4 readings, mean 20.5\n",
    files: [
      "readings.py": #"""
      """The mean of a sensor's readings."""


      class Sensor:
          def __init__(self):
              self.count = 0
              self.sum = "0"

          def record(self, value):
              self.count += 1
              self.sum += value

          def mean(self):
              return self.sum / self.count


      sensor = Sensor()
      for value in (19.5, 20.0, 21.0, 21.5):
          sensor.record(value)
      print(f"{sensor.count} readings, mean {sensor.mean():.1f}")

      """#
    ]
  )

  private static let invoice = DemoProgram(
    name: "invoice",
    bugs: 4,
    story: "writes an invoice; a colon is missing, two names are misspelt, a text plus a number",
    script: "invoice.py",
    expected: "2 x pen: 3.0\n1 x notebook: 4.5\nTotal: 7.5\n",
    files: [
      "invoice.py": #"""
      """A small invoice."""


      class Line:
          def __init__(self, name, price, count):
              self.name = name
              self.price = price
              self.count = count

          def amount(self):
              return self.price * self.count


      def total(lines):
          result = 0
          for line in lines
              result += line.amuont()
          return result


      lines = [Line("pen", 1.5, 2), Line("notebook", 4.5, 1)]
      for line in lines:
          print(f"{line.count} x {line.name}: {line.amount()}")
      print("Total: " + totla(lines))

      """#
    ]
  )
}
