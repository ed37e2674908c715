import HealingModel
import Scheduling

extension TraceSession {
  /// Runs of one batch while places that threads share are learnt, and how many batches at most; of
  /// the first batch fewer, since each run takes long when none can be controlled.
  private static let lesson = (first: 2, runs: 12, batches: 10)
  /// Schedules drawn at first, before most of the time goes into exploring every one, and in turns
  /// with that.
  private static let drawn = (few: 64, first: 200, all: 1000, turn: 500)
  /// Schedules with preemptions at accesses of shared state, and how often they begin anew.
  private static let preempted = (runs: 100, rounds: 3)
  /// Schedules drawn in which time passes only when nothing else can.
  private static let drawnStrict = 240
  /// The most preemptions of schedules that are run in the order of these.
  private static let bound = 2
  /// Runs that a small program is given to be explored whole, and runs between draws.
  private static let explored = (first: 400, turn: 1000)

  /// Finds out which places threads share: only accesses to these are steps.
  mutating func learn() async throws {
    var draws = portfolio()
    for batch in 0..<Self.lesson.batches where !isOver {
      tell("learns what threads share")
      let known = shared.count
      let schedules = draws.next(batch == 0 ? Self.lesson.first : Self.lesson.runs)
      let executions = try await run(schedules, as: nil, timing: options.timing)
      for (schedule, execution) in zip(schedules, executions) {
        draws.take(execution, of: schedule)
      }
      if batch > 0, shared.count == known { return }
    }
  }

  /// Looks for a failure, or explores all schedules: what is quick first, then in turns.
  mutating func search() async throws {
    try await drawStrict()
    try await draw(Self.drawn.few)
    try await preemptAtAccesses()
    try await draw(Self.drawn.first)
    try await exhaustUnlessFound(atMost: Self.explored.first)
    try await drawWithin(bound: Self.bound)
    try await draw(Self.drawn.all)
    while !hasFound, !isExhausted, !isOver, isUnfinished {
      try await exhaustUnlessFound(atMost: Self.explored.turn)
      try await draw(Self.drawn.turn)
    }
  }

  /// Drawn schedules spend their preemptions where the most steps are; these where data is shared.
  private mutating func preemptAtAccesses() async throws {
    for _ in 0..<Self.preempted.rounds where !hasFound {
      let known = shared.count
      var accesses = AccessExploration(most: Self.preempted.runs)
      try await drive(&accesses, as: .accesses, timing: options.timing) {
        $0.hasFound || $0.shared.count > known
      }
      // A place that is found to be shared changes what steps there are.
      guard shared.count > known else { return }
    }
  }

  /// Runs schedules with few preemptions first, as far as some hundred runs get.
  private mutating func drawWithin(bound: Int) async throws {
    guard !isExhausted else { return }
    var few = BoundedExploration(maximum: bound)
    let count = Self.explored.first
    try await drive(&few, as: .bounded(bound), timing: options.timing, atMost: count) {
      $0.hasFound
    }
  }

  private mutating func exhaustUnlessFound(atMost count: Int) async throws {
    if !hasFound { try await exhaust(atMost: count) }
  }

  /// Whether a run failed that knew all shared places.
  ///
  /// One from before all were known would be told with steps left out, so the search goes on for
  /// a better one, but not for long.
  private var hasFound: Bool {
    suspects.contains(where: isWhole)
      || suspects.contains { result.counts.all - $0.after > Self.drawn.all / 4 }
  }

  private mutating func draw(_ count: Int) async throws {
    guard !isExhausted else { return }
    var draws = portfolio()
    try await drive(&draws, timing: options.timing, atMost: count) { $0.hasFound }
  }

  /// What needs no assumption on time ranks first, so it is looked for first.
  private mutating func drawStrict() async throws {
    guard usesTime, options.timing == .free, suspects.allSatisfy(\.assumesTime) else { return }
    var draws = portfolio()
    try await drive(&draws, timing: .strict, atMost: Self.drawnStrict) { session in
      session.suspects.contains { !$0.assumesTime }
    }
  }

  /// Whether a run knew from its start all that threads share.
  func isWhole(_ suspect: Suspect) -> Bool { suspect.schedule.shared.count == shared.count }

  /// Schedules drawn in several ways: none of them is the best for all programs.
  private mutating func portfolio() -> Portfolio {
    Portfolio([
      RandomExploration(seed: generator.next()), PriorityExploration(seed: generator.next()),
    ])
  }
}
