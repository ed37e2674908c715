import Foundation
import GRDB
import HealingModel
import Synchronization

extension SessionStore {
  /// Begins a session; from now on it is listed, as running while this process lives.
  ///
  /// - Parameter header: What is known of it.
  /// - Returns: The recording, which takes its events.
  /// - Throws: ``StoreError``; the caller may go on without storing.
  public func begin(_ header: SessionHeader) async throws -> SessionRecording {
    let masked = masker(header)
    let started = header.started.timeIntervalSince1970
    let (id, number) = try await write { [self] db in
      let id = try freshName(db)
      try db.execute(
        sql: """
          INSERT INTO sessions (id, started, status, owner, root, command, header, masked,
          surroundings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          id.description, started, SessionStatus.running.rawValue,
          try storedJSON(OwnerProcess.current), masked.program.root,
          try storedJSON(masked.commandLine), try storedJSON(masked.with(inputs: [])),
          masked != header, try masked.surroundings.map { try storedJSON($0) },
        ]
      )
      let number = db.lastInsertedRowID
      for (ordinal, bytes) in masked.inputs.enumerated() {
        // An empty array binds as NULL.
        try db.execute(
          sql: "INSERT INTO inputs VALUES (?, ?, coalesce(?, x''))",
          arguments: [number, ordinal, Data(bytes)]
        )
      }
      return (id, number)
    }
    return SessionRecording(id: id, number: number, header: header, store: self)
  }

  private func freshName(_ db: Database) throws -> SessionID {
    while true {
      let id = generator.withLock { generator in
        var drawn: any RandomNumberGenerator & Sendable = generator
        defer { generator = drawn }
        return SessionID(using: &drawn)
      }
      let taken = try Bool.fetchOne(
        db,
        sql: "SELECT EXISTS (SELECT 1 FROM sessions WHERE id = ?)",
        arguments: [id.description]
      )
      if taken != true { return id }
    }
  }
}
