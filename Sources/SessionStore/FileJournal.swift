import Foundation
import HealingModel

/// What a change of several files is about to do, so that a crash can be repaired.
struct FileJournal: Codable, Equatable {
  /// How far it is.
  enum Phase: String, Codable {
    /// New and old bytes are written beside the files; no file has changed.
    case staging
    /// Everything is beside the files: it will be finished.
    case replacing
    /// Something failed: every file gets its old bytes back.
    case restoring
  }

  /// One file of the change.
  struct Entry: Codable, Equatable {
    /// The file, symbolic links resolved.
    var target: String
    /// The path that the caller gave.
    var path: String
    /// The file beside it that holds the new bytes, until they are in the target.
    var staged: String
    /// What `staged` is called once its bytes have been copied into the target.
    var done: String { staged + ".done" }
    /// The file beside it that holds the old bytes.
    var saved: String
    /// SHA-256 of the old bytes.
    var before: String
    /// SHA-256 of the new bytes.
    var after: String
    /// The permissions before.
    var oldMode: UInt32
    /// The permissions after.
    var newMode: UInt32
    /// The owner.
    var user: UInt32
    /// The owner's group.
    var group: UInt32
    /// Whether the bytes go into the same inode, because it has other names or another owner.
    var inPlace: Bool
  }

  /// The form of this record.
  var version = 1
  var phase: Phase
  var entries: [Entry]

  /// The journal at `path`, or nil when no change was interrupted.
  init?(at path: String) throws {
    guard let bytes = try bytesOfFile(path) else { return nil }
    guard let journal = try? JSONDecoder().decode(FileJournal.self, from: Data(bytes)),
      journal.version == 1
    else { throw FileTransactionError.damagedJournal(path: path) }
    self = journal
  }

  init(phase: Phase, entries: [Entry]) {
    self.phase = phase
    self.entries = entries
  }

  func write(to path: String) throws {
    try replaceFile(path, with: Array(try JSONEncoder().encode(self)))
  }
}

extension FileJournal.Entry {
  /// Checks one wanted change against the file as it is now.
  ///
  /// - Parameters:
  ///   - change: What is wanted.
  ///   - label: What the files beside the target are called.
  /// - Returns: The entry, and the file's present bytes.
  /// - Throws: A ``FileTransactionError`` when the file may not or must not be written.
  static func inspect(_ change: FileWrite, label: String) throws -> (Self, old: [UInt8]) {
    let path = change.path
    guard let resolved = realpath(path, nil) else {
      throw FileTransactionError(SystemFailure(path))
    }
    defer { free(resolved) }
    let target = String(cString: resolved)
    guard let status = try fileStatus(target) else {
      throw FileTransactionError.missing(path: path)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileTransactionError.notAFile(path: path)
    }
    // Root may write everything; a file that nobody may write is left alone all the same.
    guard status.st_mode & 0o222 != 0, access(target, W_OK) == 0 else {
      throw FileTransactionError.readOnly(path: path)
    }
    let folder = parentFolder(of: target)
    guard let home = try fileStatus(folder), home.st_mode & 0o222 != 0,
      access(folder, W_OK | X_OK) == 0
    else { throw FileTransactionError.readOnlyFolder(path: folder) }
    guard let old = try bytesOfFile(target) else {
      throw FileTransactionError.missing(path: path)
    }
    guard sha256(old) == change.before else { throw FileTransactionError.changed(path: path) }
    let mode = UInt32(status.st_mode) & 0o7777
    let beside = (folder == "/" ? "" : folder) + "/.heal-" + label
    let entry = Self(
      target: target,
      path: path,
      staged: beside + ".new",
      saved: beside + ".old",
      before: change.before,
      after: sha256(change.after),
      oldMode: mode,
      newMode: change.mode.map { $0 & 0o7777 } ?? mode,
      user: status.st_uid,
      group: status.st_gid,
      inPlace: status.st_nlink > 1 || !mayGive(user: status.st_uid, group: status.st_gid)
    )
    return (entry, old)
  }
}

/// Whether a new file of this process can be given this owner and group.
private func mayGive(user: uid_t, group: gid_t) -> Bool {
  if geteuid() == 0 { return true }
  guard user == geteuid() else { return false }
  var groups = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 0)))
  let count = getgroups(Int32(groups.count), &groups)
  return group == getegid() || groups.prefix(Int(max(count, 0))).contains(group)
}
