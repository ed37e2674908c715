import Foundation
import Healing
import HealingModel
import PythonAgent
import Search
import SessionStore
import Synchronization
import Testing

@testable import heal

/// A call that a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
  var description: String
  init(_ call: String) {
    description = "\(call) was called"
    Issue.record("\(call) was called")
  }
}

/// An adapter that answers what a test put into it.
struct FakeAdapter: LanguageAdapter {
  var sources = Sources(["app.py": "pritn(1)\n"])
  var findings: [Finding] = []
  var judgements: [Judgement] = []
  var surroundings = Surroundings(
    interpreter: "/usr/bin/python3",
    interpreterVersion: "3.11.7",
    sandbox: "bwrap",
    missing: ["cgroups"],
    seed: 7
  )
  var notes: [String] = []
  let closed = Counter()

  func editableSources() async throws -> Sources { sources }
  func decidingSources() async throws -> Sources { Sources() }
  func prepare(for sources: Sources) async {}
  func judge(_ sources: Sources, run: Int) async throws -> Judgement {
    guard run < judgements.count else { throw Unexpected("judge \(run)") }
    return judgements[run]
  }
  func observe(_ sources: Sources) async throws -> Judgement { throw Unexpected("observe") }
  func findings(in sources: Sources, after: Observation?) async throws -> [Finding] {
    findings.filter { sources[$0.path] != nil }
  }
  func syntaxRepairs(of sources: Sources, limit: Int) async throws -> [Fix] {
    throw Unexpected("syntaxRepairs")
  }
  func syntaxErrors(in sources: Sources) async throws -> [String: TextPosition] { [:] }
  func refusals(
    from before: Sources,
    to after: Sources,
    strength: OracleStrength,
    ordersThreads: Bool
  ) async throws -> [Refusal] { [] }
  func confirmCopy(from before: Sources, to after: Sources) async throws {}
  func fileChanges(to changed: Sources) async throws -> [FileChange] {
    changed.changes(since: sources).texts.map { path, text in
      FileChange(path: path, before: Array((sources[path] ?? "").utf8), after: Array(text.utf8))
    }
  }
  func startsThreads(_ sources: Sources) async throws -> Bool { false }
  func content(of sources: Sources) async -> String? { nil }

  func openSearch(on sources: Sources) async throws -> any SearchSpace {
    throw Unexpected("openSearch")
  }
  func testStartsThreads(_ test: String) async throws -> Bool { false }
  func openSchedules(
    on sources: Sources,
    test: String?
  ) async throws -> any ScheduledProgram {
    throw Unexpected("openSchedules")
  }
  func scheduleRepairs(
    of sources: Sources,
    test: String?,
    failing schedules: [ScheduledFailure],
    limits: ScheduleLimits,
    limit: Int
  ) async throws -> [ScheduleRepair] {
    throw Unexpected("scheduleRepairs")
  }
  var tokenRules: TokenRules { TokenRules(language: "Python", fixedWords: [], comment: "#") }
  var jobs: Int { 1 }
  func close() async { closed.add() }
}

/// Counts.
final class Counter: Sendable {
  private let state = Mutex(0)
  var value: Int { state.withLock { $0 } }
  func add() { state.withLock { $0 += 1 } }
}

/// What a command wrote.
final class Screenplay: Sendable {
  private let state = Mutex((out: "", err: "", questions: [String]()))
  var out: String { state.withLock { $0.out } }
  var err: String { state.withLock { $0.err } }
  var questions: [String] { state.withLock { $0.questions } }

  func console(answer: Bool? = nil, screen: Screen? = nil) -> Console {
    Console(
      out: { text in self.state.withLock { $0.out += text } },
      err: { text in self.state.withLock { $0.err += text } },
      style: Style(colours: false),
      screen: screen,
      ask: { question in
        guard let answer else { return nil }
        self.state.withLock { $0.questions.append(question) }
        return answer
      }
    )
  }
}

/// A store in memory.
final class FakeStore: Sendable {
  static let id = "0123456789ab"

  struct State {
    var started: [SessionStart] = []
    var reports: [SessionReport] = []
    var events = 0
    var stored: SessionRecord?
    var alterations: [String] = []
    var applied: [String] = []
    var undone: [String] = []
    var applyError: CommandError?
    var bank: [BankedRepair] = []
  }
  let state = Mutex(State())

  init(stored: SessionRecord? = nil) { state.withLock { $0.stored = stored } }

  var reports: [SessionReport] { state.withLock { $0.reports } }
  var applied: [String] { state.withLock { $0.applied } }

  var sessions: Sessions {
    Sessions(
      begin: { start in
        self.state.withLock { $0.started.append(start) }
        return SessionRecorder(
          id: FakeStore.id,
          record: { _ in self.state.withLock { $0.events += 1 } },
          finish: { report in self.state.withLock { $0.reports.append(report) } }
        )
      },
      bank: Bank(
        all: { self.state.withLock { $0.bank } },
        forget: { ids in
          self.state.withLock { state in
            let before = state.bank.count
            state.bank.removeAll { ids?.contains($0.id) ?? true }
            return before - state.bank.count
          }
        },
        add: { repairs in
          self.state.withLock { $0.bank += repairs }
          return repairs.count
        },
        lines: { try self.state.withLock { try $0.bank.map { try BankLine.text(of: $0) } } }
      ),
      list: { limit in
        self.state.withLock { Array([$0.stored?.summary].compactMap { $0 }.prefix(limit)) }
      },
      resolve: { text in
        guard FakeStore.id.hasPrefix(text) || text == "last" else {
          throw CommandError.usage("there is no session \(text)")
        }
        return FakeStore.id
      },
      load: { _ in
        guard let stored = self.state.withLock({ $0.stored }) else { throw Unexpected("load") }
        return stored
      },
      alterations: { _ in self.state.withLock { $0.alterations } },
      apply: { id in
        try self.state.withLock { state in
          if let error = state.applyError { throw error }
          state.applied.append(id)
          return ["app.py"]
        }
      },
      undo: { id in
        self.state.withLock { $0.undone.append(id) }
        return ["app.py"]
      }
    )
  }
}

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "heal-test-\(UUID().uuidString)"
    )
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = resolvedPath(url.path) ?? url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  @discardableResult func write(_ bytes: [UInt8], to name: String) throws -> String {
    let target = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: parentFolder(of: target),
      withIntermediateDirectories: true
    )
    try Data(bytes).write(to: URL(fileURLWithPath: target))
    return target
  }
}

/// A world in which nothing is real but one folder.
struct FakeWorld {
  let folder: TemporaryFolder
  let store: FakeStore
  let play = Screenplay()
  var adapter = FakeAdapter()
  var environment: [String: String] = [:]
  var answer: Bool?
  var input = RecordedInput()
  var openError: (any Error)?
  var screen: Screen?
  let interruption = Interruption(end: {})
  var models: @Sendable () throws(CommandError) -> ModelLink = { () throws(CommandError) in
    throw .fault("models was called")
  }
  var bench: @Sendable (Settings) async throws -> BenchPort = { _ in throw Unexpected("bench") }
  /// What the loop does.
  var loop: @Sendable (HealingJob) async throws -> SessionReport = { _ in throw Unexpected("heal") }

  init(stored: SessionRecord? = nil) throws {
    folder = try TemporaryFolder()
    store = FakeStore(stored: stored)
    try folder.write("pritn(1)\n", to: "app.py")
  }

  var context: Context {
    let ports = Ports(
      openAdapter: { [adapter, openError] _, _, _ in
        if let openError { throw openError }
        return OpenedAdapter(adapter: adapter, language: .python) { await adapter.close() }
      },
      heal: loop,
      sessions: store.sessions,
      models: models,
      bench: bench
    )
    return Context(
      ports: { _ in ports },
      commandLine: ["heal"],
      environment: environment,
      folder: folder.path,
      home: folder.path + "/home",
      cores: 2,
      console: play.console(answer: answer, screen: screen),
      input: { [input] () throws(CommandError) in input },
      now: { 1.25 },
      interruption: interruption
    )
  }

  /// Runs a command line; the status is the process's.
  func run(_ arguments: String...) async -> Int32 { await run(arguments) }

  func run(_ arguments: [String]) async -> Int32 { await Main.perform(arguments, in: context) }

  /// What a command wrote to standard output, as JSON.
  func json() throws -> JSON { try JSON.parse(play.out.utf8).get() }
}

extension SessionReport {
  /// A healed program with everything in it that a report can hold.
  static func healed() -> SessionReport {
    var report = SessionReport(status: .healed, strength: .example)
    report.attempts = 1
    report.candidates = 3
    report.seconds = 0.5
    report.confidence = .high
    report.evidence = .tested
    report.findings = [.misspelling]
    report.patch = Patch(edits: [
      Edit(
        path: "app.py",
        range: TextRange(
          start: TextPosition(line: 1, column: 1),
          end: TextPosition(line: 1, column: 6)
        ),
        new: "print",
        reason: "`pritn` is `print` misspelt",
        finding: "name/look-alike"
      )
    ])
    report.diff = "--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-pritn(1)\n+print(1)\n"
    report.files = [
      FileChange(
        path: "app.py",
        before: Array("pritn(1)\n".utf8),
        after: Array("print(1)\n".utf8)
      )
    ]
    report.verification = Verification(
      oracle: "output",
      strength: .example,
      tests: ["run"],
      runs: 2,
      regressions: 0,
      before: ["app.py": sha256("pritn(1)\n".utf8)],
      after: ["app.py": sha256("print(1)\n".utf8)]
    )
    report.alternatives = [
      Alternative(
        patch: "--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-pritn(1)\n+input(1)\n",
        confidence: .low,
        distinguishingInput: "f(3)",
        answers: ["1", "2"]
      )
    ]
    report.notes = ["the search stopped early"]
    return report
  }

  static func unhealed(partial: Bool = false) -> SessionReport {
    var report = SessionReport(status: .unhealed, strength: .suite)
    report.findings = [.misspelling]
    report.partial = partial
    if partial {
      report.patch = healed().patch
      report.diff = healed().diff
      report.remaining = [.misspelling]
    }
    return report
  }
}

extension Finding {
  static let misspelling = Finding(
    category: .name,
    rule: "name/look-alike",
    path: "app.py",
    range: TextRange(
      start: TextPosition(line: 1, column: 1),
      end: TextPosition(line: 1, column: 6)
    ),
    message: "`pritn` is not defined",
    hint: "call `print` instead",
    evidence: [Evidence(source: .runtime, text: "NameError: name 'pritn' is not defined")],
    confidence: .high
  )
}

extension SessionRecord {
  static func sample(_ report: SessionReport? = .healed(), applied: Bool = false) -> SessionRecord {
    let status = report?.status ?? .running
    return SessionRecord(
      summary: LoggedSession(
        id: FakeStore.id,
        began: 1_763_881_560,
        status: status,
        applied: applied,
        partial: report?.partial ?? false,
        seconds: report?.seconds ?? 0,
        root: "/srv/shop",
        title: "app.py"
      ),
      program: Program(root: "/srv/shop", entry: .script(path: "app.py", arguments: [])),
      oracle: .examples([ExampleCase(name: "run", expected: "1")]),
      isMasked: false,
      surroundings: FakeAdapter().surroundings,
      report: report,
      tallies: [Tally(kind: "name", verdict: "stillFailing", count: 2)]
    )
  }
}
