import HealingModel

/// The order in which edits are tried: suspicion squared times the prior of the kind, small ones
/// first.
public struct EditOrder: Sendable {
  /// The prior of each kind; kinds that are not named have ``unknown``.
  public var priors: [String: Double]
  /// The prior of a kind without one of its own.
  public var unknown: Double
  /// What the user's own repairs make of it, by kind.
  private var factors: [String: Double] = [:]

  /// Makes an order.
  public init(priors: [String: Double] = EditOrder.handSet, unknown: Double = 0.3) {
    self.priors = priors
    self.unknown = unknown
  }

  /// The order with what verified repairs of the user's own say: kinds that mended often come sooner.
  ///
  /// A kind of which all repairs are counts four times as much; of few repairs little is believed.
  ///
  /// - Parameter repairs: How many repairs each kind of edit was part of.
  /// - Returns: The order that has learnt.
  public func learning(from repairs: [String: Int]) -> EditOrder {
    let all = Double(repairs.values.reduce(0, +)) + Self.doubt
    var order = self
    for (kind, count) in repairs where count > 0 {
      order.factors[kind] = 1 + 3 * Double(count) / all
    }
    return order
  }

  /// How many repairs of no kind in particular stand beside those that were seen.
  private static let doubt = 20.0

  /// The prior of a kind: its own, or that of the longest prefix up to a dot that has one.
  public func prior(of kind: String) -> Double {
    (factors[kind] ?? 1) * general(kind)
  }

  private func general(_ kind: String) -> Double {
    var name = kind[...]
    while true {
      if let prior = priors[String(name)] { return prior }
      guard let dot = name.lastIndex(of: ".") else { return unknown }
      name = name[..<dot]
    }
  }

  /// How promising an edit is; greater comes first.
  public func score(_ edit: SearchEdit, suspicion: [String: [Int: Double]]) -> Double {
    score(edit, suspicion[edit.path] ?? [:], greatest: suspicion[edit.path]?.values.max() ?? 1)
  }

  private func score(_ edit: SearchEdit, _ known: [Int: Double], greatest: Double) -> Double {
    let lines = edit.range.start.line...max(edit.range.start.line, edit.range.end.line)
    let place = lines.compactMap { known[$0] }.max() ?? Self.unreached * greatest
    return place * place * prior(of: edit.kind) / Double(max(1, edit.size))
  }

  /// How suspicious a line is that no failing test reached, beside the most suspicious one of its
  /// file: an edit may lead there.
  private static let unreached = 0.35

  /// The edits, most promising first; equal ones in the order of their ids.
  public func sorted(
    _ edits: [SearchEdit],
    suspicion: [String: [Int: Double]]
  ) -> [(edit: SearchEdit, score: Double)] {
    let greatest = suspicion.mapValues { $0.values.max() ?? 1 }
    return edits.map { edit in
      (edit, score(edit, suspicion[edit.path] ?? [:], greatest: greatest[edit.path] ?? 1))
    }.sorted {
      $0.1 == $1.1 ? $0.0.id < $1.0.id : $0.1 > $1.1
    }
  }

  /// Whether edits of a kind delete, guard, swallow, leave early or give a default, so that they can
  /// hide a failure without mending its cause.
  public static func suppresses(_ kind: String) -> Bool {
    suppressing.contains { kind.hasPrefix($0) }
  }

  /// Whether edits of a kind are made of what runs showed, and not of the program's text alone.
  public static func isObserved(_ kind: String) -> Bool { kind.hasPrefix("synthesis.") }

  /// The kind of edits that make a change in like statements of other functions too.
  public static let twinKind = "coupled.twin"

  private static let suppressing = [
    "breakContinue", "comprehension", "condition.", "default.get", "handler.", "ifExpression",
    "loop.else", "return.expression", "statement.delete", "statement.indent",
    "statement.insertGuard", "statement.insertReturn", "synthesis.condition", "synthesis.guard",
    "synthesis.leave", "synthesis.only", "synthesis.return",
  ]

  /// Priors set by hand from what repaired most in published and own experiments with operators.
  ///
  /// Priors fitted on one half of the development sets were no better on the other half.
  public static let handSet: [String: Double] = [
    "comparison": 1, "boolean": 0.9, "offByOne": 0.9, "call.missing": 0.9, "return.missing": 0.9,
    "await.missing": 0.9, "raise.missing": 0.9, "element": 0.9, "statement.plain": 0.9,
    "default.mutable": 0.9, "closure.lateBinding": 0.9, "arithmetic": 0.8, "selfAttribute": 0.8,
    "subscriptToCall": 0.8, "statement.split": 0.8, "scope": 0.8, "negate": 0.7, "variable": 0.7,
    "arithmetic.operands": 0.6, "constant": 0.6, "attribute": 0.6, "call.function": 0.6,
    "method": 0.6, "range.bounds": 0.6, "iteration": 0.6, "statement.initialise": 0.6,
    "statement.move": 0.6, "statement.indent": 0.6, "augmented": 0.6, "arithmetic.group": 0.5,
    "listTuple": 0.5, "sortKey": 0.5, "unwrap": 0.5, "slice.bounds": 0.5,
    "statement.insertReturn": 0.5, "statement.swap": 0.5, "statement.assign": 0.5,
    "branch.swap": 0.5, "branch.elifToIf": 0.5, "loop.else": 0.5, "breakContinue": 0.5,
    "accumulatorStart": 0.4, "index": 0.4, "call.argument": 0.4, "comprehension": 0.4,
    "recursion": 0.4, "raise.type": 0.4, "statement.delete": 0.4, "loop.whileIf": 0.4,
    "loop.wrap": 0.2,
    "handler.type": 0.4, "coupled": 0.4, "unaryMinus": 0.3, "slice": 0.3,
    "return.expression": 0.3, "statement.unguard": 0.3, "coupled.twin": 0.3, "wrap": 0.25,
    "condition.strengthen": 0.25, "condition.weaken": 0.25, "statement.insertUpdate": 0.2,
    "expression.other": 0.2, "arithmetic.insert": 0.2, "default.get": 0.2,
    "condition.other": 0.15, "ifExpression": 0.15, "statement.copy": 0.15, "handler.add": 0.15,
    "condition.constant": 0.1, "statement.insertGuard": 0.06, "synthesis.return": 0.6,
    "synthesis.condition": 0.6, "synthesis.only": 0.4, "synthesis.leave": 0.2,
    "synthesis.guard": 0.1,
  ]
}
