import Foundation
import GRDB
import HealingModel

/// Reads the rows of one session.
struct SessionReader {
  let db: Database
  let session: Int64

  init(_ db: Database, session: Int64) {
    self.db = db
    self.session = session
  }

  func inputs() throws -> [[UInt8]] {
    try rows("SELECT bytes FROM inputs WHERE session = ? ORDER BY ordinal").map {
      try bytes($0, "bytes")
    }
  }

  func attempts() throws -> [Int: Double] {
    let pairs = try rows("SELECT number, at FROM attempts WHERE session = ?").map {
      (try $0.get("number") as Int, try $0.get("at") as Double)
    }
    return Dictionary(pairs) { first, _ in first }
  }

  func events() throws -> [StoredEvent] {
    let findings = try findings()
    return try rows("SELECT * FROM events WHERE session = ? ORDER BY sequence").map { row in
      let kind: String = try row.get("kind")
      let body = try row.optional("body") ?? ""
      let content: StoredEvent.Content =
        switch kind {
        case "judged": .judged(try storedValue(Judgement.self, body))
        case "observed": .observed(try storedValue(Observation.self, body))
        case "found": .found(findings[try row.get("sequence")] ?? [])
        case "note": .note(try storedValue(String.self, body))
        default:
          throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: kind))
        }
      return StoredEvent(
        attempt: try row.get("attempt"),
        seconds: try row.get("at"),
        content: content
      )
    }
  }

  private func findings() throws -> [Int: [Finding]] {
    let sql = "SELECT event, body FROM findings WHERE session = ? ORDER BY event, ordinal"
    return try rows(sql).reduce(into: [:]) { found, row in
      let event: Int = try row.get("event")
      found[event, default: []].append(try storedValue(Finding.self, row.get("body")))
    }
  }

  func candidates() throws -> [StoredCandidate] {
    try rows("SELECT * FROM candidates WHERE session = ? ORDER BY sequence").map { row in
      let name: String = try row.get("origin")
      guard let origin = Candidate.Origin(rawValue: name) else {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: name))
      }
      return StoredCandidate(
        attempt: try row.get("attempt"),
        seconds: try row.get("at"),
        candidate: Candidate(
          patch: try storedValue(Patch.self, row.get("patch")),
          origin: origin,
          kinds: try storedValue([String].self, row.get("kinds"))
        ),
        verdict: try storedValue(Verdict.self, row.get("detail")),
        claimed: try row.get("claimed")
      )
    }
  }

  func tallies() throws -> [StoredTally] {
    try rows("SELECT * FROM tallies WHERE session = ? ORDER BY kind, verdict").map {
      StoredTally(
        kind: try $0.get("kind"),
        verdict: try $0.get("verdict"),
        count: try $0.get("count")
      )
    }
  }

  func files() throws -> [StoredFile] {
    try rows("SELECT * FROM files WHERE session = ? ORDER BY path").map {
      StoredFile(
        path: try $0.get("path"),
        before: try bytes($0, "before"),
        after: try bytes($0, "after"),
        mode: UInt32(clamping: try $0.get("mode") as Int),
        beforeDigest: try $0.get("before_sha256"),
        afterDigest: try $0.get("after_sha256")
      )
    }
  }

  private func rows(_ sql: String) throws -> [Row] {
    try Row.fetchAll(db, sql: sql, arguments: [session])
  }

  private func bytes(_ row: Row, _ column: String) throws -> [UInt8] {
    Array(try row.optional(column) ?? Data())
  }
}
