public import HealingModel

extension TraceEvent {
  /// Whether the order of two events of different threads can matter.
  ///
  /// Reads of one place commute, and so do accesses of different fields of one object. All operations on
  /// one lock depend on each other: which thread takes it first decides what both find.
  ///
  /// - Parameter other: An event of the same execution.
  /// - Returns: Whether exchanging the two, were they neighbours, can change what follows.
  public func depends(on other: TraceEvent) -> Bool {
    guard object != 0, object == other.object else { return false }
    switch (kind.isAccess, other.kind.isAccess) {
    case (true, true):
      return (field < 0 || other.field < 0 || field == other.field)
        && !(kind == .read && other.kind == .read)
    case (false, false): return true
    default: return false
    }
  }
}

extension TraceEventKind {
  /// Whether it is an access of shared state.
  public var isAccess: Bool { self == .read || self == .write || self == .touch }
}
