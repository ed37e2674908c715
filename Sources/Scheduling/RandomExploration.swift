public import HealingModel

/// Draws every choice at random; never ends.
public struct RandomExploration: Exploration {
  private var seeds: SeededGenerator
  private var shortfalls: Set<Shortfall> = [.sampled]
  /// How many executions were handed back so far.
  public private(set) var counts = ExplorationCounts()

  /// Makes a strategy whose schedules `seed` fixes.
  public init(seed: UInt64) { seeds = SeededGenerator(seed: seed) }

  /// The next schedules, as many as are asked for.
  public mutating func next(_ count: Int) -> [Schedule] {
    (0..<max(0, count)).map { _ in Schedule(policy: .random(seed: seeds.next())) }
  }

  /// Counts an execution.
  public mutating func take(_ execution: Execution, of schedule: Schedule) {
    counts.add(execution)
    shortfalls.formUnion(execution.shortfalls)
  }

  /// Never exhausted.
  public var completeness: Completeness { .incomplete(shortfalls) }
}
