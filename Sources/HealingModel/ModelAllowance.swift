/// What requests to a language model may use up, by the attempt and by what is known of the bugs.
///
/// The numbers are defaults that a configuration may replace; nothing else in the tool repeats them.
public enum ModelAllowance {
  /// Seconds of a session's budget when a model is named and no budget is.
  public static let budgetSeconds = 300.0

  /// The sampling temperature of an attempt: 0.40 at the first, 1.15 at the last, even steps between.
  ///
  /// - Parameters:
  ///   - attempt: Counted from 1; one outside of the range counts as the nearest.
  ///   - attempts: How many there are.
  /// - Returns: The temperature, rounded to hundredths of a hundredth so that it prints short.
  public static func temperature(attempt: Int, of attempts: Int) -> Double {
    guard attempts > 1 else { return 0.4 }
    let step = Double(min(max(attempt, 1), attempts) - 1)
    return ((0.4 + step * 0.75 / Double(attempts - 1)) * 10_000).rounded() / 10_000
  }

  /// The most tokens of one answer: 1,000 for each bug, at least 2,000, at most 5,000, or 8,000 with
  /// traces.
  public static func answerTokens(bugs: Int, withTraces: Bool) -> Int {
    let most = withTraces ? 8000 : 5000
    return min(max(2000, 1000 * min(max(bugs, 0), 8)), most)
  }

  /// The seconds that one request may take: 30, and 15 for each bug, and 60 when threads or tasks are
  /// involved, or what is left of the budget if that is less.
  public static func requestSeconds(bugs: Int, isConcurrent: Bool, left: Double) -> Double {
    let wanted = 30 + 15 * Double(max(bugs, 0)) + (isConcurrent ? 60 : 0)
    return min(wanted, max(left, 0))
  }

  /// The attempts of a session: 12, or 20 with traces.
  public static func attempts(withTraces: Bool) -> Int { withTraces ? 20 : 12 }
}
