public import HealingModel

extension TraceEvent {
  /// Whether the order of two events of different threads can matter.
  ///
  /// Reads of one place commute, and so do accesses of different fields of one object. All
  /// operations on one lock depend on each other, for which thread takes it first decides what both
  /// find; but those that change nothing (a try that failed, a wait whose time was over) commute.
  /// Threads have the numbers of their starts, so two starts never commute; and when the main
  /// thread ends the program, all others end with it.
  ///
  /// - Parameter other: An event of the same execution.
  /// - Returns: Whether exchanging the two, were they neighbours, can change what follows.
  public func depends(on other: TraceEvent) -> Bool {
    if endsProgram || other.endsProgram { return true }
    if kind == .spawn, other.kind == .spawn { return true }
    guard object != 0, object == other.object else { return false }
    switch (kind.isAccess, other.kind.isAccess) {
    case (true, true):
      return (field < 0 || other.field < 0 || field == other.field)
        && !(kind == .read && other.kind == .read)
    case (false, false): return !(kind.changesNothing && other.kind.changesNothing)
    case (true, false): return isAccess(thatNotices: other)
    case (false, true): return other.isAccess(thatNotices: self)
    }
  }

  /// Whether the event is the end of the main thread, once nobody awaits the others any more.
  var endsProgram: Bool { kind == .end && object == 0 }

  /// Whether the access of a lock or thread itself, such as looking whether it is locked, depends
  /// on an operation on it.
  private func isAccess(thatNotices operation: TraceEvent) -> Bool {
    field < 0 && !(kind == .read && operation.kind.changesNothing)
  }

  /// Whether every earlier event that this one depends on comes, in happens-before, no later than
  /// `other`, which it depends on.
  ///
  /// - Parameter other: An earlier event of the same object.
  /// - Returns: Whether those before `other` need not be looked at.
  func isShielded(by other: TraceEvent) -> Bool {
    if kind.isAccess {
      return other.kind.isAccess && other.kind != .read
        && (other.field == field || other.field < 0)
    }
    return !other.kind.isAccess && !other.kind.changesNothing
  }
}

extension TraceEventKind {
  /// Whether it is an access of shared state.
  public var isAccess: Bool { self == .read || self == .write || self == .touch }

  /// Whether it leaves the lock, condition or thread that it is about as it was for all other
  /// threads.
  var changesNothing: Bool {
    switch self {
    case .start, .join, .try, .wake, .timeout: true
    case .end, .spawn, .read, .write, .touch, .acquire, .release, .wait, .notify, .sleep,
      .output, .yield:
      false
    }
  }

  /// Whether two operations can be about one object: none is both a lock and a condition.
  func canShareObject(with other: TraceEventKind) -> Bool {
    guard let own = sort, let theirs = other.sort else { return true }
    return own == theirs
  }

  private enum Sort { case lock, condition, thread, stream }

  private var sort: Sort? {
    switch self {
    case .acquire, .release, .try, .wait: .lock
    case .wake, .notify: .condition
    case .start, .end, .spawn, .join: .thread
    case .output: .stream
    case .read, .write, .touch, .sleep, .timeout, .yield: nil
    }
  }
}
