import HealingModel
import Patching
import Scheduling
import Synchronization

/// Programs with threads or tasks: what holds in one run has to hold in the others.
extension HealingSession {
  /// Seconds of one exploration at most, and the share of what is left of the budget.
  private static let exploration = (seconds: 20.0, share: 0.35)
  /// Schedules after which a program that failed under all of them is not looked at any further.
  private static let firstLook = 60

  /// What exploring the schedules of a state that passes came to.
  enum Weighed {
    /// None of them fails.
    case holds(ScheduleEvidence)
    /// One fails, and the state that is the best one now has a repair of that.
    case mended
    /// One fails.
    case fails
    /// None could be run.
    case unknown
  }

  /// Whether schedules of the program can be explored.
  var mayExplore: Bool {
    guard case .script = program.entry, case .examples = oracle else { return false }
    return true
  }

  /// Explores schedules of the best state, which passes, and mends what fails.
  mutating func weighSchedules() async throws -> Weighed {
    guard mayExplore, let found = try await explored(current) else { return .unknown }
    guard found.failure != nil else {
      guard found.counts.completed > 0 else { return .unknown }
      return .holds(evidence(of: found))
    }
    if try await order(found) { return .mended }
    note(found, in: current)
    return .fails
  }

  /// Mends the best state where it fails because of the order of its threads.
  ///
  /// - Returns: Whether the best state is another one now.
  mutating func mendOrder() async throws -> Bool {
    guard mayExplore, threaded || (judgement?.observation.threadsStarted ?? 0) > 0,
      looked.insert(current).inserted
    else { return false }
    let brief = try await explore(current, seconds: share / 2) { options in
      options.schedules = Self.firstLook
      options.shortens = false
    }
    guard let failure = brief.failure, dependsOnOrder(failure, passed: brief.passed),
      let found = try await explored(current), found.failure != nil
    else { return false }
    note(found, in: current)
    return try await order(found)
  }

  /// Looks for schedules under which a program fails that passed when it ran by itself.
  ///
  /// - Returns: Whether there is nothing left to do.
  mutating func exploreHealthy() async throws -> Bool {
    guard mayExplore, try await adapter.startsThreads(original) || hasThreads,
      let found = try await explored(original)
    else { return true }
    guard found.failure != nil else {
      report.notes.append(sentence(on: found))
      return true
    }
    looked.insert(original)
    note(found, in: original)
    if try await !order(found) {
      report.notes.append("the program passes when it runs by itself, and fails under a schedule")
    }
    return false
  }

  private var hasThreads: Bool { (firstSeen?.observation.threadsStarted ?? 0) > 0 }

  /// Of what fails under every schedule the order of threads is not the reason, unless they wait for
  /// each other.
  private func dependsOnOrder(_ failure: TracedFailure, passed: Int) -> Bool {
    switch failure.failure {
    case .deadlock, .hang, .leak: true
    case .exception, .exit, .output: passed > 0
    }
  }

  // MARK: Exploring

  /// Seconds for one exploration.
  private var share: Double {
    max(1, min(Self.exploration.seconds, Self.exploration.share * secondsLeft))
  }

  /// What schedules of a state came to, explored once.
  ///
  /// A failure that needs a time-out at an unlucky moment is told; where there is no other one, the
  /// schedules count in which time passes only when nothing else can.
  mutating func explored(_ sources: Sources) async throws -> TraceResult? {
    if let known = explorations[sources] { return known }
    guard secondsLeft > checkSeconds else { return nil }
    var found = try await explore(sources, seconds: share) { _ in }
    if found.failure?.assumesTime == true, secondsLeft > checkSeconds {
      let summary = found.failure?.summary ?? ""
      found = try await explore(sources, seconds: share) { $0.timing = .strict }
      let note =
        "with a time-out, or the end of a sleep, while others could go on it may fail: \(summary)"
      if !report.notes.contains(note) { report.notes.append(note) }
      strict.insert(sources)
    }
    explorations[sources] = found
    return found
  }

  func explore(
    _ sources: Sources,
    seconds: Double,
    with change: (inout TraceOptions) -> Void
  ) async throws -> TraceResult {
    tell("exploring schedules of its threads")
    var options = TraceOptions(
      seed: adapter.surroundings.seed,
      deadline: min(now() + seconds, budget.seconds - checkSeconds / 2),
      expected: expectedOutput,
      limits: ScheduleLimits(wall: min(5, max(2, budget.seconds / 10))),
      jobs: adapter.jobs,
      surveys: true
    )
    change(&options)
    let told = Told()
    return try await trace(
      try await adapter.openSchedules(on: sources),
      options: options,
      now: now,
      progress: { [self] progress in
        guard told.isNew(progress.schedules) else { return }
        tell("exploring schedules of its threads: \(progress.schedules)")
      }
    )
  }

  private var expectedOutput: String? {
    guard case .examples(let cases) = oracle else { return nil }
    return cases.first?.expected
  }

  private func evidence(of found: TraceResult) -> ScheduleEvidence {
    var bound: Int?
    var isExhausted = false
    if case .exhausted(let most, _, _) = found.coverage { (isExhausted, bound) = (true, most) }
    return ScheduleEvidence(
      explored: found.counts.completed,
      exhausted: isExhausted && limitsOfInput == nil,
      bound: bound,
      seed: adapter.surroundings.seed,
      freeTiming: !strict.contains(current)
    )
  }

  /// What is said where schedules were explored for one input of several.
  var limitsOfInput: String? {
    guard case .examples(let cases) = oracle, cases.count > 1 else { return nil }
    return "schedules were explored with the first of \(cases.count) inputs"
  }

  private func sentence(on found: TraceResult) -> String {
    let runs = found.counts.completed
    guard runs > 0 else {
      return "none of its schedules could be explored: "
        + (found.limits.first ?? "no run came to its end")
    }
    if case .exhausted = found.coverage {
      return "all schedules of its threads were explored (\(runs) runs), and none fails"
    }
    return "\(runs) schedules of its threads were explored, and none fails"
  }

  // MARK: Findings

  /// Names what a schedule shows.
  private mutating func note(_ found: TraceResult, in sources: Sources) {
    guard let failure = found.failure else { return }
    let finding = finding(of: failure, in: sources)
    let known = report.findings.contains { $0.rule == finding.rule && $0.message == finding.message }
    guard !known else { return }
    report.findings.append(finding)
    emit(.found([finding]))
  }

  func finding(of failure: TracedFailure, in sources: Sources) -> Finding {
    let lines = sources.texts.mapValues { text in
      text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
    }
    let explanation = Explanation(
      of: FailedRun(
        execution: failure.execution,
        isMinimal: failure.isMinimal,
        passing: failure.passing,
        expectedOutput: expectedOutput,
        interpreter: InterpreterVersion(adapter.surroundings.interpreterVersion),
        line: { place in
          let file = lines[place.path] ?? []
          return file.indices.contains(place.line - 1) ? file[place.line - 1] : nil
        }
      )
    )
    let start = TextPosition(
      line: max(1, explanation.place.line),
      column: max(1, explanation.place.column)
    )
    return Finding(
      category: .concurrency,
      rule: explanation.kind.rule,
      path: explanation.place.path.isEmpty ? sources.paths.first ?? "" : explanation.place.path,
      range: TextRange(start: start, end: start),
      message: "\(explanation.kind.title): \(explanation.failure)",
      hint: explanation.account,
      evidence: [
        Evidence(
          source: .schedule,
          text: "a schedule with \(explanation.switches.count) switches of threads shows it, found "
            + "by \(failure.method.name) after \(failure.after) schedules"
        )
      ],
      confidence: .high
    )
  }
}

extension Finding {
  /// Whether a schedule of the program's threads shows it.
  var isOfSchedule: Bool { evidence.contains { $0.source == .schedule } }
}

/// The number of schedules that was told last, so that progress is not told all the time.
private final class Told: Sendable {
  private let count = Mutex(-1)

  func isNew(_ schedules: Int) -> Bool {
    count.withLock { count in
      defer { count = schedules }
      return schedules / 100 != count / 100
    }
  }
}
