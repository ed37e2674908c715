import Diagnosis
import HealingModel
import Patching
import Search

extension HealingSession {
  /// The one path by which a repair becomes a claim.
  ///
  /// The rules of evidence first, then needless edits are dropped, then two runs in fresh
  /// interpreters on the final files, which differ in what a program may not depend on.
  ///
  /// - Returns: Whether the session is over: the best state was claimed, or may not be claimed by
  ///   anything that this session can do.
  mutating func claim() async throws -> Bool {
    tell("checking")
    guard try await mayBeClaimed(current) else { return false }
    // In a run by itself a program passes without what keeps its threads in order, too.
    if ordered == nil { try await minimise() }
    try await adapter.confirmCopy(from: original, to: current)
    let (adapter, final) = (adapter, current)
    async let first = adapter.judge(final, run: 0)
    async let second = adapter.judge(final, run: 1)
    if baseline == nil { try await judgeUntouched() }
    var runs = [settled(try await first), settled(try await second)]
    for judged in runs { emit(.judged(judged)) }
    if baseline?.passes == true, ordered == nil {
      // What such a program does after a change says nothing of the change.
      current = original
      report.status = .unhealed
      report.notes.append(
        "the program passes as it is in a fresh run: its failure comes and goes by itself"
      )
      return true
    }
    var objections = runs.compactMap { objection(to: $0, since: baseline) }
    if objections.count == 1, case .regressed(let tests) = objections[0],
      try await areFlakyAnyway(tests)
    {
      runs = runs.map(settled)
      baseline = baseline.map(settled)
      objections = runs.compactMap { objection(to: $0, since: baseline) }
    }
    if let first = objections.first {
      let flaky = objections.count < runs.count
      emit(
        .candidate(
          candidate,
          flaky ? .flaky(failures: objections.count, runs: runs.count) : first
        )
      )
      return false
    }
    let threads = try await startsThreads()
    judgement = runs[0]
    emit(.candidate(candidate, .plausible(runs: runs.count)))
    guard flakyTargets.isEmpty else {
      holdBack()
      return true
    }
    let inTests = try await testsStartThreads()
    guard threads || inTests else {
      try await verified(runs[0], runs: runs.count)
      return true
    }
    switch try await weighSchedules() {
    case .holds(let schedules):
      try await verified(runs[0], runs: runs.count, schedules: schedules)
    case .mended: return try await claim()
    case .fails: try await shown(runs[0], runs: runs.count)
    case .unknown where !threads: try await verified(runs[0], runs: runs.count)
    case .unknown:
      try await shown(runs[0], runs: runs.count)
      report.remaining.append(unexplored)
    }
    return true
  }

  /// Whether any state of the program, or any run of it, shows threads or tasks; a text that does
  /// not parse shows none.
  private func startsThreads() async throws -> Bool {
    let seen = [firstSeen, judgement].compactMap { $0?.observation.threadsStarted }
    if seen.contains(where: { $0 > 0 }) { return true }
    if try await adapter.startsThreads(original) { return true }
    return try await adapter.startsThreads(current)
  }

  private var candidate: Candidate { candidate(current) }

  private func candidate(_ sources: Sources) -> Candidate {
    Candidate(
      patch: Patch(from: original, to: sources) { reasons.reason(path: $0, hunk: $1).text },
      origin: fromFindingsOnly ? .finding : .search,
      kinds: []
    )
  }

  /// Whether no rule of evidence speaks against a state.
  mutating func mayBeClaimed(_ sources: Sources) async throws -> Bool {
    var refusals = try await adapter.refusals(
      from: original,
      to: ordered ?? sources,
      strength: oracle.strength
    )
    if let ordered {
      // That the order of threads is to blame is shown by schedules, apart from the oracle.
      refusals += try await adapter.refusals(
        from: ordered,
        to: sources,
        strength: oracle.strength == .crashOnly ? .example : oracle.strength,
        ordersThreads: true
      )
    }
    guard let first = refusals.first else { return true }
    refused += refusals
    emit(.candidate(candidate(sources), .refused(first)))
    return false
  }

  /// What speaks against a run of the repaired program; nil when it may be claimed.
  private func objection(to judged: Judgement, since baseline: Judgement?) -> Verdict? {
    guard judged.passes, let baseline, isConsistent(judged) else { return .stillFailing }
    let before = Dictionary(
      baseline.tests.map { ($0.id, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    let after = Dictionary(
      judged.tests.map { ($0.id, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    // What could not be collected has an id of its own, which a repair makes go away.
    let collected = before.values.filter { $0.outcome != .error || $0.id.contains("::") }
    let lost = collected.filter { after[$0.id] == nil }.map(\.id)
    let isWhole = collected.count == before.count && !before.isEmpty
    let new = isWhole ? after.keys.filter { before[$0] == nil } : []
    let worse = after.values.filter { test in
      guard let known = before[test.id] else {
        return ![.passed, .skipped, .xfailed].contains(test.outcome) && test.target
      }
      switch test.outcome {
      case .passed: return false
      case .skipped, .xfailed, .xpassed: return known.outcome != test.outcome
      case .failed, .error: return test.target || known.outcome == .passed
      }
    }.map(\.id)
    let all = (lost + new + worse).sorted()
    if !all.isEmpty { return .regressed(tests: all) }
    return changesEarlierOutput(judged, baseline) ? .regressed(tests: ["output"]) : nil
  }

  /// Whether the runner's own status says the same as what it reported of each test.
  private func isConsistent(_ judged: Judgement) -> Bool {
    guard case .suite = oracle else { return true }
    return judged.observation.exit == .code(0)
      || judged.tests.contains { [.failed, .error].contains($0.outcome) }
  }

  /// Without an expected output, what the program printed before it failed must stay.
  private func changesEarlierOutput(_ judged: Judgement, _ baseline: Judgement) -> Bool {
    guard oracle.strength == .crashOnly, ordered == nil else { return false }
    let (old, new) = (baseline.observation.stdout.head, judged.observation.stdout.head)
    return !new.utf8.starts(with: old.utf8)
  }

  /// Drops every run of changed lines without which the oracle passes as well, those of one edit
  /// that belong together with one another.
  private mutating func minimise() async throws {
    var index = 0
    while secondsLeft > checkSeconds {
      let patch = Patch(from: original, to: current) {
        reasons.reason(path: $0, hunk: $1).text
      }
      guard patch.edits.count > 1, index < patch.edits.count else { return }
      let dropped = patch.edits[index]
      let whole = inseparable.filter(dropped.reason.contains)
      let edits = patch.edits.filter { edit in
        edit != dropped && !whole.contains(where: edit.reason.contains)
      }
      guard !edits.isEmpty else {
        index += 1
        continue
      }
      let smaller = try Patch(edits: edits).applied(to: original)
      if try await passes(smaller), try await mayBeClaimed(smaller) {
        reasons.forget(from: current, to: smaller)
        current = smaller
      } else {
        index += 1
      }
    }
  }

  /// Whether the oracle passes on a state from which edits were dropped, before the runs that count.
  ///
  /// An open search is asked where there is one: it ends in milliseconds what does not end by itself.
  private mutating func passes(_ smaller: Sources) async throws -> Bool {
    report.candidates += 1
    if let (space, opened) = search {
      screened += 1
      let number = Self.screening + screened
      do {
        try await space.define(base: number, sources: smaller.changes(since: opened), progress: 0)
        let seen = try await space.evaluate(
          base: number,
          candidates: [[]],
          options: EvaluationOptions(seconds: max(0.05, secondsLeft - checkSeconds))
        )
        return seen.first?.status == .passed
      } catch let error where !(error is CancellationError) && !Task.isCancelled {
        search = nil
      }
    }
    return objection(to: try await observed(smaller), since: firstSeen) == nil
  }

  /// Above every number that the search gives its bases.
  private static let screening = 1_000_000

  // MARK: The report

  /// The repair holds, and of a program with threads under its schedules.
  private mutating func verified(
    _ judged: Judgement,
    runs: Int,
    schedules: ScheduleEvidence? = nil
  ) async throws {
    try await note(judged, runs: runs)
    report.status = .healed
    report.partial = false
    report.evidence = schedules.map { $0.exhausted ? .exhausted : .explored } ?? .tested
    report.confidence = confidence(judged, schedules)
    report.verification?.schedules = schedules
    let certificate = schedules == nil ? nil : try await certificate()
    report.verification?.certificate = certificate
    if schedules != nil { report.notes += schedulesNotes }
  }

  /// The repair passes, and schedules of its threads do not, or are not known.
  private mutating func shown(_ judged: Judgement, runs: Int) async throws {
    try await note(judged, runs: runs)
    report.status = .unhealed
    report.partial = true
    report.confidence = .low
    report.remaining += report.findings.filter(\.isOfSchedule)
  }

  private mutating func note(_ judged: Judgement, runs: Int) async throws {
    isUnproven = false
    report.files = try await adapter.fileChanges(to: current)
    report.verification = Verification(
      oracle: oracle.kind,
      strength: oracle.strength,
      tests: judged.tests.map(\.id).sorted(),
      runs: runs,
      regressions: 0,
      before: Dictionary(uniqueKeysWithValues: report.files.map { ($0.path, sha256($0.before)) }),
      after: Dictionary(uniqueKeysWithValues: report.files.map { ($0.path, sha256($0.after)) })
    )
  }

  /// A program whose schedules were not explored may pass by luck.
  private var unexplored: Finding {
    Finding(
      category: .concurrency,
      rule: "concurrency/unexplored",
      path: original.paths.first ?? "",
      range: TextRange(
        start: TextPosition(line: 1, column: 1),
        end: TextPosition(line: 1, column: 1)
      ),
      message: "the program starts threads or tasks, and their schedules were not explored",
      hint: "The repair passes in the schedules that happened to run. Look for shared state that "
        + "is read and written without a lock before you apply it with `heal apply --partial`.",
      evidence: [Evidence(source: .static, text: "uses threads or tasks")],
      confidence: .high
    )
  }

  /// How likely the repair is what the author meant.
  private func confidence(_ judged: Judgement, _ schedules: ScheduleEvidence?) -> Confidence {
    guard let schedules else { return confidence(judged) }
    guard schedules.exhausted || schedules.explored >= Self.fewSchedules else { return .low }
    guard let ordered else { return confidence(judged) }
    let inOrder = schedules.exhausted ? Confidence.high : .medium
    return ordered == original ? inOrder : min(inOrder, confidence(judged))
  }

  /// Schedules that say next to nothing when they are not all: a slow machine may have no time for more.
  private static let fewSchedules = 100

  private func confidence(_ judged: Judgement) -> Confidence {
    switch oracle.strength {
    case .crashOnly, .command: return fromFindingsOnly ? .medium : .low
    case .example, .suite: break
    }
    if fromFindingsOnly { return .high }
    var facts = searched ?? ClaimFacts(edits: edits)
    facts.edits = edits
    let confidence = facts.confidence(tests: judged.tests.count { $0.outcome == .passed })
    // Nobody looked whether something else passes beside what was recalled.
    return searched == nil && isRecalled ? min(confidence, .medium) : confidence
  }

  /// The session ends without a claim.
  mutating func conclude() async throws {
    report.status = .unhealed
    if secondsLeft <= checkSeconds { noteClock() }
    report.notes += Set(refused).sorted { $0.rule < $1.rule }.map {
      "a candidate that passes was refused as \($0.rule): \($0.message)"
    }
    // Last, since the end of the time may cut it off: what the search reached is looked at as a whole.
    if isUnproven, try await adapter.syntaxErrors(in: current).isEmpty {
      let seen = try await observed(current)
      if !seen.passes {
        judgement = seen
        rememberFurthest()
      }
    }
    if let furthest { resume(furthest) }
  }

  /// Says once that the clock had a part in the result.
  mutating func noteClock() {
    let note = "the time budget ended the search"
    if !report.notes.contains(note) { report.notes.append(note) }
  }

  /// Fills in what every report has, however the session ended.
  mutating func finish() async throws {
    report.seconds = now()
    noteFailing()
    report.findings = rebank(report.findings)
    if report.status != .healed, isUnproven { resume(furthest ?? untouchedState) }
    guard current != original else {
      if report.status == .unhealed { report.remaining = report.findings }
      return
    }
    var rules: [String?] = []
    report.patch = Patch(from: original, to: current) { path, hunk in
      let reason = reasons.reason(path: path, hunk: hunk)
      rules.append(reason.finding)
      return reason.text
    }
    for (index, rule) in rules.enumerated() {
      report.patch.edits[index].finding = rule ?? finding(of: report.patch.edits[index])
    }
    report.diff = unifiedDiff(from: original, to: current)
    if report.status == .unhealed { report.partial = true }
    let isThreaded = threaded || (judgement?.observation.threadsStarted ?? 0) > 0
    if isThreaded, report.status != .healed,
      !explorations.keys.contains(where: { $0.sources == current }),
      !report.remaining.contains(where: { $0.rule == unexplored.rule })
    {
      report.remaining.append(unexplored)
    }
    learn()
    report.files = try await adapter.fileChanges(to: current)
    try await nameRemaining()
  }

  /// The rule behind an edit; an edit of the search is a finding in itself.
  private mutating func finding(of edit: Edit) -> String? {
    let fixed = report.findings.first { finding in
      finding.path == edit.path
        && finding.fixes.contains { fix in
          fix.edits.contains { !$0.reason.isEmpty && edit.reason.contains($0.reason) }
        }
    }
    if let fixed { return fixed.rule }
    let finding = Finding(
      category: .logic,
      rule: Self.searchRule,
      path: edit.path,
      range: edit.range,
      message: edit.reason.isEmpty ? "the failing tests pass with another text here" : edit.reason,
      hint: edit.reason,
      evidence: [
        Evidence(
          source: .search,
          text: report.status == .healed
            ? "the oracle passes with this change and fails without it"
            : "the program gets further with this change"
        )
      ],
      confidence: report.confidence
    )
    report.findings.append(finding)
    return finding.rule
  }

  /// Findings that the repaired program still has.
  private mutating func nameRemaining() async throws {
    guard secondsLeft > 0.5, !report.findings.isEmpty else { return }
    let left = rebank(try await adapter.findings(in: current, after: judgement?.observation))
    let names = Set(left.map { "\($0.rule) \($0.message)" })
    report.remaining += report.findings.filter {
      $0.confidence != .low && names.contains("\($0.rule) \($0.message)")
    }
  }
}
