import HealingModel
import Testing

@testable import Scheduling

@Suite("Happens-before")
struct HappensBeforeTests {
  @Test("a start and a join order what is around them")
  func startAndJoin() {
    var run = TraceBuilder("main", "a")
    let before = run.add(0, .write, "x", "f")
    run.start(1)
    let inside = run.add(1, .read, "x", "f")
    let beside = run.add(0, .write, "x", "g")
    run.end(1)
    run.join(1)
    let after = run.add(0, .write, "x", "f")
    let order = HappensBefore(run.trace)
    #expect(order.orders(before, before: inside) && order.orders(inside, before: after))
    #expect(order.areConcurrent(inside, beside))
    #expect(!order.orders(inside, before: before))
    #expect(order.edges.map(\.reason) == [.start, .join])
  }

  @Test("a lock orders from its release on, and a try that fails orders nothing")
  func locks() {
    var run = TraceBuilder("main", "a", "b")
    run.start(1)
    run.start(2)
    run.add(1, .acquire, "lock")
    let first = run.add(1, .write, "x", "f")
    let tried = run.add(2, .try, "lock")
    run.add(1, .release, "lock")
    run.add(2, .acquire, "lock")
    let second = run.add(2, .write, "x", "f")
    let order = HappensBefore(run.trace)
    #expect(order.areConcurrent(first, tried))
    #expect(order.orders(first, before: second))
    let without = HappensBefore(run.trace, by: [.start, .join, .notify, .flag])
    #expect(without.areConcurrent(first, second))
  }

  @Test("a thread is woken by the notification after which it could go on")
  func wakeUps() throws {
    var run = TraceBuilder("main", "a", "b")
    run.start(1)
    run.start(2)
    run.add(2, .acquire, "lock")
    run.notify(2, "cond", wakes: [])
    run.add(2, .release, "lock")
    run.add(1, .acquire, "lock")
    run.add(1, .wait, "lock")
    run.add(2, .acquire, "lock")
    let second = run.notify(2, "cond", wakes: [1])
    run.notify(2, "cond", wakes: [])
    run.add(2, .release, "lock")
    let wake = run.add(1, .wake, "cond")
    let order = HappensBefore(run.trace)
    let edge = try #require(order.edges.first { $0.reason == .notify })
    #expect(edge == HappensBefore.Edge(from: second, to: wake, reason: .notify))
  }

  @Test("an event of the library orders who sets it before who sees it")
  func flags() {
    var run = TraceBuilder("main", "a", "b")
    run.declare("done", as: "Event")
    run.start(1)
    run.start(2)
    let written = run.add(1, .write, "x", "f")
    run.add(1, .write, "done")
    run.add(2, .read, "done")
    let read = run.add(2, .read, "x", "f")
    #expect(HappensBefore(run.trace).orders(written, before: read))
    #expect(run.trace.dataRaces.isEmpty)
  }

  @Test(
    "it is a partial order with each thread's own in it, and all of it follows from its edges",
    arguments: 0..<60
  )
  func partialOrder(seed: UInt64) {
    let trace = RandomTraces.trace(seed: seed)
    let order = HappensBefore(trace)
    let reached = reachable(trace, order.edges)
    for one in trace.events.indices {
      #expect(!order.orders(one, before: one))
      for other in trace.events.indices where one != other {
        let isBefore = order.orders(one, before: other)
        #expect(isBefore == reached[other].contains(one))
        if isBefore { #expect(one < other && !order.orders(other, before: one)) }
        if trace.events[one].thread == trace.events[other].thread {
          #expect(isBefore == (one < other))
        }
      }
    }
  }

  /// For each event those that lead to it along edges and within threads.
  private func reachable(_ trace: ExecutionTrace, _ edges: [HappensBefore.Edge]) -> [Set<Int>] {
    var found: [Set<Int>] = []
    var last: [Int: Int] = [:]
    for (index, event) in trace.events.enumerated() {
      var before: Set<Int> = []
      let sources = edges.filter { $0.to == index }.map(\.from)
      for one in sources + (last[event.thread].map { [$0] } ?? []) {
        before.formUnion(found[one])
        before.insert(one)
      }
      found.append(before)
      last[event.thread] = index
    }
    return found
  }
}
