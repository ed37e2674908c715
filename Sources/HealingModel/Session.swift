/// How a session ended.
public enum SessionStatus: String, Sendable, Hashable, Codable {
  /// Still at work, or killed while at work.
  case running
  /// The program passes; there was nothing to heal.
  case healthy
  /// A repair was verified.
  case healed
  /// No repair was verified.
  case unhealed
  /// The environment lacks something, or a fault of ours.
  case error
  /// The user ended it.
  case interrupted
}

/// What was run in which surroundings: enough to run it again.
public struct Surroundings: Sendable, Hashable, Codable {
  /// The interpreter's absolute path.
  public var interpreter: String
  /// The interpreter's version.
  public var interpreterVersion: String
  /// The sandbox mechanism in force.
  public var sandbox: String
  /// The protections that this mechanism cannot give here.
  public var missing: [String]
  /// The seed of everything random.
  public var seed: UInt64

  /// Makes a description of the surroundings.
  public init(
    interpreter: String,
    interpreterVersion: String,
    sandbox: String,
    missing: [String],
    seed: UInt64
  ) {
    self.interpreter = interpreter
    self.interpreterVersion = interpreterVersion
    self.sandbox = sandbox
    self.missing = missing
    self.seed = seed
  }
}

/// What was verified, how, and how often.
public struct Verification: Sendable, Hashable, Codable {
  /// The kind of oracle, such as `suite`.
  public var oracle: String
  /// How much a pass of it says.
  public var strength: OracleStrength
  /// The ids that the oracle reported, sorted.
  public var tests: [String]
  /// The number of fresh runs behind the claim.
  public var runs: Int
  /// The number of tests that passed before and do not now.
  public var regressions: Int
  /// SHA-256 of each file that the patch changes, before it, by path.
  public var before: [String: String]
  /// SHA-256 of each file that the patch changes, after it, by path.
  public var after: [String: String]
  /// The schedules of threads that were run; nil of a program without threads.
  public var schedules: ScheduleEvidence?
  /// What that stands on, so that it can be checked again.
  public var certificate: ScheduleCertificate?

  /// Makes a record of a verification.
  public init(
    oracle: String,
    strength: OracleStrength,
    tests: [String],
    runs: Int,
    regressions: Int,
    before: [String: String],
    after: [String: String],
    schedules: ScheduleEvidence? = nil,
    certificate: ScheduleCertificate? = nil
  ) {
    self.oracle = oracle
    self.strength = strength
    self.tests = tests
    self.runs = runs
    self.regressions = regressions
    self.before = before
    self.after = after
    self.schedules = schedules
    self.certificate = certificate
  }
}

/// The schedules of threads behind a claim, under none of which the program failed.
public struct ScheduleEvidence: Sendable, Hashable, Codable {
  /// Schedules that came to their end.
  public var explored: Int
  /// Whether one of each class of those that come to the same ran.
  public var exhausted: Bool
  /// The most preemptions of an exhausted schedule; nil for any number.
  public var bound: Int?
  /// The seed of what was drawn.
  public var seed: UInt64
  /// Whether waits could time out, and sleeps end, at any moment.
  public var freeTiming: Bool

  /// Makes a record of explored schedules.
  public init(explored: Int, exhausted: Bool, bound: Int?, seed: UInt64, freeTiming: Bool) {
    self.explored = explored
    self.exhausted = exhausted
    self.bound = bound
    self.seed = seed
    self.freeTiming = freeTiming
  }
}

/// What a repair makes of one file.
public struct FileChange: Sendable, Hashable, Codable {
  /// The file, relative to the program's root.
  public var path: String
  /// Its bytes as the session found them.
  public var before: [UInt8]
  /// Its bytes after the repair.
  public var after: [UInt8]

  /// Makes a change.
  public init(path: String, before: [UInt8], after: [UInt8]) {
    self.path = path
    self.before = before
    self.after = after
  }
}

/// A plausible repair that was not chosen.
public struct Alternative: Sendable, Hashable, Codable {
  /// Its patch as a unified diff.
  public var patch: String
  /// How likely it is what the author meant.
  public var confidence: Confidence
  /// The smallest input on which it and the chosen repair differ, when one is known.
  public var distinguishingInput: String?
  /// What each of the two answers there; empty when no such input is known.
  public var answers: [String]

  /// Makes an alternative.
  public init(
    patch: String,
    confidence: Confidence,
    distinguishingInput: String? = nil,
    answers: [String] = []
  ) {
    self.patch = patch
    self.confidence = confidence
    self.distinguishingInput = distinguishingInput
    self.answers = answers
  }
}

/// The result of one healing, as it is reported and stored.
public struct SessionReport: Sendable, Hashable, Codable {
  /// How it ended.
  public var status: SessionStatus
  /// Whether the repair is in the user's files.
  public var applied = false
  /// Whether the patch mends a part only.
  public var partial = false
  /// Rounds of the loop.
  public var attempts = 0
  /// Candidates that ran to a verdict.
  public var candidates = 0
  /// Elapsed seconds.
  public var seconds = 0.0
  /// How likely the repair is what the author meant.
  public var confidence = Confidence.low
  /// How much the oracle says.
  public var strength: OracleStrength
  /// How far the evidence reaches; nil without a claim.
  public var evidence: EvidenceLevel?
  /// What was found wrong.
  public var findings: [Finding] = []
  /// The repair as edits of the program as it was found.
  public var patch = Patch()
  /// The repair as a unified diff; nil without one.
  public var diff: String?
  /// The files that the repair changes, byte for byte.
  public var files: [FileChange] = []
  /// What was verified.
  public var verification: Verification?
  /// Findings that the repair does not heal.
  public var remaining: [Finding] = []
  /// Other plausible repairs.
  public var alternatives: [Alternative] = []
  /// Sentences for the reader, such as what cut the search short.
  public var notes: [String] = []
  /// What the last failing run showed.
  public var observation: Observation?
  /// What was asked of a language model; nil when there was none.
  public var model: ModelUse?
  /// What the repair teaches, edit by edit; empty unless it was verified.
  public var lessons: [RepairLesson] = []
  /// The repairs of the bank that were tried, by name, and whether they are part of the repair.
  public var recalled: [String: Bool] = [:]

  /// Makes a report.
  public init(status: SessionStatus, strength: OracleStrength) {
    self.status = status
    self.strength = strength
  }
}

/// What a session used up of a language model.
public struct ModelUse: Sendable, Hashable, Codable {
  /// The model that answered last.
  public var name: String
  /// Requests that were sent.
  public var requests: Int
  /// Tokens that were read.
  public var promptTokens: Int
  /// Tokens that were generated.
  public var completionTokens: Int
  /// The seconds that each question took to which something was answered, in order.
  public var seconds: [Double]

  /// Makes a record of use.
  public init(
    name: String,
    requests: Int = 0,
    promptTokens: Int = 0,
    completionTokens: Int = 0,
    seconds: [Double] = []
  ) {
    self.name = name
    self.requests = requests
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.seconds = seconds
  }

  /// Reads a record; one of an earlier version has no seconds.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    requests = try values.decode(Int.self, forKey: .requests)
    promptTokens = try values.decode(Int.self, forKey: .promptTokens)
    completionTokens = try values.decode(Int.self, forKey: .completionTokens)
    seconds = try values.decodeIfPresent([Double].self, forKey: .seconds) ?? []
  }

  /// Adds what more questions used up.
  public static func += (total: inout ModelUse, more: ModelUse) {
    total.name = more.name
    total.requests += more.requests
    total.promptTokens += more.promptTokens
    total.completionTokens += more.completionTokens
    total.seconds += more.seconds
  }
}
