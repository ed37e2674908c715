/// What one test or example did.
public enum TestOutcome: String, Sendable, Hashable, Codable {
  /// Its call phase passed.
  case passed
  /// Its call phase failed.
  case failed
  /// It could not be collected, set up or torn down.
  case error
  /// It was skipped.
  case skipped
  /// It failed as its author expects.
  case xfailed
  /// It passed though its author expects a failure.
  case xpassed
}

/// One verdict of an oracle.
public struct TestResult: Sendable, Hashable, Codable {
  /// The test's id, or the example's name.
  public var id: String
  /// What it did.
  public var outcome: TestOutcome
  /// Whether it belongs to what the user asked for; the others guard against regressions.
  public var target: Bool
  /// Elapsed time in seconds.
  public var seconds: Double
  /// The exception that failed it.
  public var exception: ObservedException?
  /// The share of the expected output that came, from 0 to 1, when there is one to compare with.
  public var matched: Double?
  /// Why it did not end by itself, when it did not.
  public var stop: Stop?
  /// Whether it failed, and passed when it was run again; nil when nobody tried.
  public var flaky: Bool?

  /// Makes a result.
  public init(
    id: String,
    outcome: TestOutcome,
    target: Bool = true,
    seconds: Double = 0,
    exception: ObservedException? = nil,
    matched: Double? = nil,
    stop: Stop? = nil,
    flaky: Bool? = nil
  ) {
    self.id = id
    self.outcome = outcome
    self.target = target
    self.seconds = seconds
    self.exception = exception
    self.matched = matched
    self.stop = stop
    self.flaky = flaky
  }
}

/// What an oracle said of one state of the program.
public struct Judgement: Sendable, Hashable, Codable {
  /// The verdict of each test or example, in a fixed order.
  public var tests: [TestResult]
  /// What the run showed; of several examples, the first that failed.
  public var observation: Observation

  /// Makes a judgement.
  public init(tests: [TestResult], observation: Observation) {
    self.tests = tests
    self.observation = observation
  }

  /// Whether every target passed; no targets are no pass.
  public var passes: Bool {
    let targets = tests.filter(\.target)
    return targets.contains { $0.outcome == .passed }
      && targets.allSatisfy { [.passed, .skipped, .xfailed].contains($0.outcome) }
  }
}

/// What verification said of a candidate.
public enum Verdict: Sendable, Hashable, Codable {
  /// Every oracle passed, in each of `runs` fresh runs.
  case plausible(runs: Int)
  /// It gets further than its base without passing.
  case progress
  /// It fails as before.
  case stillFailing
  /// These tests passed before and do not now.
  case regressed(tests: [String])
  /// It passes in some runs only.
  case flaky(failures: Int, runs: Int)
  /// A rule forbids it, whatever the oracle says.
  case refused(Refusal)

  /// Its name in the store.
  public var name: String {
    switch self {
    case .plausible: "plausible"
    case .progress: "progress"
    case .stillFailing: "stillFailing"
    case .regressed: "regressed"
    case .flaky: "flaky"
    case .refused: "refused"
    }
  }
}

/// Why a candidate is refused though its oracle may pass.
public struct Refusal: Sendable, Hashable, Codable {
  /// The rule, such as `hard-coded answer`.
  public var rule: String
  /// What it forbids here, in a sentence.
  public var message: String

  /// Makes a refusal.
  public init(rule: String, message: String) {
    self.rule = rule
    self.message = message
  }
}

/// How far the evidence of a claim reaches.
public enum EvidenceLevel: String, Sendable, Hashable, Codable {
  /// The oracle passes and nothing that passed before fails.
  case tested
  /// A stated number of schedules, to a stated bound.
  case explored
  /// All schedules of this input under the stated model.
  case exhausted
}
