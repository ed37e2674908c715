/// What a report of a failing schedule says beside the explanation.
struct TraceHeading: Sendable, Hashable {
  /// The program, as the user named it.
  var program: String
  /// On what evidence: how many schedules were run, and what can be said of the rest.
  var evidence: String
  /// The command that shows the failure again.
  var replay: String?
  /// Sentences for the reader.
  var notes: [String]

  /// Makes a heading.
  init(program: String, evidence: String, replay: String? = nil, notes: [String] = []) {
    self.program = program
    self.evidence = evidence
    self.replay = replay
    self.notes = notes
  }
}
