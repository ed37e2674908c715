import HealingModel

/// The fresh run of the program as it was found, which every claim is compared with.
extension HealingSession {
  /// Starts that run ahead of the claim when the program was seen not to end, so that a search does
  /// not have to be followed by a long wait.
  mutating func beginUntouched() {
    guard baseline == nil, untouched == nil, longestStop != nil else { return }
    untouched = freshRun()
  }

  /// Waits for that run; what was observed stands in for one that does not end.
  mutating func judgeUntouched() async throws {
    let run = untouched ?? freshRun()
    let judged = try await withTaskCancellationHandler {
      try await run.value
    } onCancel: {
      run.cancel()
    }
    guard let judged = judged.map(settled) else {
      baseline = firstSeen
      return
    }
    baseline = judged.tests.isEmpty ? firstSeen : judged
    // It can meet a cap that the observed run did not, such as that of the output.
    if let firstSeen, runFindings(firstSeen, beside: []).isEmpty {
      report.findings += runFindings(judged, beside: report.findings)
    }
  }

  /// Seconds after which the slowest of the tests that did not end was stopped; nil when all ended.
  private var longestStop: Double? {
    firstSeen?.tests.filter(isEndless).map(\.seconds).max()
  }

  /// What died or met a cap did end: only what ran on is not waited for.
  private func isEndless(_ test: TestResult) -> Bool {
    test.stop == .endlessLoop || test.stop == .hang
  }

  /// The run; nil when a program that was seen not to end takes twice as long as it was watched.
  private func freshRun() -> Task<Judgement?, any Error> {
    let (adapter, original) = (adapter, original)
    let ending = firstSeen?.tests.filter { !isEndless($0) }.map(\.seconds).reduce(0, +) ?? 0
    let limit = longestStop.map { 1 + 2 * ($0 + ending) }
    return Task {
      guard let limit else { return try await adapter.judge(original, run: 0) }
      return try await withThrowingTaskGroup(of: Judgement?.self) { group in
        group.addTask { try await adapter.judge(original, run: 0) }
        group.addTask {
          try await Task.sleep(for: .seconds(limit))
          return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
      }
    }
  }
}
