import HealingModel
import Scheduling

extension TraceSession {
  /// Suspects that are repeated at most.
  private static let tries = 8
  /// Failures of other kinds that are kept.
  private static let others = 2

  /// Repeats a failing schedule in a process of its own; only then is it a failure.
  mutating func explain() async throws {
    let ranked = suspects.enumerated().sorted { lhs, rhs in
      rank(lhs.element, lhs.offset) < rank(rhs.element, rhs.offset)
    }.map(\.element)
    for suspect in ranked.prefix(Self.tries) {
      tell("repeats the failing schedule")
      guard let execution = try await repeated(suspect.schedule) else { continue }
      guard let failure = ScheduleFailure(execution, expecting: options.expected),
        failure == suspect.failure
      else {
        note(
          "a run failed (\(suspect.summary)) and not again in a process of its own: it "
            + "depends on more than the schedule"
        )
        continue
      }
      result.others = others(than: suspect)
      suspects = []
      var found = TracedFailure(
        failure: failure,
        schedule: suspect.schedule,
        execution: execution,
        method: suspect.method,
        after: suspect.after,
        isMinimal: false
      )
      result.failure = found
      if options.shortens { try await shorten(&found) }
      result.failure = found
      try await judgeByLock(&found)
      guard isWanted(found) else {
        result.failure = nil
        leaveOut(found)
        return mayGoOn = true
      }
      result.failure = found
      return
    }
    mayGoOn = !suspects.isEmpty && isolation == .process
    suspects = []
    (isolation, exploration, ledger) = (.fork, nil, Ledger())
  }

  /// Runs that failed in other ways, one of each.
  private func others(than suspect: Suspect) -> [ScheduledFailure] {
    var known = [suspect.failure.signature]
    var found: [ScheduledFailure] = []
    for one in suspects where found.count < Self.others {
      guard one.schedule.shared == suspect.schedule.shared, !known.contains(one.failure.signature),
        one.schedule.timing == suspect.schedule.timing
      else { continue }
      known.append(one.failure.signature)
      found.append(one.schedule)
    }
    return found
  }

  private func rank(_ suspect: Suspect, _ order: Int) -> (Int, Int, Int) {
    (suspect.assumesTime ? 1 : 0, isWhole(suspect) ? 0 : 1, order)
  }

  /// One run of a schedule in a process of its own, every step told.
  mutating func repeated(_ schedule: ScheduledFailure) async throws -> Execution? {
    let runs = try await program.run(
      ScheduleBatch(
        schedules: [Schedule(prefix: schedule.choices)],
        shared: schedule.shared,
        isolation: .fork,
        detail: .values,
        timing: schedule.timing,
        limits: options.limits,
        seconds: max(1, options.deadline - now())
      )
    )
    result.cpu += runs.cpu
    return runs.executions.first
  }
}
