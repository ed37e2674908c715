import HealingModel
import Scheduling

extension TraceSession {
  /// Runs that are spent on making a failing schedule short, and runs in one batch.
  private static let effort = (all: 800, batch: 64)

  /// Takes switches out of a failing schedule until none can go, and finds a near one that passes.
  mutating func shorten(_ found: inout TracedFailure) async throws {
    var search = Minimization(
      of: found.execution,
      failing: found.failure,
      budget: Self.effort.all
    )
    var isWhole = false
    while shorteningTime > 0, !isWhole {
      tell("shortens the failing schedule")
      let schedules = search.next(Self.effort.batch)
      isWhole = schedules.isEmpty
      let executions = isWhole ? [] : try await tried(schedules, like: found.schedule)
      for (schedule, execution) in zip(schedules, executions) {
        let failure = ScheduleFailure(execution, expecting: options.expected)
        search.take(execution, of: schedule, failing: failure)
      }
      guard executions.count == schedules.count else { break }
    }
    guard let shortest = search.result else { return }
    var schedule = found.schedule
    schedule.choices = shortest.execution.choices
    if let execution = try await repeated(schedule),
      ScheduleFailure(execution, expecting: options.expected) == found.failure
    {
      (found.schedule, found.execution) = (schedule, execution)
      found.isMinimal = shortest.isMinimal && isWhole
    }
    try await addPassing(shortest.nearestPassing, to: &found)
  }

  private mutating func addPassing(
    _ passing: Execution?,
    to found: inout TracedFailure
  ) async throws {
    guard let passing else {
      return note("no schedule near it passes: the failure may not depend on the order of threads")
    }
    var schedule = found.schedule
    schedule.choices = passing.choices
    if let execution = try await repeated(schedule), execution.end == .completed,
      ScheduleFailure(execution, expecting: options.expected) == nil
    {
      found.passing = execution
    }
  }

  /// Runs schedules in one process, with their steps.
  mutating func tried(
    _ schedules: [Schedule],
    like schedule: ScheduledFailure
  ) async throws -> [Execution] {
    let runs = try await program.run(
      ScheduleBatch(
        schedules: schedules,
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
    return runs.executions
  }

  /// Seconds left to shorten: some are kept to repeat what comes of it.
  var shorteningTime: Double { options.deadline - now() - 1 }
}
