import HealingModel
import Scheduling

/// Explores the schedules of a program's threads: finds what goes wrong, or says what was covered.
///
/// - Parameters:
///   - program: The program.
///   - options: What is explored, and what may be used up.
///   - now: Seconds since the tool started.
///   - progress: Receives how far the work is.
/// - Returns: What was found.
/// - Throws: ``AdapterError``, or `CancellationError` when the task was cancelled.
public func trace(
  _ program: any ScheduledProgram,
  options: TraceOptions,
  now: @escaping @Sendable () -> Double,
  progress: @escaping @Sendable (TraceProgress) -> Void
) async throws -> TraceResult {
  let session = TraceSession(program: program, options: options, now: now, progress: progress)
  let result = try await ending(at: options.deadline, by: now) {
    var session = session
    return try await session.run()
  }
  try Task.checkCancellation()
  return result
}

/// The state of one exploration.
struct TraceSession: Sendable {
  let program: any ScheduledProgram
  let options: TraceOptions
  let now: @Sendable () -> Double
  let progress: @Sendable (TraceProgress) -> Void

  var result = TraceResult()
  /// Places that runs found to be shared.
  var shared: Set<String> = []
  /// Runs that failed, in the order in which they were found.
  var suspects: [Suspect] = []
  /// What keeps runs apart; one process for all until that turns out to be unsound.
  var isolation = ScheduleIsolation.process
  /// Whether a suspect did not fail again, so that the search goes on with runs kept further apart.
  var mayGoOn = false
  /// The exploration of all schedules, with the number of shared places that its runs know.
  var exploration: (strategy: OptimalExploration, shared: Int)?
  /// What runs of that exploration came to, to be repeated.
  var ledger = Ledger()
  /// Accesses that nothing orders, and how many runs were looked through for them.
  var unordered: (found: Set<UnorderedAccess>, runs: Int) = ([], 0)
  /// Whether some wait of the program has a time.
  var usesTime = false
  var outputs: [String: Int] = [:]
  /// Runs of an exploration of all schedules that came to its end.
  var exhausted: [Ledger.Run] = []
  /// Runs that passed, knowing so many shared places, where there is to be a certificate.
  var passed: (ledger: Ledger, known: Int) = (Ledger(limit: TraceSession.certified), 0)
  /// Draws what is kept of many runs.
  var sampler: SeededGenerator
  /// Failures that were left out, and how often.
  var excluded: [ScheduleFailure: Int] = [:]
  var generator: SeededGenerator

  /// A run that failed.
  struct Suspect: Sendable {
    var failure: ScheduleFailure
    var summary: String
    var schedule: ScheduledFailure
    var method: ScheduleMethod
    var after: Int
    var assumesTime: Bool
  }

  init(
    program: any ScheduledProgram,
    options: TraceOptions,
    now: @escaping @Sendable () -> Double,
    progress: @escaping @Sendable (TraceProgress) -> Void
  ) {
    self.program = program
    self.options = options
    self.now = now
    self.progress = progress
    generator = SeededGenerator(seed: options.seed)
    sampler = SeededGenerator(seed: ~options.seed)
  }

  /// Explores, and gives what is known when the time is over.
  mutating func run() async throws -> TraceResult {
    do {
      try await learn()
      try await survey()
      repeat {
        try await search()
        try await explain()
      } while result.failure == nil && mayGoOn && !isOver
      try await certify()
    } catch is CancellationError {
      if result.failure == nil, let suspect = suspects.first {
        note(
          "a run failed (\(suspect.summary)), and there was no time to repeat it in a "
            + "fresh process"
        )
      }
    }
    return finished()
  }

  // MARK: Running

  /// Seconds left for the search: some are kept to repeat, shorten and explain what it finds.
  var timeLeft: Double {
    let left = options.deadline - now()
    return left - min(5, left * 0.15)
  }

  /// Runs what an exploration asks for until it has nothing more, the time is over, or `isDone`.
  ///
  /// - Parameters:
  ///   - exploration: The strategy.
  ///   - method: How it chooses; nil where that is to be told from each schedule.
  ///   - timing: When waits may time out.
  ///   - count: How many schedules at most.
  ///   - isDone: Says after each batch whether to stop.
  /// - Throws: As ``trace(_:options:now:progress:)``.
  mutating func drive(
    _ exploration: inout some Exploration,
    as method: ScheduleMethod? = nil,
    timing: ScheduleTiming,
    atMost count: Int = .max,
    until isDone: (TraceSession) -> Bool
  ) async throws {
    var (done, size) = (0, Self.batches.lowerBound)
    while done < count, !isOver, !isDone(self) {
      let schedules = exploration.next(min(size, count - done))
      guard !schedules.isEmpty else { return }
      tell(method?.activity ?? "draws schedules")
      let executions = try await run(schedules, as: method, timing: timing)
      for (schedule, execution) in zip(schedules, executions) {
        exploration.take(execution, of: schedule)
        if method == .exhaustive { note(execution) }
      }
      done += schedules.count
      size = min(size * 2, Self.batches.upperBound)
    }
  }

  /// Keeps what a run of the exploration of all schedules shows beyond its end.
  private mutating func note(_ execution: Execution) {
    ledger.note(execution, drawnBy: &generator)
    guard unordered.runs < Self.looked, execution.trace != nil else { return }
    unordered.runs += 1
    unordered.found.formUnion(execution.unorderedAccesses)
  }

  /// Runs that are looked through for accesses that nothing orders.
  private static let looked = 32

  /// Schedules of the first batch, and of the largest: what failed is known at the end of one.
  private static let batches = 16...256

  /// Whether there is nothing to go on for: no time, enough runs, or a program of which no run can be
  /// controlled.
  var isOver: Bool {
    let counts = result.counts
    return timeLeft <= 0 || counts.limited > 1 && counts.limited == counts.all
      || options.schedules.map { counts.all >= $0 } ?? false
  }

  /// Runs schedules, counts how they end, and keeps what failed; fewer runs when the time was over.
  mutating func run(
    _ schedules: [Schedule],
    as method: ScheduleMethod?,
    timing: ScheduleTiming
  ) async throws -> [Execution] {
    let known = shared.sorted()
    var executions: [Execution] = []
    // Runs of which no steps are asked for are much cheaper.
    for part in schedules.split(where: \.needsTrace) {
      var rest = part[...]
      while !rest.isEmpty, !isOver {
        let runs = try await runSideBySide(
          batch(Array(rest), shared: known, timing: timing, steps: part[0].needsTrace)
        )
        result.cpu += runs.cpu
        guard !runs.executions.isEmpty else { return executions }
        for (schedule, execution) in zip(rest, runs.executions) {
          take(execution, method ?? schedule.policy.method, known: known, timing: timing)
        }
        executions += runs.executions
        rest = rest.dropFirst(runs.executions.count)
      }
    }
    return executions
  }

  private func batch(
    _ schedules: [Schedule],
    shared: [String],
    timing: ScheduleTiming,
    steps: Bool
  ) -> ScheduleBatch {
    ScheduleBatch(
      schedules: schedules,
      shared: shared,
      isolation: isolation,
      detail: steps ? .events : .outcome,
      timing: timing,
      limits: options.limits,
      seconds: max(0.1, timeLeft)
    )
  }

  mutating func take(
    _ execution: Execution,
    _ method: ScheduleMethod,
    known: [String],
    timing: ScheduleTiming
  ) {
    let failure = ScheduleFailure(execution, expecting: options.expected)
    count(execution, passes: failure == nil)
    shared.formUnion(execution.foundShared)
    usesTime = usesTime || !execution.assumed.isEmpty || execution.isBounded
    guard let failure else { return keep(execution, knowing: known.count) }
    result.failed += 1
    guard !isLeftOut(failure) else { return }
    suspects.append(
      Suspect(
        failure: failure,
        summary: execution.summary(of: failure),
        schedule: ScheduledFailure(choices: execution.choices, shared: known, timing: timing),
        method: method,
        after: result.counts.all,
        assumesTime: !execution.assumed.isEmpty
      )
    )
  }

  mutating func count(_ execution: Execution, passes: Bool) {
    switch execution.end {
    case .completed:
      result.counts.completed += 1
      guard passes else { break }
      result.passed += 1
      if outputs.count < Self.outputsKept || outputs[execution.output] != nil {
        outputs[execution.output, default: 0] += 1
      }
    case .deadlock, .hang: result.counts.completed += 1
    case .cut(let bound):
      result.counts.cut += 1
      limit("a run was cut: \(bound)")
    case .divergence: result.counts.diverged += 1
    case .limit: result.counts.limited += 1
    }
    for text in execution.limits { limit(text) }
    for text in execution.unseen.prefix(Self.unseenTold) {
      note("not all accesses are known: \(text)")
    }
  }

  /// Operations of one run that are told.
  private static let unseenTold = 5

  /// Different outputs that are told apart.
  private static let outputsKept = 64

  mutating func limit(_ text: String) {
    if !result.limits.contains(text), result.limits.count < 20 { result.limits.append(text) }
  }

  mutating func note(_ text: String) {
    if !result.notes.contains(text) { result.notes.append(text) }
  }

  func tell(_ activity: String) {
    progress(
      TraceProgress(
        activity: activity,
        schedules: result.counts.all,
        secondsLeft: max(0, options.deadline - now())
      )
    )
  }

  /// The result, with what can be said once all is known.
  private mutating func finished() -> TraceResult {
    result.shared = shared.sorted()
    if result.failure == nil { result.unordered = Array(unordered.found.sorted().prefix(50)) }
    result.outputs = outputs.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { ScheduledOutput(text: $0.key, runs: $0.value) }
    if options.expected == nil, result.failure == nil, outputs.count > 1 {
      note(
        "the output depends on the schedule: \(outputs.count) different ones were seen; say which "
          + "is right with --expect"
      )
    }
    if result.counts.diverged > 0 {
      note(
        "\(result.counts.diverged) runs did not follow their schedule: the program depends on "
          + "something else too"
      )
    }
    return result
  }
}

extension SchedulePolicy {
  fileprivate var method: ScheduleMethod {
    switch self {
    case .continuing: .exhaustive
    case .random: .random
    case .priorities: .priorities
    }
  }
}

extension ScheduleMethod {
  fileprivate var activity: String {
    switch self {
    case .random, .priorities: "draws schedules"
    case .accesses: "preempts threads where they access shared state"
    case .bounded(let bound): "explores schedules with \(bound) preemptions"
    case .exhaustive: "explores all schedules"
    case .replayed: "replays a schedule"
    }
  }
}

extension Array {
  /// The array in parts of neighbours for which `property` is the same.
  fileprivate func split(where property: (Element) -> Bool) -> [[Element]] {
    var parts: [[Element]] = []
    for element in self {
      if let last = parts.last?.last, property(last) == property(element) {
        parts[parts.count - 1].append(element)
      } else {
        parts.append([element])
      }
    }
    return parts
  }
}
