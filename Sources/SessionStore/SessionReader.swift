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
      bytes($0, "bytes")
    }
  }

  func attempts() throws -> [Int: Double] {
    let pairs = try rows("SELECT number, at FROM attempts WHERE session = ?").map {
      ($0["number"] as Int, $0["at"] as Double)
    }
    return Dictionary(pairs) { first, _ in first }
  }

  func events() throws -> [StoredEvent] {
    let findings = try findings()
    return try rows("SELECT * FROM events WHERE session = ? ORDER BY sequence").map { row in
      let kind: String = row["kind"]
      let body: String = row["body"] ?? ""
      let content: StoredEvent.Content =
        switch kind {
        case "judged": .judged(try storedValue(Judgement.self, body))
        case "observed": .observed(try storedValue(Observation.self, body))
        case "found": .found(findings[row["sequence"]] ?? [])
        case "note": .note(try storedValue(String.self, body))
        default:
          throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: kind))
        }
      return StoredEvent(attempt: row["attempt"], seconds: row["at"], content: content)
    }
  }

  private func findings() throws -> [Int: [Finding]] {
    let sql = "SELECT event, body FROM findings WHERE session = ? ORDER BY event, ordinal"
    return try rows(sql).reduce(into: [:]) { found, row in
      found[row["event"] as Int, default: []].append(try storedValue(Finding.self, row["body"]))
    }
  }

  func candidates() throws -> [StoredCandidate] {
    try rows("SELECT * FROM candidates WHERE session = ? ORDER BY sequence").map { row in
      let name: String = row["origin"]
      guard let origin = Candidate.Origin(rawValue: name) else {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: name))
      }
      return StoredCandidate(
        attempt: row["attempt"],
        seconds: row["at"],
        candidate: Candidate(
          patch: try storedValue(Patch.self, row["patch"]),
          origin: origin,
          kinds: try storedValue([String].self, row["kinds"])
        ),
        verdict: try storedValue(Verdict.self, row["detail"]),
        claimed: row["claimed"]
      )
    }
  }

  func tallies() throws -> [StoredTally] {
    try rows("SELECT * FROM tallies WHERE session = ? ORDER BY kind, verdict").map {
      StoredTally(kind: $0["kind"], verdict: $0["verdict"], count: $0["count"])
    }
  }

  func files() throws -> [StoredFile] {
    try rows("SELECT * FROM files WHERE session = ? ORDER BY path").map {
      StoredFile(
        path: $0["path"],
        before: bytes($0, "before"),
        after: bytes($0, "after"),
        mode: UInt32(clamping: $0["mode"] as Int),
        beforeDigest: $0["before_sha256"],
        afterDigest: $0["after_sha256"]
      )
    }
  }

  private func rows(_ sql: String) throws -> [Row] {
    try Row.fetchAll(db, sql: sql, arguments: [session])
  }

  private func bytes(_ row: Row, _ column: String) -> [UInt8] {
    Array(row[column] as Data? ?? Data())
  }
}
