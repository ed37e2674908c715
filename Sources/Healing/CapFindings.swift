import HealingModel

/// The finding that a run which reached a cap gives rise to; none for a run that ended by itself.
///
/// - Parameters:
///   - seen: The run.
///   - path: The file to name when no stack tells the place.
/// - Returns: At most one finding, at the innermost place of the program that a stack shows.
func capFindings(_ seen: Observation, path: String) -> [Finding] {
  guard let (rule, message, hint) = capWords(for: seen.stop) else { return [] }
  let frames = seen.stacks.flatMap(\.frames).filter { !$0.path.hasPrefix("/") && $0.line > 0 }
  let place = frames.last ?? seen.exception?.frames.last { !$0.path.hasPrefix("/") }
  let start = TextPosition(line: max(1, place?.line ?? 1), column: 1)
  return [
    Finding(
      category: .resource,
      rule: "resource/" + rule,
      path: place?.path ?? path,
      range: TextRange(start: start, end: start),
      message: message,
      hint: hint,
      evidence: [Evidence(source: .runtime, text: evidence(seen, place))],
      confidence: .high
    )
  ]
}

/// What is said of a run that stopped for this reason; nil for one that met no cap.
func capWords(for stop: Stop) -> (rule: String, message: String, hint: String)? {
  switch stop {
  case .finished, .killed: nil
  case .endlessLoop:
    (
      "endless-loop", "the program burnt its whole CPU time in a loop that does not end",
      "Look at the loop that the stack shows: what should end it does not change."
    )
  case .hang:
    (
      "hang", "the program waited until its time was over for something that did not come",
      "Look at what the stacks show it waiting for: a lock that nobody releases, an input or a "
        + "message that nobody sends."
    )
  case .memory:
    (
      "memory", "the program reached the memory cap",
      "Look for a collection or a text that grows without end."
    )
  case .output:
    (
      "output", "the program wrote more than the output cap",
      "Look for a loop that prints without end."
    )
  case .processes:
    (
      "processes", "the program started more processes than the cap",
      "Look for a process that starts others without end."
    )
  }
}

private func evidence(_ seen: Observation, _ place: Frame?) -> String {
  let used = "stopped after \(tenths(seen.wall)) s, \(tenths(seen.cpu)) s of them CPU time"
  guard let place, !place.function.isEmpty else { return used }
  return "\(used), in \(place.function)"
}

/// A number of seconds with one digit after the point.
func tenths(_ seconds: Double) -> String {
  let value = Int((seconds * 10).rounded())
  return "\(value / 10).\(value % 10)"
}
