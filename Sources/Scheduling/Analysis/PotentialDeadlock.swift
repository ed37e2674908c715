public import HealingModel

/// Threads that take locks in a circle of orders, so that another schedule can block them for ever.
public struct PotentialDeadlock: Sendable, Hashable {
  /// One thread's part of the circle.
  public struct Link: Sendable, Hashable {
    /// The thread.
    public var thread: Int
    /// The event with which it took the lock that it holds.
    public var held: Int
    /// The event with which it took a further one.
    public var wanted: Int

    /// Makes a link.
    public init(thread: Int, held: Int, wanted: Int) {
      self.thread = thread
      self.held = held
      self.wanted = wanted
    }
  }

  /// The links; each wants what the next one holds, and the last one what the first one holds.
  public var links: [Link]

  /// Makes a circle.
  public init(links: [Link]) {
    self.links = links
  }
}

extension ExecutionTrace {
  /// Circles in the orders in which threads took locks in this run, whether or not it blocked.
  ///
  /// As Goodlock (Havelund 2000) has it, the threads of a circle are different ones and no lock is
  /// held in two of its parts (a gate); what starts, joins and wake-ups keep apart is left out too.
  ///
  /// - Parameter limit: How many circles to find at most.
  /// - Returns: The circles, each once, from its lowest thread on.
  public func potentialDeadlocks(limit: Int = 100) -> [PotentialDeadlock] {
    let graph = LockOrder(self)
    var search = CircleSearch(graph: graph, limit: limit)
    for start in graph.nestings.indices { search.extend([start]) }
    return search.found.map { circle in
      let links = circle.map { number in
        let nesting = graph.nestings[number]
        return PotentialDeadlock.Link(
          thread: nesting.thread,
          held: nesting.heldSince,
          wanted: nesting.event
        )
      }
      return PotentialDeadlock(links: links)
    }
  }
}

/// A lock taken while another one was held.
private struct Nesting {
  var thread: Int
  var held: Int
  var heldSince: Int
  var wanted: Int
  var event: Int
  /// All locks that were held.
  var gates: Set<Int>
}

/// The nestings of locks in a run.
private struct LockOrder {
  var nestings: [Nesting] = []
  var byHeld: [Int: [Int]] = [:]
  let order: HappensBefore

  /// How many like nestings are kept: those of different moments of a thread are ordered otherwise.
  private static let most = 16

  private struct Key: Hashable {
    var thread: Int
    var held: Int
    var wanted: Int
    var gates: Set<Int>
  }

  init(_ trace: ExecutionTrace) {
    order = HappensBefore(trace, by: Set(OrderReason.allCases).subtracting([.lock]))
    var seen: [Key: (moment: Int, count: Int)] = [:]
    var moments: [Int: Int] = [:]
    var held: [Int: [LockSpan]] = [:]
    for (index, event) in trace.events.enumerated() {
      switch event.kind {
      case .acquire:
        let mine = held[event.thread] ?? []
        let gates = Set(mine.map(\.lock))
        // An attempt that would not have waited for ever blocks nobody.
        for span in mine where span.lock != event.object && event.field < 0 {
          let key = Key(
            thread: event.thread,
            held: span.lock,
            wanted: event.object,
            gates: gates
          )
          let moment = moments[event.thread, default: 0]
          let count = seen[key]?.count ?? 0
          guard seen[key]?.moment != moment, count < Self.most else { continue }
          seen[key] = (moment, count + 1)
          byHeld[span.lock, default: []].append(nestings.count)
          nestings.append(
            Nesting(
              thread: event.thread,
              held: span.lock,
              heldSince: span.acquired,
              wanted: event.object,
              event: index,
              gates: gates
            )
          )
        }
        held[event.thread, default: []].append(
          LockSpan(lock: event.object, thread: event.thread, acquired: index)
        )
      case .release, .wait:
        for thread in held.keys { held[thread]?.removeAll { $0.lock == event.object } }
      case .start, .end, .spawn, .join, .wake, .notify: moments[event.thread, default: 0] += 1
      default: break
      }
    }
  }
}

/// A search for circles in depth.
private struct CircleSearch {
  let graph: LockOrder
  let limit: Int
  var found: [[Int]] = []
  private var seen: Set<[String]> = []
  private var work = 0

  init(graph: LockOrder, limit: Int) {
    self.graph = graph
    self.limit = limit
  }

  /// Goes on from a path of nestings, of which the first one has the lowest thread.
  mutating func extend(_ path: [Int]) {
    work += 1
    guard let first = path.first, let last = path.last, found.count < limit, work < 100_000 else {
      return
    }
    for next in graph.byHeld[graph.nestings[last].wanted] ?? [] {
      if next == first, path.count > 1 {
        note(path)
      } else if fits(next, after: path) {
        extend(path + [next])
      }
    }
  }

  private func fits(_ next: Int, after path: [Int]) -> Bool {
    let nesting = graph.nestings[next]
    guard let first = path.first, nesting.thread > graph.nestings[first].thread else {
      return false
    }
    return path.allSatisfy { number in
      let other = graph.nestings[number]
      return other.thread != nesting.thread && other.held != nesting.held
        && other.gates.isDisjoint(with: nesting.gates)
        && graph.order.areConcurrent(other.event, nesting.event)
    }
  }

  private mutating func note(_ path: [Int]) {
    let name = path.map { number in
      let nesting = graph.nestings[number]
      return "\(nesting.thread) \(nesting.held) \(nesting.wanted)"
    }
    if seen.insert(name).inserted { found.append(path) }
  }
}
