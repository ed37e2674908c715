public import HealingModel

/// One edit that the search may make, as the language adapter enumerated it.
public struct SearchEdit: Sendable, Hashable, Codable {
  /// Its number, dense from 0 within one enumeration.
  public var id: Int
  /// Its family, such as `comparison`.
  public var kind: String
  /// The file.
  public var path: String
  /// The place.
  public var range: TextRange
  /// The number of tree nodes that it touches.
  public var size: Int
  /// The edit that this one makes in a like statement of another function too.
  public var twinOf: Int?

  /// Whether it makes one change in like statements of two functions, so that both belong to it
  /// although the tests may ask for one alone.
  public var isTwin: Bool { kind == EditOrder.twinKind }

  /// Makes an edit of the search.
  public init(
    id: Int,
    kind: String,
    path: String,
    range: TextRange,
    size: Int,
    twinOf: Int? = nil
  ) {
    self.id = id
    self.kind = kind
    self.path = path
    self.range = range
    self.size = size
    self.twinOf = twinOf
  }
}

/// What the evaluation of one candidate showed.
public struct Evaluation: Sendable, Hashable, Codable {
  /// The result in one word.
  public enum Status: Int, Sendable, Hashable, Codable {
    /// All tests passed.
    case passed = 0
    /// No originally failing test passes now.
    case failed
    /// Some originally failing test passes now.
    case partial
    /// The candidate does not compile.
    case invalid
    /// It ran out of fuel, time or memory.
    case exhausted
    /// Its bytecode equals that of an earlier candidate.
    case duplicate
    /// It wrote, deleted, or started something: it must be repeated in a fresh copy.
    case impure
    /// Its process died.
    case died
    /// The time of its request was over before it began.
    case notRun
  }
  /// The result.
  public var status: Status
  /// How far it gets: greater is further, comparable within one search.
  ///
  /// For a suite how much further the tests that failed at first get, less what it breaks; where
  /// outputs are compared, how much closer they come. 0 is where the search was opened.
  public var progress: Int
  /// The name of its code, so that candidates of a base with the same code are known; may be empty.
  public var digest: String
  /// Indices of the tests that passed, when the whole suite ran.
  public var passing: [Int]
  /// Indices of the tests that passed before and do not now.
  public var regressed: [Int]
  /// Whether an earlier session found it out: nothing ran in this one.
  public var isRemembered: Bool
  /// Makes an evaluation.
  public init(
    status: Status,
    progress: Int,
    digest: String = "",
    passing: [Int] = [],
    regressed: [Int] = [],
    isRemembered: Bool = false
  ) {
    self.status = status
    self.progress = progress
    self.digest = digest
    self.passing = passing
    self.regressed = regressed
    self.isRemembered = isRemembered
  }
}
