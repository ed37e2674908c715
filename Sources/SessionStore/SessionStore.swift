public import Foundation
import GRDB
import HealingModel
import Synchronization

/// How much the store keeps.
public struct StoreLimits: Sendable, Hashable {
  /// The number of sessions.
  public var sessions: Int
  /// The bytes of the database.
  public var bytes: Int
  /// The number of repairs in the bank.
  public var repairs: Int

  /// Makes limits.
  public init(sessions: Int = 500, bytes: Int = 1 << 30, repairs: Int = 1000) {
    self.sessions = sessions
    self.bytes = bytes
    self.repairs = repairs
  }
}

/// What a store takes from outside.
public struct StorePorts: Sendable {
  /// Where the names of sessions come from.
  public var generator: any RandomNumberGenerator & Sendable
  /// The time.
  public var now: @Sendable () -> Date
  /// What must not be stored.
  public var masker: SecretMasker
  /// How much is kept.
  public var limits: StoreLimits
  /// The tool's version, for where repairs of the bank come from.
  public var version: String

  /// Makes a set of ports.
  public init(
    generator: any RandomNumberGenerator & Sendable,
    now: @escaping @Sendable () -> Date,
    masker: SecretMasker,
    limits: StoreLimits = StoreLimits(),
    version: String = ""
  ) {
    self.generator = generator
    self.now = now
    self.masker = masker
    self.limits = limits
    self.version = version
  }
}

/// All sessions, in a database in the folder of the tool's state.
///
/// Several processes may have it open at once. Everything that is stored is on the disk after a
/// crash of the process; what a session recorded in its last tenth of a second may be missing.
public final class SessionStore: Sendable {
  /// The folder; it holds the journal of changes of user files too.
  public let folder: String
  /// The database file.
  public let path: String
  let pool: DatabasePool
  let now: @Sendable () -> Date
  let masker: SecretMasker
  let limits: StoreLimits
  let version: String
  let generator: Mutex<any RandomNumberGenerator & Sendable>
  let queue = DispatchQueue(label: "heal.session-store", qos: .utility)

  private init(folder: String, path: String, pool: DatabasePool, ports: StorePorts) {
    self.folder = folder
    self.path = path
    self.pool = pool
    now = ports.now
    masker = ports.masker
    limits = ports.limits
    version = ports.version
    generator = Mutex(ports.generator)
  }

  /// Opens the store in `folder`, and makes both when they are not there.
  ///
  /// - Parameters:
  ///   - folder: An absolute path, such as ``stateFolder(environment:currentFolder:)`` gives.
  ///   - ports: What the store takes from outside.
  /// - Returns: The store.
  /// - Throws: ``StoreError``; a store of a newer version is not touched.
  public static func open(at folder: String, ports: StorePorts) throws(StoreError) -> SessionStore {
    let path = folder + "/sessions.sqlite"
    do {
      try makeFolder(folder)
      guard let held = try FolderLock(folder + "/open.lock", patience: 10) else {
        throw StoreError.busy(path: path)
      }
      try checkFile(path)
      let pool = try DatabasePool(path: path, configuration: configuration)
      let version = try pool.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
      guard version <= StoreSchema.version else {
        throw StoreError.newer(path: path, version: version, known: StoreSchema.version)
      }
      if version < StoreSchema.version {
        try StoreSchema.migrator.migrate(pool)
        // An older version looks for the new number in the file before it lets SQLite touch it.
        try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.full) }
      }
      extendLifetime(held)
      return SessionStore(folder: folder, path: path, pool: pool, ports: ports)
    } catch {
      throw StoreError(any: error, path: path)
    }
  }

  /// Closes the database; recordings that have not finished lose what is still queued.
  public func close() throws(StoreError) {
    do {
      // The log goes into the database where no other process needs it.
      try? pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
      try pool.close()
    } catch {
      throw StoreError(any: error, path: path)
    }
  }

  /// A transaction over user files whose lock and journal lie in this store's folder.
  public var files: FileTransaction { FileTransaction(folder: folder) }

  /// Notes whether the repair of a session is in the user's files.
  ///
  /// - Parameters:
  ///   - applied: Whether it is.
  ///   - id: The session.
  /// - Throws: ``StoreError``.
  public func mark(applied: Bool, _ id: SessionID) async throws {
    try await write { db in
      try db.execute(
        sql: "UPDATE sessions SET applied = ? WHERE id = ?",
        arguments: [applied, id.description]
      )
      if db.changesCount == 0 { throw StoreError.unknown(id.description) }
      try db.execute(
        sql: "UPDATE bank_origins SET applied = ? WHERE session = ? AND here = 1",
        arguments: [applied, id.description]
      )
    }
  }

  func read<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do { return try await pool.read(work) } catch { throw translated(error) }
  }

  func write<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do { return try await pool.write(work) } catch { throw translated(error) }
  }

  /// A typed error for any but cancellation.
  func translated(_ error: any Error) -> any Error {
    error is CancellationError ? error : StoreError(any: error, path: path)
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { db in
      // Only a database without tables takes it; it must be there before the first one.
      if !db.configuration.readonly { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
    }
    return configuration
  }
}

private func makeFolder(_ folder: String) throws {
  guard mkdir(folder, 0o700) != 0 else { return }
  switch errno {
  case EEXIST: return
  case ENOENT where parentFolder(of: folder) != folder:
    try makeFolder(parentFolder(of: folder))
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw SystemFailure(folder) }
  default: throw SystemFailure(folder)
  }
}

/// Makes the file, readable for its owner only, or looks at it before SQLite touches it.
private func checkFile(_ path: String) throws {
  let header = try {
    let file = try PosixFile(path, O_RDWR | O_CREAT, mode: 0o600)
    if fchmod(file.descriptor, 0o600) != 0, errno != EPERM { throw SystemFailure(path) }
    var header = [UInt8](repeating: 0, count: 100)
    let count = pread(file.descriptor, &header, header.count, 0)
    guard count >= 0 else { throw SystemFailure(path) }
    return Array(header[..<count])
  }()
  if header.isEmpty { return }
  guard header.count == 100, header.starts(with: "SQLite format 3\0".utf8) else {
    throw StoreError.damaged(path: path, reason: "it is no SQLite database")
  }
  let version = number(header[60..<64])
  let application = number(header[68..<72])
  guard application == 0 || application == StoreSchema.application else {
    throw StoreError.damaged(path: path, reason: "it is the database of another program")
  }
  guard version <= StoreSchema.version else {
    throw StoreError.newer(path: path, version: version, known: StoreSchema.version)
  }
}

private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
