import Testing

@testable import heal

@Suite("Statistics of measurements")
struct BenchStatisticsTests {
  @Test(
    "shares have Wilson's interval, as published by Newcombe (1998)",
    arguments: [
      (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
      (1, 29, 0.0061, 0.1718), (20, 20, 0.8389, 1),
    ]
  )
  func shares(count: Int, total: Int, low: Double, high: Double) {
    let interval = Interval.share(count, of: total)
    #expect(abs(interval.low - low) < 0.00006)
    #expect(abs(interval.high - high) < 0.00006)
  }

  @Test("a share's interval holds the share, whatever it is", arguments: 1...40)
  func holds(total: Int) {
    for count in 0...total {
      let interval = Interval.share(count, of: total)
      let share = Double(count) / Double(total)
      #expect(interval.low <= share && share <= interval.high)
      #expect(interval.low >= 0 && interval.high <= 1)
    }
  }

  // Worked out apart from this code; the first is Agresti's example, (-0.059, -0.021).
  @Test(
    "paired shares have the interval of Bonett and Price",
    arguments: [
      (86, 150, 1600, -0.058723, -0.021177), (0, 0, 10, -0.230984, 0.230984),
      (8, 1, 38, 0.021804, 0.328196),
    ]
  )
  func pairs(won: Int, lost: Int, total: Int, low: Double, high: Double) {
    let interval = Interval.pairedDifference(won: won, lost: lost, of: total)
    #expect(abs(interval.low - low) < 0.000002)
    #expect(abs(interval.high - high) < 0.000002)
    let other = Interval.pairedDifference(won: lost, lost: won, of: total)
    #expect(abs(other.low + interval.high) < 1e-12)
  }

  @Test("percentiles are values by nearest rank, medians the middle")
  func ranks() {
    #expect(percentile(0.9, of: []) == nil)
    #expect(percentile(0.9, of: [3]) == 3)
    #expect(percentile(0.9, of: (1...10).map(Double.init)) == 9)
    #expect(percentile(0.9, of: (1...11).reversed().map(Double.init)) == 10)
    #expect(percentile(0.3, of: [50, 20, 35, 15, 40]) == 20)
    #expect(median([]) == nil)
    #expect(median([5, 1, 3]) == 3)
    #expect(median([4, 1, 3, 2]) == 2.5)
  }

  @Test("samples are drawn in the order of Python's shuffle")
  func order() {
    for (seed, expected): (UInt64, [Int]) in [
      (1, [6, 8, 9, 7, 5, 3, 0, 4, 1, 2]), (0, [2, 1, 0, 4, 3]),
      (
        12_345_678_901_234,
        [18, 19, 1, 8, 10, 16, 15, 9, 14, 5, 2, 3, 6, 7, 11, 12, 13, 4, 17, 0]
      ),
    ] {
      var generator = MersenneTwister(seed: seed)
      var numbers = Array(expected.indices)
      generator.shuffle(&numbers)
      #expect(numbers == expected)
    }
  }

  @Test("the generator gives the numbers of random.Random(5489)")
  func generator() {
    var generator = MersenneTwister(seed: 5489)
    #expect(generator.next() == 3_382_763_572)
    #expect(generator.next() == 956_215_839)
  }
}
