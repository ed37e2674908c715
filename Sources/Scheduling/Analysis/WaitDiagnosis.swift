import HealingModel

/// Finds out why threads wait for ever at the end of a run.
struct WaitDiagnosis {
  let run: Execution
  let trace: ExecutionTrace?
  let line: (SourcePlace) -> String?
  private let spans: [LockSpan]

  init(_ run: Execution, _ trace: ExecutionTrace?, line: @escaping (SourcePlace) -> String?) {
    self.run = run
    self.trace = trace
    self.line = line
    spans = trace?.lockSpans ?? []
  }

  /// Why a run that ended in a deadlock or hang did so, and an event that shows it.
  func find() -> (kind: BugKind, thread: BlockedThread?, event: Int?) {
    if !run.cycle.isEmpty {
      let first = run.blocked.first { $0.thread == run.cycle.first }
      return (run.cycle.count == 1 ? .selfDeadlock : .deadlock, first, nil)
    }
    let waiting = run.blocked.filter { $0.kind != .join }
    for one in waiting where one.kind == .acquire && isEnded(one.holder) {
      return (.lockLeak, one, acquisition(of: one.object, by: one.holder))
    }
    for one in waiting {
      if let kind = kind(ofWaiting: one) { return (kind, one, nil) }
    }
    for one in waiting {
      if let event = missedNotification(one) { return (.lostWakeUp, one, event) }
    }
    return (.hang, waiting.first ?? run.blocked.first, nil)
  }

  private func isEnded(_ thread: Int?) -> Bool {
    guard let thread else { return false }
    return !run.blocked.contains { $0.thread == thread }
  }

  private func acquisition(of lock: String, by thread: Int?) -> Int? {
    guard let trace else { return nil }
    return spans.last {
      $0.thread == thread && $0.released == nil && trace.objects[$0.lock]?.name == lock
    }?.acquired
  }

  /// The last notification of what a thread waits for that woke nobody and came before it waited.
  ///
  /// One that came before the thread last looked at shared state is not meant: the thread could see
  /// what that one told.
  private func missedNotification(_ one: BlockedThread) -> Int? {
    guard let trace, one.kind == .wake,
      let wait = trace.events.lastIndex(where: { $0.thread == one.thread && $0.kind == .wait })
    else { return nil }
    let wakes = ObjectRoles(trace).wakes
    let look = trace.events[..<wait].lastIndex { $0.thread == one.thread && $0.kind.isAccess }
    return ((look ?? 0)..<wait).last { index in
      let event = trace.events[index]
      return event.kind == .notify && event.thread != one.thread && !wakes.contains(index)
        && trace.object(event)?.name == one.object
    }
  }

  /// What the call or the name of the condition tells of a wait.
  private func kind(ofWaiting one: BlockedThread) -> BugKind? {
    let call = one.call ?? ""
    if call.hasSuffix("Queue.get") || one.object.hasSuffix(".not_empty") { return .missingSentinel }
    if call.hasPrefix("Barrier.") { return .brokenBarrier }
    return nil
  }
}
