import HealingModel

/// Tests whose outcome comes and goes: they are told, and nothing is judged by them.
extension HealingSession {
  /// A judgement without the tests that are known to be flaky.
  func settled(_ judgement: Judgement) -> Judgement {
    guard !flaky.isEmpty else { return judgement }
    var judgement = judgement
    judgement.tests.removeAll { flaky.contains($0.id) }
    return judgement
  }

  /// Takes note of tests that failed and passed when they were run again.
  ///
  /// - Parameter seen: The first look at the program.
  /// - Returns: Whether no other target fails, so that there is nothing to heal.
  mutating func noteFlaky(_ seen: Judgement) -> Bool {
    let found = seen.tests.filter { $0.flaky == true }
    guard !found.isEmpty else { return false }
    flaky = Set(found.map(\.id))
    flakyTargets = found.filter(\.target).map(\.id).sorted()
    report.findings += found.map { finding(ofFlaky: $0) }
    return settled(seen).tests.allSatisfy { !$0.target || ![.failed, .error].contains($0.outcome) }
  }

  /// Whether tests that speak against a repair do so for reasons of their own: they passed in the
  /// program as it was found, and fail there too when it runs again.
  ///
  /// - Parameter tests: The ids of the tests that got worse in one of two runs.
  /// - Returns: Whether all of them do; then they are flaky from now on.
  /// - Throws: What the adapter throws.
  mutating func areFlakyAnyway(_ tests: [String]) async throws -> Bool {
    var left = Set(tests)
    let passed = Set((baseline?.tests ?? []).filter { $0.outcome == .passed }.map(\.id))
    guard left.isSubset(of: passed) else { return false }
    for run in 2...3 where !left.isEmpty && secondsLeft > checkSeconds {
      let judged = try await adapter.judge(original, run: run)
      left.subtract(judged.tests.filter { [.failed, .error].contains($0.outcome) }.map(\.id))
    }
    guard left.isEmpty else { return false }
    flaky.formUnion(tests)
    report.notes.append(
      "left out, since they fail at times with and without the repair: \(list(of: tests))"
    )
    return true
  }

  /// A repair of all but the flaky targets is shown as a part: that those pass would be luck.
  mutating func holdBack() {
    isUnproven = false
    report.status = .unhealed
    report.notes.append(
      "the other tests pass with this change; these fail at times and are not healed by it: "
        + list(of: flakyTargets)
    )
  }

  /// What is kept apart: failing tests that nobody asked about, and targets that still fail.
  mutating func noteFailing() {
    guard case .suite = oracle, let firstSeen, let judgement else { return }
    let failing = settled(firstSeen).tests.filter { [.failed, .error].contains($0.outcome) }
    let others = failing.filter { !$0.target }.map(\.id)
    if !others.isEmpty {
      report.notes.append("failed before and not asked about: \(list(of: others))")
    }
    let left = judgement.tests.filter { $0.target && [.failed, .error].contains($0.outcome) }
    let targets = failing.count(where: \.target)
    if report.status == .unhealed, current != original, left.count < targets {
      report.notes.append("still failing: \(list(of: left.map(\.id)))")
    }
  }

  private func finding(ofFlaky test: TestResult) -> Finding {
    let file = test.id.split(separator: ":", maxSplits: 1).first.map(String.init) ?? test.id
    let start = TextPosition(line: 1, column: 1)
    return Finding(
      category: .semantic,
      rule: "semantic/flaky-test",
      path: file,
      range: TextRange(start: start, end: start),
      message: "\(test.id) fails in some runs and passes in others",
      hint:
        "Look for what differs from run to run: time, chance, the order of tests, or state that "
        + "another test leaves behind.",
      evidence: [Evidence(source: .runtime, text: "it passed when it was run again by itself")],
      confidence: .high
    )
  }

  private func list(of tests: [String]) -> String {
    let shown = tests.prefix(5).joined(separator: ", ")
    return tests.count > 5 ? "\(shown) and \(tests.count - 5) more" : shown
  }
}
