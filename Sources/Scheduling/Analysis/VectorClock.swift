/// How far a run had come, thread by thread, as one event knows it (Mattern 1989).
public struct VectorClock: Sendable, Hashable {
  private var counts: [Int]

  /// Makes the clock of a thread that knows of nothing.
  public init(threads: Int = 0) {
    counts = Array(repeating: 0, count: threads)
  }

  /// How many events of a thread are known.
  public subscript(thread: Int) -> Int {
    counts.indices.contains(thread) ? counts[thread] : 0
  }

  /// Counts one more event of a thread.
  public mutating func advance(_ thread: Int) {
    if thread >= counts.count {
      counts.append(contentsOf: repeatElement(0, count: thread + 1 - counts.count))
    }
    counts[thread] += 1
  }

  /// Learns what another clock knows.
  public mutating func merge(_ other: VectorClock) {
    if other.counts.count > counts.count {
      counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
    }
    for (thread, count) in other.counts.enumerated() where count > counts[thread] {
      counts[thread] = count
    }
  }

  /// Whether an event is known.
  public func covers(_ epoch: Epoch) -> Bool { epoch.count <= self[epoch.thread] }
}

/// One event named by its thread and its number there: all of a clock that a later event has to
/// know to come after it (Flanagan and Freund 2009).
public struct Epoch: Sendable, Hashable {
  /// The event's thread.
  public var thread: Int
  /// Its number among the thread's events, counted from 1.
  public var count: Int

  /// Makes an epoch.
  public init(thread: Int, count: Int) {
    self.thread = thread
    self.count = count
  }
}
