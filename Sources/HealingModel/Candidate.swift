/// A patch that has not been verified yet.
public struct Candidate: Sendable, Hashable, Codable {
  /// Where a candidate comes from.
  public enum Origin: String, Sendable, Hashable, Codable {
    /// A finding's own fix.
    case finding
    /// The search over edits.
    case search
    /// The repair of the syntax.
    case syntax
    /// What a failing schedule shows.
    case schedule
    /// A language model's answer.
    case model
    /// A repair that was verified before.
    case bank
  }
  /// The patch, relative to the program as the session found it.
  public var patch: Patch
  /// Where it comes from.
  public var origin: Origin
  /// The kinds of its edits, such as `comparison`.
  public var kinds: [String]

  /// Makes a candidate.
  public init(patch: Patch, origin: Origin, kinds: [String]) {
    self.patch = patch
    self.origin = origin
    self.kinds = kinds
  }
}

/// What a session may use up.
public struct Budget: Sendable, Hashable, Codable {
  /// Seconds from the start of the tool to its end.
  public var seconds: Double
  /// Evaluations of candidates, or nil for no bound but the clock.
  public var evaluations: Int?
  /// Rounds of observe, diagnose, propose and verify.
  public var attempts: Int

  /// Makes a budget; the defaults are those of the command line.
  public init(seconds: Double = 60, evaluations: Int? = nil, attempts: Int = 12) {
    self.seconds = seconds
    self.evaluations = evaluations
    self.attempts = attempts
  }
}
