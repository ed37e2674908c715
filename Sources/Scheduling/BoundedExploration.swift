public import HealingModel

/// Enumerates all schedules without preemption, then those with one, two and so on.
///
/// Iterative context bounding: Musuvathi and Qadeer, "Iterative Context Bounding for Systematic
/// Testing of Multithreaded Programs", 2007. A preemption is a switch away from a thread that could
/// have gone on; waiting, ending and giving way are none. Nothing is reduced within a bound, so the
/// number of executions is that of the schedules, which ``bounds`` tells: with *t* threads and *s*
/// steps it grows by a factor of some *s*·*t* with each preemption. When a bound
/// leaves nothing over it, all schedules were run.
public struct BoundedExploration: Exploration {
  /// A bound whose schedules were all run.
  public struct Bound: Sendable, Hashable {
    /// How many preemptions.
    public var preemptions: Int
    /// How many executions have exactly so many.
    public var executions: Int
  }

  private struct Entry: Sendable {
    var prefix: ThreadRuns
    var preemptions: Int
  }

  /// The bounds that were finished so far.
  public private(set) var bounds: [Bound] = []
  /// How many executions were handed back so far.
  public private(set) var counts = ExplorationCounts()
  private let maximum: Int
  private let capacity: Int
  private var bound = 0
  private var frontier = [Entry(prefix: ThreadRuns(), preemptions: 0)]
  private var beyond: [Entry] = []
  private var outstanding: [Schedule: Entry] = [:]
  private var executions = 0
  private var reader = StepReader()
  private var shortfalls: Set<Shortfall> = []
  /// The highest bound of which everything was covered.
  private var covered: Int?
  private var isDone = false

  /// Makes an exploration.
  ///
  /// - Parameters:
  ///   - maximum: The last bound.
  ///   - capacity: How many schedules beyond the bound are kept for the next one; with more there
  ///     is no next one.
  public init(maximum: Int = .max, capacity: Int = 200_000) {
    self.maximum = maximum
    self.capacity = capacity
  }

  /// Schedules within the bound; none while executions are awaited on which the next bound depends.
  public mutating func next(_ count: Int) -> [Schedule] {
    finishBound()
    guard !isDone else { return [] }
    return (0..<max(0, min(count, frontier.count))).compactMap { _ in
      guard let entry = frontier.popLast() else { return nil }
      let schedule = Schedule(prefix: entry.prefix)
      outstanding[schedule] = entry
      return schedule
    }
  }

  /// Notes what an execution could have done otherwise.
  public mutating func take(_ execution: Execution, of schedule: Schedule) {
    guard let entry = outstanding.removeValue(forKey: schedule) else { return }
    counts.add(execution)
    executions += 1
    shortfalls.formUnion(execution.shortfalls)
    if !execution.foundShared.isEmpty {
      covered = nil
      isDone = true
    }
    guard !isDone, execution.end != .divergence else { return }
    guard let steps = reader.steps(of: execution) else {
      shortfalls.insert(.unreadable)
      return
    }
    branch(from: entry, steps: steps)
    finishBound()
  }

  /// The highest bound that was covered; without one, what is missing.
  public var completeness: Completeness {
    if isDone, frontier.isEmpty, beyond.isEmpty, shortfalls.isEmpty {
      return .exhausted(preemptions: nil)
    }
    if let covered { return .exhausted(preemptions: covered) }
    return .incomplete(isDone ? shortfalls : shortfalls.union([.unfinished]))
  }

  private mutating func branch(from entry: Entry, steps: [ExecutionStep]) {
    var prefix = entry.prefix
    for place in entry.prefix.count..<max(entry.prefix.count, steps.count) {
      let step = steps[place]
      let previous = place > 0 ? steps[place - 1].thread : nil
      let couldGoOn = previous.map { step.ready.contains($0) } ?? false
      // The policy goes on where it can; where it did not, the thread gave way, or had to.
      let gaveWay = couldGoOn && step.thread != previous
      if gaveWay { shortfalls.insert(.fairness) }
      for other in step.ready + step.timed where other != step.thread {
        if gaveWay, other == previous { continue }
        var changed = prefix
        changed.append(other)
        let cost = couldGoOn && !gaveWay ? 1 : 0
        keep(Entry(prefix: changed, preemptions: entry.preemptions + cost))
      }
      prefix.append(step.thread)
    }
  }

  private mutating func keep(_ entry: Entry) {
    if entry.preemptions <= bound {
      frontier.append(entry)
    } else if beyond.count <= capacity {
      beyond.append(entry)
    }
  }

  private mutating func finishBound() {
    while !isDone, frontier.isEmpty, outstanding.isEmpty {
      bounds.append(Bound(preemptions: bound, executions: executions))
      if shortfalls.isEmpty { covered = bound }
      if beyond.isEmpty || bound >= maximum || beyond.count > capacity {
        isDone = true
      } else {
        bound += 1
        executions = 0
        frontier = beyond
        beyond = []
      }
    }
  }
}
