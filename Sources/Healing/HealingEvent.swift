public import HealingModel

/// What the loop tells while it works; terminal, store and JSON are renderings of these.
public enum HealingEvent: Sendable {
  /// The session began in these surroundings.
  case began(Surroundings)
  /// Round `number` of the loop began.
  case attempt(number: Int)
  /// The oracle judged a state of the program.
  case judged(Judgement)
  /// A run was observed.
  case observed(Observation)
  /// These bugs were found, merged and ranked.
  case found([Finding])
  /// What is being tried now.
  case trying(Progress)
  /// A candidate that progressed, regressed, was plausible or was claimed.
  case candidate(Candidate, Verdict)
  /// Candidates of one kind that came to one verdict since the last such event.
  case tally(kind: String, verdict: String, count: Int)
  /// A sentence for the reader.
  case note(String)
  /// The session ended.
  case finished(SessionReport)
}

/// How far the loop is.
public struct Progress: Sendable, Hashable {
  /// What is being tried, in a few words.
  public var activity: String
  /// Candidates that ran to a verdict so far.
  public var candidates: Int
  /// Tests that pass in the best state so far, and how many there are; nil before the first run.
  public var passing: Int?
  /// The number of tests.
  public var tests: Int?
  /// Seconds left of the budget.
  public var secondsLeft: Double

  /// Makes a report of progress.
  public init(
    activity: String,
    candidates: Int,
    passing: Int? = nil,
    tests: Int? = nil,
    secondsLeft: Double
  ) {
    self.activity = activity
    self.candidates = candidates
    self.passing = passing
    self.tests = tests
    self.secondsLeft = secondsLeft
  }
}
