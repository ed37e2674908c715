/// The kind of bug that a finding names.
public enum Category: String, Sendable, Hashable, Codable, CaseIterable {
  /// The text does not parse.
  case syntax
  /// A name, attribute, module or keyword does not exist.
  case name
  /// A value has a type that an operation does not take.
  case type
  /// The code runs and computes something else than was asked for.
  case logic
  /// The parts are right and do not fit together.
  case semantic
  /// Memory, time, files, or something in the environment.
  case resource
  /// Threads or tasks disturb each other.
  case concurrency
}

/// How sure a finding, a repair or a session is.
public enum Confidence: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  /// Probably wrong without a second look.
  case low
  /// More likely right than not.
  case medium
  /// Expected to be right.
  case high

  /// Whether `lhs` is less sure than `rhs`.
  public static func < (lhs: Confidence, rhs: Confidence) -> Bool { lhs.rank < rhs.rank }

  private var rank: Int {
    switch self {
    case .low: 0
    case .medium: 1
    case .high: 2
    }
  }
}

/// Why a finding is believed: who says so, and in which words.
public struct Evidence: Sendable, Hashable, Codable {
  /// Who can give evidence.
  public enum Source: String, Sendable, Hashable, Codable {
    /// Our own parser of the language.
    case parse
    /// The language's compiler.
    case compile
    /// The linter ruff.
    case ruff
    /// The type checker ty.
    case ty
    /// Our own check of the text.
    case `static`
    /// What a run of the program showed.
    case runtime
    /// What distinguishes failing runs from passing ones.
    case search
    /// A schedule of the program's threads.
    case schedule
  }
  /// Who says so.
  public var source: Source
  /// In which words.
  public var text: String

  /// Makes a piece of evidence.
  public init(source: Source, text: String) {
    self.source = source
    self.text = text
  }
}

/// Edits that would remove a finding, all or none of them.
public struct Fix: Sendable, Hashable, Codable {
  /// The edits, which do not overlap.
  public var edits: [Edit]
  /// How likely they are what the author meant.
  public var confidence: Confidence

  /// Makes a fix.
  public init(edits: [Edit], confidence: Confidence) {
    self.edits = edits
    self.confidence = confidence
  }
}

/// One suspected bug.
public struct Finding: Sendable, Hashable, Codable {
  /// What kind of bug it is.
  public var category: Category
  /// The rule that found it, as `category/name`, such as `name/undefined`.
  public var rule: String
  /// The file, relative to the program's root.
  public var path: String
  /// The place in the file.
  public var range: TextRange
  /// What is wrong, in a sentence.
  public var message: String
  /// What is wrong, where, and what to do: for a person or a model.
  public var hint: String
  /// Why it is believed.
  public var evidence: [Evidence]
  /// How sure it is.
  public var confidence: Confidence
  /// Ways to mend it, best first; often none.
  public var fixes: [Fix]

  /// Makes a finding.
  public init(
    category: Category,
    rule: String,
    path: String,
    range: TextRange,
    message: String,
    hint: String,
    evidence: [Evidence],
    confidence: Confidence,
    fixes: [Fix] = []
  ) {
    self.category = category
    self.rule = rule
    self.path = path
    self.range = range
    self.message = message
    self.hint = hint
    self.evidence = evidence
    self.confidence = confidence
    self.fixes = fixes
  }
}
