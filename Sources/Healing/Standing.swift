import HealingModel

/// How far a state of the program gets: what progress is measured by.
struct Standing: Sendable, Hashable, Comparable {
  /// Targets that pass.
  var passing: Int
  /// Guards that passed before and still do; a state that breaks one is behind.
  var guarding: Int
  /// The sum over examples of the share of the expected output that came.
  var matched: Double
  /// Whether the observed run ended without an exception and by itself.
  var clean: Bool
  /// The number of source lines that the observed run reached.
  var reached: Int
  /// The exception and its place, which tell two failures apart that get equally far.
  var failure: String

  init(_ judgement: Judgement) {
    let passed = judgement.tests.filter { $0.outcome == .passed }
    passing = passed.count(where: \.target)
    guarding = passed.count { !$0.target }
    matched = judgement.tests.reduce(0) { $0 + ($1.matched ?? 0) }
    let seen = judgement.observation
    clean = seen.exception == nil && seen.stop == .finished && seen.started
    reached = seen.coverage.values.reduce(0) { $0 + Set($1).count }
    let place = seen.exception?.frames.last.map { "\($0.path):\($0.line)" } ?? ""
    failure = "\(seen.stop) \(seen.exception?.type ?? "") \(seen.exception?.message ?? "") \(place)"
  }

  /// Whether `lhs` gets less far; two states may be equally far and fail differently.
  static func < (lhs: Standing, rhs: Standing) -> Bool {
    if lhs.guarding != rhs.guarding { return lhs.guarding < rhs.guarding }
    if lhs.passing != rhs.passing { return lhs.passing < rhs.passing }
    if lhs.matched != rhs.matched { return lhs.matched < rhs.matched }
    if lhs.clean != rhs.clean { return !lhs.clean }
    return lhs.reached < rhs.reached
  }
}
