import HealingModel
import Testing

@testable import Scheduling

@Suite("Atomicity violations")
struct AtomicityTests {
  /// The pattern of three accesses: one thread's, the other's, again the one thread's.
  private func pattern(_ kinds: [TraceEventKind]) -> AtomicityViolation.Pattern? {
    var run = TraceBuilder("main", "a", "b")
    for (thread, kind) in zip([1, 2, 1], kinds) { run.add(thread, kind, "x", "f") }
    return run.trace.atomicityViolations.first?.pattern
  }

  @Test("the four that no serial order explains, and no others")
  func patterns() {
    #expect(pattern([.read, .write, .read]) == .readWriteRead)
    #expect(pattern([.write, .write, .read]) == .writeWriteRead)
    #expect(pattern([.read, .write, .write]) == .readWriteWrite)
    #expect(pattern([.write, .read, .write]) == .writeReadWrite)
    #expect(pattern([.read, .read, .read]) == nil)
    #expect(pattern([.read, .read, .write]) == nil)
    #expect(pattern([.write, .read, .read]) == nil)
    #expect(pattern([.write, .write, .write]) == nil)
  }

  @Test("what reads and writes at once is a write first and a read after the other's write")
  func touches() {
    #expect(pattern([.touch, .write, .touch]) == .writeWriteRead)
    #expect(pattern([.read, .touch, .write]) == .readWriteWrite)
  }

  @Test("other fields do not count, and an access of the whole object counts for all")
  func fields() {
    var run = TraceBuilder("main", "a", "b")
    run.add(1, .read, "x", "f")
    run.add(2, .write, "x", "g")
    run.add(1, .write, "x", "f")
    #expect(run.trace.atomicityViolations == [])
    var whole = TraceBuilder("main", "a", "b")
    whole.add(1, .read, "x")
    whole.add(2, .write, "x", "g")
    whole.add(1, .write, "x", "g")
    #expect(whole.trace.atomicityViolations.map(\.pattern) == [.readWriteWrite])
  }

  @Test("the last write in between is the one that is overwritten")
  func last() {
    var run = TraceBuilder("main", "a", "b")
    let first = run.add(1, .read, "x", "f")
    run.add(2, .write, "x", "f")
    let between = run.add(2, .write, "x", "f")
    let second = run.add(1, .write, "x", "f")
    let found = run.trace.atomicityViolations
    #expect(
      found == [
        AtomicityViolation(pattern: .readWriteWrite, first: first, between: between, second: second)
      ]
    )
  }
}
