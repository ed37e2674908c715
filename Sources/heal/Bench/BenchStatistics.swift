/// A range that holds a value with a probability of 95 %.
struct Interval: Sendable, Hashable {
  /// Its lower end.
  var low: Double
  /// Its upper end.
  var high: Double

  /// The quantile of the normal distribution that leaves 2.5 % above it.
  private static let quantile = 1.959963984540054

  /// The interval of a share: `count` of `total`, which is at least 1.
  ///
  /// Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
  static func share(_ count: Int, of total: Int) -> Interval {
    let (z, n) = (quantile, Double(total))
    let p = Double(count) / n
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
    // At the ends rounding alone would lead outside.
    return Interval(
      low: count == 0 ? 0 : max(0, middle - half),
      high: count == total ? 1 : min(1, middle + half)
    )
  }

  /// The interval of the difference of two shares of the same programs: `won` of `total` count for
  /// the first share alone, `lost` for the second alone.
  ///
  /// Bonett and Price, "Adjusted Wald Confidence Interval for a Difference of Binomial Proportions
  /// Based on Paired Data", 2012: one program is added to each of the two, two to the total.
  static func pairedDifference(won: Int, lost: Int, of total: Int) -> Interval {
    let n = Double(total) + 2
    let (first, second) = ((Double(won) + 1) / n, (Double(lost) + 1) / n)
    let difference = first - second
    let half = quantile * ((first + second - difference * difference) / n).squareRoot()
    return Interval(low: max(-1, difference - half), high: min(1, difference + half))
  }
}

/// The value at or below which a share of the values lies, by nearest rank; nil of no values.
///
/// - Parameters:
///   - share: The share, above 0 and up to 1.
///   - values: The values, in any order.
/// - Returns: One of the values.
func percentile(_ share: Double, of values: [Double]) -> Double? {
  guard !values.isEmpty else { return nil }
  let rank = Int((share * Double(values.count)).rounded(.up))
  return values.sorted()[min(max(rank, 1), values.count) - 1]
}

/// The middle value, or the mean of the two in the middle; nil of no values.
func median(_ values: [Double]) -> Double? {
  guard !values.isEmpty else { return nil }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
