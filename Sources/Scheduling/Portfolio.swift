public import HealingModel

/// Several strategies side by side; each gets the same share of the executions as long as it has
/// schedules.
///
/// Neither random nor priority-based nor systematic strategies dominate; what one of them misses
/// for long another one often finds at once.
public struct Portfolio: Exploration {
  /// The strategies, in the order of their turns.
  public private(set) var members: [any Exploration]
  private var turn = 0
  private var owners: [Schedule: [Int]] = [:]

  /// Makes a portfolio.
  public init(_ members: [any Exploration]) { self.members = members }

  /// Schedules of the members in turn; none once a member has covered everything.
  public mutating func next(_ count: Int) -> [Schedule] {
    if completeness == .exhausted(preemptions: nil) { return [] }
    var found: [Schedule] = []
    var idle = 0
    while found.count < count, idle < members.count {
      let member = turn % members.count
      turn += 1
      if let schedule = members[member].next(1).first {
        owners[schedule, default: []].append(member)
        found.append(schedule)
        idle = 0
      } else {
        idle += 1
      }
    }
    return found
  }

  /// Hands an execution to the member that asked for it.
  public mutating func take(_ execution: Execution, of schedule: Schedule) {
    guard var waiting = owners.removeValue(forKey: schedule) else { return }
    members[waiting.removeFirst()].take(execution, of: schedule)
    if !waiting.isEmpty { owners[schedule] = waiting }
  }

  /// The most that a member can say.
  public var completeness: Completeness {
    var bound: Int?
    var shortfalls: Set<Shortfall> = []
    for member in members {
      switch member.completeness {
      case .exhausted(preemptions: nil): return .exhausted(preemptions: nil)
      case .exhausted(let preemptions?): bound = max(bound ?? 0, preemptions)
      case .incomplete(let reasons): shortfalls.formUnion(reasons)
      }
    }
    return bound.map { .exhausted(preemptions: $0) } ?? .incomplete(shortfalls)
  }

  /// The sum of the members' counts.
  public var counts: ExplorationCounts {
    members.reduce(into: ExplorationCounts()) { sum, member in
      sum.completed += member.counts.completed
      sum.redundant += member.counts.redundant
      sum.other += member.counts.other
    }
  }
}
