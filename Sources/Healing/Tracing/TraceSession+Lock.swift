import HealingModel
import Scheduling

extension TraceSession {
  /// Schedules that are run to find one that the global lock allows, and runs in one batch.
  private static let search = (all: 400, batch: 64)
  /// For how long nothing may have moved before a thread begins, in runs of the unrewritten program.
  private static let calms = [20, 80]
  /// Seconds after which such a run does not end any more, and that are to be left for all of them.
  private static let patience = (run: 3.0, all: 4.0)
  /// Switches that are tried to be shown at most.
  private static let switches = 12
  /// Failures of one kind that are left out before all like them are.
  private static let excluded = 6

  private var version: InterpreterVersion? { InterpreterVersion(program.identity.interpreter) }

  /// Finds out whether the interpreter's global lock lets a failure happen; where one schedule needs
  /// what it does not, another one of the same failure is looked for.
  mutating func judgeByLock(_ found: inout TracedFailure) async throws {
    guard options.gil != .ignored else { return }
    tell("looks at the bytecode between the switches")
    found.interruptible = try await answers([found.execution])
    if case .notByModel = label(of: found) { try await findAllowed(instead: &found) }
    switch label(of: found) {
    case .possible, .unknown: try await show(&found)
    case .notByModel, .shown: break
    }
  }

  /// Whether a failure is told.
  func isWanted(_ found: TracedFailure) -> Bool {
    guard options.gil == .strict, case .notByModel = label(of: found) else { return true }
    return false
  }

  /// Leaves a failure out, and all like it once there were some.
  mutating func leaveOut(_ found: TracedFailure) {
    result.leftOut += 1
    excluded[found.failure, default: 0] += 1
    note(
      "left out: \(found.summary), \(label(of: found).words); other versions and builds may show it"
    )
  }

  /// Whether failures like this one were left out so often that further ones are not looked at.
  func isLeftOut(_ failure: ScheduleFailure) -> Bool {
    excluded[failure, default: 0] >= Self.excluded
  }

  private func label(of found: TracedFailure) -> GILLabel {
    found.isShown
      ? .shown : found.execution.gilLabel(version: version, answers: found.interruptible)
  }

  /// What is known of the pairs of events around the switches of runs.
  func answers(_ runs: [Execution]) async throws -> [Interruption: Bool] {
    let pairs = Array(Set(runs.flatMap { $0.preemptions.compactMap(\.interruption) }))
    guard !pairs.isEmpty else { return [:] }
    let answers = try await program.canInterrupt(pairs)
    return Dictionary(
      uniqueKeysWithValues: zip(pairs, answers).compactMap { pair, answer in
        answer.map { (pair, $0) }
      }
    )
  }

  /// Looks among schedules with as few switches for one that shows the same and is allowed.
  private mutating func findAllowed(instead found: inout TracedFailure) async throws {
    var few = BoundedExploration(maximum: max(1, found.execution.preemptions.count))
    var done = 0
    while done < Self.search.all, shorteningTime > 0 {
      let schedules = few.next(Self.search.batch)
      guard !schedules.isEmpty else { return }
      done += schedules.count
      let executions = try await tried(schedules, like: found.schedule)
      for (schedule, execution) in zip(schedules, executions) {
        few.take(execution, of: schedule)
      }
      guard executions.count == schedules.count else { return }
      let failing = executions.filter {
        ScheduleFailure($0, expecting: options.expected) == found.failure
      }
      let answers = try await answers(failing)
      for execution in failing
      where execution.gilLabel(version: version, answers: answers) == .possible {
        if try await take(execution, insteadOf: &found) { return }
      }
    }
  }

  /// Puts a run in the place of the one that was found; false when it does not fail again.
  private mutating func take(
    _ execution: Execution,
    insteadOf found: inout TracedFailure
  ) async throws -> Bool {
    var other = found
    other.schedule.choices = execution.choices
    guard let again = try await repeated(other.schedule),
      ScheduleFailure(again, expecting: options.expected) == found.failure
    else { return false }
    (other.execution, other.isMinimal) = (again, false)
    var short = other
    if options.shortens { try await shorten(&short) }
    for one in [short, other] {
      var one = one
      one.interruptible = try await answers([one.execution])
      if label(of: one) == .possible {
        found = one
        return true
      }
    }
    return false
  }

  /// Runs the unrewritten program with pauses at the switches, a few times, until it fails alike.
  private mutating func show(_ found: inout TracedFailure) async throws {
    let switches = found.execution.preemptions.map(\.forced)
    guard switches.count <= Self.switches, !found.assumesTime, !found.execution.hasTasks else {
      return
    }
    for calm in Self.calms where options.deadline - now() > Self.patience.all {
      tell("runs the program as it is, with pauses at the switches")
      let plan = ForcedPlan(
        switches: switches,
        order: found.execution.threadsAsTheyBegan,
        calm: calm,
        seconds: Self.patience.run
      )
      guard let run = try await program.force(plan) else { return }
      if run.taken.count == switches.count,
        found.failure.isShown(by: run, expecting: options.expected)
      {
        found.isShown = true
        return
      }
    }
  }
}

extension Execution {
  /// Whether tasks of an event loop are among its threads: these change places by themselves.
  fileprivate var hasTasks: Bool {
    trace?.objects.values.contains { $0.key.hasPrefix("Event loop") } ?? false
  }
}
