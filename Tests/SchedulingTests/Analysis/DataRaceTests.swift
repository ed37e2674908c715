import HealingModel
import Testing

@testable import Scheduling

@Suite("Data races")
struct DataRaceTests {
  private func workers() -> TraceBuilder {
    var run = TraceBuilder("main", "a", "b")
    run.start(1)
    run.start(2)
    return run
  }

  @Test("a write and an access of another thread that nothing orders")
  func unordered() {
    var run = workers()
    let read = run.add(1, .read, "account", "balance", line: 3)
    let write = run.add(2, .write, "account", "balance", line: 4)
    run.add(2, .read, "account", "owner", line: 5)
    run.add(1, .read, "account", "owner", line: 5)
    #expect(run.trace.dataRaces == [DataRace(first: read, second: write)])
  }

  @Test("reads are none, nor is what a lock, a start or a join orders")
  func ordered() {
    var run = TraceBuilder("main", "a", "b")
    run.add(0, .write, "x", "f")
    run.start(1)
    run.start(2)
    run.add(1, .read, "x", "f")
    run.add(2, .read, "x", "f")
    for thread in [1, 2] {
      run.add(thread, .acquire, "lock")
      run.add(thread, .write, "x", "g")
      run.add(thread, .release, "lock")
      run.end(thread)
      run.join(thread)
    }
    run.add(0, .write, "x", "f")
    #expect(run.trace.dataRaces == [])
  }

  @Test("different locks protect nothing, and all of an object overlaps its fields")
  func overlap() {
    var run = workers()
    run.add(1, .acquire, "p")
    let one = run.add(1, .write, "cache", "'k'", line: 7)
    run.add(1, .release, "p")
    run.add(2, .acquire, "q")
    let other = run.add(2, .read, "cache", line: 9)
    run.add(2, .release, "q")
    #expect(run.trace.dataRaces == [DataRace(first: one, second: other)])
  }

  @Test("two places are told once, however often they race")
  func once() {
    var run = workers()
    for _ in 0..<5 {
      run.add(1, .write, "x", "f", line: 3)
      run.add(2, .write, "x", "f", line: 4)
    }
    #expect(run.trace.dataRaces.count == 1)
  }

  @Test("two locked sections are ordered whichever comes first", arguments: [[1, 2], [2, 1]])
  func lockedSections(threads: [Int]) {
    var run = workers()
    for (thread, lines) in zip(threads, [10, 20]) {
      run.add(thread, .acquire, "lock", line: lines)
      run.add(thread, .read, "c", "v", line: lines + 1)
      run.add(thread, .write, "c", "v", line: lines + 1)
      run.add(thread, .release, "lock", line: lines)
    }
    #expect(run.trace.dataRaces == [])
    #expect(run.trace.atomicityViolations == [])
  }

  @Test("how threads are numbered changes nothing", arguments: 0..<40)
  func numbering(seed: UInt64) {
    let trace = RandomTraces.trace(seed: seed)
    let races = trace.dataRaces
    for numbers in [[3, 1, 0, 2], [0, 3, 2, 1], [5, 9, 1, 4]] {
      #expect(RandomTraces.renumbered(trace, numbers).dataRaces == races)
    }
  }

  @Test("it finds exactly the fields on which a pair of accesses is unordered", arguments: 0..<60)
  func againstDefinition(seed: UInt64) {
    let trace = RandomTraces.trace(seed: seed)
    let order = HappensBefore(trace)
    for race in trace.dataRaces {
      #expect(order.areConcurrent(race.first, race.second))
      #expect(trace.events[race.first].depends(on: trace.events[race.second]))
    }
    let accesses = trace.events.indices.filter { trace.events[$0].kind.isAccess }
    let isRacy = accesses.contains { one in
      accesses.contains { other in
        trace.events[one].depends(on: trace.events[other]) && order.areConcurrent(one, other)
      }
    }
    #expect(trace.dataRaces.isEmpty == !isRacy)
  }
}
