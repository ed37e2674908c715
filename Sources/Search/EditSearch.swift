/// One state of the program from which edits are tried.
public struct SearchBase: Sendable, Hashable {
  /// Its number; 0 is the state that the search was opened on.
  public var number: Int
  /// The number of edits that led to it.
  public var depth: Int
  /// How many tests pass in it.
  public var passing: Int

  /// Makes a base.
  public init(number: Int, depth: Int, passing: Int) {
    self.number = number
    self.depth = depth
    self.passing = passing
  }
}

/// A candidate of the search with what its evaluation showed.
public struct Trial: Sendable, Hashable {
  /// The base that its ids refer to.
  public var base: SearchBase
  /// Its edits.
  public var ids: [Int]
  /// The kinds of its edits.
  public var kinds: [String]
  /// How promising it was before it ran; of several edits, the product.
  public var score: Double
  /// What its evaluation showed.
  public var evaluation: Evaluation

  /// Makes a trial.
  public init(
    base: SearchBase,
    ids: [Int],
    kinds: [String],
    score: Double,
    evaluation: Evaluation
  ) {
    self.base = base
    self.ids = ids
    self.kinds = kinds
    self.score = score
    self.evaluation = evaluation
  }

  /// The number of edits from the state that the search was opened on.
  public var depth: Int { base.depth + ids.count }
}

/// Partial successes worth continuing from: more tests pass, and nothing that passed is lost.
///
/// - Parameters:
///   - trials: The trials so far.
///   - width: The number to keep.
/// - Returns: The best, first by what they gain less what they lose, then by promise; of trials
///   that pass the same tests only the two most promising stay.
public func beam(_ trials: [Trial], width: Int) -> [Trial] {
  let partial = trials.filter { $0.evaluation.status == .partial }
  let sorted = partial.sorted { lhs, rhs in
    let (left, right) = (gain(lhs), gain(rhs))
    if left != right { return left > right }
    if lhs.score != rhs.score { return lhs.score > rhs.score }
    return (lhs.base.number, lhs.ids.first ?? 0) < (rhs.base.number, rhs.ids.first ?? 0)
  }
  var seen: [[Int]: Int] = [:]
  return Array(
    sorted.filter { trial in
      seen[trial.evaluation.passing, default: 0] += 1
      return seen[trial.evaluation.passing, default: 0] <= 2
    }.prefix(width)
  )
}

private func gain(_ trial: Trial) -> Int {
  trial.evaluation.passing.count - trial.evaluation.regressed.count
}

/// Plausible trials, the likeliest first: few edits, then promise.
public func ranked(_ trials: [Trial]) -> [Trial] {
  trials.filter { $0.evaluation.status == .passed }.sorted { lhs, rhs in
    if lhs.depth != rhs.depth { return lhs.depth < rhs.depth }
    if lhs.score != rhs.score { return lhs.score > rhs.score }
    return (lhs.base.number, lhs.ids.first ?? 0) < (rhs.base.number, rhs.ids.first ?? 0)
  }
}
