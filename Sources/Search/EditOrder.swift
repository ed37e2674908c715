import HealingModel

/// The order in which edits are tried: suspicion times the prior of the kind, small ones first.
public struct EditOrder: Sendable {
  /// The prior of each kind; kinds that are not named have ``unknown``.
  public var priors: [String: Double]
  /// The prior of a kind without one of its own.
  public var unknown: Double

  /// Makes an order.
  public init(priors: [String: Double] = EditOrder.handSet, unknown: Double = 0.3) {
    self.priors = priors
    self.unknown = unknown
  }

  /// The prior of a kind: its own, or that of the longest prefix up to a dot that has one.
  public func prior(of kind: String) -> Double {
    var name = kind[...]
    while true {
      if let prior = priors[String(name)] { return prior }
      guard let dot = name.lastIndex(of: ".") else { return unknown }
      name = name[..<dot]
    }
  }

  /// How promising an edit is; greater comes first.
  public func score(_ edit: SearchEdit, suspicion: [String: [Int: Double]]) -> Double {
    let lines = edit.range.start.line...max(edit.range.start.line, edit.range.end.line)
    let place = lines.compactMap { suspicion[edit.path]?[$0] }.max() ?? 0.1
    return place * prior(of: edit.kind) / Double(max(1, edit.size)).squareRoot()
  }

  /// The edits, most promising first; equal ones in the order of their ids.
  public func sorted(
    _ edits: [SearchEdit],
    suspicion: [String: [Int: Double]]
  ) -> [(edit: SearchEdit, score: Double)] {
    edits.map { ($0, score($0, suspicion: suspicion)) }.sorted {
      $0.1 == $1.1 ? $0.0.id < $1.0.id : $0.1 > $1.1
    }
  }

  /// Priors set by hand from what repaired most in published and own experiments with operators.
  public static let handSet: [String: Double] = [
    "comparison": 1, "arithmetic": 0.8, "boolean": 0.8, "augmented": 0.7, "offByOne": 0.9,
    "constant": 0.5, "variable": 0.7, "attribute": 0.5, "call.function": 0.6,
    "call.argument": 0.6, "wrap": 0.5, "unwrap": 0.5, "negate": 0.6, "condition": 0.6,
    "statement": 0.5, "return": 0.5, "range.bounds": 0.9, "slice.bounds": 0.7, "index": 0.8,
  ]
}
