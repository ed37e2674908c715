import Foundation
import GRDB
import HealingModel

extension SessionStore {
  /// Removes the oldest sessions beyond the store's limits, but none that is running, nor the newest.
  ///
  /// - Returns: The number of sessions removed.
  /// - Throws: ``StoreError``.
  @discardableResult public func prune() async throws -> Int {
    do {
      return try await pool.writeWithoutTransaction { [limits] db in
        var removed = 0
        // One transaction each: others that record need not wait long.
        while try exceeds(limits, db), let oldest = try oldestEnded(db) {
          try db.inTransaction(.immediate) {
            try db.execute(sql: "DELETE FROM sessions WHERE number = ?", arguments: [oldest])
            return .commit
          }
          removed += 1
        }
        if removed > 0 {
          // It frees a page for each row that is read.
          let pages = try Row.fetchCursor(db, sql: "PRAGMA incremental_vacuum")
          while try pages.next() != nil {}
        }
        return removed
      }
    } catch {
      throw translated(error)
    }
  }
}

private func exceeds(_ limits: StoreLimits, _ db: Database) throws -> Bool {
  let sessions = try Int.fetchOne(db, sql: "SELECT count(*) FROM sessions") ?? 0
  if sessions > limits.sessions { return true }
  func pragma(_ name: String) throws -> Int { try Int.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
  let pages = try pragma("page_count") - pragma("freelist_count")
  return try pages * pragma("page_size") > limits.bytes
}

/// The oldest session that no living process records, the newest left out.
private func oldestEnded(_ db: Database) throws -> Int64? {
  let rows = try Row.fetchCursor(
    db,
    sql: """
      SELECT number, status, owner FROM sessions WHERE number !=
      (SELECT number FROM sessions ORDER BY started DESC, number DESC LIMIT 1)
      ORDER BY started, number
      """
  )
  while let row = try rows.next() {
    let owner = try storedValue(OwnerProcess.self, row.get("owner"))
    if try row.get("status") as String != SessionStatus.running.rawValue || !owner.isAlive {
      return try row.get("number")
    }
  }
  return nil
}
