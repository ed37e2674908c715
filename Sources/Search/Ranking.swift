/// Partial successes worth continuing from.
///
/// - Parameters:
///   - trials: The trials so far.
///   - width: The number to keep.
///   - alike: How many are kept of those that behave alike.
/// - Returns: The best, first by how much they gain, then by promise.
public func beam(_ trials: [Trial], width: Int, alike: Int = 3) -> [Trial] {
  let sorted = trials.filter(\.advances).sorted { lhs, rhs in
    lhs.gain == rhs.gain ? lhs.precedes(rhs) : lhs.gain > rhs.gain
  }
  var seen: [Behaviour: Int] = [:]
  return Array(
    sorted.filter { trial in
      let behaviour = Behaviour(trial.evaluation)
      seen[behaviour, default: 0] += 1
      return seen[behaviour, default: 0] <= alike
    }.prefix(width)
  )
}

/// What tells evaluations apart: those that behave alike lead to the same place.
public struct Behaviour: Hashable, Sendable {
  private var passing: [Int]
  private var progress: Int

  /// The behaviour that an evaluation showed.
  public init(_ evaluation: Evaluation) {
    passing = evaluation.passing
    progress = evaluation.progress
  }
}

/// Plausible trials, the likeliest first.
///
/// Few edits come before many, what answers every input before what fails on some, edits that mend
/// before edits that can hide a failure, then promise decides. An edit gives way to its twin, which
/// makes the same change in a like statement of another function too: where tests are weak, one
/// mistake made twice shows only once.
///
/// - Parameters:
///   - trials: The trials so far.
///   - failures: The inputs on which a trial fails where a rival does not, as far as they were compared.
/// - Returns: The plausible ones.
public func ranked(
  _ trials: [Trial],
  failures: (Trial) -> Int = { _ in 0 }
) -> [Trial] {
  let plausible = trials.filter { $0.evaluation.status == .passed }.map { ($0, failures($0)) }
  var sorted = plausible.sorted { lhs, rhs in
    if lhs.0.depth != rhs.0.depth { return lhs.0.depth < rhs.0.depth }
    if lhs.1 != rhs.1 { return lhs.1 < rhs.1 }
    let (left, right) = (lhs.0.suppresses, rhs.0.suppresses)
    return left == right ? lhs.0.precedes(rhs.0) : right
  }.map(\.0)
  guard let first = sorted.first,
    let twin = sorted.firstIndex(where: { isTwin($0, of: first) })
  else { return sorted }
  sorted.insert(sorted.remove(at: twin), at: 0)
  return sorted
}

/// Whether `trial` makes the same change as `other`, and makes it elsewhere too.
public func isTwin(_ trial: Trial, of other: Trial) -> Bool {
  guard trial.base == other.base, let twin = trial.edits.last, let edit = other.edits.last else {
    return false
  }
  return trial.edits.count == other.edits.count && isTwin(twin, of: edit)
}

/// Whether an edit makes the same change as another, and makes it elsewhere too.
public func isTwin(_ twin: SearchEdit, of edit: SearchEdit) -> Bool {
  twin.twinOf == edit.id
}
