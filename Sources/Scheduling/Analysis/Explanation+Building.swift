import HealingModel

extension Explanation {
  /// Explains a failed run; without a trace only what its result tells.
  public init(of failed: FailedRun) {
    let run = failed.execution
    let trace =
      run.trace ?? ExecutionTrace(events: [], choices: [], objects: [:], tables: TraceTables())
    self = ExplanationBuilder(failed, trace).explanation()
  }
}

/// Puts an explanation together from the analyses.
struct ExplanationBuilder {
  let failed: FailedRun
  let run: Execution
  let trace: ExecutionTrace
  let names: TraceNames
  let order: HappensBefore
  let difference: RunDifference?
  let timeline: TimelineBuilder
  let spans: [LockSpan]

  init(_ failed: FailedRun, _ trace: ExecutionTrace) {
    self.failed = failed
    self.trace = trace
    run = failed.execution
    names = TraceNames(trace)
    order = HappensBefore(trace)
    difference = failed.passing?.trace.flatMap { RunDifference(trace, from: $0) }
    timeline = TimelineBuilder(run, trace, line: failed.line)
    spans = trace.lockSpans
  }

  func explanation() -> Explanation {
    var found = Explanation(
      kind: .scheduleDependent,
      failure: failure,
      account: "",
      assumption: assumption,
      place: SourcePlace(),
      threads: run.threads,
      rows: timeline.rows,
      switches: switches,
      isMinimal: failed.isMinimal,
      races: races,
      waits: run.blocked.map(wait),
      cycle: run.cycle,
      potentialDeadlocks: potentialDeadlocks,
      locks: timeline.heldLocks(spans),
      orders: timeline.orders(order),
      passing: passing,
      gil: .possible,
      limits: run.limits
    )
    let diagnosis = diagnose(&found)
    found.gil = failed.isShown ? .shown : GILLabel.all(found.switches.map(\.gil))
    mark(&found, diagnosis)
    found.account = Account(found, run: run, difference: difference, trace: trace).text
    return found
  }

  // MARK: What went wrong

  private func diagnose(_ found: inout Explanation) -> Int? {
    switch run.end {
    case .deadlock, .hang:
      let result = WaitDiagnosis(run, trace, line: failed.line).find()
      found.kind = result.kind
      found.place = result.thread?.place ?? SourcePlace()
      return result.event.map { timeline.rowOfEvent[$0] }
    case .cut: found.kind = .livelock
    case .completed, .divergence, .limit:
      if run.exceptions.isEmpty, run.exitStatus == 0, !run.leaks.isEmpty {
        found.kind = .lockLeak
      } else {
        diagnoseConflict(&found)
      }
    }
    if found.place.line == 0 { found.place = run.exceptions.first?.place ?? lastPlace }
    return nil
  }

  private func diagnoseConflict(_ found: inout Explanation) {
    let diagnosis = ConflictDiagnosis(
      run,
      trace,
      order: order,
      difference: difference,
      line: failed.line
    )
    guard let result = diagnosis.find() else { return }
    found.kind = result.kind
    let conflict = conflict(result.events, result.pattern)
    found.conflict = conflict
    found.place = trace.place(of: trace.events[result.events[0]])
    found.races = found.races.filter { $0.rows != conflict.rows }
  }

  private var lastPlace: SourcePlace {
    timeline.rows.last { $0.place.line > 0 }?.place ?? SourcePlace()
  }

  private func conflict(_ events: [Int], _ pattern: AtomicityViolation.Pattern?) -> Conflict {
    let rows = events.map { timeline.rowOfEvent[$0] }
    let pairs = zip(events, events.dropFirst())
    return Conflict(
      subject: names.subject(trace.events[events[0]]),
      rows: rows,
      pattern: pattern,
      overwritten: pattern == .readWriteWrite ? rows[1] : nil,
      isUnordered: pairs.contains { order.areConcurrent($0, $1) },
      held: events.map(held)
    )
  }

  /// The locks that an event's thread held at it.
  private func held(at event: Int) -> [String] {
    spans.filter { span in
      span.thread == trace.events[event].thread && span.acquired < event
        && span.released.map { $0 > event } ?? true
    }.map { names.name(ofLock: $0.lock) }
  }

  private var races: [Conflict] {
    trace.dataRaces.prefix(100).map { conflict([$0.first, $0.second], nil) }
  }

  // MARK: What the result tells

  private var failure: String {
    switch run.end {
    case .deadlock:
      return run.cycle.count == 1
        ? "a thread waits for itself"
        : "\(run.cycle.count) threads wait for each other in a circle"
    case .hang: return waiting
    case .cut(let bound): return "the run did not end: it reached its bound (\(bound))"
    case .divergence: return "the program does something else under the same schedule"
    case .limit: return "something could not be controlled"
    case .completed: break
    }
    if let first = run.exceptions.first {
      return "\(first.text) in \(run.threadName(first.thread))"
    }
    if let leak = run.leaks.first {
      return "\(run.threadName(leak.thread)) ended and kept \(names.shown(leak.lock))"
    }
    if run.exitStatus != 0 { return "exit status \(run.exitStatus)" }
    return failed.expectedOutput == nil ? "no failure" : "the output is not what was expected"
  }

  private var waiting: String {
    let count = run.blocked.count
    return count == 1
      ? "a thread waits, and nobody is left to wake it"
      : "\(count) threads wait, and nobody is left to wake them"
  }

  private var assumption: String? {
    guard let first = run.assumed.first else { return nil }
    return "This needs timing: a wait ended by its time (step \(first)) while others could run "
      + "or had an earlier time."
  }

  private func wait(_ one: BlockedThread) -> ThreadWait {
    ThreadWait(
      thread: one.thread,
      kind: RowKind(one.kind),
      wants: names.shown(one.object),
      place: one.place,
      holder: one.holder,
      holds: one.holds.map { lock in
        let span = spans.last {
          $0.thread == one.thread && $0.released == nil && trace.objects[$0.lock]?.name == lock
        }
        return ThreadWait.Held(
          lock: names.shown(lock),
          place: span.map { trace.place(of: trace.events[$0.acquired]) }
        )
      }
    )
  }

  private var potentialDeadlocks: [[ThreadWait]] {
    guard run.cycle.isEmpty else { return [] }
    return trace.potentialDeadlocks(limit: 20).map { circle in
      circle.links.enumerated().map { index, link in
        let (held, wanted) = (trace.events[link.held], trace.events[link.wanted])
        return ThreadWait(
          thread: link.thread,
          kind: .acquire,
          wants: names.name(ofLock: wanted.object),
          place: trace.place(of: wanted),
          holder: circle.links[(index + 1) % circle.links.count].thread,
          holds: [.init(lock: names.name(ofLock: held.object), place: trace.place(of: held))]
        )
      }
    }
  }

  // MARK: What is drawn

  private var passing: PassingRun? {
    guard let other = failed.passing, let theirs = other.trace else { return nil }
    let built = TimelineBuilder(other, theirs, line: failed.line)
    return PassingRun(
      rows: built.rows,
      locks: built.heldLocks(theirs.lockSpans),
      orders: built.orders(HappensBefore(theirs)),
      difference: difference.map { timeline.rowOfEvent[$0.event] },
      instead: difference?.instead.map { built.rowOfEvent[$0] }
    )
  }
}

extension TimelineBuilder {
  /// Locks in the hands of threads, by rows.
  fileprivate func heldLocks(_ spans: [LockSpan]) -> [HeldLock] {
    spans.map { span in
      HeldLock(
        lock: names.name(ofLock: span.lock),
        thread: span.thread,
        from: rowOfEvent[span.acquired],
        to: span.released.map { rowOfEvent[$0] }
      )
    }
  }

  /// Direct orders, by rows.
  fileprivate func orders(_ order: HappensBefore) -> [RowOrder] {
    order.edges.filter { edge in
      // What tasks of one loop do has its order without that.
      let (earlier, later) = (trace.events[edge.from], trace.events[edge.to])
      return !trace.isOfLoop(later)
        || run.carrier(of: earlier.thread) != run.carrier(of: later.thread)
    }.map { edge in
      RowOrder(from: rowOfEvent[edge.from], to: rowOfEvent[edge.to], reason: edge.reason)
    }
  }
}
