import Foundation
import GRDB
import HealingModel

extension SessionStore {
  /// The newest sessions, newest first.
  ///
  /// - Parameter limit: How many, or nil for all.
  /// - Returns: A line for each.
  /// - Throws: ``StoreError``.
  public func list(limit: Int? = nil) async throws -> [SessionSummary] {
    try await read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT \(summaryColumns) FROM sessions ORDER BY started DESC, number DESC LIMIT ?
          """,
        arguments: [limit ?? -1]
      )
      return try rows.map { try line(of: $0) }
    }
  }

  /// The line of one session.
  ///
  /// - Parameter id: The session.
  /// - Returns: Its line.
  /// - Throws: ``StoreError``.
  public func summary(of id: SessionID) async throws -> SessionSummary {
    try await readSealed(id) { db in
      let row = try Row.fetchOne(
        db,
        sql: "SELECT \(summaryColumns) FROM sessions WHERE id = ?",
        arguments: [id.description]
      )
      guard let row else { throw StoreError.unknown(id.description) }
      return try line(of: row)
    }
  }

  /// The session that a person means.
  ///
  /// - Parameter name: `last` for the newest, or the first digits of a name.
  /// - Returns: Its name.
  /// - Throws: ``StoreError`` when there is none, or more than one.
  public func resolve(_ name: String) async throws -> SessionID {
    try await read { db in
      if name == "last" {
        let newest = try String.fetchOne(
          db,
          sql: "SELECT id FROM sessions ORDER BY started DESC, number DESC LIMIT 1"
        )
        guard let id = newest.flatMap(SessionID.init) else { throw StoreError.empty }
        return id
      }
      let prefix = name.lowercased()
      guard (1...12).contains(prefix.utf8.count), prefix.allSatisfy(isHexadecimal) else {
        throw StoreError.notAName(name)
      }
      // "g" is the first letter behind all digits.
      let matches = try String.fetchAll(
        db,
        sql: "SELECT id FROM sessions WHERE id >= ? AND id < ? ORDER BY id LIMIT 6",
        arguments: [prefix, prefix + "g"]
      )
      guard let first = matches.first.flatMap(SessionID.init) else {
        throw StoreError.unknown(name)
      }
      guard matches.count == 1 else { throw StoreError.ambiguous(name, matches: matches) }
      return first
    }
  }

  /// Everything that is stored of a session.
  ///
  /// - Parameter id: The session.
  /// - Returns: The session, as it was in one moment.
  /// - Throws: ``StoreError``; ``StoreError/altered(_:parts:)`` when it cannot be read since somebody
  ///   changed it.
  public func load(_ id: SessionID) async throws -> StoredSession {
    try await readSealed(id) { db in
      guard
        let row = try Row.fetchOne(
          db,
          sql: "SELECT * FROM sessions WHERE id = ?",
          arguments: [id.description]
        )
      else { throw StoreError.unknown(id.description) }
      return try session(id, row, SessionReader(db, session: row.get("number")))
    }
  }
}

extension SessionStore {
  /// Reads of one session; what cannot be read there was altered if its seal says so.
  fileprivate func readSealed<Value: Sendable>(
    _ id: SessionID,
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do {
      return try await read(work)
    } catch let error as StoreError {
      guard case .damaged = error, case .altered(let parts)? = try? await verifySeal(id) else {
        throw error
      }
      throw StoreError.altered(id.description, parts: parts)
    }
  }
}

private let summaryColumns = "id, started, status, applied, owner, root, command, verdict"

private func line(of row: Row) throws -> SessionSummary {
  guard let id = SessionID(try row.get("id") as String) else {
    throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "session name"))
  }
  let report: String? = try row.optional("verdict")
  let ending = try report.map { try storedValue(ReportColumns.Ending.self, $0) }
  return SessionSummary(
    id: id,
    started: Date(timeIntervalSince1970: try row.get("started")),
    status: try status(row),
    applied: try row.get("applied"),
    root: try row.get("root"),
    commandLine: try storedValue([String].self, row.get("command")),
    seconds: ending?.seconds,
    candidates: ending?.candidates,
    confidence: ending?.confidence,
    partial: ending?.partial ?? false
  )
}

/// The status to show: a session whose process has died at work was interrupted.
private func status(_ row: Row) throws -> SessionStatus {
  let name: String = try row.get("status")
  guard let stored = SessionStatus(rawValue: name) else {
    throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "status \(name)"))
  }
  guard stored == .running else { return stored }
  return try storedValue(OwnerProcess.self, row.get("owner")).isAlive ? .running : .interrupted
}

private func session(_ id: SessionID, _ row: Row, _ reader: SessionReader) throws -> StoredSession {
  var header = try storedValue(SessionHeader.self, row.get("header")).with(inputs: reader.inputs())
  let surroundings: String? = try row.optional("surroundings")
  header.surroundings = try surroundings.map { try storedValue(Surroundings.self, $0) }
  let files = try reader.files()
  var report = try ReportColumns.report(in: row)
  report?.files = files.map { FileChange(path: $0.path, before: $0.before, after: $0.after) }
  return StoredSession(
    id: id,
    header: header,
    headerIsMasked: try row.get("masked"),
    status: try status(row),
    attempts: try reader.attempts(),
    events: try reader.events(),
    candidates: try reader.candidates(),
    tallies: try reader.tallies(),
    files: files,
    report: report,
    omitted: try row.get("omitted")
  )
}
