public import HealingModel

/// Gives threads random priorities that change at few random steps; never ends.
///
/// Probabilistic concurrency testing: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized
/// Scheduler with Probabilistic Guarantees of Finding Bugs", 2010. A bug that needs *d* ordering
/// constraints among *n* threads is found by a schedule of depth *d* with probability at least
/// 1/(n·k^(d-1)), *k* being the number of steps, here that of the longest execution seen so far.
public struct PriorityExploration: Exploration {
  /// The depths that schedules have in turn.
  public let depths: [Int]
  private var seeds: SeededGenerator
  private var turn = 0
  private var length: Int
  private var shortfalls: Set<Shortfall> = [.sampled]
  /// How many executions were handed back so far.
  public private(set) var counts = ExplorationCounts()

  /// Makes a strategy whose schedules `seed` and the executions fix.
  ///
  /// - Parameters:
  ///   - seed: The seed of priorities and changes.
  ///   - depths: Depths that are used in turn, each at least 1.
  ///   - length: The number of steps that is expected before any execution was seen.
  public init(seed: UInt64, depths: [Int] = [2, 3, 1, 4], length: Int = 50) {
    seeds = SeededGenerator(seed: seed)
    self.depths = depths.isEmpty ? [2] : depths.map { max(1, $0) }
    self.length = max(1, length)
  }

  /// The next schedules, as many as are asked for.
  public mutating func next(_ count: Int) -> [Schedule] {
    (0..<max(0, count)).map { _ in
      let depth = depths[turn % depths.count]
      turn += 1
      return Schedule(policy: .priorities(seed: seeds.next(), depth: depth, length: length))
    }
  }

  /// Counts an execution and learns how long executions get.
  public mutating func take(_ execution: Execution, of schedule: Schedule) {
    length =
      counts.all == 0 ? max(1, execution.choices.count) : max(length, execution.choices.count)
    counts.add(execution)
    shortfalls.formUnion(execution.shortfalls)
  }

  /// Never exhausted.
  public var completeness: Completeness { .incomplete(shortfalls) }
}
