public import HealingModel
import Scheduling

/// What running a schedule once more came to.
public struct ReplayedSchedule: Sendable {
  /// The run; nil when there was no time for it.
  public var execution: Execution?
  /// The run as a result: its failure, how it ended, what could not be controlled.
  public var result: TraceResult
}

/// Runs a schedule once more, in a process of its own, every step told.
///
/// - Parameters:
///   - schedule: The schedule.
///   - program: The program.
///   - expected: The output that it must have, or nil for any.
///   - limits: What ends a run that does not end by itself.
///   - seconds: The time that it may take.
/// - Returns: What it came to; its failure may be another one than before.
/// - Throws: ``AdapterError``, or `CancellationError` when the task was cancelled.
public func replay(
  _ schedule: ScheduledFailure,
  of program: any ScheduledProgram,
  expecting expected: String?,
  limits: ScheduleLimits,
  seconds: Double
) async throws -> ReplayedSchedule {
  let options = TraceOptions(
    deadline: seconds,
    timing: schedule.timing,
    expected: expected,
    limits: limits
  )
  var session = TraceSession(program: program, options: options, now: { 0 }, progress: { _ in })
  guard let execution = try await session.repeated(schedule) else {
    return ReplayedSchedule(execution: nil, result: session.result)
  }
  let failure = ScheduleFailure(execution, expecting: expected)
  session.count(execution, passes: failure == nil)
  if let failure {
    var found = TracedFailure(
      failure: failure,
      schedule: schedule,
      execution: execution,
      method: .replayed,
      after: 1,
      isMinimal: false
    )
    found.interruptible = try await session.answers([execution])
    session.result.failure = found
  }
  session.result.shared = schedule.shared
  return ReplayedSchedule(execution: execution, result: session.result)
}
