import Foundation
import HealingModel

extension FileTransaction {
  /// Which bytes a file has, as far as a change is concerned.
  enum Contents {
    case old
    case new
    /// A rewriting in place that was interrupted.
    case torn
    /// Somebody else wrote it, or removed it.
    case foreign
  }

  /// Puts the new bytes into one target.
  func replace(_ entry: FileJournal.Entry) throws {
    try hooks.willTake(.replace(entry.target))
    guard try contents(of: entry) == .old else {
      throw FileTransactionError.changed(path: entry.path)
    }
    try putNew(entry)
  }

  private func putNew(_ entry: FileJournal.Entry) throws {
    guard entry.inPlace else {
      return try move(entry.staged, over: entry)
    }
    guard let bytes = try bytesOfFile(entry.staged) else { throw SystemFailure(entry.staged) }
    try overwrite(entry, with: bytes, mode: entry.newMode)
    // A target without staged bytes counts as replaced; the bytes stay for a restoring that crashes.
    try hooks.willTake(.remove(entry.staged))
    guard rename(entry.staged, entry.done) == 0 else { throw SystemFailure(entry.staged) }
  }

  private func move(_ source: String, over entry: FileJournal.Entry) throws {
    guard rename(source, entry.target) == 0 else { throw SystemFailure(entry.path) }
  }

  /// Rewrites a file in its own inode; what it needs of new space is taken first.
  private func overwrite(_ entry: FileJournal.Entry, with bytes: [UInt8], mode: UInt32) throws {
    try hooks.willTake(.overwrite(entry.target))
    let file = try PosixFile(entry.target, O_WRONLY | O_NOFOLLOW)
    var status = stat()
    guard fstat(file.descriptor, &status) == 0 else { throw SystemFailure(entry.path) }
    let kept = min(Int(status.st_size), bytes.count)
    if kept < bytes.count {
      do {
        try file.write(bytes[kept...], at: kept)
      } catch {
        try? file.truncate(to: Int(status.st_size))
        throw error
      }
    }
    for start in stride(from: 0, to: kept, by: hooks.chunk) {
      try hooks.willTake(.overwrite(entry.target))
      try file.write(bytes[start..<min(start + hooks.chunk, kept)], at: start)
    }
    try hooks.willTake(.overwrite(entry.target))
    try file.truncate(to: bytes.count)
    if UInt32(status.st_mode) & 0o7777 != mode { try file.setMode(mode) }
    try file.sync()
  }

  /// Repairs what the journal tells of, with the lock held.
  func recoverLocked() throws -> FileRecovery? {
    guard let plan = try interruptedPlan() else { return nil }
    var result = FileRecovery(
      finished: false,
      paths: plan.entries.map(\.path),
      conflicts: []
    )
    switch plan.phase {
    case .staging: break
    case .restoring: result.conflicts = try restore(plan)
    case .replacing:
      let pending = try plan.entries.filter { try fileStatus($0.staged) != nil }
      result.finished = try pending.allSatisfy { try contents(of: $0) != .foreign }
      if result.finished {
        try finish(pending, of: plan)
      } else {
        try beginRestoring()
        result.conflicts = try restore(plan)
      }
    }
    try removeTraces(of: plan)
    return result
  }

  private func interruptedPlan() throws -> FileJournal? {
    guard var plan = try FileJournal(at: restoring) else { return try FileJournal(at: journal) }
    plan.phase = .restoring
    return plan
  }

  private func beginRestoring() throws {
    try hooks.willTake(.journal(.restoring))
    guard rename(journal, restoring) == 0 else { throw SystemFailure(journal) }
    try syncFolder(parentFolder(of: journal))
  }

  private func finish(_ pending: [FileJournal.Entry], of plan: FileJournal) throws {
    for entry in pending {
      try hooks.willTake(.replace(entry.target))
      try putNew(entry)
    }
    try syncFolders(of: plan)
  }

  /// Gives every file that has new bytes its old ones; returns those that somebody else changed.
  private func restore(_ plan: FileJournal) throws -> [String] {
    var conflicts: [String] = []
    for entry in plan.entries {
      try hooks.willTake(.restore(entry.target))
      switch try contents(of: entry) {
      case .old: break
      case .foreign: conflicts.append(entry.path)
      case .new, .torn:
        if entry.inPlace {
          guard let bytes = try bytesOfFile(entry.saved) else { throw SystemFailure(entry.saved) }
          try overwrite(entry, with: bytes, mode: entry.oldMode)
        } else {
          try move(entry.saved, over: entry)
        }
      }
    }
    try syncFolders(of: plan)
    return conflicts
  }

  /// Takes a change back after one of its steps failed.
  func takeBack(_ plan: FileJournal, because reason: any Error) throws {
    do {
      // First of all: a journal that says "replacing" must never see restored files.
      try beginRestoring()
      _ = try restore(plan)
      try removeTraces(of: plan)
    } catch let crash as SimulatedCrash {
      throw crash
    } catch {
      let path = plan.entries.first?.path ?? journal
      throw FileTransactionError.unfinished(
        path: path,
        reason: "\(FileTransactionError(any: reason, path: path))"
      )
    }
  }

  private func contents(of entry: FileJournal.Entry) throws -> Contents {
    guard let status = try fileStatus(entry.target), status.st_mode & S_IFMT == S_IFREG,
      let now = try bytesOfFile(entry.target)
    else { return .foreign }
    let digest = sha256(now)
    // Equal bytes before and after: the mode alone tells which of the two it is.
    if digest == entry.before, digest == entry.after {
      return UInt32(status.st_mode) & 0o7777 == entry.oldMode ? .old : .new
    }
    if digest == entry.before { return .old }
    if digest == entry.after { return .new }
    guard entry.inPlace, let old = try bytesOfFile(entry.saved),
      let new = try bytesOfFile(entry.staged) ?? bytesOfFile(entry.done)
    else { return .foreign }
    return isMixture(now, of: old, and: new) ? .torn : .foreign
  }
}

/// Whether each byte of `bytes` is that of `old` or `new` at its place.
///
/// Zeros count where `old` has ended: a file system may have grown the file before it wrote there.
func isMixture(_ bytes: [UInt8], of old: [UInt8], and new: [UInt8]) -> Bool {
  guard bytes.count <= max(old.count, new.count) else { return false }
  return bytes.indices.allSatisfy { index in
    let byte = bytes[index]
    return (index < old.count && byte == old[index]) || (index < new.count && byte == new[index])
      || (index >= old.count && byte == 0)
  }
}
