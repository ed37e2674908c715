import Foundation
import HealingModel

/// New bytes for one user file.
public struct FileWrite: Sendable, Hashable {
  /// The file's absolute path; a symbolic link stays one, its target changes.
  public var path: String
  /// SHA-256 of the bytes that the file must have now.
  public var before: String
  /// The bytes that it gets.
  public var after: [UInt8]
  /// The permissions that it gets, or nil to keep those it has.
  public var mode: UInt32?

  /// Makes a change.
  public init(path: String, before: String, after: [UInt8], mode: UInt32? = nil) {
    self.path = path
    self.before = before
    self.after = after
    self.mode = mode
  }
}

/// What was done about a change that a crash had interrupted.
public struct FileRecovery: Sendable, Hashable {
  /// Whether every file has its new bytes; otherwise every one has its old bytes.
  public var finished: Bool
  /// The files of the change.
  public var paths: [String]
  /// Files that somebody else changed in the meantime; they were left as they are.
  public var conflicts: [String]
}

/// A step of a change, as the hooks of tests see it.
enum FileStep: Hashable, Sendable {
  case journal(FileJournal.Phase)
  case stage(String)
  case replace(String)
  case overwrite(String)
  case restore(String)
  case syncFolders
  case remove(String)
  case removeJournal
}

/// Where tests make a step fail or the process seem to die; nothing happens there otherwise.
struct FileHooks: Sendable {
  /// Called before each step; throwing ``SimulatedCrash`` ends the work with no cleaning up.
  var willTake: @Sendable (FileStep) throws -> Void = { _ in }
  /// How many bytes are overwritten at a time in a file that is rewritten in place.
  var chunk = 1 << 16
}

/// Stands for the death of the process.
struct SimulatedCrash: Error {}

/// Changes of several user files that happen all or not at all.
///
/// The order is: lock; look at each file; write a journal; write new and old bytes beside each file
/// and wait for the disk; note in the journal that all is there; rename each new file over its
/// target; wait for the folders; remove the old bytes and the journal. A crash before the note
/// leaves every file as it was, one after it is finished by ``recover()``, and a failure after it is
/// taken back.
///
/// A rename gives the file a new inode, with mode, owner and group of the old one (extended
/// attributes are not carried over). A file with several hard links, or one that belongs to somebody
/// else, keeps its inode: its bytes are overwritten in place, and a crash in the middle is told from
/// an edit of the user's by the rule that each byte is the old one or the new one of its place.
public struct FileTransaction: Sendable {
  let lock: String
  let journal: String
  /// The journal's name while a change is taken back: the renaming needs no space on a full disk.
  let restoring: String
  let patience: Double
  let hooks: FileHooks

  /// Makes a transaction whose lock and journal lie in `folder`, the store's.
  ///
  /// - Parameters:
  ///   - folder: The store's folder; it must exist.
  ///   - patience: Seconds to wait for another process that writes files.
  public init(folder: String, patience: Double = 5) {
    self.init(folder: folder, patience: patience, hooks: FileHooks())
  }

  init(folder: String, patience: Double = 5, hooks: FileHooks) {
    lock = folder + "/files.lock"
    journal = folder + "/files.journal"
    restoring = folder + "/files.restoring"
    self.patience = patience
    self.hooks = hooks
  }

  /// Gives every file its new bytes, or none.
  ///
  /// - Parameter changes: The files; no two of them may be one file.
  /// - Throws: ``FileTransactionError``; every file is then as it was.
  public func apply(_ changes: [FileWrite]) throws {
    guard !changes.isEmpty else { return }
    try typed(changes[0].path) {
      let held = try takeLock()
      _ = try recoverLocked()
      let (plan, old) = try inspect(changes)
      try stage(plan, new: changes.map(\.after), old: old)
      do {
        for entry in plan.entries { try replace(entry) }
        try syncFolders(of: plan)
      } catch let crash as SimulatedCrash {
        throw crash
      } catch {
        try takeBack(plan, because: error)
        throw error
      }
      // All files are new: what is left to remove is removed at the next start if not now.
      try tolerant { try removeTraces(of: plan) }
      extendLifetime(held)
    }
  }

  /// Finishes or takes back a change that a crash interrupted; call it at the start.
  ///
  /// - Returns: What was done, or nil when no change was interrupted.
  /// - Throws: ``FileTransactionError``.
  public func recover() throws -> FileRecovery? {
    try typed(journal) {
      // Without a journal there is nothing to wait for.
      guard try fileStatus(journal) != nil || fileStatus(restoring) != nil else { return nil }
      let held = try takeLock()
      let result = try recoverLocked()
      extendLifetime(held)
      return result
    }
  }

  private func takeLock() throws -> FolderLock {
    guard let held = try FolderLock(lock, patience: patience) else {
      throw FileTransactionError.busy(lock: lock)
    }
    return held
  }

  private func inspect(_ changes: [FileWrite]) throws -> (FileJournal, old: [[UInt8]]) {
    var plan = FileJournal(phase: .staging, entries: [])
    var old: [[UInt8]] = []
    var seen: [FileName: String] = [:]
    let tag = String(UInt64(getpid()), radix: 36) + "-" + String(UInt64(time(nil)), radix: 36)
    for (index, change) in changes.enumerated() {
      let (entry, bytes) = try FileJournal.Entry.inspect(change, label: "\(tag)-\(index)")
      guard let status = try fileStatus(entry.target) else {
        throw FileTransactionError.missing(path: change.path)
      }
      let name = FileName(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
      if let other = seen.updateValue(change.path, forKey: name) {
        throw FileTransactionError.sameFile(path: change.path, other: other)
      }
      plan.entries.append(entry)
      old.append(bytes)
    }
    return (plan, old)
  }

  private func stage(_ plan: FileJournal, new: [[UInt8]], old: [[UInt8]]) throws {
    do {
      try write(plan, in: .staging)
      for (entry, bytes) in zip(plan.entries, zip(new, old)) {
        try stage(bytes.0, at: entry.staged, mode: entry.newMode, of: entry)
        try stage(bytes.1, at: entry.saved, mode: entry.oldMode, of: entry)
      }
      try syncFolders(of: plan)
      try write(plan, in: .replacing)
    } catch let crash as SimulatedCrash {
      throw crash
    } catch {
      try tolerant { try removeTraces(of: plan) }
      throw error
    }
  }

  private func stage(
    _ bytes: [UInt8],
    at path: String,
    mode: UInt32,
    of entry: FileJournal.Entry
  ) throws {
    try hooks.willTake(.stage(path))
    do {
      let file = try PosixFile(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
      try file.write(bytes[...], at: 0)
      if !entry.inPlace {
        // Owner first: changing it clears the set-user-ID bits of the mode.
        guard fchown(file.descriptor, entry.user, entry.group) == 0 else {
          throw SystemFailure(entry.path)
        }
        try file.setMode(mode)
      }
      try file.sync()
    } catch let failure as SystemFailure {
      throw SystemFailure(code: failure.code, path: entry.path)
    }
  }

  func write(_ plan: FileJournal, in phase: FileJournal.Phase) throws {
    try hooks.willTake(.journal(phase))
    var plan = plan
    plan.phase = phase
    try plan.write(to: journal)
  }

  func syncFolders(of plan: FileJournal) throws {
    try hooks.willTake(.syncFolders)
    for folder in Set(plan.entries.map { parentFolder(of: $0.target) }).sorted() {
      try syncFolder(folder)
    }
  }

  func removeTraces(of plan: FileJournal) throws {
    for path in plan.entries.flatMap({ [$0.staged, $0.done, $0.saved] }) {
      try hooks.willTake(.remove(path))
      try removeFile(path)
    }
    try syncFolders(of: plan)
    try hooks.willTake(.removeJournal)
    try removeFile(journal)
    try removeFile(restoring)
    try syncFolder(parentFolder(of: journal))
  }

  /// Does what may fail without harm; only the simulated death of the process goes on.
  private func tolerant(_ work: () throws -> Void) throws {
    do { try work() } catch let crash as SimulatedCrash { throw crash } catch {}
  }

  private func typed<Result>(_ path: String, _ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let crash as SimulatedCrash {
      throw crash
    } catch {
      throw FileTransactionError(any: error, path: path)
    }
  }
}

/// What makes two paths one file.
private struct FileName: Hashable {
  var device: UInt64
  var inode: UInt64
}
