import HealingModel

extension TraceSession {
  /// Runs after which a second process is worth its start, and runs that each has to get.
  private static let worth = (runs: 400, each: 16)

  /// Runs a batch in as many parts as there are jobs; what comes of it does not depend on how many.
  func runSideBySide(_ batch: ScheduleBatch) async throws -> ScheduledRuns {
    let width =
      result.counts.all < Self.worth.runs
      ? 1 : max(1, min(options.jobs, batch.schedules.count / Self.worth.each))
    let size = (batch.schedules.count + width - 1) / width
    let parts = stride(from: 0, to: batch.schedules.count, by: max(1, size)).map { first in
      var part = batch
      part.schedules = Array(batch.schedules[first..<min(batch.schedules.count, first + size)])
      return part
    }
    let program = program
    var found = try await withThrowingTaskGroup(of: (Int, ScheduledRuns).self) { group in
      for (index, part) in parts.enumerated() {
        group.addTask { (index, try await program.run(part)) }
      }
      var found = parts.map { _ in ScheduledRuns(executions: []) }
      while let (index, runs) = try await group.next() { found[index] = runs }
      return found
    }
    try Task.checkCancellation()
    // After one that was not finished there is a gap, and what follows it has to be run again.
    if let gap = zip(parts, found).enumerated().first(where: { _, pair in
      pair.1.executions.count < pair.0.schedules.count
    })?.offset {
      for index in found.indices where index > gap { found[index].executions = [] }
    }
    return ScheduledRuns(
      executions: found.flatMap(\.executions),
      cpu: found.map(\.cpu).reduce(0, +)
    )
  }
}
