import HealingModel
import Patching

/// The best state, and those to come back to.
extension HealingSession {
  /// The best state as one to come back to.
  var state: State {
    State(
      sources: current,
      reasons: reasons,
      edits: edits,
      standing: judgement.map(Standing.init),
      isUnproven: isUnproven
    )
  }

  /// The program as it was found.
  var untouchedState: State {
    State(sources: original, reasons: Reasons(), edits: 0, standing: firstSeen.map(Standing.init))
  }

  /// Continues from a state.
  mutating func resume(_ state: State) {
    current = state.sources
    reasons = state.reasons
    edits = state.edits
    isUnproven = state.isUnproven
  }

  /// Remembers the best state if no earlier one got as far.
  mutating func rememberFurthest() {
    if isUnproven { isUnproven = !goesFurther }
    guard !isUnproven else { return }
    let here = state
    guard let known = furthest?.standing, let standing = here.standing else {
      furthest = furthest ?? here
      return
    }
    if known < standing { furthest = here }
  }

  /// Whether the best state, as it was observed, passes more than any that could be shown so far,
  /// and all that passed at first; the search does not look at every test.
  private var goesFurther: Bool {
    guard let judgement, let firstSeen else { return false }
    let known = furthest?.standing ?? Standing(firstSeen)
    let here = Standing(judgement)
    let before = firstSeen.tests.filter { $0.outcome == .passed }.map(\.id)
    let now = judgement.tests.filter { $0.outcome == .passed }.map(\.id)
    guard Set(now).isSuperset(of: before) else { return false }
    if case .suite = oracle { return here.passing > known.passing }
    return known < here
  }

  /// Makes a state the best one.
  mutating func accept(_ patch: Patch, as sources: Sources) {
    reasons.note(patch, from: current, to: sources)
    current = sources
    edits += 1
  }
}
