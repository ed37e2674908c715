import GRDB
public import HealingModel

/// Verified repairs in general, kept beyond the sessions that they come from.
extension SessionStore {
  /// All repairs of the bank, the oldest first.
  ///
  /// - Returns: The repairs.
  /// - Throws: ``StoreError``.
  public func bankedRepairs() async throws -> [BankedRepair] {
    try await read { [self] db in try rows(db).all() }
  }

  /// All repairs of the bank as lines for somebody else, the oldest first.
  ///
  /// - Returns: The lines, without their ends; what is a secret now is masked, whenever it was stored.
  /// - Throws: ``StoreError``.
  public func bankLines() async throws -> [String] {
    try await read { [self] db in
      let rows = rows(db)
      return try rows.all().map { try BankLine.text(of: rows.masked($0)) }
    }
  }

  /// Removes repairs from the bank.
  ///
  /// - Parameter ids: Their names; nil for all.
  /// - Returns: How many there were.
  /// - Throws: ``StoreError``.
  @discardableResult public func forgetRepairs(_ ids: [String]?) async throws -> Int {
    try await write { [self] db in try rows(db).forget(ids) }
  }

  /// Takes in repairs that somebody else verified: they count for nothing until they mend something
  /// here.
  ///
  /// - Parameter repairs: The repairs.
  /// - Returns: How many of them the bank did not have.
  /// - Throws: ``StoreError``; nothing was taken in then.
  @discardableResult public func importRepairs(_ repairs: [BankedRepair]) async throws -> Int {
    try await write { [self] db in
      let rows = rows(db)
      let new = try repairs.count { repair in
        var repair = repair
        (repair.imported, repair.origins) = (repair.sources, [])
        repair.recalled = 0
        return try rows.add(repair)
      }
      try rows.prune()
      return new
    }
  }

  private func rows(_ db: Database) -> BankRows {
    BankRows(db, masker: masker, limit: limits.repairs)
  }
}
