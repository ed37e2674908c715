import Foundation

/// Why user files were not changed; none of them was, unless a case says otherwise.
public enum FileTransactionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file no longer has the bytes that the session saw.
  case changed(path: String)
  /// The file is gone.
  case missing(path: String)
  /// It is a folder, a device or the like.
  case notAFile(path: String)
  /// The file may not be written.
  case readOnly(path: String)
  /// The file's folder may not be written.
  case readOnlyFolder(path: String)
  /// Two of the paths lead to one file.
  case sameFile(path: String, other: String)
  /// The disk, or the user's share of it, is full.
  case diskFull(path: String)
  /// Another process is writing user files.
  case busy(lock: String)
  /// The journal of an interrupted change cannot be read.
  case damagedJournal(path: String)
  /// The change failed and could not be taken back; the journal is kept for the next try.
  case unfinished(path: String, reason: String)
  /// Something else failed.
  case failed(path: String, reason: String)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .changed(let path):
      "\(path) has changed since the session saw it; nothing was written, heal the new text instead"
    case .missing(let path): "\(path) is gone; nothing was written"
    case .notAFile(let path): "\(path) is not a regular file; nothing was written"
    case .readOnly(let path):
      "\(path) is read-only; nothing was written, allow writing (chmod u+w) and try again"
    case .readOnlyFolder(let path):
      "the folder \(path) is read-only; nothing was written, allow writing to it and try again"
    case .sameFile(let path, let other):
      "\(path) and \(other) are one file; nothing was written"
    case .diskFull(let path):
      "no space is left on the disk of \(path); nothing was written, make room and try again"
    case .busy(let lock):
      "another heal is writing files (it holds \(lock)); nothing was written, try again"
    case .damagedJournal(let path):
      "the journal \(path) of an interrupted change cannot be read; nothing was written; "
        + "compare the files beside those named .heal-*, then remove both"
    case .unfinished(let path, let reason):
      "\(path) could be neither changed nor restored: \(reason); its old bytes are kept beside it, "
        + "and the next start tries again"
    case .failed(let path, let reason): "\(path): \(reason); nothing was written"
    }
  }

  /// The typed form of a failed system call.
  init(_ failure: SystemFailure) {
    switch failure.code {
    case ENOSPC, EDQUOT: self = .diskFull(path: failure.path)
    case EROFS, ETXTBSY: self = .readOnly(path: failure.path)
    case ENOENT: self = .missing(path: failure.path)
    default: self = .failed(path: failure.path, reason: failure.words)
    }
  }

  /// Any error of the transaction in typed form.
  init(any error: any Error, path: String) {
    switch error {
    case let known as FileTransactionError: self = known
    case let failure as SystemFailure: self.init(failure)
    default: self = .failed(path: path, reason: "\(error)")
    }
  }
}
