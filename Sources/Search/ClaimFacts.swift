public import HealingModel

/// What is known of a repair that a search found and that passed all checks; its confidence follows
/// from nothing else.
public struct ClaimFacts: Sendable, Hashable {
  /// Edits from the state that the search was opened on.
  public var edits: Int
  /// Whether one of them can hide a failure without mending its cause.
  public var suppresses: Bool
  /// Other repairs that pass.
  public var rivals: Int
  /// Behaviours that they and it show on generated inputs; nil where they were not compared.
  public var behaviours: Int?

  /// Makes facts.
  public init(edits: Int, suppresses: Bool = false, rivals: Int = 0, behaviours: Int? = nil) {
    self.edits = edits
    self.suppresses = suppresses
    self.rivals = rivals
    self.behaviours = behaviours
  }

  /// How likely the repair is what the author meant.
  ///
  /// Where all repairs that pass behave alike, the tests leave no choice; where they differ, one that
  /// can hide the failure, or that takes two edits, is more often a wrong one. The share of correct
  /// repairs falls with the number of edits. Benchmarks/confidence.py measures how often each is right.
  ///
  /// - Parameter tests: Tests that pass; a single one tells few programs apart.
  /// - Returns: The confidence.
  public func confidence(tests: Int) -> Confidence {
    if edits > 2 { return .low }
    let isTold = edits == 1 && tests > 1
    guard let behaviours = rivals == 0 ? 1 : behaviours else {
      return isTold && rivals < 4 ? .high : .medium
    }
    if behaviours == 1 { return isTold ? .high : .medium }
    return suppresses || edits > 1 ? .low : .medium
  }
}
