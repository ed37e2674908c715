import HealingModel
import Scheduling

extension TraceSession {
  /// Runs that are repeated at least, a process for each, before all schedules count as explored.
  private static let repeated = 200
  /// Runs in one batch of repetitions.
  private static let batch = 100

  /// Whether all schedules were explored, and repeated.
  var isExhausted: Bool {
    if case .exhausted = result.coverage { true } else { false }
  }

  /// Whether the exploration of all schedules has some left.
  var isUnfinished: Bool {
    guard let exploration, exploration.shared == shared.count else { return true }
    guard case .incomplete(let reasons) = exploration.strategy.completeness else { return false }
    return reasons.contains(.unfinished)
  }

  /// Explores one schedule of each class of those that come to the same, until a run fails.
  ///
  /// - Parameter count: How many runs at most; the exploration goes on from there the next time.
  /// - Throws: As ``trace(_:options:now:progress:)``.
  mutating func exhaust(atMost count: Int) async throws {
    let end = result.counts.all > .max - count ? .max : result.counts.all + count
    while !isOver, result.counts.all < end, suspects.isEmpty {
      // A place that is found to be shared voids what was explored without it.
      if exploration?.shared != shared.count {
        exploration = (OptimalExploration(), shared.count)
        ledger = Ledger()
      }
      guard var strategy = exploration?.strategy else { return }
      let known = shared.count
      let (before, redundant) = (result.counts.all, strategy.counts.redundant)
      try await drive(
        &strategy,
        as: .exhaustive,
        timing: options.timing,
        atMost: end - result.counts.all
      ) { !$0.suspects.isEmpty || $0.shared.count > known }
      exploration?.strategy = strategy
      result.counts.blocked += strategy.counts.redundant - redundant
      result.counts.completed -= strategy.counts.redundant - redundant
      guard shared.count == known else { continue }
      switch strategy.completeness {
      case .exhausted(let bound):
        guard result.leftOut == 0 else {
          return note("all schedules were explored; some fail, and were left out")
        }
        return try await certify(bound: bound)
      case .incomplete(let reasons):
        if reasons.contains(.unfinished) {
          // Without a run nothing changes: what it waits for was lost with its process.
          guard result.counts.all > before else { return }
          continue
        }
        return note("not all schedules were explored: \(words(reasons))")
      }
    }
  }

  private func words(_ reasons: Set<Shortfall>) -> String {
    reasons.map { reason in
      switch reason {
      case .unfinished: "the time was over"
      case .sampled: "they were drawn"
      case .cut(let bound): "some runs were cut (\(bound))"
      case .timeouts: "a wait would time out again and again"
      case .fairness: "a thread that would not give way was made to"
      case .limit: "something could not be controlled"
      case .unseen: "what some operations access is not all known"
      case .foundShared: "what threads share was still being found"
      case .divergence: "a run did not follow its schedule"
      case .unreadable: "a run could not be read"
      }
    }.sorted().joined(separator: ", ")
  }

  /// Repeats explored runs, a process for each: only then is it said that all was explored.
  private mutating func certify(bound: Int?) async throws {
    let runs = ledger.kept
    var done = 0
    while done < runs.count, timeLeft > 0 {
      tell("repeats what was explored")
      let part = runs[done..<min(runs.count, done + Self.batch)]
      let again = try await runSideBySide(
        ScheduleBatch(
          schedules: part.map { Schedule(prefix: $0.choices) },
          shared: shared.sorted(),
          isolation: .fork,
          timing: options.timing,
          limits: options.limits,
          seconds: max(0.1, timeLeft)
        )
      )
      result.cpu += again.cpu
      for (run, execution) in zip(part, again.executions) where !run.isSame(as: execution) {
        return note(
          "all schedules were explored, but a run came to something else when it was repeated in a "
            + "process of its own"
        )
      }
      guard !again.executions.isEmpty else { break }
      done += again.executions.count
    }
    guard done >= min(Self.repeated, ledger.count) else {
      return note("all schedules were explored, and there was no time to repeat enough of them")
    }
    result.coverage = .exhausted(bound: bound, repeated: done, all: ledger.count)
    exhausted = ledger.kept
  }
}

/// What explored runs came to; of very many a sample, drawn with a seed.
struct Ledger: Sendable {
  /// A run.
  struct Run: Sendable {
    var choices: ThreadRuns
    var outcome: String

    /// Whether another run took the same steps to the same end, and found nothing new.
    func isSame(as other: Execution) -> Bool {
      other.choices == choices && other.outcome == outcome && other.foundShared.isEmpty
    }
  }

  /// Runs that are kept.
  private let limit: Int
  /// The runs.
  private(set) var kept: [Run] = []
  /// How many there were.
  private(set) var count = 0

  init(limit: Int = 10_000) { self.limit = limit }

  /// Notes a run; beyond the limit it takes the place of a random one (Vitter 1985, algorithm R).
  mutating func note(_ execution: Execution, drawnBy generator: inout SeededGenerator) {
    count += 1
    let run = Run(choices: execution.choices, outcome: execution.outcome)
    if kept.count < limit {
      kept.append(run)
    } else if case let place = Int.random(in: 0..<count, using: &generator), place < limit {
      kept[place] = run
    }
  }
}
