public import HealingModel

/// Which events of a run come before which in every run with the same order of locks, starts,
/// ends and wake-ups: the partial order of Lamport (1978), by vector clocks.
public struct HappensBefore: Sendable {
  /// An order between two events of different threads, from which the others follow.
  public struct Edge: Sendable, Hashable {
    /// The earlier event's number in the trace.
    public var from: Int
    /// The later event's number.
    public var to: Int
    /// Why they are ordered.
    public var reason: OrderReason

    /// Makes an edge.
    public init(from: Int, to: Int, reason: OrderReason) {
      self.from = from
      self.to = to
      self.reason = reason
    }
  }

  /// The direct orders between threads, by the later event.
  public let edges: [Edge]
  private let epochs: [Epoch]
  private let clocks: [VectorClock]
  private let clockOfEvent: [Int]

  /// Finds the order of a trace's events; memory grows with its events, and with its threads
  /// times the events at which one thread learns of another.
  ///
  /// - Parameters:
  ///   - trace: The events.
  ///   - reasons: What orders events; without ``OrderReason/lock``, the order that holds whichever
  ///     thread takes a lock first.
  public init(_ trace: ExecutionTrace, by reasons: Set<OrderReason> = Set(OrderReason.allCases)) {
    var threads = ThreadClocks(roles: ObjectRoles(trace), reasons: reasons)
    var edges: [Edge] = []
    var epochs: [Epoch] = []
    var clocks: [VectorClock] = []
    var clockOfEvent: [Int] = []
    var current: [Int: Int] = [:]
    for (index, event) in trace.events.enumerated() {
      let sources = threads.advance(event, at: index)
      let clock = threads.clocks[event.thread]
      let foreign = sources.filter { trace.events[$0.event].thread != event.thread }
      edges += foreign.map { Edge(from: $0.event, to: index, reason: $0.reason) }
      epochs.append(Epoch(thread: event.thread, count: clock[event.thread]))
      // Events between two such moments know the same of other threads, so they share a clock.
      if current[event.thread] == nil || !foreign.isEmpty {
        current[event.thread] = clocks.count
        clocks.append(clock)
      }
      clockOfEvent.append(current[event.thread] ?? 0)
    }
    self.edges = edges
    self.epochs = epochs
    self.clocks = clocks
    self.clockOfEvent = clockOfEvent
  }

  /// Whether one event comes before another one in this order.
  ///
  /// - Parameters:
  ///   - earlier: The number of an event in the trace.
  ///   - later: The number of another one.
  /// - Returns: False too when both are the same event.
  public func orders(_ earlier: Int, before later: Int) -> Bool {
    let (first, second) = (epochs[earlier], epochs[later])
    if first.thread == second.thread { return first.count < second.count }
    return clocks[clockOfEvent[later]].covers(first)
  }

  /// Whether two events are of different threads and neither comes before the other.
  public func areConcurrent(_ one: Int, _ other: Int) -> Bool {
    one != other && !orders(one, before: other) && !orders(other, before: one)
  }
}
