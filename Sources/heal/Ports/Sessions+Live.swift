import Foundation
import HealingModel
import SessionStore

extension Sessions {
  /// The store in the folder of the tool's state, opened when it is first needed.
  static func live(_ context: Context) -> Sessions {
    let lazy = LazyStore(context: context)
    return Sessions(
      begin: { start in try await begin(start, in: lazy, context) },
      bank: bank(in: lazy),
      list: { limit in
        try await stored { try await lazy.open().list(limit: limit).map { LoggedSession($0) } }
      },
      resolve: { name in try await stored { try await lazy.open().resolve(name).description } },
      load: { name in
        try await stored {
          let store = try await lazy.open()
          let session = try await store.load(try await store.resolve(name))
          return SessionRecord(session, LoggedSession(try await store.summary(of: session.id)))
        }
      },
      alterations: { name in
        try await stored {
          let store = try await lazy.open()
          switch try await store.verifySeal(try await store.resolve(name)) {
          case .intact: return []
          case .altered(let parts): return parts.map { "\($0) was altered" }
          case .unsealed: return ["the session never came to its end"]
          }
        }
      },
      apply: { name in try await write(name, undoing: false, in: lazy) },
      undo: { name in try await write(name, undoing: true, in: lazy) }
    )
  }

  private static func bank(in lazy: LazyStore) -> Bank {
    Bank(
      all: { try await stored { try await lazy.open().bankedRepairs() } },
      forget: { ids in try await stored { try await lazy.open().forgetRepairs(ids) } },
      add: { repairs in try await stored { try await lazy.open().importRepairs(repairs) } },
      lines: { try await stored { try await lazy.open().bankLines() } }
    )
  }

  private static func begin(
    _ start: SessionStart,
    in lazy: LazyStore,
    _ context: Context
  ) async throws -> SessionRecorder {
    try await stored {
      let recording = try await lazy.open().begin(
        SessionHeader(
          program: start.program,
          oracle: start.oracle,
          commandLine: start.commandLine,
          budget: start.budget,
          started: Date()
        )
      )
      return SessionRecorder(
        id: recording.id.description,
        record: { recording.record($0) },
        finish: { report in
          try await stored { try await recording.finish(report) }
          // For those who work on heal, and its benchmark.
          guard context.environment["HEAL_TIMES"] != nil else { return }
          let cost = recording.cost
          context.console.err("storing: \(cost.handing) + \(cost.writing) CPU seconds\n")
        }
      )
    }
  }

  private static func write(
    _ name: String,
    undoing: Bool,
    in lazy: LazyStore
  ) async throws -> [String] {
    try await stored {
      let store = try await lazy.open()
      let id = try await store.resolve(name)
      let paths = undoing ? try await store.undo(id) : try await store.apply(id)
      let root = try await store.load(id).header.program.root
      return paths.map { relativePath($0, in: root) ?? $0 }
    }
  }

  /// Words what the store says for the command line.
  private static func stored<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
      return try await work()
    } catch let error as StoreError {
      throw CommandError(store: error)
    } catch let error as FileTransactionError {
      throw CommandError(files: error)
    }
  }
}

/// The store, once it was needed; what a crash left unfinished is put right when it is opened.
private actor LazyStore {
  private let context: Context
  private var store: SessionStore?

  init(context: Context) { self.context = context }

  func open() throws -> SessionStore {
    if let store { return store }
    let folder = try stateFolder(
      environment: context.environment,
      currentFolder: context.folder
    )
    let store = try SessionStore.open(
      at: folder,
      ports: StorePorts(
        // The names of sessions must differ between runs; nothing else depends on them.
        generator: SystemRandomNumberGenerator(),
        now: { Date() },
        masker: SecretMasker(environment: context.environment),
        version: version
      )
    )
    if let recovery = try store.files.recover() { report(recovery) }
    self.store = store
    return store
  }

  private func report(_ recovery: FileRecovery) {
    let files = recovery.paths.joined(separator: ", ")
    let what = recovery.finished ? "finished" : "taken back"
    var text = "a change of files that was cut off is now \(what): \(files)"
    if !recovery.conflicts.isEmpty {
      text += "; changed by somebody since, and left alone: "
      text += recovery.conflicts.joined(separator: ", ")
    }
    context.console.err("heal: \(printable(text))\n")
  }
}

extension LoggedSession {
  fileprivate init(_ summary: SessionSummary) {
    self.init(
      id: summary.id.description,
      began: summary.started.timeIntervalSince1970,
      status: summary.status,
      applied: summary.applied,
      partial: summary.partial,
      seconds: summary.seconds ?? 0,
      root: summary.root,
      title: summary.commandLine.joined(separator: " ")
    )
  }
}

extension SessionRecord {
  fileprivate init(_ session: StoredSession, _ summary: LoggedSession) {
    let header = session.header
    self.init(
      summary: summary,
      program: header.program,
      oracle: header.oracle,
      isMasked: session.headerIsMasked,
      surroundings: header.surroundings,
      report: session.report,
      tallies: session.tallies.map {
        Tally(kind: $0.kind, verdict: $0.verdict, count: $0.count)
      },
      baseline: session.events.lazy.compactMap {
        if case .judged(let judgement) = $0.content { judgement } else { nil }
      }.first,
      firstFindings: session.events.lazy.compactMap {
        if case .found(let findings) = $0.content { findings } else { nil }
      }.first ?? []
    )
  }
}

extension CommandError {
  fileprivate init(store error: StoreError) {
    switch error {
    case .empty, .unknown, .ambiguous, .notAName: self = .usage(error.description)
    case .outside, .noRepair, .alreadySo, .altered: self = .refused(error.description)
    case .noHome, .newer, .damaged, .notWritable, .diskFull, .busy:
      self.init(environment: error.description)
    case .finished, .failed: self = .fault(error.description)
    }
  }

  fileprivate init(files error: FileTransactionError) {
    switch error {
    case .changed, .missing, .notAFile, .sameFile: self = .refused(error.description)
    case .readOnly, .readOnlyFolder, .diskFull, .busy, .damagedJournal, .unfinished:
      self.init(environment: error.description)
    case .failed: self = .fault(error.description)
    }
  }
}
