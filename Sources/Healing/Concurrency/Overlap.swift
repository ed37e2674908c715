import HealingModel

/// Two threads by their numbers, the smaller one first.
public struct ThreadPair: Sendable, Hashable {
  /// The threads.
  public var first: Int, second: Int

  /// Makes a pair.
  public init(_ one: Int, _ other: Int) {
    (first, second) = (min(one, other), max(one, other))
  }
}

extension Execution {
  /// The pairs of threads of which one did something between two things that the other did.
  ///
  /// What threads do to agree with each other does not count: of two that are never both within
  /// their work, only locks interleave.
  var overlaps: Set<ThreadPair> {
    guard let trace else { return [] }
    let acts = trace.events.filter { $0.kind.isWork }.map(\.thread)
    var last: [Int: Int] = [:]
    var found: Set<ThreadPair> = []
    for (index, thread) in acts.enumerated() {
      if let before = last[thread] {
        for (other, place) in last where other != thread && place > before {
          found.insert(ThreadPair(thread, other))
        }
      }
      last[thread] = index
    }
    return found
  }
}

extension Execution {
  /// The most threads beside the first one that had begun and not ended at one moment.
  var mostAlive: Int {
    var (alive, most) = (Set<Int>(), 0)
    for event in trace?.events ?? [] where event.thread > 0 {
      if event.kind == .end { alive.remove(event.thread) } else { alive.insert(event.thread) }
      most = max(most, alive.count)
    }
    return most
  }
}

extension TraceEventKind {
  /// Whether an event of this kind is part of what a thread is for.
  fileprivate var isWork: Bool {
    switch self {
    case .read, .write, .touch, .output, .sleep: true
    case .start, .end, .spawn, .join, .acquire, .release, .try, .wait, .wake, .notify, .timeout,
      .yield:
      false
    }
  }
}
