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
  /// Tests of a suite whose schedules are explored at most.
  private static let tests = 4

  /// What exploring the schedules of a state that passes came to.
  enum Weighed<Evidence> {
    /// None of them fails.
    case holds(Evidence)
    /// One fails, and the state that is the best one now has a repair of that.
    case mended
    /// One fails.
    case fails
    /// None could be run.
    case unknown
  }

  /// Whether schedules of the program can be explored.
  var mayExplore: Bool {
    switch (program.entry, oracle) {
    case (.script, .examples), (.suite, .suite): true
    default: false
    }
  }

  /// What is run under schedules: the script, or the tests that the session is about.
  var subjects: [String?] {
    guard case .suite = oracle else { return [nil] }
    let targets = (firstSeen?.tests ?? []).filter { $0.target && $0.id.contains("::") }
    let failing = targets.filter { [.failed, .error].contains($0.outcome) }
    return Array((failing.isEmpty ? targets : failing).map(\.id).sorted().prefix(Self.tests))
  }

  /// Explores schedules of the best state, which passes, and mends what fails.
  mutating func weighSchedules() async throws -> Weighed<ScheduleEvidence> {
    guard mayExplore else { return .unknown }
    var all: [TraceResult] = []
    for test in subjects {
      switch try await weigh(Scheduled(sources: current, test: test)) {
      case .holds(let found): all.append(found)
      case .mended: return .mended
      case .fails: return .fails
      case .unknown: return .unknown
      }
    }
    return all.isEmpty ? .unknown : .holds(evidence(of: all))
  }

  /// Explores schedules of a state that is the best one and passes, and mends what fails.
  ///
  /// What fails only when a wait times out at an unlucky moment may stay when nothing mends it: that is
  /// told, and the schedules count in which time passes only when nothing else can.
  private mutating func weigh(_ scheduled: Scheduled) async throws -> Weighed<TraceResult> {
    guard let found = try await explored(scheduled) else { return .unknown }
    guard let failure = found.failure else { return withoutFailure(found) }
    note(found, in: scheduled.sources)
    if try await order(found, of: scheduled.test) { return .mended }
    guard failure.assumesTimeout else { return .fails }
    let told = finding(of: failure, in: scheduled.sources)
    report.findings.removeAll { $0 == told }
    let note =
      "with a time-out while others could go on, or had less time left, it may fail: "
      + failure.summary
    if !report.notes.contains(note) { report.notes.append(note) }
    strict.insert(scheduled)
    explorations[scheduled] = nil
    guard let found = try await explored(scheduled) else { return .unknown }
    guard found.failure != nil else { return withoutFailure(found) }
    self.note(found, in: scheduled.sources)
    return try await order(found, of: scheduled.test) ? .mended : .fails
  }

  /// A run that failed and was not seen to fail again is no failure to show, and no evidence either.
  private func withoutFailure(_ found: TraceResult) -> Weighed<TraceResult> {
    found.failed == 0 && found.counts.completed > 0 ? .holds(found) : .unknown
  }

  /// Mends the best state where it fails because of the order of its threads.
  ///
  /// - Returns: Whether the best state is another one now.
  mutating func mendOrder() async throws -> Bool {
    guard mayExplore else { return false }
    for test in subjects {
      let scheduled = Scheduled(sources: current, test: test)
      guard try await mayHaveThreads(test), looked.insert(scheduled).inserted else { continue }
      let brief = try await explore(scheduled, seconds: share / 2) { options in
        options.schedules = Self.firstLook
        options.shortens = false
      }
      guard let failure = brief.failure, dependsOnOrder(failure, passed: brief.passed),
        let found = try await explored(scheduled), found.failure != nil
      else { continue }
      note(found, in: current)
      if try await order(found, of: test) { return true }
    }
    return false
  }

  /// Mends flaky tests that fail because of the order of threads.
  ///
  /// - Returns: Whether the best state is another one now, and no target is flaky any more.
  mutating func mendFlaky() async throws -> Bool {
    guard mayExplore else { return false }
    for test in flakyTargets.prefix(Self.tests) {
      guard try await mayHaveThreads(test),
        let found = try await explored(Scheduled(sources: current, test: test)),
        found.failure != nil
      else { return false }
      note(found, in: current)
      guard try await order(found, of: test) else { return false }
      flaky.remove(test)
    }
    flakyTargets.removeAll { !flaky.contains($0) }
    return flakyTargets.isEmpty
  }

  private func mayHaveThreads(_ test: String?) async throws -> Bool {
    if threaded || (judgement?.observation.threadsStarted ?? 0) > 0 { return true }
    return try await startsThreads(test)
  }

  /// Whether the tests that the session is about start threads.
  func testsStartThreads() async throws -> Bool {
    for test in subjects where try await startsThreads(test) { return true }
    return false
  }

  /// Looks for schedules under which a program fails that passed when it ran by itself.
  ///
  /// - Returns: Whether there is nothing left to do.
  mutating func exploreHealthy() async throws -> Bool {
    guard mayExplore else { return true }
    let inText = try await adapter.startsThreads(original)
    let inProgram = inText || hasThreads
    for test in subjects {
      let inTest = try await startsThreads(test)
      guard inProgram || inTest else { continue }
      let scheduled = Scheduled(sources: original, test: test)
      looked.insert(scheduled)
      switch try await weigh(scheduled) {
      case .holds(let found): report.notes.append(sentence(on: found, of: test))
      case .unknown: noteUnknown(scheduled)
      case .mended: return false
      case .fails:
        report.notes.append("it passes when it runs by itself, and fails under a schedule")
        return false
      }
    }
    return true
  }

  private func startsThreads(_ test: String?) async throws -> Bool {
    guard let test else { return false }
    return try await adapter.testStartsThreads(test)
  }

  /// Says why nothing can be said of the schedules of a program, when it is known.
  private mutating func noteUnknown(_ scheduled: Scheduled) {
    guard let found = explorations[scheduled] else { return }
    guard found.failed == 0 else {
      report.notes += found.notes
      return
    }
    let why = found.limits.first ?? "no run came to its end"
    report.notes.append("none of its schedules could be explored: \(why)")
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
    let left = Self.exploration.share * secondsLeft / Double(max(1, subjects.count))
    return max(1, min(Self.exploration.seconds, left))
  }

  /// What schedules of a state came to, explored once.
  mutating func explored(_ scheduled: Scheduled) async throws -> TraceResult? {
    if let known = explorations[scheduled] { return known }
    guard secondsLeft > checkSeconds else { return nil }
    let found = try await explore(scheduled, seconds: share) { $0.certifies = true }
    explorations[scheduled] = found
    return found
  }

  func explore(
    _ scheduled: Scheduled,
    seconds: Double,
    with change: (inout TraceOptions) -> Void
  ) async throws -> TraceResult {
    tell("exploring schedules of its threads")
    var options = options(for: scheduled)
    options.deadline = min(now() + seconds, budget.seconds - checkSeconds / 2)
    change(&options)
    let told = Told()
    return try await trace(
      try await adapter.openSchedules(on: scheduled.sources, test: scheduled.test),
      options: options,
      now: now,
      progress: { [self] progress in
        guard told.isNew(progress.schedules) else { return }
        tell("exploring schedules of its threads: \(progress.schedules)")
      }
    )
  }

  /// With what schedules of a state are explored.
  func options(for scheduled: Scheduled) -> TraceOptions {
    TraceOptions(
      seed: adapter.surroundings.seed,
      timing: strict.contains(scheduled) ? .strict : .free,
      expected: expectedOutput,
      limits: ScheduleLimits(wall: min(5, max(2, budget.seconds / 10))),
      jobs: adapter.jobs,
      surveys: true
    )
  }

  var expectedOutput: String? {
    guard case .examples(let cases) = oracle else { return nil }
    return cases.first?.expected
  }
}

/// A state of the program, and the test of it that is run under schedules; nil for a script.
struct Scheduled: Sendable, Hashable {
  var sources: Sources
  var test: String?
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
