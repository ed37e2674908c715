public import HealingModel

/// A lock in the hands of one thread, from one event to another.
public struct LockSpan: Sendable, Hashable {
  /// The lock's object number.
  public var lock: Int
  /// The thread that holds it.
  public var thread: Int
  /// The event with which it was taken.
  public var acquired: Int
  /// The event with which it was given back; nil when it was held to the end of the run.
  public var released: Int?

  /// Makes a span.
  public init(lock: Int, thread: Int, acquired: Int, released: Int? = nil) {
    self.lock = lock
    self.thread = thread
    self.acquired = acquired
    self.released = released
  }
}

extension ExecutionTrace {
  /// Who held which lock from when to when, in the order of the beginnings.
  ///
  /// A lock that a condition gives back to wait is not held meanwhile; one may be given back by
  /// another thread than the one that took it.
  public var lockSpans: [LockSpan] {
    var spans: [LockSpan] = []
    var open: [Int: Int] = [:]
    for (index, event) in events.enumerated() {
      switch event.kind {
      case .acquire:
        open[event.object] = spans.count
        spans.append(LockSpan(lock: event.object, thread: event.thread, acquired: index))
      case .release, .wait:
        if let span = open.removeValue(forKey: event.object) { spans[span].released = index }
      default: break
      }
    }
    return spans
  }
}
