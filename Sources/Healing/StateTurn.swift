import HealingModel
import Patching
import Search

/// The turn of one state in a search: its edits are listed when it is the first, and the most
/// promising of those that were not tried yet are evaluated.
struct StateTurn: Sendable {
  /// What makes a base of the state that a trial leads to.
  struct Opening: Sendable {
    var trial: Trial
    /// The state that the trial's edits refer to.
    var from: Sources
    /// The state that the search was opened on, and how suspicious its lines are.
    var root: Sources
    var suspicion: [String: [Int: Double]]
  }

  /// What came of a turn.
  struct Outcome: Sendable {
    /// The step to the state, when the turn opened it.
    var step: SearchDriver.Step?
    /// What is left to try.
    var left: ArraySlice<SearchDriver.Scored>
    /// What was tried, in order.
    var tried: [(item: SearchDriver.Scored, evaluation: Evaluation)] = []
  }

  let space: any SearchSpace
  let order: EditOrder
  let settings: SearchDriver.Settings
  let base: SearchBase
  /// Nil when the base is open.
  let opening: Opening?
  /// The edits of the base that were not tried, the most promising first.
  let left: ArraySlice<SearchDriver.Scored>
  /// Seconds that the turn may take.
  let seconds: Double

  /// Has the turn.
  ///
  /// - Returns: What came of it; nothing is left of a state that no edits lead to.
  /// - Throws: What the space throws.
  func run() async throws -> Outcome {
    let end = ContinuousClock.now + .seconds(seconds)
    var outcome = Outcome(left: left)
    if let opening {
      guard let step = try await open(opening) else { return Outcome(left: []) }
      outcome.step = step
      let places = moved(opening.suspicion, from: opening.root, to: step.sources)
      outcome.left = try await listed(base.number, at: places, of: space, order, settings)[...]
    }
    let turn = outcome.left.prefix(settings.turn.state)
    outcome.left = outcome.left.dropFirst(turn.count)
    guard !turn.isEmpty else { return outcome }
    let results = try await space.evaluate(
      base: base.number,
      candidates: turn.map { [$0.edit.id] },
      options: EvaluationOptions(seconds: max(0.05, (end - .now) / .seconds(1)))
    )
    outcome.tried = zip(turn, results).map { ($0, $1) }
    return outcome
  }

  /// Makes the state a base of its own; nil when the edits lead nowhere.
  private func open(_ opening: Opening) async throws -> SearchDriver.Step? {
    let trial = opening.trial
    let rendering = try await space.render(base: trial.base.number, candidate: trial.ids)
    guard let state = try? Patch(edits: rendering.edits).applied(to: opening.from) else {
      return nil
    }
    try await space.define(
      base: base.number,
      sources: state.changes(since: opening.root),
      progress: base.progress
    )
    return (trial.explained(rendering), state)
  }
}

/// The edits of a base, the most promising first.
func listed(
  _ base: Int,
  at places: [String: [Int: Double]],
  of space: any SearchSpace,
  _ order: EditOrder,
  _ settings: SearchDriver.Settings
) async throws -> [SearchDriver.Scored] {
  let edits = try await space.edits(base: base, places: places, limit: settings.enumerated)
  return order.sorted(
    edits.filter { settings.ablation.allows(kind: $0.kind) },
    suspicion: places
  )
}
