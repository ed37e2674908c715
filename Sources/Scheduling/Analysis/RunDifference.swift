import HealingModel

/// The first event at which a thread of one run did or saw something else than in another run.
struct RunDifference {
  /// The event of the one run.
  var event: Int
  /// The event of the same thread in the other run; nil where the thread had none left there.
  var instead: Int?

  /// Compares runs thread by thread; of all threads' first differences, the first in `run` counts.
  init?(_ run: ExecutionTrace, from other: ExecutionTrace) {
    let others = RunDifference.byThread(other)
    var position: [Int: Int] = [:]
    var settled: Set<Int> = []
    for (index, event) in run.events.enumerated()
    where !settled.contains(event.thread) && !run.isOfLoop(event) {
      let place = position[event.thread, default: 0]
      position[event.thread] = place + 1
      let theirs = others[event.thread] ?? []
      guard place < theirs.count else {
        settled.insert(event.thread)
        continue
      }
      let instead = theirs[place]
      if !RunDifference.agree(run, index, other, instead) {
        self.event = index
        self.instead = instead
        return
      }
    }
    return nil
  }

  private static func byThread(_ trace: ExecutionTrace) -> [Int: [Int]] {
    Dictionary(grouping: trace.events.indices.filter { !trace.isOfLoop(trace.events[$0]) }) {
      trace.events[$0].thread
    }
  }

  private static func agree(
    _ run: ExecutionTrace,
    _ index: Int,
    _ other: ExecutionTrace,
    _ instead: Int
  ) -> Bool {
    let (one, two) = (run.events[index], other.events[instead])
    guard one.kind == two.kind, run.place(of: one) == other.place(of: two),
      run.text(one.field) == other.text(two.field)
    else { return false }
    return one.value.flatMap(run.text) == two.value.flatMap(other.text)
  }
}
