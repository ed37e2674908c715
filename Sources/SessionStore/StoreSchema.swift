import GRDB

/// The form of the database.
enum StoreSchema {
  /// The newest form that this version of the tool knows.
  static let version = 2
  /// Marks the file as ours: "Heal".
  static let application = 0x4865_616c

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in
      try db.execute(sql: first)
      try db.execute(sql: "PRAGMA application_id = \(application)")
      try db.execute(sql: "PRAGMA user_version = 1")
    }
    migrator.registerMigration("2") { db in
      try db.execute(sql: second)
      try db.execute(sql: "PRAGMA user_version = 2")
    }
    return migrator
  }

  // Times are seconds: `started` since 1970, `at` since the session began. JSON is the Codable form
  // of the values of HealingModel, with sorted keys.
  private static let first = """
    CREATE TABLE sessions (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      started REAL NOT NULL,
      status TEXT NOT NULL,
      applied INTEGER NOT NULL DEFAULT 0,
      owner TEXT NOT NULL,
      root TEXT NOT NULL,
      command TEXT NOT NULL,
      header TEXT NOT NULL,
      masked INTEGER NOT NULL,
      surroundings TEXT,
      verdict TEXT,
      findings TEXT,
      patch TEXT,
      verification TEXT,
      details TEXT,
      omitted INTEGER NOT NULL DEFAULT 0,
      seal TEXT
    );
    CREATE INDEX sessions_started ON sessions (started, number);
    CREATE TABLE inputs (
      session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
      ordinal INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (session, ordinal)
    );
    CREATE TABLE attempts (
      session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
      number INTEGER NOT NULL,
      at REAL NOT NULL,
      PRIMARY KEY (session, number)
    ) WITHOUT ROWID;
    CREATE TABLE events (
      session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
      sequence INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      at REAL NOT NULL,
      kind TEXT NOT NULL,
      body TEXT,
      PRIMARY KEY (session, sequence)
    );
    CREATE TABLE findings (
      session INTEGER NOT NULL,
      event INTEGER NOT NULL,
      ordinal INTEGER NOT NULL,
      category TEXT NOT NULL,
      rule TEXT NOT NULL,
      path TEXT NOT NULL,
      line INTEGER NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (session, event, ordinal),
      FOREIGN KEY (session, event) REFERENCES events (session, sequence) ON DELETE CASCADE
    );
    CREATE TABLE candidates (
      session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
      sequence INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      at REAL NOT NULL,
      origin TEXT NOT NULL,
      kinds TEXT NOT NULL,
      patch TEXT NOT NULL,
      verdict TEXT NOT NULL,
      detail TEXT NOT NULL,
      claimed INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (session, sequence)
    );
    CREATE TABLE tallies (
      session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
      kind TEXT NOT NULL,
      verdict TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (session, kind, verdict)
    ) WITHOUT ROWID;
    CREATE TABLE files (
      session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
      path TEXT NOT NULL,
      mode INTEGER NOT NULL,
      before BLOB NOT NULL,
      after BLOB NOT NULL,
      before_sha256 TEXT NOT NULL,
      after_sha256 TEXT NOT NULL,
      PRIMARY KEY (session, path)
    );
    """

  // The bank outlives the sessions that its repairs come from. `here` tells what was verified by this
  // tool from what somebody else says.
  private static let second = """
    CREATE TABLE bank (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      recalled INTEGER NOT NULL,
      body TEXT NOT NULL
    );
    CREATE TABLE bank_origins (
      repair INTEGER NOT NULL REFERENCES bank ON DELETE CASCADE,
      here INTEGER NOT NULL,
      digest TEXT NOT NULL,
      session TEXT NOT NULL,
      applied INTEGER NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (repair, digest)
    );
    CREATE INDEX bank_origins_session ON bank_origins (session);
    """
}
