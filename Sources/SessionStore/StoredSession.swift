public import Foundation
public import HealingModel

/// A session as the list shows it.
public struct SessionSummary: Sendable, Hashable {
  /// Its name.
  public var id: SessionID
  /// When it began.
  public var started: Date
  /// How it ended; one whose process died at work is `interrupted`.
  public var status: SessionStatus
  /// Whether its repair is in the user's files.
  public var applied: Bool
  /// The program's folder.
  public var root: String
  /// The command as the user gave it.
  public var commandLine: [String]
  /// Elapsed seconds; nil unless it has ended.
  public var seconds: Double?
  /// Candidates that ran to a verdict; nil unless it has ended.
  public var candidates: Int?
  /// How likely the repair is what the author meant; nil unless it has ended.
  public var confidence: Confidence?
  /// Whether the patch mends a part only.
  public var partial: Bool
}

/// One file that a repair changes.
public struct StoredFile: Sendable, Hashable {
  /// The file, relative to the program's root.
  public var path: String
  /// Its bytes before the repair.
  public var before: [UInt8]
  /// Its bytes after it.
  public var after: [UInt8]
  /// Its permissions.
  public var mode: UInt32
  /// SHA-256 of `before`, as stored.
  public var beforeDigest: String
  /// SHA-256 of `after`, as stored.
  public var afterDigest: String

  /// Makes a record of a file, with its digests.
  public init(path: String, before: [UInt8], after: [UInt8], mode: UInt32) {
    self.init(
      path: path,
      before: before,
      after: after,
      mode: mode,
      beforeDigest: sha256(before),
      afterDigest: sha256(after)
    )
  }

  init(
    path: String,
    before: [UInt8],
    after: [UInt8],
    mode: UInt32,
    beforeDigest: String,
    afterDigest: String
  ) {
    self.path = path
    self.before = before
    self.after = after
    self.mode = mode
    self.beforeDigest = beforeDigest
    self.afterDigest = afterDigest
  }
}

/// An event of a session, as it was stored.
public struct StoredEvent: Sendable, Hashable {
  /// What happened.
  public enum Content: Sendable, Hashable {
    /// The oracle judged a state of the program.
    case judged(Judgement)
    /// A run was observed.
    case observed(Observation)
    /// These bugs were found.
    case found([Finding])
    /// A sentence for the reader.
    case note(String)
  }
  /// The round of the loop; 0 before the first.
  public var attempt: Int
  /// Seconds since the session began.
  public var seconds: Double
  /// What happened.
  public var content: Content
}

/// A candidate that progressed, regressed, was plausible or was claimed.
public struct StoredCandidate: Sendable, Hashable {
  /// The round of the loop.
  public var attempt: Int
  /// Seconds since the session began.
  public var seconds: Double
  /// The candidate.
  public var candidate: Candidate
  /// What verification said.
  public var verdict: Verdict
  /// Whether it is the repair of the report.
  public var claimed: Bool
}

/// How many candidates of one kind came to one verdict.
public struct StoredTally: Sendable, Hashable {
  /// The kind of its edits.
  public var kind: String
  /// The verdict's name.
  public var verdict: String
  /// The number.
  public var count: Int
}

/// Everything that is stored of one session.
public struct StoredSession: Sendable, Hashable {
  /// Its name.
  public var id: SessionID
  /// What was known at its beginning.
  public var header: SessionHeader
  /// Whether secrets in the header's arguments, inputs or expected texts were masked: the same run
  /// cannot be made from it again.
  public var headerIsMasked: Bool
  /// How it ended; one whose process died at work is `interrupted`.
  public var status: SessionStatus
  /// The rounds of the loop, as seconds since the session began, by number.
  public var attempts: [Int: Double]
  /// What happened, in order.
  public var events: [StoredEvent]
  /// The candidates with a row of their own, in order.
  public var candidates: [StoredCandidate]
  /// The others, counted.
  public var tallies: [StoredTally]
  /// The files that the repair changes, by path.
  public var files: [StoredFile]
  /// The result; nil unless the session has ended.
  public var report: SessionReport?
  /// Events that were not stored because the disk could not keep up.
  public var omitted: Int

  /// The changes that write the repair into the user's files, or take it out again.
  ///
  /// - Parameter undoing: Whether the files get their old bytes back.
  /// - Returns: The changes, for a ``FileTransaction``.
  /// - Throws: ``StoreError/outside(path:)`` for a path that leads out of the program's folder.
  public func changes(undoing: Bool) throws(StoreError) -> [FileWrite] {
    var changes: [FileWrite] = []
    for file in files {
      let parts = file.path.split(separator: "/", omittingEmptySubsequences: false)
      guard !file.path.isEmpty, !parts.contains(""), !parts.contains(".."), !parts.contains(".")
      else { throw .outside(path: file.path) }
      let path = header.program.root + "/" + file.path
      changes.append(
        undoing
          ? FileWrite(
            path: path,
            before: file.afterDigest,
            after: file.before,
            mode: file.mode
          )
          : FileWrite(path: path, before: file.beforeDigest, after: file.after)
      )
    }
    return changes
  }
}
