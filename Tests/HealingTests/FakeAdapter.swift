import Healing
import HealingModel
import Patching
import Search
import Synchronization

/// What a test may watch and disturb: every call that the loop makes of its adapter.
enum AdapterCall: Sendable, Hashable {
  case judge(Sources, run: Int)
  case observe(Sources)
  case findings(Sources)
  case syntax
  case refusals(Sources)
  case confirmCopy(Sources)
  case openSearch
  case edits(base: Int, places: [String: [Int: Double]])
  case evaluate(base: Int, count: Int)
  case render
  case compare(Int)
  case closeSearch
}

/// Seconds that pass only when somebody says so.
final class FakeClock: Sendable {
  private let seconds = Mutex(0.0)

  var now: Double { seconds.withLock { $0 } }

  func advance(by amount: Double) { seconds.withLock { $0 += amount } }
}

/// What runs a state of the program.
enum Runner: Sendable, Hashable {
  /// A fresh interpreter.
  case fresh(run: Int)
  /// The warm, observed one.
  case warm
  /// The evaluator of the search.
  case search
}

/// An adapter of the tiny language: no process, no file, no clock but the fake one.
final class FakeAdapter: LanguageAdapter {
  /// What a test sets; the defaults are the tiny language as it is.
  struct Script: Sendable {
    var sources: Sources
    var oracle: TinyOracle
    /// The files of the tests.
    var deciding = Sources()
    /// Findings beside those of the language.
    var findings: @Sendable (Sources, Observation?) -> [Finding] = { _, _ in [] }
    /// Repairs of the syntax instead of those of the language.
    var repairs: (@Sendable (Sources) -> [Fix])?
    /// Edits that the search may make beside those of the language.
    var searchEdits: @Sendable (Sources) -> [TinyEdit] = { _ in [] }
    /// How much nearer a state is to passing a test that fails, below the level of tests.
    var nearness: @Sendable (Sources) -> Int = { _ in 0 }
    /// Whether the evaluator of the search tells which tests a candidate breaks.
    var seesRegressions = true
    /// What decides what becomes of a state's candidates.
    var content: @Sendable (Sources) -> String? = { _ in nil }
    /// How versions of the program answer inputs.
    var compared: @Sendable ([Sources]) -> Comparison = { _ in Comparison() }
    /// Whether the search makes the edits of the language.
    var hasOperators = true
    /// The rules of evidence.
    var refusals: @Sendable (Sources, Sources, OracleStrength) -> [Refusal] = { _, _, _ in [] }
    /// The rules of changes that put threads in order.
    var orderRefusals: @Sendable (Sources, Sources) -> [Refusal] = { _, _ in [] }
    /// The threads of a program; nil when none of its schedules can be run.
    var threads: @Sendable (Sources) -> TinyThreads? = { _ in nil }
    /// How many runs it makes side by side.
    var jobs = 1
    /// Whether the first run under a random schedule fails, and no other.
    var failsOnce = false
    /// Candidates that may put threads in order.
    var scheduleRepairs: @Sendable (Sources) -> [ScheduleRepair] = { _ in [] }
    /// What a runner makes of a judgement.
    var distort: @Sendable (Judgement, Sources, Runner) -> Judgement = { judgement, _, _ in
      judgement
    }
    /// Called before each call does its work.
    var before: @Sendable (AdapterCall) async throws -> Void = { _ in }
    /// Fake seconds of each call, and of each candidate of the search.
    var cost = 0.01
    var candidateCost = 0.001
    var notes: [String] = []

    init(_ text: String, _ oracle: TinyOracle) {
      sources = Sources(["main": text])
      self.oracle = oracle
    }
  }

  let script: Script
  let clock = FakeClock()
  private let log = Mutex<[AdapterCall]>([])

  init(_ script: Script) { self.script = script }

  /// Every call so far.
  var calls: [AdapterCall] { log.withLock { $0 } }

  func note(_ call: AdapterCall, cost: Double? = nil) async throws {
    log.withLock { $0.append(call) }
    clock.advance(by: cost ?? script.cost)
    try await script.before(call)
    try Task.checkCancellation()
  }

  func run(_ sources: Sources, by runner: Runner) -> (Judgement, [[String: [Int]]]) {
    var number = 0
    if case .fresh(let run) = runner { number = run }
    let (judgement, coverage) = script.oracle.judge(sources, run: number)
    return (script.distort(judgement, sources, runner), coverage)
  }

  var surroundings: Surroundings {
    Surroundings(
      interpreter: "tiny",
      interpreterVersion: "1",
      sandbox: "none",
      missing: [],
      seed: 0
    )
  }

  var notes: [String] { script.notes }

  func editableSources() async throws -> Sources { script.sources }

  func decidingSources() async throws -> Sources { script.deciding }

  func prepare(for sources: Sources) async {}

  func judge(_ sources: Sources, run: Int) async throws -> Judgement {
    try await note(.judge(sources, run: run))
    return self.run(sources, by: .fresh(run: run)).0
  }

  func observe(_ sources: Sources) async throws -> Judgement {
    try await note(.observe(sources))
    return run(sources, by: .warm).0
  }

  func findings(in sources: Sources, after observation: Observation?) async throws -> [Finding] {
    try await note(.findings(sources))
    let given = Set(script.oracle.tests.flatMap(\.inputs.keys)).union(["run"])
    return tinyFindings(sources, observation, given: given) + script.findings(sources, observation)
  }

  func syntaxRepairs(of sources: Sources, limit: Int) async throws -> [Fix] {
    try await note(.syntax)
    return script.repairs.map { Array($0(sources).prefix(limit)) }
      ?? tinyRepairs(sources, limit: limit)
  }

  func syntaxErrors(in sources: Sources) async throws -> [String: TextPosition] {
    try await note(.syntax)
    return Dictionary(
      TinyProgram(sources).errors.map { ($0.path, TextPosition(line: $0.line, column: 1)) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  func refusals(
    from before: Sources,
    to after: Sources,
    strength: OracleStrength,
    ordersThreads: Bool
  ) async throws -> [Refusal] {
    try await note(.refusals(after))
    if ordersThreads { return script.orderRefusals(before, after) }
    return script.refusals(before, after, strength)
  }

  func confirmCopy(from before: Sources, to after: Sources) async throws {
    try await note(.confirmCopy(after))
  }

  func fileChanges(to sources: Sources) async throws -> [FileChange] {
    sources.changes(since: script.sources).paths.map { path in
      FileChange(
        path: path,
        before: Array((script.sources[path] ?? "").utf8),
        after: Array((sources[path] ?? "").utf8)
      )
    }
  }

  /// Read off the text, as real adapters do; a text that does not parse says nothing.
  func startsThreads(_ sources: Sources) async throws -> Bool {
    let program = TinyProgram(sources)
    return program.errors.isEmpty && !program.operands(of: "spawn").isEmpty
  }

  func content(of sources: Sources) async -> String? { script.content(sources) }

  func openSearch(on sources: Sources) async throws -> any SearchSpace {
    try await note(.openSearch)
    return FakeSearchSpace(on: sources, adapter: self)
  }

  func testStartsThreads(_ test: String) async throws -> Bool { false }

  func openSchedules(
    on sources: Sources,
    test: String?
  ) async throws -> any ScheduledProgram {
    let threads = script.threads(sources)
    let fails = Mutex(script.failsOnce)
    return FakeScheduled { schedule, _ in
      var execution =
        threads?.run(schedule)
        ?? Execution(end: .limit, choices: ThreadRuns(), limits: ["nothing can be controlled"])
      if fails.withLock({ swapped(&$0) }) { execution.exitStatus = 1 }
      return execution
    }
  }

  func scheduleRepairs(
    of sources: Sources,
    test: String?,
    failing schedules: [ScheduledFailure],
    limits: ScheduleLimits,
    limit: Int
  ) async throws -> [ScheduleRepair] {
    Array(script.scheduleRepairs(sources).prefix(limit))
  }

  var jobs: Int { script.jobs }

  func close() async {}
}

/// What a flag was before it is taken down.
private func swapped(_ flag: inout Bool) -> Bool {
  defer { flag = false }
  return flag
}
