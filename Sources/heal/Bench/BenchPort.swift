/// What a measurement needs from the world; `BenchPort+Live.swift` connects the real parts.
struct BenchPort: Sendable {
  /// The interpreter's absolute path.
  var interpreter: String
  /// The interpreter's version.
  var interpreterVersion: String
  /// Makes an empty folder.
  var makeFolder: @Sendable () throws -> BenchFolder
  /// Heals a program as the user's own command line would.
  var heal: @Sendable (BenchSession) async throws -> BenchAnswer
  /// Whether the tests of a program pass by the test runner's own word, in the sandbox.
  var passes: @Sendable (_ folder: BenchFolder, _ tests: [String]) async throws -> Bool
  /// Removes what is left.
  var close: @Sendable () async -> Void
}

/// One healing of a measurement.
struct BenchSession: Sendable {
  /// Where the program lies.
  var folder: BenchFolder
  /// The arguments of heal.
  var arguments: [String]
  /// Variables that are set for it.
  var environment: [String: String]
  /// Seconds after which it is killed.
  var seconds: Double
  /// Arguments by which heal is started before it, to prepare its state; nil for none.
  var preparation: [String]?
}

/// How heal ended.
struct BenchAnswer: Sendable {
  /// Its status; nil when it was killed.
  var exit: Int?
  /// What it wrote to standard output.
  var out: String
  /// The end of what it wrote to standard error.
  var err: String
  /// Elapsed seconds.
  var seconds: Double
}
