public import HealingModel

/// A strategy that says which schedules of a program to run, and learns from what they come to.
///
/// It is driven from outside: whoever runs programs asks for schedules, runs them in any order and
/// side by side, and hands the executions back. Same executions in the same order, same schedules.
///
/// ```swift
/// while true {
///   let schedules = exploration.next(32)
///   if schedules.isEmpty { break }  // done, or stopped: `completeness` says which
///   for (schedule, execution) in run(schedules) { exploration.take(execution, of: schedule) }
/// }
/// ```
///
/// An execution that found new shared places (``Execution/foundShared``) voids what was explored so
/// far by a strategy that is to exhaust: it stops, and ``completeness`` holds
/// ``Shortfall/foundShared``. The driver then adds the places to those that its runs are given, and
/// starts a new exploration. Random strategies go on.
public protocol Exploration: Sendable {
  /// The next schedules to run.
  ///
  /// - Parameter count: How many at most; fewer are returned when later ones depend on executions
  ///   to come.
  /// - Returns: Schedules that were not handed out before; none when the exploration is done or has
  ///   to stop, provided that all executions were handed back. Those whose policy is `.continuing`
  ///   need executions with a trace.
  mutating func next(_ count: Int) -> [Schedule]

  /// Learns from an execution of a schedule that ``next(_:)`` returned.
  mutating func take(_ execution: Execution, of schedule: Schedule)

  /// What can be said of the executions handed back so far.
  var completeness: Completeness { get }

  /// How many executions were handed back so far.
  var counts: ExplorationCounts { get }
}

extension Schedule {
  /// Whether an exploration that asked for this schedule reads the trace of its execution.
  public var needsTrace: Bool { policy == .continuing }
}

/// What can be said of a set of explored schedules.
public enum Completeness: Sendable, Hashable {
  /// All schedules were covered; with at most so many preemptions if a number is given.
  case exhausted(preemptions: Int?)
  /// Some schedules were not covered, for these reasons.
  case incomplete(Set<Shortfall>)
}

/// Why an exploration did not cover every schedule.
public enum Shortfall: Sendable, Hashable {
  /// It is not at its end yet.
  case unfinished
  /// It draws schedules at random.
  case sampled
  /// A run was cut by a bound: `steps`, `fuel` or `output`.
  case cut(String)
  /// A wait was not timed out any more because it had done so often.
  case timeouts
  /// A thread that would not give way was made to.
  case fairness
  /// Something could not be controlled.
  case limit
  /// What some operation accessed is not all known.
  case unseen
  /// A run found shared places that were not known before: start again with them.
  case foundShared
  /// A schedule could not be followed: the program does something else under the same schedule.
  case divergence
  /// A run lacked what is needed to go on from it, such as its trace.
  case unreadable
}

/// How many executions an exploration was handed.
public struct ExplorationCounts: Sendable, Hashable {
  /// Those that came to an end of their own: completed, in a deadlock or in a hang.
  public var completed = 0
  /// Those known to repeat another one: they ran into a sleeping thread, or only looked something
  /// up.
  public var redundant = 0
  /// Those that ended otherwise: cut, diverged, or beyond control.
  public var other = 0

  /// Makes counts of zero.
  public init() {}

  /// All executions.
  public var all: Int { completed + redundant + other }

  /// Counts an execution that is not redundant.
  mutating func add(_ execution: Execution) {
    if execution.end.isOwn { completed += 1 } else { other += 1 }
  }
}

extension ExecutionEnd {
  /// Whether the program came to this end by itself.
  var isOwn: Bool {
    switch self {
    case .completed, .deadlock, .hang: true
    case .cut, .divergence, .limit: false
    }
  }
}

extension Execution {
  /// Why nothing can be said of all schedules once this execution is among them.
  var shortfalls: Set<Shortfall> {
    var found: Set<Shortfall> = []
    switch end {
    case .completed, .deadlock, .hang: break
    case .cut(let bound): found.insert(.cut(bound))
    case .divergence: found.insert(.divergence)
    case .limit: found.insert(.limit)
    }
    if isBounded { found.insert(.timeouts) }
    if !limits.isEmpty { found.insert(.limit) }
    if !unseen.isEmpty { found.insert(.unseen) }
    if !foundShared.isEmpty { found.insert(.foundShared) }
    return found
  }
}
