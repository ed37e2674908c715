import Diagnosis
import HealingModel
import Patching
import Search

/// The state of one healing.
struct HealingSession: Sendable {
  let program: Program
  let oracle: Oracle
  let adapter: any LanguageAdapter
  let budget: Budget
  let ablation: Ablation
  let memory: Memory
  let now: @Sendable () -> Double
  let emit: @Sendable (HealingEvent) -> Void

  var report: SessionReport
  /// The program as it was found.
  var original = Sources()
  /// The best state so far.
  var current = Sources()
  /// What the oracle said of the program as it was found, in a fresh interpreter.
  var baseline: Judgement?
  /// The run that is to say so, when it was started ahead.
  var untouched: UntouchedRun?
  /// What the oracle said of the program as it was found, observed.
  var firstSeen: Judgement?
  /// Seconds that the first look at the program took.
  var firstLook = 0.3
  /// What the oracle said of the best state, observed.
  var judgement: Judgement?
  /// Why lines differ from the program as it was found.
  var reasons = Reasons()
  /// The number of edits behind the best state.
  var edits = 0
  /// Whether the best state stands on a change of the search of which no observation says that it
  /// mends a part: it may be a step on the way, and is nothing to show by itself.
  var isUnproven = false
  /// Whether the best state came from findings alone.
  var fromFindingsOnly = true
  /// Whether the program starts threads or tasks, as far as its texts show it.
  var threaded = false
  /// States to go back to when the best one leads nowhere, the most promising last.
  var reserve: [State] = []
  /// The state that got furthest of all that were continued from.
  var furthest: State?
  /// What is known of the best state when it came from a search.
  var searched: ClaimFacts?
  /// What edits do that change several places for one reason: those are not told apart again.
  var inseparable: [String] = []
  /// The search that is open, with what it was opened on.
  var search: (space: any SearchSpace, opened: Sources)?
  /// Whether the clock ended the last one.
  var wasSearchCut = false
  /// States that were tried in it by themselves.
  var screened = 0
  /// Candidates of searches that were tried, whatever came of them; budgets count these.
  var tried = 0
  /// Tests by which nothing is judged: their outcome comes and goes.
  var flaky: Set<String> = []
  /// Those of them that the user asked about.
  var flakyTargets: [String] = []
  /// The state on which the edits stand that put threads in order, when there are such.
  var ordered: Sources?
  /// What schedules of states came to.
  var explorations: [Scheduled: TraceResult] = [:]
  /// Those of which schedules were run in which time passes only when nothing else can.
  var strict: Set<Scheduled> = []
  /// Those that were looked at for whether the order of threads makes them fail.
  var looked: Set<Scheduled> = []
  /// Rules that refused a candidate that the oracle would have passed.
  var refused: [Refusal] = []
  /// What was said with a language model, when there is one.
  var talk: ModelTalk?
  /// What made edits of states, by the reason that they give.
  var makings: [String: Making] = [:]
  /// How many repairs of the bank were tried, and what came of them.
  var recalls = 0
  var recalledStates: Set<Sources> = []
  /// What the last search showed, when there is a model to tell it.
  var learnt: Learnt?

  /// A state of the program with the way that led there.
  struct State: Sendable {
    /// The program.
    var sources: Sources
    /// Why its lines differ from the program as it was found.
    var reasons: Reasons
    /// The number of edits behind it.
    var edits: Int
    /// How far it gets, when it was observed.
    var standing: Standing?
    /// Whether it stands on a change of which no observation says that it mends a part.
    var isUnproven = false
  }

  init(
    program: Program,
    oracle: Oracle,
    adapter: any LanguageAdapter,
    budget: Budget,
    ablation: Ablation,
    memory: Memory,
    now: @escaping @Sendable () -> Double,
    emit: @escaping @Sendable (HealingEvent) -> Void
  ) {
    self.program = program
    self.oracle = oracle
    self.adapter = adapter
    self.budget = budget
    self.ablation = ablation
    self.memory = memory
    self.now = now
    self.emit = emit
    report = SessionReport(status: .running, strength: oracle.strength)
  }

  /// Seconds left of the budget.
  var secondsLeft: Double { budget.seconds - now() }

  /// Seconds that the check before a claim is expected to take.
  ///
  /// Fresh interpreters start, collect and run, several at a time; the first look at the program
  /// tells how fast this machine is now.
  var checkSeconds: Double {
    if let fresh = untouched?.seconds {
      // What is left to run are two of these beside each other; the more time there is, the more of
      // it may be kept for a machine that is slower then.
      return min(budget.seconds / 2, 0.15 + 0.03 * budget.seconds + 1.3 * fresh)
    }
    let look = max(firstLook, baseline?.observation.wall ?? 0)
    // One run less when that of the untouched program was begun beside the look.
    let share = untouched == nil ? 2.5 : 1.7
    // Of a long look much is the price of watching, which a fresh run does not pay.
    return min(budget.seconds / 2, 0.4 + share * min(look, 2) + 1.5 * max(0, look - 2))
  }

  /// Whether there is time to look for more candidates.
  var maySearch: Bool {
    secondsLeft > checkSeconds
      && (budget.evaluations.map { report.candidates + tried < $0 } ?? true)
  }

  mutating func run() async throws -> SessionReport {
    do {
      try await attemptAll()
    } catch let error where error is CancellationError || Task.isCancelled {
      let byClock = secondsLeft <= 0.05
      report.status = byClock ? .unhealed : .interrupted
      if byClock { noteClock() }
    }
    await untouched?.end()
    try? await finish()
    return report
  }

  private mutating func attemptAll() async throws {
    emit(.began(adapter.surroundings))
    report.notes += adapter.notes
    if !ablation.isEmpty { report.notes.append("the search runs without \(ablation)") }
    original = try await adapter.editableSources()
    current = original
    await adapter.prepare(for: original)
    guard try await establishBaseline() else { return }
    for number in 1...max(1, budget.attempts) {
      report.attempts = number
      emit(.attempt(number: number))
      switch try await attempt() {
      case .progress: continue
      case .done: return
      case .stuck:
        guard let state = reserve.popLast(), maySearch else { return try await conclude() }
        resume(state)
      }
    }
    if try await verifyLastChange() { return }
    try await conclude()
  }

  enum Outcome {
    case progress
    case done
    case stuck
  }

  /// One round: syntax, observation, findings, search.
  private mutating func attempt() async throws -> Outcome {
    let errors = try await adapter.syntaxErrors(in: current)
    if !errors.isEmpty { return try await mendSyntax(errors) }
    if report.attempts == 1 || !threaded { threaded = try await adapter.startsThreads(current) }
    let judgement: Judgement
    if case .suite = oracle, current == original, report.attempts == 1, let firstSeen {
      judgement = firstSeen
    } else {
      judgement = try await observed(current)
    }
    self.judgement = judgement
    report.observation = judgement.observation
    if judgement.passes, current != original { return try await claimed() ? .done : .stuck }
    rememberFurthest()
    let findings = try await diagnose(current, judgement)
    if try refersToEnvironment(findings, judgement) { return .done }
    if try await mendOrder() { return .progress }
    if judgement.passes, let baseline, current == original {
      guard !baseline.passes else { return .stuck }
      // Only the fresh run fails, for which its own surroundings may be the reason.
      if try refersToEnvironment([], baseline) { return .done }
      report.notes.append(
        "the program fails in a fresh run and passes when it is observed: its failure comes and "
          + "goes by itself, or depends on how it is started"
      )
      return .stuck
    }
    guard maySearch else { return .stuck }
    if try await mendFindings(findings, confidences: .medium ... .high) { return .progress }
    guard maySearch else { return .stuck }
    if try await mendByBank(findings, judgement) { return .progress }
    guard maySearch else { return .stuck }
    // The model thinks while edits are searched for.
    let question = try await ask(findings, judgement)
    var outcome = try await searchEdits(judgement)
    guard case .stuck = outcome else {
      await giveUp(question)
      return outcome
    }
    if let question {
      if try await mendByModel(question, findings, judgement) { return .progress }
      // What the model left is the search's, which goes on where it had to end.
      if maySearch, wasSearchCut { outcome = try await searchEdits(judgement, isLast: true) }
      guard case .stuck = outcome else { return outcome }
    }
    // Of guesses a crash tells none from another, so that there only what is likely is tried.
    guard maySearch, oracle.strength != .crashOnly else { return .stuck }
    return try await mendFindings(findings, confidences: .low ... .low) ? .progress : .stuck
  }

  /// The change that the last attempt made is looked at like every other.
  private mutating func verifyLastChange() async throws -> Bool {
    guard current != original, secondsLeft > checkSeconds,
      try await adapter.syntaxErrors(in: current).isEmpty
    else { return false }
    let judgement = try await observed(current)
    self.judgement = judgement
    if judgement.passes { return try await claimed() }
    rememberFurthest()
    return false
  }

  /// Claims the best state, which passes; else it is no part of a repair either, but for a
  /// suggestion where only a crash decides.
  private mutating func claimed() async throws -> Bool {
    if try await claim() { return true }
    if oracle.strength == .crashOnly { rememberFurthest() } else { isUnproven = true }
    return false
  }

  // MARK: Steps

  /// Observes a state, and counts it as a candidate that ran to a verdict.
  mutating func observed(_ sources: Sources) async throws -> Judgement {
    let result = settled(try await adapter.observe(sources))
    emit(.observed(result.observation))
    return result
  }

  /// Names every bug that can be seen; the first round's are the session's findings.
  private mutating func diagnose(
    _ sources: Sources,
    _ judgement: Judgement
  ) async throws -> [Finding] {
    let seen = try await adapter.findings(in: sources, after: judgement.observation)
    let findings = rebank(seen + runFindings(judgement, beside: seen))
    let known = Set(report.findings.map { "\($0.rule) \($0.path) \($0.message)" })
    report.findings += findings.filter { !known.contains("\($0.rule) \($0.path) \($0.message)") }
    emit(.found(findings))
    return findings
  }

  /// What the run itself says is wrong, where no analyzer names the place.
  func runFindings(_ judgement: Judgement, beside seen: [Finding]) -> [Finding] {
    let tests = testFindings(judgement).filter { test in
      !seen.contains { ($0.path, $0.range.start.line) == (test.path, test.range.start.line) }
    }
    // The stop of a suite is that of one of its tests, which has its own place.
    guard judgement.tests.allSatisfy({ $0.stop == nil }) else { return tests }
    return tests + capFindings(judgement.observation, path: entryPath)
  }

  /// The file to name when no place is known.
  private var entryPath: String {
    switch program.entry {
    case .script(let path, _): path
    case .suite(let targets, _):
      targets.first { $0 != "." }?.split(separator: ":", maxSplits: 1).first.map(String.init)
        ?? original.paths.first ?? ""
    case .command: original.paths.first ?? ""
    }
  }

  /// A failure that the surroundings caused is theirs: it is reported and never searched.
  func refersToEnvironment(
    _ findings: [Finding],
    _ judgement: Judgement
  ) throws -> Bool {
    if let refused = judgement.observation.refused.first {
      throw AdapterError.environment(
        message: "blocked by the sandbox: \(refused.operation) \(refused.target)",
        remedy: remedy(for: refused)
      )
    }
    if let missing = findings.first(where: { $0.rule == "environment/missing-package" }),
      missing.confidence == .high
    {
      throw AdapterError.environment(message: missing.message, remedy: missing.hint)
    }
    return false
  }

  private func remedy(for refused: RefusedOperation) -> String {
    switch refused.operation {
    case "network": "allow it with --allow-network"
    case "environment": "allow it with --allow-env \(refused.target)"
    case "a right": "install bubblewrap, in which the program has processes of its own"
    case "remove", "move":
      "in the sandbox its folder is a place of its own; with HEAL_SANDBOX=limits it is an ordinary "
        + "folder, still a copy"
    default: "allow it with --allow-write \(refused.target)"
    }
  }

  /// Tells how far the session is.
  func tell(_ activity: String) {
    emit(
      .trying(
        Progress(
          activity: activity,
          candidates: report.candidates,
          passing: judgement.map { $0.tests.count { $0.outcome == .passed } },
          tests: judgement?.tests.count,
          secondsLeft: max(0, secondsLeft)
        )
      )
    )
  }
}
