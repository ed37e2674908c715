import HealingModel

/// Everything that rows depend on, stored before them: rows of another header do not go with these.
struct BenchHeader: Sendable, Hashable, Codable {
  /// A set as it was read.
  struct Source: Sendable, Hashable, Codable {
    /// Its name.
    var name: String
    /// SHA-256 of its bytes.
    var sha256: String
    /// How many programs it has.
    var programs: Int
  }
  /// The version of the format.
  var schema = 1
  /// The version of heal.
  var heal: String
  /// The interpreter's path.
  var interpreter: String
  /// The interpreter's version.
  var interpreterVersion: String
  /// The sandbox that was asked for.
  var sandbox: String
  /// The sets.
  var sets: [Source]
  /// The model and the switches.
  var configuration: BenchConfiguration
  /// SHA-256 of the bank that each session has; nil for an empty one.
  var bank: String?
  /// The address of the model's server; nil when it was looked for.
  var baseURL: String?
  /// The most tokens that the model may generate for a program; nil for no bound.
  var modelTokens: Int?
  /// Seconds for each program.
  var budget: Double
  /// The most candidates for each program; nil for no bound.
  var evaluations: Int?
  /// The most rounds for each program.
  var attempts: Int
  /// The seed of each session.
  var sessionSeed: UInt64
  /// Evaluations side by side in each session.
  var evaluationJobs: Int
  /// The seed of the order of programs.
  var seed: UInt64
  /// Programs side by side.
  var jobs: Int

  /// The names of what differs in another header.
  func differences(from other: BenchHeader) -> [String] {
    let pairs: [(String, Bool)] = [
      ("the version of heal", (schema, heal) == (other.schema, other.heal)),
      (
        "the interpreter",
        (interpreter, interpreterVersion) == (other.interpreter, other.interpreterVersion)
      ),
      ("the sandbox", sandbox == other.sandbox),
      ("the sets", sets == other.sets),
      ("the bank", bank == other.bank),
      (
        "the model or the switches",
        (configuration.name, baseURL, modelTokens)
          == (other.configuration.name, other.baseURL, other.modelTokens)
      ),
      (
        "the budget",
        (budget, evaluations, attempts) == (other.budget, other.evaluations, other.attempts)
      ),
      ("the seed", (seed, sessionSeed) == (other.seed, other.sessionSeed)),
      ("the number of jobs", (jobs, evaluationJobs) == (other.jobs, other.evaluationJobs)),
    ]
    return pairs.filter { !$0.1 }.map(\.0)
  }
}
