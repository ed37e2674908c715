import HealingModel

extension SessionStore {
  /// Writes the repair of a session into the user's files, all or nothing, and notes it.
  ///
  /// - Parameter id: The session; its seal must be intact.
  /// - Returns: The absolute paths of the files.
  /// - Throws: ``StoreError`` or ``FileTransactionError``; nothing was written then.
  @discardableResult public func apply(_ id: SessionID) async throws -> [String] {
    try await write(id, undoing: false)
  }

  /// Gives the user's files the bytes and permissions that they had before the repair.
  ///
  /// - Parameter id: The session; its seal must be intact.
  /// - Returns: The absolute paths of the files.
  /// - Throws: ``StoreError`` or ``FileTransactionError``; nothing was written then.
  @discardableResult public func undo(_ id: SessionID) async throws -> [String] {
    try await write(id, undoing: true)
  }

  private func write(_ id: SessionID, undoing: Bool) async throws -> [String] {
    let session = try await load(id)
    guard session.report != nil, !session.files.isEmpty else {
      throw StoreError.noRepair(id.description)
    }
    // Bytes that somebody put into the store must not reach the user's files.
    if case .altered(let parts) = try await verifySeal(id) {
      throw StoreError.altered(id.description, parts: parts)
    }
    let writes = try session.changes(undoing: undoing)
    _ = try files.recover()
    // The files decide and not the note, which a crash may have kept from being written.
    let isDone = try writes.allSatisfy { try holds($0.path, sha256($0.after)) }
    if !isDone { try files.apply(writes) }
    try await mark(applied: !undoing, id)
    if isDone { throw StoreError.alreadySo(id.description, applied: !undoing) }
    return writes.map(\.path)
  }

  private func holds(_ path: String, _ digest: String) throws -> Bool {
    do {
      return try bytesOfFile(path).map { sha256($0) } == digest
    } catch {
      throw FileTransactionError(any: error, path: path)
    }
  }
}
