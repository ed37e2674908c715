import HealingModel
import Scheduling

/// How much a failing run asks of the scheduler; the least is told.
///
/// Shortlex in the sense of delta debugging: assumptions on time first, then switches from a thread that could
/// have gone on, then switches of any kind, then steps.
struct ScheduleCost: Comparable, Sendable {
  var assumed: Int
  var preemptions: Int
  var switches: Int
  var steps: Int

  init(_ execution: Execution) {
    assumed = execution.assumed.count
    switches = max(0, execution.choices.runs.count - 1)
    steps = execution.choices.count
    preemptions = execution.preemptions.count
  }

  static func < (lhs: ScheduleCost, rhs: ScheduleCost) -> Bool {
    (lhs.assumed, lhs.preemptions, lhs.switches, lhs.steps)
      < (rhs.assumed, rhs.preemptions, rhs.switches, rhs.steps)
  }
}

extension Execution {
  /// The steps before which a thread that could have gone on was left, as far as the trace tells.
  var preemptions: [Int] {
    let steps = trace?.events.filter { !$0.isFurther } ?? []
    return steps.indices.dropFirst().filter { index in
      let before = steps[index - 1].thread
      guard steps[index].thread != before, let trace,
        trace.choices.indices.contains(steps[index].choice)
      else { return false }
      return trace.choices[steps[index].choice].ready.contains(before)
    }
  }
}

extension ThreadRuns {
  /// Schedules that differ by one run of steps, which moves to a neighbour of the same thread or goes.
  ///
  /// Each comes whole, and cut after the change, where it is left to the policy who goes on.
  var reductions: [ThreadRuns] {
    var found: [ThreadRuns] = []
    for index in runs.indices {
      found.append(ThreadRuns(runs: runs[..<index]))
      let later = runs.indices.first { $0 > index && runs[$0].thread == runs[index].thread }
      let earlier = runs.indices.last { $0 < index && runs[$0].thread == runs[index].thread }
      for target in [later, earlier].compactMap(\.self) {
        var moved = runs
        moved[target].count += moved[index].count
        moved[index].count = 0
        found.append(ThreadRuns(runs: moved[...]))
        found.append(ThreadRuns(runs: moved[...max(target, index)]))
      }
    }
    return found
  }

  /// Makes a sequence of runs; empty ones and equal neighbours become one with the next.
  private init(runs: some Sequence<Run>) {
    self.init()
    for run in runs { append(run.thread, times: run.count) }
  }

  /// How many steps two sequences begin with alike.
  func commonCount(with other: ThreadRuns) -> Int {
    zip(threads, other.threads).prefix { $0 == $1 }.count
  }
}

extension TraceSession {
  /// Rounds in which a failing schedule is made shorter, and runs in one of them.
  private static let rounds = 40
  private static let tries = 160

  /// Takes switches out of a failing schedule until none can go, and finds a near one that passes.
  mutating func shorten(_ found: inout TracedFailure) async throws {
    var best = found.execution
    var passing: [Execution] = []
    var isMinimal = false
    for _ in 0..<Self.rounds where shorteningTime > 0 && !isMinimal {
      tell("shortens the failing schedule")
      let runs = try await tried(best.choices.reductions, like: found.schedule)
      let passed = runs.filter(passes)
      if !passed.isEmpty { passing = passed }
      let shorter = runs.filter { failsAlike($0, found) && ScheduleCost($0) < ScheduleCost(best) }
      if let next = shorter.min(by: { ScheduleCost($0) < ScheduleCost($1) }) {
        best = next
      } else {
        isMinimal = true
      }
    }
    if passing.isEmpty {
      passing = try await tried(turns(of: best), like: found.schedule).filter(passes)
    }
    var schedule = found.schedule
    schedule.choices = best.choices
    if let execution = try await repeated(schedule), failsAlike(execution, found) {
      (found.schedule, found.execution, found.isMinimal) = (schedule, execution, isMinimal)
    }
    try await findPassing(among: passing, for: &found)
  }

  /// The run that passes and goes with the failing one for longest.
  private mutating func findPassing(
    among runs: [Execution],
    for found: inout TracedFailure
  ) async throws {
    let failing = found.execution.choices
    let nearest = runs.max { lhs, rhs in
      let (one, other) = (
        lhs.choices.commonCount(with: failing), rhs.choices.commonCount(with: failing)
      )
      return one == other ? ScheduleCost(rhs) < ScheduleCost(lhs) : one < other
    }
    guard let nearest else {
      return note("no schedule near it passes: the failure may not depend on the order of threads")
    }
    var schedule = found.schedule
    schedule.choices = nearest.choices
    if let execution = try await repeated(schedule), passes(execution) {
      found.passing = execution
    }
  }

  /// Schedules that do what the failing one does up to a step, and let another thread take that.
  private func turns(of execution: Execution) -> [ThreadRuns] {
    guard let trace = execution.trace else { return [] }
    let steps = trace.events.filter { !$0.isFurther }
    let threads = execution.choices.threads
    return steps.indices.reversed().flatMap { index in
      trace.choices[steps[index].choice].ready.filter { $0 != steps[index].thread }.map { other in
        ThreadRuns(threads[..<index] + [other])
      }
    }
  }

  /// Runs schedules in one process, with their steps; those that could not be followed are left out.
  private mutating func tried(
    _ schedules: [ThreadRuns],
    like schedule: ScheduledFailure
  ) async throws -> [Execution] {
    let runs = try await program.run(
      ScheduleBatch(
        schedules: schedules.prefix(Self.tries).map { Schedule(prefix: $0) },
        shared: schedule.shared,
        isolation: isolation,
        detail: .events,
        timing: schedule.timing,
        limits: options.limits,
        seconds: max(0.1, shorteningTime)
      )
    )
    try Task.checkCancellation()
    result.cpu += runs.cpu
    return runs.executions.filter { $0.end != .divergence && $0.foundShared.isEmpty }
  }

  /// Seconds left to shorten: some are kept to repeat what comes of it.
  private var shorteningTime: Double { options.deadline - now() - 1 }

  private func failsAlike(_ execution: Execution, _ found: TracedFailure) -> Bool {
    ScheduleFailure(execution, expecting: options.expected) == found.failure
  }

  private func passes(_ execution: Execution) -> Bool {
    execution.end == .completed
      && ScheduleFailure(execution, expecting: options.expected) == nil
  }
}
