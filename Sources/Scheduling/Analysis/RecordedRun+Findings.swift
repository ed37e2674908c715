public import HealingModel

extension RecordedRun {
  /// What the run showed, and what it lets predict of other runs: first what happened, then what is
  /// likely a bug, then the rest.
  ///
  /// - Parameters:
  ///   - expected: The output that the program must have; nil for any.
  ///   - line: The line of the program at a place.
  /// - Returns: The findings, like ones told once.
  public func findings(
    expecting expected: String? = nil,
    line: @escaping @Sendable (SourcePlace) -> String? = { _ in nil }
  ) -> [RecordedFinding] {
    let evidence = RecordedEvidence(self, line: line)
    let races = RacePrediction(evidence).findings
    let circles = execution.cycle.isEmpty ? LockOrderPrediction(evidence).findings : []
    let predicted = circles + WakePrediction(evidence).findings + races
    return evidence.observed(expecting: expected)
      + predicted.filter { $0.weight == .alarm } + predicted.filter { $0.weight == .note }
  }
}

/// One recorded run, with what its findings are made from.
struct RecordedEvidence {
  let recorded: RecordedRun
  let run: Execution
  let trace: ExecutionTrace
  let names: TraceNames
  let spans: [LockSpan]
  let line: @Sendable (SourcePlace) -> String?

  init(_ recorded: RecordedRun, line: @escaping @Sendable (SourcePlace) -> String?) {
    self.recorded = recorded
    self.line = line
    run = recorded.execution
    trace =
      run.trace ?? ExecutionTrace(events: [], choices: [], objects: [:], tables: TraceTables())
    names = TraceNames(trace)
    spans = trace.lockSpans
  }

  /// The step of an event.
  func step(_ event: Int) -> RecordedFinding.Step {
    let one = trace.events[event]
    return RecordedFinding.Step(
      thread: one.thread,
      kind: RowKind(one.kind),
      subject: one.kind.isAccess ? names.subject(one) : name(ofLock: one.object),
      place: trace.place(of: one),
      holds: held(at: event),
      time: recorded.times.indices.contains(event) ? recorded.times[event] : nil
    )
  }

  /// The line of an event: what was recorded afterwards has no exact column.
  func sourceLine(of event: Int) -> SourcePlace {
    var place = trace.place(of: trace.events[event])
    place.column = 0
    return place
  }

  /// The locks that an event's thread held at it.
  func held(at event: Int) -> [String] {
    let thread = trace.events[event].thread
    return spans.prefix { $0.acquired < event }.filter { span in
      span.thread == thread && span.released.map { $0 > event } ?? true
    }.map { name(ofLock: $0.lock) }
  }

  /// A lock's name; one that has none is told by where it was made.
  func name(ofLock lock: Int) -> String {
    let name = names.name(ofLock: lock)
    guard let object = trace.objects[lock], name == object.role.rawValue, object.made.line > 0
    else { return name }
    return "\(name) made at \(object.made.text)"
  }

  /// A thread's name.
  func name(_ thread: Int) -> String { ThreadName(run.threadName(thread)).short }

  /// ` at file:line`, where the place is known.
  func at(_ place: SourcePlace) -> String { place.line > 0 ? " at \(place.text)" : "" }

  // MARK: What happened

  func observed(expecting expected: String?) -> [RecordedFinding] {
    var found: [RecordedFinding] = []
    if let wait { found.append(wait) }
    found += run.leaks.map(leak)
    guard run.end == .completed else { return found }
    switch ScheduleFailure(run, expecting: expected) {
    case .exception: found += run.exceptions.map(exception)
    case .exit(let status):
      found.append(failure("the program ended with status \(status)", steps: []))
    case .output: found.append(failure("the output is not the expected one", steps: []))
    case .deadlock, .hang, .leak, nil: break
    }
    return found
  }

  private func failure(_ what: String, steps: [RecordedFinding.Step]) -> RecordedFinding {
    RecordedFinding(
      kind: .failure,
      basis: .observed,
      summary: what,
      account: "This happened in the recorded run.",
      steps: steps
    )
  }

  private func exception(_ one: ThreadException) -> RecordedFinding {
    failure(
      "\(one.text) in \(name(one.thread))\(at(one.place))",
      steps: [.init(thread: one.thread, kind: .raise, subject: one.text, place: one.place)]
    )
  }

  private func leak(_ one: LockLeak) -> RecordedFinding {
    let lock = names.shown(one.lock)
    let taken = spans.last {
      $0.thread == one.thread && $0.released == nil && trace.objects[$0.lock]?.name == one.lock
    }
    return RecordedFinding(
      kind: .lockHeld,
      basis: .observed,
      summary: "\(name(one.thread)) ended and still holds \(lock)",
      account: "This happened in the recorded run: "
        + (taken.map { "the lock was taken\(at(trace.place(of: trace.events[$0.acquired]))) and " }
          ?? "the lock was ")
        + "never given back, so whoever wants it afterwards waits for ever.",
      steps: taken.map { [step($0.acquired)] } ?? []
    )
  }

  private var wait: RecordedFinding? {
    guard run.end == .deadlock || run.end == .hang else { return nil }
    let explanation = Explanation(of: FailedRun(execution: run, line: line))
    let inCircle = run.cycle.compactMap { thread in
      explanation.waits.first { $0.thread == thread }
    }
    let waits = run.cycle.isEmpty ? explanation.waits : inCircle
    return RecordedFinding(
      kind: .endlessWait,
      basis: .observed,
      summary: "\(explanation.kind.title): \(explanation.failure)",
      account: "This happened in the recorded run. \(explanation.account)",
      steps: waits.map { one in
        .init(
          thread: one.thread,
          kind: .block,
          subject: one.wants,
          place: one.place,
          holds: one.holds.map(\.lock)
        )
      }
    )
  }
}
