import GRDB
import HealingModel

/// Reads and writes the repairs of the bank.
struct BankRows {
  let db: Database
  let masker: SecretMasker
  /// How many repairs are kept.
  let limit: Int

  /// What of a repair does not change with how often it was verified and tried.
  private struct Body: Codable {
    var language: String
    var template: RepairTemplate?
    var example: RepairExample
    var contexts: [RepairContext]
  }

  init(_ db: Database, masker: SecretMasker, limit: Int) {
    self.db = db
    self.masker = masker
    self.limit = limit
  }

  // MARK: Reading

  /// All repairs, the oldest first.
  func all() throws -> [BankedRepair] {
    let origins = try Row.fetchAll(
      db,
      sql: "SELECT repair, here, applied, body FROM bank_origins ORDER BY rowid"
    )
    var here: [Int64: [RepairOrigin]] = [:]
    var elsewhere: [Int64: [RepairOrigin]] = [:]
    for row in origins {
      var origin = try storedValue(RepairOrigin.self, row.get("body"))
      origin.applied = try row.get("applied")
      let repair: Int64 = try row.get("repair")
      if try row.get("here") {
        here[repair, default: []].append(origin)
      } else {
        elsewhere[repair, default: []].append(origin)
      }
    }
    return try Row.fetchAll(db, sql: "SELECT * FROM bank ORDER BY number").map { row in
      let number: Int64 = try row.get("number")
      let body = try storedValue(Body.self, row.get("body"))
      return BankedRepair(
        language: body.language,
        template: body.template,
        example: body.example,
        contexts: body.contexts,
        origins: here[number] ?? [],
        imported: elsewhere[number] ?? [],
        recalled: try row.get("recalled")
      )
    }
  }

  // MARK: Writing

  /// Banks what a verified repair teaches, and counts what was tried again; of what was verified
  /// nowhere, whose `origin` is nil, nothing is kept.
  func learn(from report: SessionReport, _ origin: RepairOrigin?) throws {
    for (id, helped) in report.recalled {
      try db.execute(sql: "UPDATE bank SET recalled = recalled + 1 WHERE id = ?", arguments: [id])
      guard helped, var origin, let number = try number(of: id) else { continue }
      origin.source = .bank
      try insert(origin, of: number, here: true)
    }
    guard let origin else { return }
    for lesson in report.lessons {
      var origin = origin
      origin.source = lesson.source
      origin.kinds = lesson.kinds
      let repair = BankedRepair(
        language: lesson.language,
        template: lesson.template,
        example: lesson.example,
        contexts: [lesson.context],
        origins: [origin]
      )
      _ = try add(repair)
    }
    try prune()
  }

  /// Adds a repair to the bank, or what it says to the one that does the same.
  ///
  /// - Returns: Whether the bank had none that does the same.
  func add(_ repair: BankedRepair) throws -> Bool {
    let repair = masked(repair)
    var body = Body(
      language: repair.language,
      template: repair.template,
      example: repair.example,
      contexts: repair.contexts
    )
    let known = try Row.fetchOne(
      db,
      sql: "SELECT number, body FROM bank WHERE id = ?",
      arguments: [repair.id]
    )
    let number: Int64
    if let known {
      number = try known.get("number")
      // What somebody altered is written anew: it must not keep a session from being stored.
      let older = (try? storedValue(Body.self, known.get("body"))) ?? body
      let more = body.contexts.filter { !older.contexts.contains($0) }
      body = older
      body.contexts = Array((older.contexts + more).prefix(BankedRepair.mostContexts))
      try db.execute(
        sql: "UPDATE bank SET body = ?, recalled = recalled + ? WHERE number = ?",
        arguments: [try storedJSON(body), repair.recalled, number]
      )
    } else {
      try db.execute(
        sql: "INSERT INTO bank (id, recalled, body) VALUES (?, ?, ?)",
        arguments: [repair.id, repair.recalled, try storedJSON(body)]
      )
      number = db.lastInsertedRowID
    }
    for origin in repair.origins { try insert(origin, of: number, here: true) }
    for origin in repair.imported { try insert(origin, of: number, here: false) }
    return known == nil
  }

  /// Removes the repairs of these names, or all, and tells how many there were.
  func forget(_ ids: [String]?) throws -> Int {
    guard let ids else {
      try db.execute(sql: "DELETE FROM bank")
      return db.changesCount
    }
    return try ids.reduce(0) { sum, id in
      try db.execute(sql: "DELETE FROM bank WHERE id = ?", arguments: [id])
      return sum + db.changesCount
    }
  }

  /// Removes what was verified least, of equal ones the oldest, beyond what is kept.
  func prune() throws {
    try db.execute(
      sql: """
        DELETE FROM bank WHERE number IN (
          SELECT number FROM bank ORDER BY
          (SELECT count(*) FROM bank_origins WHERE repair = number AND here = 1), number
          LIMIT max(0, (SELECT count(*) FROM bank) - ?)
        )
        """,
      arguments: [limit]
    )
  }

  private func number(of id: String) throws -> Int64? {
    try Int64.fetchOne(db, sql: "SELECT number FROM bank WHERE id = ?", arguments: [id])
  }

  private func insert(_ origin: RepairOrigin, of number: Int64, here: Bool) throws {
    try db.execute(
      sql: """
        INSERT INTO bank_origins VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET here = 1, session = excluded.session,
        applied = excluded.applied, body = excluded.body WHERE excluded.here > here
        """,
      arguments: [
        number, here ? 1 : 0, origin.digest, origin.session, origin.applied, try storedJSON(origin),
      ]
    )
  }

  /// The repair without secrets; a template that would hold one is left out.
  func masked(_ repair: BankedRepair) -> BankedRepair {
    var repair = repair
    repair.example.before = masker(repair.example.before)
    repair.example.after = masker(repair.example.after)
    let tokens = (repair.template?.before ?? []) + (repair.template?.after ?? [])
    if tokens.contains(where: { masker($0.rawValue) != $0.rawValue }) { repair.template = nil }
    return repair
  }
}
