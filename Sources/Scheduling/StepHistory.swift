import HealingModel

/// The happens-before order of an execution, kept step by step as vector clocks.
///
/// An event happens before a later one of the same thread, and before a later one that depends on
/// it; tasks of one event loop run on one thread. Steps can be taken back, so that executions with a common beginning share the work.
struct StepHistory: Sendable {
  /// A step with its place in the order.
  struct Entry: Sendable {
    /// What was done.
    var step: ExecutionStep
    /// Which step of its thread it is, counted from 1.
    var index: Int
    /// The step of the same thread before it, -1 for none.
    var previous: Int
    /// How many steps of each thread happened before it or are it.
    var clock: Clock
  }

  /// How many steps of each thread, by number; those left out are zero.
  struct Clock: Sendable, Hashable {
    private var counts: [Int] = []

    /// How many steps of a thread.
    subscript(thread: Int) -> Int {
      get { thread < counts.count ? counts[thread] : 0 }
      set {
        while counts.count <= thread { counts.append(0) }
        counts[thread] = newValue
      }
    }

    /// Takes in what happened before another step.
    mutating func join(_ other: Clock) {
      while counts.count < other.counts.count { counts.append(0) }
      for (thread, count) in other.counts.enumerated() where count > counts[thread] {
        counts[thread] = count
      }
    }
  }

  private struct Reference: Sendable {
    var step: Int
    var event: TraceEvent
  }

  /// The steps in their order.
  private(set) var entries: [Entry] = []
  /// The steps of each thread, by its number.
  private(set) var byThread: [[Int]] = []
  private var byCarrier: [[Int]] = []
  private var byObject: [Int: [Reference]] = [:]
  private var spawns: [Reference] = []

  /// Whether one step happened before another one, or is it.
  func isOrdered(_ earlier: Int, _ later: Int) -> Bool {
    entries[later].clock[entries[earlier].step.thread] >= entries[earlier].index
  }

  /// The clock of the last step of a thread; all zero when it took none.
  func clock(of thread: Int) -> Clock {
    byThread.indices.contains(thread)
      ? byThread[thread].last.map { entries[$0].clock } ?? Clock() : Clock()
  }

  /// Adds a step.
  ///
  /// - Parameter step: The step.
  /// - Returns: Steps of other threads that it depends on with nothing in between, latest first.
  mutating func append(_ step: ExecutionStep) -> [Int] {
    while byThread.count <= step.thread { byThread.append([]) }
    while byCarrier.count <= step.carrier { byCarrier.append([]) }
    let position = entries.count
    let previous = byThread[step.thread].last ?? -1
    let index = byThread[step.thread].count + 1
    var clock = previous < 0 ? Clock() : entries[previous].clock
    if let last = byCarrier[step.carrier].last, last != previous { clock.join(entries[last].clock) }
    var direct: [Int] = []
    for earlier in predecessors(of: step) {
      let other = entries[earlier]
      if clock[other.step.thread] < other.index {
        direct.append(earlier)
        clock.join(other.clock)
      }
    }
    clock[step.thread] = index
    entries.append(Entry(step: step, index: index, previous: previous, clock: clock))
    byThread[step.thread].append(position)
    byCarrier[step.carrier].append(position)
    note(Reference(step: position, event: step.first))
    for event in step.further { note(Reference(step: position, event: event)) }
    return direct
  }

  /// Takes back all steps from the `count`th on.
  mutating func truncate(to count: Int) {
    while entries.count > count {
      let step = entries.removeLast().step
      byThread[step.thread].removeLast()
      byCarrier[step.carrier].removeLast()
      for event in step.further.reversed() { forget(event) }
      forget(step.first)
    }
  }

  /// The highest number of an object that some thread had met, or had announced to use, before a
  /// step.
  ///
  /// Objects get their numbers in this order, so that up to here they are the same in all
  /// executions with the same beginning.
  func objects(announcedBefore place: Int) -> Int {
    var highest = 0
    for (number, entry) in entries.enumerated() {
      if entry.previous < place { highest = max(highest, entry.step.first.object) }
      if number < place { for event in entry.step.further { highest = max(highest, event.object) } }
    }
    return highest
  }

  /// The last time that a lock was taken before the end of the execution, or before a step.
  func lastAcquisition(of lock: Int, before step: Int = .max) -> Int? {
    byObject[lock]?.last { $0.event.kind == .acquire && $0.step < step }?.step
  }

  /// The locks that are held after the last step, with the steps at which they were taken.
  var heldLocks: [(lock: Int, taken: Int)] {
    byObject.keys.sorted().compactMap { object in
      let last = byObject[object]?.last {
        [.acquire, .release, .wait].contains($0.event.kind)
      }
      return last.flatMap { $0.event.kind == .acquire ? (object, $0.step) : nil }
    }
  }

  /// Earlier steps of other threads that a new step depends on, latest first; those that are
  /// shielded by later ones may be missing.
  private func predecessors(of step: ExecutionStep) -> [Int] {
    var found: [Int] = []
    for event in [step.first] + step.further {
      if event.endsProgram {
        found += byThread.enumerated().compactMap { $0 == step.thread ? nil : $1.last }
      }
      if event.kind == .spawn { collect(event, from: spawns, of: step.thread, into: &found) }
      if event.object != 0, let list = byObject[event.object] {
        collect(event, from: list, of: step.thread, into: &found)
      }
    }
    return found.count < 2 ? found : Set(found).sorted(by: >)
  }

  private func collect(
    _ event: TraceEvent,
    from list: [Reference],
    of thread: Int,
    into found: inout [Int]
  ) {
    for reference in list.reversed() where event.depends(on: reference.event) {
      if reference.event.thread != thread { found.append(reference.step) }
      if event.isShielded(by: reference.event) { return }
    }
  }

  private mutating func note(_ reference: Reference) {
    if reference.event.kind == .spawn { spawns.append(reference) }
    if reference.event.object != 0 {
      byObject[reference.event.object, default: []].append(reference)
    }
  }

  private mutating func forget(_ event: TraceEvent) {
    if event.kind == .spawn { spawns.removeLast() }
    if event.object != 0 { byObject[event.object]?.removeLast() }
  }
}
