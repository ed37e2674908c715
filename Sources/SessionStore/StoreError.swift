import Foundation
import GRDB

/// Why the store did not do what was asked; a session can go on unstored.
public enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// No variable says where state may be kept.
  case noHome
  /// A newer version of the tool made this store.
  case newer(path: String, version: Int, known: Int)
  /// The file is no store, or its contents are broken.
  case damaged(path: String, reason: String)
  /// The store may not be written.
  case notWritable(path: String, reason: String)
  /// The disk, or the user's share of it, is full.
  case diskFull(path: String)
  /// Another process held the store for too long.
  case busy(path: String)
  /// The store holds no session yet.
  case empty
  /// No session has this name.
  case unknown(String)
  /// Several sessions begin with these digits.
  case ambiguous(String, matches: [String])
  /// This cannot be the name of a session.
  case notAName(String)
  /// The session has ended: nothing can be added to it.
  case finished(String)
  /// The session has no repair that could be written or taken out.
  case noRepair(String)
  /// The user's files are as was asked already.
  case alreadySo(String, applied: Bool)
  /// These parts of the session are not what was sealed.
  case altered(String, parts: [String])
  /// A path in a session leads out of its program's folder.
  case outside(path: String)
  /// Something else failed.
  case failed(path: String, reason: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .noHome:
      "there is no folder for the state: none of HEAL_HOME, XDG_STATE_HOME and HOME is set; "
        + "set HEAL_HOME to a folder"
    case .newer(let path, let version, let known):
      "the store \(path) was made by a newer heal (its form is \(version), this one knows \(known)) "
        + "and was not touched; use the newer heal, or set HEAL_HOME to another folder"
    case .damaged(let path, let reason):
      "the store \(path) is damaged (\(reason)); move it away, and a new one is made"
    case .notWritable(let path, let reason):
      "the store \(path) cannot be written (\(reason)); allow writing to it, or set HEAL_HOME to "
        + "another folder"
    case .diskFull(let path):
      "no space is left on the disk of the store \(path); make room, or set HEAL_HOME to a folder "
        + "elsewhere"
    case .busy(let path): "another process holds the store \(path); try again"
    case .empty: "there is no session yet"
    case .unknown(let name): "there is no session \(name); `heal log` lists them"
    case .ambiguous(let name, let matches):
      "several sessions begin with \(name): \(matches.joined(separator: ", ")); give more digits"
    case .notAName(let name):
      "\(name) is no name of a session: give `last` or the first of its 12 hexadecimal digits"
    case .finished(let name): "the session \(name) has ended, nothing can be added to it"
    case .noRepair(let name): "the session \(name) has no repair"
    case .alreadySo(let name, let applied):
      applied
        ? "the repair of session \(name) is in the files already"
        : "the repair of session \(name) is not in the files; there is nothing to take out"
    case .altered(let name, let parts):
      "session \(name) was altered in the store (\(parts.joined(separator: ", "))); nothing was "
        + "written, heal again"
    case .outside(let path):
      "the stored path \(path) leads out of the program's folder; the store was altered"
    case .failed(let path, let reason): "the store \(path) failed: \(reason)"
    }
  }

  /// Any error of the database at `path` in typed form.
  init(any error: any Error, path: String) {
    switch error {
    case let known as StoreError: self = known
    case let failure as SystemFailure: self.init(failure)
    case let failure as DatabaseError: self.init(failure, path: path)
    case is DecodingError, is RowDecodingError:
      self = .damaged(path: path, reason: "a stored value cannot be read")
    default: self = .failed(path: path, reason: "\(error)")
    }
  }

  private init(_ failure: SystemFailure) {
    switch failure.code {
    case ENOSPC, EDQUOT: self = .diskFull(path: failure.path)
    case EACCES, EPERM, EROFS, ENOTDIR, EISDIR, ENOENT, ELOOP:
      self = .notWritable(path: failure.path, reason: failure.words)
    default: self = .failed(path: failure.path, reason: failure.words)
    }
  }

  private init(_ failure: DatabaseError, path: String) {
    let reason = failure.message ?? "SQLite error \(failure.resultCode.rawValue)"
    switch failure.resultCode {
    case .SQLITE_FULL: self = .diskFull(path: path)
    // The shared memory of the log cannot grow: SQLite does not say that the disk is the reason.
    case .SQLITE_IOERR where isFull(path): self = .diskFull(path: path)
    // A disk that fails, a quota, or a limit on the size of files: none of them is ours.
    case .SQLITE_IOERR: self = .notWritable(path: path, reason: reason)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      self = .notWritable(path: path, reason: reason)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
      self = .damaged(path: path, reason: reason)
    case .SQLITE_ERROR where reason.hasPrefix("no such"):
      self = .damaged(path: path, reason: reason)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
    default: self = .failed(path: path, reason: reason)
    }
  }
}

/// Whether the file system of `path` has no room for another page or two.
private func isFull(_ path: String) -> Bool {
  var status = statvfs()
  guard statvfs(path, &status) == 0 else { return false }
  return UInt64(status.f_bavail) * UInt64(status.f_frsize) < 128 << 10
}
