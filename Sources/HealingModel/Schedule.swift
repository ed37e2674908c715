/// The order in which the threads of one run take their steps: a given beginning, and a policy for the rest.
public struct Schedule: Sendable, Hashable, Codable {
  /// The thread of each step from the first on; 0 is the main thread, the others have the numbers
  /// of their starts.
  public var prefix: ThreadRuns
  /// Who goes on where the prefix ends.
  public var policy: SchedulePolicy

  /// Makes a schedule.
  public init(prefix: ThreadRuns = ThreadRuns(), policy: SchedulePolicy = .continuing) {
    self.prefix = prefix
    self.policy = policy
  }
}

/// Who goes on at a step that no prefix decides.
public enum SchedulePolicy: Sendable, Hashable, Codable {
  /// The current thread while it can, else the next one that can.
  case continuing
  /// Any thread that can go on, drawn with this seed.
  case random(seed: UInt64)
  /// The thread of the highest priority; at `depth - 1` of the first `length` steps, drawn with
  /// the seed, the running one falls below all others (Burckhardt et al. 2010).
  case priorities(seed: UInt64, depth: Int, length: Int)
}

/// A sequence of thread numbers, one a step, held as runs of equal ones.
public struct ThreadRuns: Sendable, Hashable, Codable {
  /// A thread that takes some steps in a row.
  public struct Run: Sendable, Hashable, Codable {
    /// The thread's number.
    public var thread: Int
    /// How many steps it takes; at least one.
    public var count: Int

    /// Makes a run of steps.
    public init(thread: Int, count: Int) {
      self.thread = thread
      self.count = count
    }
  }

  /// The runs in their order; neighbours are of different threads.
  public private(set) var runs: [Run] = []
  /// How many steps there are.
  public private(set) var count = 0

  /// Makes an empty sequence.
  public init() {}

  /// Makes the sequence of `threads`, one a step.
  public init(_ threads: some Sequence<Int>) {
    for thread in threads { append(thread) }
  }

  /// Adds `times` steps of a thread at the end.
  public mutating func append(_ thread: Int, times: Int = 1) {
    guard times > 0 else { return }
    count += times
    if let last = runs.indices.last, runs[last].thread == thread {
      runs[last].count += times
    } else {
      runs.append(Run(thread: thread, count: times))
    }
  }

  /// The threads, one a step.
  public var threads: [Int] {
    var found: [Int] = []
    found.reserveCapacity(count)
    for run in runs { found.append(contentsOf: repeatElement(run.thread, count: run.count)) }
    return found
  }
}
