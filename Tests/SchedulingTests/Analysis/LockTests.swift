import HealingModel
import Testing

@testable import Scheduling

@Suite("Locks")
struct LockTests {
  /// Takes locks one within the other, and gives them back.
  private func nest(_ run: inout TraceBuilder, _ thread: Int, _ locks: String...) {
    for lock in locks { run.add(thread, .acquire, lock) }
    for lock in locks.reversed() { run.add(thread, .release, lock) }
  }

  private func workers(_ count: Int) -> TraceBuilder {
    var run = TraceBuilder(threads: (0...count).map { "t\($0)" })
    for thread in 1...count { run.start(thread) }
    return run
  }

  @Test("opposite orders of two threads are a circle although nothing blocked")
  func opposite() throws {
    var run = workers(2)
    nest(&run, 1, "a", "b")
    nest(&run, 2, "b", "a")
    let circle = try #require(run.trace.potentialDeadlocks().first)
    #expect(run.trace.potentialDeadlocks().count == 1)
    #expect(circle.links.map(\.thread) == [1, 2])
    let names = circle.links.map { link in
      [link.held, link.wanted].map { run.trace.object(run.trace.events[$0])?.name }
    }
    #expect(names == [["a", "b"], ["b", "a"]])
  }

  @Test("a lock held around both, one thread alone, and one order are none")
  func none() {
    var gate = workers(2)
    nest(&gate, 1, "gate", "a", "b")
    nest(&gate, 2, "gate", "b", "a")
    #expect(gate.trace.potentialDeadlocks() == [])
    var alone = workers(1)
    nest(&alone, 1, "a", "b")
    nest(&alone, 1, "b", "a")
    #expect(alone.trace.potentialDeadlocks() == [])
    var same = workers(2)
    nest(&same, 1, "a", "b")
    nest(&same, 2, "a", "b")
    #expect(same.trace.potentialDeadlocks() == [])
  }

  @Test("threads of which one begins after the other's end cannot block each other")
  func apart() {
    var run = TraceBuilder("main", "a", "b")
    run.start(1)
    nest(&run, 1, "a", "b")
    run.end(1)
    run.join(1)
    run.start(2)
    nest(&run, 2, "b", "a")
    #expect(run.trace.potentialDeadlocks() == [])
  }

  @Test("three locks and three threads")
  func three() {
    var run = workers(3)
    nest(&run, 1, "a", "b")
    nest(&run, 2, "b", "c")
    nest(&run, 3, "c", "a")
    #expect(run.trace.potentialDeadlocks().map { $0.links.map(\.thread) } == [[1, 2, 3]])
  }

  @Test("a wait gives the lock back, and one that was never given back is held to the end")
  func spans() {
    var run = workers(2)
    let taken = run.add(1, .acquire, "lock")
    let wait = run.add(1, .wait, "lock")
    let other = run.add(2, .acquire, "lock")
    let lock = run.trace.events[taken].object
    #expect(
      run.trace.lockSpans == [
        LockSpan(lock: lock, thread: 1, acquired: taken, released: wait),
        LockSpan(lock: lock, thread: 2, acquired: other),
      ]
    )
  }
}
