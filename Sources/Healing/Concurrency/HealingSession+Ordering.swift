import HealingModel
import Patching
import Prompting
import Scheduling

/// Repairs that put threads in order: each is tried under schedules, the narrowest ones first.
extension HealingSession {
  /// Schedules and seconds of a first look at a candidate; candidates at most; repairs on top of
  /// each other.
  private static let effort = (schedules: 160, seconds: 5.0, candidates: 60, depth: 3)
  /// States that fail in another way than before, from which it goes on at most.
  private static let width = 2
  /// Candidates of which it is told why they are none.
  private static let told = 5
  /// Questions to a language model about one state.
  private static let questions = 4
  /// Candidates of other kinds that are tried beside one that holds.
  private static let runnersUp = 3

  /// A candidate that was tried.
  private struct Tried {
    var scheduled: Scheduled
    var repair: ScheduleRepair
    var result: TraceResult
  }

  /// What a first look at a candidate says.
  private enum Look {
    /// Nothing speaks against it.
    case holds
    /// As `holds`, but threads that were at work at the same time are not any more.
    case serialises
    /// It fails in another way than what it is made from.
    case differs
    /// It is no repair.
    case fails
  }

  /// Puts the threads of the best state in order.
  ///
  /// - Parameters:
  ///   - found: What its schedules came to.
  ///   - test: The test that is run; nil for a script.
  ///   - first: What those of the state came to on which the first of several repairs stands; nil for
  ///     the best state itself.
  ///   - depth: How many repairs it stands on, with this one.
  /// - Returns: Whether the best state is one now under whose schedules nothing fails.
  /// - Throws: What the adapter throws.
  mutating func order(
    _ found: TraceResult,
    of test: String?,
    since first: TraceResult? = nil,
    depth: Int = 1
  ) async throws -> Bool {
    guard let failure = found.failure else { return false }
    let start = Start(
      state: state,
      ordered: ordered,
      test: test,
      found: found,
      first: first ?? found
    )
    let candidates = try await adapter.scheduleRepairs(
      of: current,
      test: test,
      failing: [failure.schedule] + found.others,
      limits: ScheduleLimits(wall: 5),
      limit: Self.effort.candidates
    )
    var (serial, different): ([Tried], [Tried]) = ([], [])
    var narrower: [String] = []
    for (index, repair) in candidates.enumerated() where maySearch {
      guard let tried = try await tryOut(repair, from: start) else { continue }
      switch look(at: tried.result, after: failure, beside: start.first) {
      case .fails:
        note(tried, .stillFailing)
        if let failure = tried.result.failure {
          narrower.append("\(repair.reason): \(failure.summary), in \(failure.schedule.text)")
        }
      case .differs: different.append(tried)
      case .serialises: serial.append(tried)
      case .holds:
        guard try await settles(tried, from: start) else { continue }
        try await addRunnerUp(to: tried, from: start, among: candidates[(index + 1)...])
        return true
      }
    }
    for tried in serial where maySearch {
      guard try await settles(tried, from: start) else { continue }
      noteSerial(tried, beside: found, refused: narrower)
      return true
    }
    if depth < Self.effort.depth, try await goOn(from: different, start, depth: depth) {
      return true
    }
    return depth == 1 ? try await orderByModel(failure, start) : false
  }

  /// Lets a language model put the threads in order, told of what they did in the schedule that fails.
  private mutating func orderByModel(
    _ failure: TracedFailure,
    _ start: Start
  ) async throws -> Bool {
    guard let judgement = judgement ?? firstSeen else { return false }
    let trace = PromptTrace(of: explanation(of: failure, in: current))
    let findings = report.findings.filter(\.isOfSchedule)
    for _ in 0..<Self.questions {
      guard let question = try await ask(findings, judgement, trace: trace) else { return false }
      for text in try await reply(to: question).answers where maySearch {
        guard let answer = read(text, question.form) else { continue }
        let repair = ScheduleRepair(answer)
        guard let tried = try await tryOut(repair, from: start) else { continue }
        switch look(at: tried.result, after: failure, beside: start.first) {
        case .holds, .serialises:
          if try await settles(tried, from: start) { return true }
          remember(answer, failure: "not allowed: \(refused.last?.message ?? "it may still fail").")
        case .fails, .differs:
          note(tried, .stillFailing)
          let why = tried.result.failure?.summary ?? "less works at the same time than before"
          remember(answer, failure: "under a schedule of its threads: \(why).")
        }
      }
    }
    return false
  }

  /// What candidates are made from, and judged by.
  private struct Start {
    var state: State
    /// The state before all repairs that put threads in order.
    var ordered: Sources?
    var test: String?
    /// What schedules of the state came to, and those of the state before all such repairs.
    var found: TraceResult
    var first: TraceResult

    var scheduled: Scheduled { Scheduled(sources: state.sources, test: test) }
  }

  /// Runs the first schedules of a candidate; nil for one that changes nothing.
  private mutating func tryOut(
    _ repair: ScheduleRepair,
    from start: Start
  ) async throws -> Tried? {
    let base = start.state.sources
    guard let sources = try? Patch(edits: repair.edits).applied(to: base), sources != base else {
      return nil
    }
    tell("putting threads in order")
    report.candidates += 1
    let scheduled = Scheduled(sources: sources, test: start.test)
    let isStrict = strict.contains(start.scheduled)
    let seconds = max(1, min(Self.effort.seconds, secondsLeft / 8))
    let result = try await explore(scheduled, seconds: seconds) { options in
      options.schedules = Self.effort.schedules
      options.shortens = false
      if isStrict { options.timing = .strict }
    }
    return Tried(scheduled: scheduled, repair: repair, result: result)
  }

  /// Goes on from candidates that fail in another way than what they are made from.
  private mutating func goOn(
    from different: [Tried],
    _ start: Start,
    depth: Int
  ) async throws -> Bool {
    for tried in different.prefix(Self.width) where maySearch {
      accept(tried, on: start)
      if let next = try await explored(tried.scheduled),
        try await order(next, of: start.test, since: start.first, depth: depth + 1)
      {
        return true
      }
      comeBack(to: start)
    }
    return false
  }

  private mutating func comeBack(to start: Start) {
    resume(start.state)
    ordered = start.ordered
  }

  /// Shows the next candidate of another kind under whose first schedules nothing fails: which of the
  /// two is better may be a matter of taste.
  private mutating func addRunnerUp(
    to chosen: Tried,
    from start: Start,
    among rest: ArraySlice<ScheduleRepair>
  ) async throws {
    guard let failure = start.found.failure else { return }
    let others = rest.filter { $0.kind != chosen.repair.kind }.prefix(Self.runnersUp)
    for repair in others where maySearch {
      guard let tried = try await tryOut(repair, from: start),
        case .holds = look(at: tried.result, after: failure, beside: start.first)
      else { continue }
      report.alternatives.append(
        Alternative(
          patch: unifiedDiff(from: original, to: tried.scheduled.sources),
          confidence: .low
        )
      )
      return
    }
  }

  /// Judges a candidate by the first schedules.
  ///
  /// - Parameters:
  ///   - result: What they came to.
  ///   - last: The failure that it is to mend.
  ///   - found: What the schedules of the program came to without any such repair.
  /// - Returns: What is to become of it.
  private func look(
    at result: TraceResult,
    after last: TracedFailure,
    beside found: TraceResult
  ) -> Look {
    if let failure = result.failure {
      let isOld = failure.failure.signature == last.failure.signature
      return isOld || result.passed == 0 ? .fails : .differs
    }
    let (counts, before) = (result.counts, found.counts)
    guard counts.completed > 0, result.failed == 0,
      counts.limited == 0 || before.limited > 0, counts.cut == 0 || before.cut > 0,
      let now = result.survey, let then = found.survey
    else { return .fails }
    // Where the output was always the same it stays that.
    let outputs = Set(found.outputs.map(\.text))
    guard outputs.count != 1 || outputs.isSuperset(of: result.outputs.map(\.text)),
      now.threads >= then.threads, now.alive >= then.alive,
      now.unordered.isSubset(of: then.unordered)
    else { return .fails }
    return then.overlaps.isSubset(of: now.overlaps) ? .holds : .serialises
  }

  /// Explores a candidate as far as there is time, and makes it the best state if nothing fails.
  private mutating func settles(_ tried: Tried, from start: Start) async throws -> Bool {
    if strict.contains(start.scheduled) { strict.insert(tried.scheduled) }
    accept(tried, on: start)
    if try await mayBeClaimed(current), let found = try await explored(tried.scheduled),
      found.failed == 0, found.passed > 0
    {
      note(tried, .plausible(runs: 0))
      return true
    }
    comeBack(to: start)
    return false
  }

  /// Says that threads wait for each other's whole work now, and why nothing narrower was taken.
  private mutating func noteSerial(
    _ tried: Tried,
    beside found: TraceResult,
    refused narrower: [String]
  ) {
    let then = found.survey?.overlaps ?? []
    let lost = then.subtracting(tried.result.survey?.overlaps ?? [])
    let pairs = lost.sorted { ($0.first, $0.second) < ($1.first, $1.second) }.prefix(3)
      .map { "\($0.first) and \($0.second)" }.joined(separator: ", ")
    report.notes.append(
      "threads \(pairs) do not work at the same time any more: no narrower repair that was made holds"
    )
    report.notes += narrower.prefix(Self.told).map { "a narrower one fails: \($0)" }
  }

  /// Makes a candidate the best state.
  private mutating func accept(_ tried: Tried, on start: Start) {
    resume(start.state)
    let rule = report.findings.last(where: \.isOfSchedule)?.rule
    let edits = tried.repair.edits.map { edit in
      var edit = edit
      edit.finding = rule
      return edit
    }
    accept(Patch(edits: edits), as: tried.scheduled.sources)
    ordered = start.ordered ?? start.state.sources
  }

  private func note(_ tried: Tried, _ verdict: Verdict) {
    emit(
      .candidate(
        Candidate(
          patch: Patch(edits: tried.repair.edits),
          origin: tried.repair.kind == "model" ? .model : .schedule,
          kinds: [tried.repair.kind]
        ),
        verdict
      )
    )
  }
}

extension ScheduleRepair {
  /// A model's answer, to be tried like every other candidate.
  fileprivate init(_ answer: Answer) {
    let edits = answer.explained.edits
    let lines = edits.reduce(0) { sum, edit in
      sum
        + max(edit.range.end.line - edit.range.start.line + 1, Patching.lines(of: edit.new).count)
    }
    self.init(
      kind: "model",
      reason: edits.first?.reason ?? "",
      lines: lines,
      size: lines,
      edits: edits
    )
  }
}

extension ScheduledFailure {
  /// The steps of threads in their order, as far as a line holds them.
  fileprivate var text: String {
    let runs = choices.runs.prefix(16).map { "\($0.count) of thread \($0.thread)" }
    let rest = choices.runs.count > runs.count ? ", …" : ""
    return "steps " + runs.joined(separator: ", ") + rest
  }
}
