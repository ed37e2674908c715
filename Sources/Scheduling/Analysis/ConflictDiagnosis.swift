import HealingModel

/// Finds the accesses that best explain why a run failed.
struct ConflictDiagnosis {
  let run: Execution
  let trace: ExecutionTrace
  let difference: RunDifference?
  let order: HappensBefore
  let line: (SourcePlace) -> String?
  private let names: TraceNames
  /// The text of the lines at which the failure showed.
  private let symptom: String

  init(
    _ run: Execution,
    _ trace: ExecutionTrace,
    order: HappensBefore,
    difference: RunDifference?,
    line: @escaping (SourcePlace) -> String?
  ) {
    self.run = run
    self.trace = trace
    self.order = order
    self.difference = difference
    self.line = line
    names = TraceNames(trace)
    symptom = run.exceptions.map { one in
      (one.exception.frames.last?.code ?? line(one.place) ?? "") + " " + one.exception.message
    }.joined(separator: " ")
  }

  /// The kind of the bug and its accesses, as events; nil when no two accesses explain it.
  func find() -> (kind: BugKind, events: [Int], pattern: AtomicityViolation.Pattern?)? {
    if let early = useBeforePublication() { return (.useBeforePublication, early, nil) }
    if let one = bestViolation() {
      if let begin = beginOfIteration(one) {
        return (.iterationRace, [begin, one.between, one.second], one.pattern)
      }
      return (kind(of: one), [one.first, one.between, one.second], one.pattern)
    }
    if let race = trace.dataRaces.max(by: { score($0) < score($1) }) {
      return (.dataRace, [race.first, race.second], nil)
    }
    return nil
  }

  // MARK: Violations

  private func bestViolation() -> AtomicityViolation? {
    // Of equals the one that began first counts: the others may follow from it.
    trace.atomicityViolations.map { (score: score($0), one: $0) }.max { lhs, rhs in
      (lhs.score, -lhs.one.first) < (rhs.score, -rhs.one.first)
    }?.one
  }

  /// What a passing run does otherwise, and what the failure's own line names, points at the
  /// culprit; a pattern by itself is often harmless.
  private func score(_ one: AtomicityViolation) -> Int {
    var score = relevance([one.first, one.between, one.second])
    switch one.pattern {
    case .readWriteWrite: score += 4
    case .readWriteRead, .writeWriteRead: score += 2
    case .writeReadWrite: score += 1
    }
    if !order.orders(one.first, before: one.between)
      || !order.orders(one.between, before: one.second)
    {
      score += 3
    }
    return score
  }

  private func score(_ race: DataRace) -> Int { relevance([race.first, race.second]) }

  private func relevance(_ events: [Int]) -> Int {
    var score = 0
    if let difference {
      if events.contains(difference.event) { score += 8 }
      let culprit = trace.events[difference.event]
      if culprit.kind.isAccess, culprit.object == trace.events[events[0]].object { score += 4 }
    }
    if events.contains(where: { isNamed(trace.events[$0]) }) { score += 5 }
    return score
  }

  /// Whether the line of the failure names the field or the object.
  private func isNamed(_ event: TraceEvent) -> Bool {
    let words = Set(symptom.split { !$0.isLetter && !$0.isNumber && $0 != "_" })
    let subject = names.subject(event).split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    return subject.last.map(words.contains) ?? false
  }

  private func kind(of one: AtomicityViolation) -> BugKind {
    let first = trace.events[one.first]
    switch one.pattern {
    case .readWriteWrite: return isTest(first) ? .checkThenAct : .lostUpdate
    case .readWriteRead:
      return isTest(first) ? .checkThenAct : .atomicityViolation
    case .writeWriteRead, .writeReadWrite: return .atomicityViolation
    }
  }

  /// The last read of the whole container at the place of the second access, before the other
  /// thread's write: a loop that goes through it.
  private func beginOfIteration(_ one: AtomicityViolation) -> Int? {
    let second = trace.events[one.second]
    guard one.pattern == .readWriteRead, second.kind == .read, second.field < 0 else { return nil }
    return trace.events[..<one.between].lastIndex { event in
      event.thread == second.thread && event.object == second.object && event.field < 0
        && event.kind == .read && event.place == second.place
    }
  }

  /// Whether a read decides what is done, rather than giving a value to compute with.
  private func isTest(_ event: TraceEvent) -> Bool {
    if let text = line(trace.place(of: event)) {
      let word = text.drop { $0 == " " || $0 == "\t" }.prefix { $0.isLetter }
      return ["if", "elif", "while", "assert"].contains(word) || text.contains(" if ")
    }
    return event.field < 0 || ["None", "True", "False"].contains(names.value(event) ?? "")
  }

  // MARK: Order violations

  /// A read after which its thread failed, of what another thread wrote only later.
  private func useBeforePublication() -> [Int]? {
    for failed in run.exceptions {
      guard
        let read = trace.events.lastIndex(where: { event in
          event.thread == failed.thread && event.kind == .read
            && trace.place(of: event).line == failed.place.line
            && trace.place(of: event).path == failed.place.path
        })
      else { continue }
      let event = trace.events[read]
      let wasWritten = trace.events[..<read].contains { sameField($0, event) && $0.kind != .read }
      guard !wasWritten,
        let write = trace.events.indices.dropFirst(read + 1).first(where: { index in
          let other = trace.events[index]
          return other.thread != event.thread && other.kind != .read && sameField(other, event)
            && order.areConcurrent(read, index)
        })
      else { continue }
      return [read, write]
    }
    return nil
  }

  private func sameField(_ one: TraceEvent, _ other: TraceEvent) -> Bool {
    one.kind.isAccess && one.object == other.object && one.field == other.field
  }
}
