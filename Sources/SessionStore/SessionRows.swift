import Foundation
import GRDB
import Healing
import HealingModel

/// Writes the rows of one session.
struct SessionRows {
  let db: Database
  let session: Int64

  init(_ db: Database, session: Int64) {
    self.db = db
    self.session = session
  }

  func insert(_ queue: RecordingQueue, masker: SecretMasker) throws {
    for item in queue.items { try insert(item, masker: masker) }
    for (key, count) in queue.tallies {
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO tallies VALUES (?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET count = count + excluded.count
          """
      )
      try statement.execute(arguments: [session, key.kind, key.verdict, count])
    }
    if queue.omitted > 0 {
      try db.execute(
        sql: "UPDATE sessions SET omitted = omitted + ? WHERE number = ?",
        arguments: [queue.omitted, session]
      )
    }
  }

  private func insert(_ item: RecordingQueue.Item, masker: SecretMasker) throws {
    switch item.event {
    case .began(let surroundings):
      try db.execute(
        sql: "UPDATE sessions SET surroundings = ? WHERE number = ?",
        arguments: [try storedJSON(surroundings), session]
      )
    case .attempt(let number):
      try db.execute(
        sql: "INSERT OR IGNORE INTO attempts VALUES (?, ?, ?)",
        arguments: [session, number, item.at]
      )
    case .judged(let judgement): try event(item, "judged", try storedJSON(masker(judgement)))
    case .observed(let observation):
      try event(item, "observed", try storedJSON(masker(observation)))
    case .note(let text): try event(item, "note", try storedJSON(masker(text)))
    case .found(let findings):
      try event(item, "found", nil)
      for (ordinal, finding) in findings.enumerated() {
        try insert(masker(finding), ordinal: ordinal, of: item)
      }
    case .candidate(let candidate, let verdict): try insert(candidate, masker(verdict), item)
    case .trying, .tally, .finished: break
    }
  }

  private func event(_ item: RecordingQueue.Item, _ kind: String, _ body: String?) throws {
    let statement = try db.cachedStatement(sql: "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)")
    try statement.execute(
      arguments: [session, item.sequence, item.attempt, item.at, kind, body])
  }

  private func insert(_ finding: Finding, ordinal: Int, of item: RecordingQueue.Item) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    try statement.execute(arguments: [
      session, item.sequence, ordinal, finding.category.rawValue, finding.rule, finding.path,
      finding.range.start.line, try storedJSON(finding),
    ])
  }

  private func insert(
    _ candidate: Candidate,
    _ verdict: Verdict,
    _ item: RecordingQueue.Item
  ) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO candidates VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
    )
    try statement.execute(arguments: [
      session, item.sequence, item.attempt, item.at, candidate.origin.rawValue,
      try storedJSON(candidate.kinds), try storedJSON(candidate.patch), verdict.name,
      try storedJSON(verdict),
    ])
  }

  /// Writes the result, then the seal over everything.
  func end(
    _ report: SessionReport,
    _ columns: ReportColumns,
    files: [StoredFile],
    id: SessionID
  ) throws {
    for file in files {
      // An empty array binds as NULL.
      try db.execute(
        sql: "INSERT INTO files VALUES (?, ?, ?, coalesce(?, x''), coalesce(?, x''), ?, ?)",
        arguments: [
          session, file.path, Int(file.mode), Data(file.before), Data(file.after),
          file.beforeDigest, file.afterDigest,
        ]
      )
    }
    try db.execute(
      sql: "UPDATE candidates SET claimed = 1 WHERE session = ? AND patch = ?",
      arguments: [session, try storedJSON(report.patch)]
    )
    try db.execute(
      sql: """
        UPDATE sessions SET status = ?, applied = ?, verdict = ?, findings = ?, patch = ?,
        verification = ?, details = ? WHERE number = ?
        """,
      arguments: [
        report.status.rawValue, report.applied, columns.ending, columns.findings, columns.repair,
        columns.verification, columns.details, session,
      ]
    )
    if db.changesCount == 0 { throw StoreError.unknown(id.description) }
    let seal = Seal(links: try sealedParts(of: session, in: db))
    try db.execute(
      sql: "UPDATE sessions SET seal = ? WHERE number = ?",
      arguments: [try storedJSON(seal), session]
    )
  }
}
