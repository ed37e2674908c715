import Foundation
import GRDB
import HealingModel

/// What a check of a session's seal found.
public enum SealState: Sendable, Hashable {
  /// The session is as it was sealed.
  case intact
  /// These parts differ from what was sealed, each by its name, such as `patch` or `file bank.py`.
  case altered([String])
  /// The session has not ended, so nothing was sealed.
  case unsealed
}

/// The digests of a session's parts, each chained to the one before.
///
/// It shows a change that was made by accident or without care. It is no signature: whoever knows
/// this rule can compute a new seal, and no secret is involved that could prevent it.
struct Seal: Codable, Equatable {
  /// One part.
  struct Link: Codable, Equatable {
    var part: String
    /// SHA-256 of the part's contents.
    var digest: String
    /// SHA-256 of the link before, the part's name and its digest.
    var link: String
  }

  static let origin = sha256("heal seal 1".utf8)
  var links: [Link]

  init(links parts: [(part: String, digest: String)]) {
    links = []
    for (part, digest) in parts {
      let previous = links.last?.link ?? Self.origin
      links.append(
        Link(part: part, digest: digest, link: Self.chained(previous, part, digest))
      )
    }
  }

  /// The parts that differ from `parts`, as they are now.
  func alterations(from parts: [(part: String, digest: String)]) -> [String] {
    let present = Dictionary(parts.map { ($0.part, $0.digest) }) { first, _ in first }
    let sealed = Set(links.map(\.part))
    var altered = parts.map(\.part).filter { !sealed.contains($0) }
    var previous = Self.origin
    for link in links {
      if present[link.part] != link.digest
        || Self.chained(previous, link.part, link.digest) != link.link
      {
        altered.append(link.part)
      }
      previous = link.link
    }
    return altered.sorted()
  }

  private static func chained(_ previous: String, _ part: String, _ digest: String) -> String {
    sha256("\(previous)\n\(part)\n\(digest)".utf8)
  }
}

extension SessionStore {
  /// Computes the seal of a session anew and compares.
  ///
  /// Whether the repair is in the user's files is not sealed: it changes after the end.
  ///
  /// - Parameter id: The session.
  /// - Returns: What was found.
  /// - Throws: ``StoreError``.
  public func verifySeal(_ id: SessionID) async throws -> SealState {
    try await read { db in
      guard
        let row = try Row.fetchOne(
          db,
          sql: "SELECT number, status, verdict, seal FROM sessions WHERE id = ?",
          arguments: [id.description]
        )
      else { throw StoreError.unknown(id.description) }
      let json: String? = try row.optional("seal")
      guard let json else {
        let running = try row.get("status") as String == SessionStatus.running.rawValue
        let verdict: String? = try row.optional("verdict")
        let ended = !running || verdict != nil
        return ended ? .altered(["seal"]) : .unsealed
      }
      guard let seal = try? storedValue(Seal.self, json), !seal.links.isEmpty else {
        return .altered(["seal"])
      }
      let altered = seal.alterations(from: try sealedParts(of: row.get("number"), in: db))
      return altered.isEmpty ? .intact : .altered(altered)
    }
  }
}

/// The rows of one table that belong to a part; a part is sealed as the digests of all its rows.
private struct SealedRows {
  var table: String
  // The columns are named, so that a later form of the database with more of them keeps old seals.
  var columns: String

  init(_ table: String, _ columns: String) {
    self.table = table
    self.columns = columns
  }

  func digest(of session: Int64, in db: Database) throws -> String {
    let key = table == "sessions" ? "number" : "session"
    let rows = try Row.fetchCursor(
      db,
      sql: "SELECT \(columns) FROM \(table) WHERE \(key) = ? ORDER BY \(columns)",
      arguments: [session]
    )
    var digests = table
    while let row = try rows.next() { digests += "\n" + sha256(canonical(row)) }
    return sha256(digests.utf8)
  }
}

private let sealedRows: [(part: String, rows: [SealedRows])] = [
  (
    "header",
    [
      SealedRows("sessions", "id, started, root, command, header, masked, surroundings"),
      SealedRows("inputs", "ordinal, bytes"),
    ]
  ),
  (
    "findings",
    [
      SealedRows("sessions", "findings"),
      SealedRows("findings", "event, ordinal, category, rule, path, line, body"),
    ]
  ),
  ("patch", [SealedRows("sessions", "patch")]),
  ("verification", [SealedRows("sessions", "verification")]),
  ("verdict", [SealedRows("sessions", "status, verdict")]),
  ("details", [SealedRows("sessions", "details, omitted")]),
  (
    "evidence",
    [
      SealedRows("attempts", "number, at"),
      SealedRows("events", "sequence, attempt, at, kind, body"),
      SealedRows(
        "candidates",
        "sequence, attempt, at, origin, kinds, patch, verdict, detail, claimed"
      ),
      SealedRows("tallies", "kind, verdict, count"),
    ]
  ),
]

/// The parts of a session with the digest of each, from what is in the database now.
func sealedParts(
  of session: Int64,
  in db: Database
) throws -> [(part: String, digest: String)] {
  var parts = try sealedRows.map { source in
    let digests = try source.rows.map { try $0.digest(of: session, in: db) }
    return (part: source.part, digest: sha256(digests.joined(separator: "\n").utf8))
  }
  let files = try Row.fetchCursor(
    db,
    sql: """
      SELECT path, mode, before_sha256, after_sha256, before, after FROM files
      WHERE session = ? ORDER BY path
      """,
    arguments: [session]
  )
  while let row = try files.next() {
    parts.append((part: "file \(try row.get("path") as String)", digest: sha256(canonical(row))))
  }
  return parts
}

/// The values of a row, each with its type and length, so that no two rows look alike.
private func canonical(_ row: Row) -> [UInt8] {
  var bytes: [UInt8] = []
  for (_, value) in row {
    switch value.storage {
    case .null: bytes += Array("n;".utf8)
    case .int64(let number): bytes += Array("i\(number);".utf8)
    case .double(let number): bytes += Array("d\(number.bitPattern);".utf8)
    case .string(let text): bytes += Array("s\(text.utf8.count):".utf8) + Array(text.utf8)
    case .blob(let data): bytes += Array("b\(data.count):".utf8) + Array(data)
    }
  }
  return bytes
}
