import Foundation
import GRDB
public import Healing
public import HealingModel
import Synchronization

/// What storing has cost so far.
public struct RecordingCost: Sendable, Hashable {
  /// CPU seconds in the caller's thread, for handing events over.
  public var handing: Double
  /// CPU seconds in the thread that writes.
  public var writing: Double
}

/// One session that is being stored.
///
/// ``record(_:)`` only queues: another thread encodes and writes what has gathered, every 50 ms in
/// one transaction. When the disk fails the session goes on unstored: ``failure`` says why, and
/// ``finish(_:)`` throws it.
public final class SessionRecording: Sendable {
  /// The session's name.
  public let id: SessionID
  /// Queued events beyond which the oldest kind of trouble, a disk that hangs, costs events and not
  /// the machine's memory.
  static let capacity = 10_000
  static let interval = DispatchTimeInterval.milliseconds(50)

  private let store: SessionStore
  private let number: Int64
  private let started: Double
  private let program: Program
  private let state = Mutex(State())

  private struct State {
    var queue = RecordingQueue()
    var sequence = 0
    var attempt = 0
    var scheduled = false
    var finished = false
    var tries = 0
    var failure: StoreError?
    var cost = RecordingCost(handing: 0, writing: 0)

    /// Queues an event; false when there is nothing to write for it.
    mutating func take(_ event: HealingEvent, at: Double) -> Bool {
      switch event {
      case .trying, .finished: return false
      case .tally(let kind, let verdict, let count):
        queue.count(count, kind: kind, verdict: verdict)
        return true
      case .candidate(let candidate, .stillFailing):
        queue.count(
          1,
          kind: candidate.kinds.joined(separator: "+"),
          verdict: Verdict.stillFailing.name
        )
        return true
      case .attempt(let number): attempt = number
      case .began, .judged, .observed, .found, .candidate, .note: break
      }
      sequence += 1
      queue.append(.init(sequence: sequence, attempt: attempt, at: at, event: event))
      return true
    }
  }

  init(id: SessionID, number: Int64, header: SessionHeader, store: SessionStore) {
    self.id = id
    self.number = number
    started = header.started.timeIntervalSince1970
    program = header.program
    self.store = store
  }

  /// Why nothing more of this session is stored; nil while all is well.
  public var failure: StoreError? { state.withLock { $0.failure } }

  /// What storing has cost so far.
  public var cost: RecordingCost { state.withLock { $0.cost } }

  /// Queues an event; it never waits for the disk.
  ///
  /// What is being tried is not stored, and the end of the session is ``finish(_:)``'s.
  public func record(_ event: HealingEvent) {
    let begin = threadSeconds()
    let at = store.now().timeIntervalSince1970 - started
    let wakes = state.withLock { state in
      guard !state.finished, state.failure == nil, state.take(event, at: at) else { return false }
      defer { state.scheduled = true }
      return !state.scheduled
    }
    if wakes { schedule(after: Self.interval) }
    let spent = threadSeconds() - begin
    state.withLock { $0.cost.handing += spent }
  }

  /// Stores the result, seals the session, and waits until it is on the disk.
  ///
  /// The permissions of the files that the repair changes are read from the user's files.
  ///
  /// - Parameter report: The result.
  /// - Throws: ``StoreError``; after ``StoreError/busy(path:)`` it can be called again.
  public func finish(_ report: SessionReport) async throws {
    let files = report.files.map { file in
      StoredFile(
        path: file.path,
        before: file.before,
        after: file.after,
        mode: permissions(program.root + "/" + file.path) ?? 0o644
      )
    }
    try await finish(report, files: files)
  }

  func finish(_ report: SessionReport, files: [StoredFile]) async throws {
    if let failure { throw failure }
    let columns = try ReportColumns(store.masker(report))
    do {
      try await store.pool.writeWithoutTransaction { [self] db in
        // What a repair replaces must survive a power cut before user files may change.
        try db.execute(sql: "PRAGMA synchronous = FULL")
        defer { try? db.execute(sql: "PRAGMA synchronous = NORMAL") }
        try drain(db, ending: true) {
          try SessionRows(db, session: number).end(report, columns, files: files, id: id)
          // Where a repair is stored it is banked: both or neither.
          let origin = origin(of: report)
          try BankRows(db, masker: store.masker, limit: store.limits.repairs)
            .learn(from: report, origin)
        }
      }
    } catch {
      throw store.translated(error)
    }
    // The session is stored; what is kept of older ones can wait for the next time.
    _ = try? await store.prune()
  }

  /// What the bank is told of where a repair was verified; nil of what was not.
  private func origin(of report: SessionReport) -> RepairOrigin? {
    guard report.status == .healed, let evidence = report.evidence,
      let verification = report.verification, let patch = try? storedJSON(report.patch)
    else { return nil }
    return RepairOrigin(
      session: id.description,
      time: started,
      version: store.version,
      program: store.masker(program.name),
      oracle: verification.oracle,
      strength: verification.strength,
      evidence: evidence,
      source: .search,
      kinds: [],
      edits: report.patch.edits.count,
      digest: sha256((program.root + "\0" + patch).utf8),
      applied: report.applied
    )
  }

  private func schedule(after delay: DispatchTimeInterval) {
    store.queue.asyncAfter(deadline: .now() + delay) { [self] in flush() }
  }

  private func flush() {
    state.withLock { $0.scheduled = false }
    do {
      try store.pool.writeWithoutTransaction { db in try drain(db) }
      state.withLock { $0.tries = 0 }
    } catch {
      let reason = StoreError(any: error, path: store.path)
      let again = state.withLock { state in
        state.tries += 1
        if case .busy = reason, state.tries < 12 {
          state.scheduled = true
          return true
        }
        state.failure = reason
        state.queue = RecordingQueue()
        return false
      }
      if again { schedule(after: .milliseconds(500)) }
    }
  }

  /// Writes what is queued, and what `more` writes, in one transaction; all stays queued if it fails.
  ///
  /// From the moment at which an ending takes the queue, nothing more is taken in: a row that came
  /// after the seal would break it.
  private func drain(
    _ db: Database,
    ending: Bool = false,
    and more: () throws -> Void = {}
  ) throws {
    let begin = threadSeconds()
    let taken: RecordingQueue? = try state.withLock { state in
      // A write that failed just before has dropped what was queued: the rest alone is no session.
      if let failure = state.failure { throw failure }
      if state.finished { return nil }
      state.finished = ending
      defer { state.queue = RecordingQueue() }
      return state.queue
    }
    guard let batch = taken else {
      if ending { throw StoreError.finished(id.description) }
      return
    }
    do {
      try db.inTransaction(.immediate) {
        try SessionRows(db, session: number).insert(batch, masker: store.masker)
        try more()
        return .commit
      }
    } catch {
      state.withLock { state in
        state.queue.putBack(batch)
        if ending { state.finished = false }
      }
      throw error
    }
    let spent = threadSeconds() - begin
    state.withLock { $0.cost.writing += spent }
  }
}

extension Program {
  /// What is healed, without arguments.
  fileprivate var name: String {
    switch entry {
    case .script(let path, _): path
    case .suite(let targets, _):
      targets.isEmpty ? "the tests" : targets.joined(separator: " ")
    case .command(let line): line
    }
  }
}

/// The permissions of a file, symbolic links followed; nil when there is none.
private func permissions(_ path: String) -> UInt32? {
  var status = stat()
  return stat(path, &status) == 0 ? UInt32(status.st_mode) & 0o7777 : nil
}

/// The CPU time of this thread.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
