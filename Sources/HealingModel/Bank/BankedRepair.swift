/// A verified repair as the bank keeps it.
public struct BankedRepair: Sendable, Hashable, Codable {
  /// The language of its program.
  public var language: String
  /// The repair in general; nil when it can be shown and not made again.
  public var template: RepairTemplate?
  /// The lines as they were repaired, secrets masked.
  public var example: RepairExample
  /// What was known of the bugs that it mended.
  public var contexts: [RepairContext]
  /// Where it was verified by this tool, for this user.
  public var origins: [RepairOrigin]
  /// Where others say that it was verified.
  public var imported: [RepairOrigin]
  /// In how many sessions it was tried again.
  public var recalled: Int

  /// Makes a banked repair.
  public init(
    language: String,
    template: RepairTemplate?,
    example: RepairExample,
    contexts: [RepairContext],
    origins: [RepairOrigin],
    imported: [RepairOrigin] = [],
    recalled: Int = 0
  ) {
    self.language = language
    self.template = template
    self.example = example
    self.contexts = contexts
    self.origins = origins
    self.imported = imported
    self.recalled = recalled
  }

  /// Its name: 12 hexadecimal digits that follow from what it does.
  public var id: String {
    let parts =
      template.map { ($0.before + $0.after).map { TemplateToken($0.content).rawValue } }
      ?? [example.before, example.after]
    let split = template.map { "\($0.before.count)" } ?? "example"
    return String(sha256(([language, split] + parts).joined(separator: "\u{1}").utf8).prefix(12))
  }

  /// Whether it was verified here: what others say is tried, and counts for nothing until then.
  public var isTrusted: Bool { !origins.isEmpty }

  /// How often it was verified here.
  public var verified: Int { origins.count }

  /// Everything that is known of where it comes from.
  public var sources: [RepairOrigin] { origins + imported }

  /// Whether it may be tried elsewhere: what a finding proposed, its rule proposes again.
  public var isCandidate: Bool {
    template != nil && sources.contains { ![.finding, .syntax, .schedule].contains($0.source) }
  }

  /// The change in a line.
  public var summary: String {
    let (before, after) = (example.before.splitLines, example.after.splitLines)
    let same = zip(before, after).prefix { $0 == $1 }.count
    let old = before.dropFirst(same).first?.trimmed ?? ""
    let new = after.dropFirst(same).first?.trimmed ?? ""
    return old.isEmpty ? "+ \(new)" : new.isEmpty ? "- \(old)" : "\(old) → \(new)"
  }

  /// Why it is no banked repair; nil when it is one.
  ///
  /// It may come from outside, so that nothing is taken for granted.
  public var defect: String? {
    if let defect = template?.defect { return "its template: \(defect)" }
    guard (1...40).contains(language.utf8.count) else { return "its language has no name" }
    let lengths = [example.before, example.after].map(\.utf8.count)
    guard lengths.max() ?? 0 <= RepairExample.longest, example.before != example.after else {
      return "its example changes nothing or is too long"
    }
    guard contexts.count <= Self.mostContexts, sources.count <= Self.mostOrigins else {
      return "it has too many contexts or origins"
    }
    guard !sources.isEmpty else { return "it does not say where it was verified" }
    guard (0...1_000_000_000).contains(recalled) else { return "its counts make no sense" }
    return contexts.lazy.compactMap(\.defect).first ?? sources.lazy.compactMap(\.defect).first
  }

  /// The most contexts that are kept, and the most origins that are read from outside.
  public static let mostContexts = 8
  static let mostOrigins = 1000
}

extension [BankedRepair] {
  /// How many verified repairs of the user's own each kind of edit was part of; a repair of several
  /// edits counts once.
  public var kinds: [String: Int] {
    var known: [String: Set<String>] = [:]
    for origin in flatMap(\.origins) { known[origin.digest, default: []].formUnion(origin.kinds) }
    return known.values.reduce(into: [:]) { counts, kinds in
      for kind in kinds { counts[kind, default: 0] += 1 }
    }
  }
}

/// The lines of a repair.
public struct RepairExample: Sendable, Hashable, Codable {
  /// The lines before it.
  public var before: String
  /// The lines after it.
  public var after: String

  /// Makes an example.
  public init(before: String, after: String) {
    self.before = before
    self.after = after
  }

  /// The longest text of an example, in bytes; what is longer is not kept.
  public static let longest = 2000
}

/// What was known of a bug when it was repaired.
public struct RepairContext: Sendable, Hashable, Codable {
  /// The kind of bug.
  public var category: Category
  /// The rule of the finding; empty when none named it.
  public var rule: String
  /// The type of the exception that the program failed with.
  public var exception: String?
  /// The keywords of the statements around the repaired lines, the innermost first.
  public var enclosing: [String]

  /// Makes a context.
  public init(category: Category, rule: String, exception: String?, enclosing: [String]) {
    self.category = category
    self.rule = rule
    self.exception = exception
    self.enclosing = enclosing
  }

  var defect: String? {
    let texts = [rule, exception ?? ""] + enclosing
    return enclosing.count <= 8 && texts.allSatisfy { $0.utf8.count <= 200 }
      ? nil : "a context is too long"
  }
}

/// Where a repair was verified, and how.
public struct RepairOrigin: Sendable, Hashable, Codable {
  /// The session.
  public var session: String
  /// When, in seconds since 1970.
  public var time: Double
  /// The version of the tool.
  public var version: String
  /// What was healed: the script, the paths of the tests or the command.
  public var program: String
  /// The kind of oracle.
  public var oracle: String
  /// How much a pass of it says.
  public var strength: OracleStrength
  /// How far the evidence reaches.
  public var evidence: EvidenceLevel
  /// What made the edit.
  public var source: Candidate.Origin
  /// The kinds of edits of the search in it.
  public var kinds: [String]
  /// How many edits the whole repair has: they were verified together.
  public var edits: Int
  /// Stands for the program and the whole repair: the same one counts once.
  public var digest: String
  /// Whether it was written into the files.
  public var applied: Bool

  /// Makes an origin.
  public init(
    session: String,
    time: Double,
    version: String,
    program: String,
    oracle: String,
    strength: OracleStrength,
    evidence: EvidenceLevel,
    source: Candidate.Origin,
    kinds: [String],
    edits: Int,
    digest: String,
    applied: Bool = false
  ) {
    self.session = session
    self.time = time
    self.version = version
    self.program = program
    self.oracle = oracle
    self.strength = strength
    self.evidence = evidence
    self.source = source
    self.kinds = kinds
    self.edits = edits
    self.digest = digest
    self.applied = applied
  }

  var defect: String? {
    let texts = [session, version, program, oracle, digest] + kinds
    guard kinds.count <= 20, texts.allSatisfy({ $0.utf8.count <= 500 }), !digest.isEmpty else {
      return "an origin is too long or names no repair"
    }
    return time.isFinite && (1...10_000).contains(edits) ? nil : "an origin has senseless numbers"
  }
}

/// What one edit of a verified repair teaches.
public struct RepairLesson: Sendable, Hashable, Codable {
  /// The language of the program.
  public var language: String
  /// The edit in general; nil when it is too large or too particular.
  public var template: RepairTemplate?
  /// The lines that it changed.
  public var example: RepairExample
  /// What was known of the bug.
  public var context: RepairContext
  /// What made the edit.
  public var source: Candidate.Origin
  /// The kinds of edits of the search in it.
  public var kinds: [String]

  /// Makes a lesson.
  public init(
    language: String,
    template: RepairTemplate?,
    example: RepairExample,
    context: RepairContext,
    source: Candidate.Origin,
    kinds: [String]
  ) {
    self.language = language
    self.template = template
    self.example = example
    self.context = context
    self.source = source
    self.kinds = kinds
  }
}

extension String {
  fileprivate var splitLines: [Substring] {
    split(omittingEmptySubsequences: false) { $0.isNewline }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let text = drop(while: \.isWhitespace)
    let last = text.lastIndex { !$0.isWhitespace }
    return last.map { text[...$0] } ?? ""
  }
}
