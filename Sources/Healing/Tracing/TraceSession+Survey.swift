import HealingModel
import Scheduling

extension TraceSession {
  /// Runs that are looked through, and how many of them for accesses that nothing orders.
  private static let surveyed = (runs: 32, ordered: 8)

  /// Looks through some runs for what threads do at the same time.
  mutating func survey() async throws {
    guard options.surveys, !isOver else { return }
    tell("looks at what happens at once")
    var draws = RandomExploration(seed: generator.next())
    let known = shared.sorted()
    let runs = try await program.run(
      ScheduleBatch(
        schedules: draws.next(Self.surveyed.runs),
        shared: known,
        isolation: isolation,
        detail: .events,
        timing: options.timing,
        limits: options.limits,
        seconds: max(0.1, timeLeft)
      )
    )
    try Task.checkCancellation()
    result.cpu += runs.cpu
    var survey = ScheduleSurvey()
    for (index, execution) in runs.executions.enumerated() {
      take(execution, .random, known: known, timing: options.timing)
      survey.threads = max(survey.threads, execution.threads.count)
      survey.alive = max(survey.alive, execution.mostAlive)
      survey.overlaps.formUnion(execution.overlaps)
      guard index < Self.surveyed.ordered else { continue }
      survey.unordered.formUnion(execution.tornAccesses.map(\.subject))
    }
    result.survey = survey
  }
}
