public import HealingModel

/// A switch from a thread that could have gone on to another one.
public struct Preemption: Sendable, Hashable {
  /// The number of the last event before it.
  public var last: Int
  /// The number of the first event after it.
  public var first: Int
  /// The threads, and the events of the first one around it.
  public var forced: ForcedSwitch
  /// Whether the thread had to wait for what it did last: then it had given way already.
  public var hadWaited: Bool

  /// The pair of events between which it falls, when the thread went on.
  public var interruption: Interruption? {
    forced.before.map { Interruption(after: forced.after, before: $0) }
  }
}

extension Execution {
  /// The switches from threads that could have gone on, in time order; none without a trace.
  public var preemptions: [Preemption] {
    guard let trace else { return [] }
    let next = trace.nextOfThread
    var found: [Preemption] = []
    var counts: [TraceEvent: Int] = [:]
    var previous: (index: Int, count: Int)?
    for (index, event) in trace.events.enumerated() where !event.isFurther {
      if let previous, case let before = trace.events[previous.index],
        before.thread != event.thread, before.kind != .end,
        trace.ready(at: event).contains(before.thread)
      {
        found.append(
          Preemption(
            last: previous.index,
            first: index,
            forced: ForcedSwitch(
              thread: before.thread,
              other: event.thread,
              after: trace.eventPlace(before),
              count: previous.count,
              before: next[previous.index].map { trace.eventPlace(trace.events[$0]) }
                ?? blockedPlace(of: before.thread)
            ),
            hadWaited: trace.hadWaited(for: previous.index)
          )
        )
      }
      let count = counts[event.alike, default: 0] + 1
      counts[event.alike] = count
      previous = (index, count)
    }
    return found
  }

  /// The threads in the order of their first steps.
  public var threadsAsTheyBegan: [Int] {
    var found: [Int] = []
    for run in choices.runs where !found.contains(run.thread) { found.append(run.thread) }
    return found
  }

  /// What a thread tried that it could not do before the run ended.
  private func blockedPlace(of thread: Int) -> EventPlace? {
    guard let one = blocked.first(where: { $0.thread == thread }) else { return nil }
    let wanted = trace?.objects.values.first { $0.name == one.object && $0.made.line > 0 }
    return EventPlace(place: one.place, kind: one.kind, made: wanted?.made)
  }
}

extension ExecutionTrace {
  /// For each step the number of the next one of the same thread.
  fileprivate var nextOfThread: [Int?] {
    var next: [Int?] = Array(repeating: nil, count: events.count)
    var last: [Int: Int] = [:]
    for index in events.indices.reversed() where !events[index].isFurther {
      next[index] = last[events[index].thread]
      last[events[index].thread] = index
    }
    return next
  }

  fileprivate func ready(at event: TraceEvent) -> [Int] {
    choices.indices.contains(event.choice) ? choices[event.choice].ready : []
  }

  fileprivate func eventPlace(_ event: TraceEvent) -> EventPlace {
    let made: SourcePlace? =
      switch event.kind {
      case .acquire, .release, .try: object(event)?.made
      default: nil
      }
    return EventPlace(
      place: place(of: event),
      kind: event.kind,
      field: event.field < 0 ? nil : text(event.field),
      made: made
    )
  }

  /// Whether the thread of a step could not take it before others had taken theirs.
  fileprivate func hadWaited(for index: Int) -> Bool {
    guard events[index].kind == .acquire else { return false }
    let thread = events[index].thread
    for event in events[..<index].reversed() where !event.isFurther {
      if event.thread == thread { return false }
      if !ready(at: event).contains(thread) { return true }
    }
    return false
  }
}

extension TraceEvent {
  /// What events of one thread, kind and place have in common.
  fileprivate var alike: TraceEvent { TraceEvent(thread: thread, kind: kind, place: place) }
}
