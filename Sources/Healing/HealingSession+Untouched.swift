import HealingModel
import Synchronization

/// The fresh run of the program as it was found, which every claim is compared with.
extension HealingSession {
  /// Starts that run beside the first look at a suite, which keeps one core busy at most.
  mutating func beginUntouched() {
    guard untouched == nil, adapter.jobs > 1 else { return }
    untouched = UntouchedRun(of: original, with: adapter, now: now())
  }

  /// Bounds that run when the program was seen not to end, and starts it if it was not begun, so that a
  /// search does not have to be followed by a long wait.
  mutating func boundUntouched() {
    guard baseline == nil else { return }
    let limit = longestStop.map { 1 + 2 * ($0 + secondsOfEnding) }
    if limit != nil, untouched == nil {
      untouched = UntouchedRun(of: original, with: adapter, now: now())
    }
    untouched?.bound(to: limit, now: now())
  }

  /// Waits for that run; what was observed stands in for one that does not end.
  mutating func judgeUntouched() async throws {
    guard let judged = try await untouchedJudgement().map(settled) else {
      baseline = firstSeen
      return
    }
    baseline = judged.tests.isEmpty ? firstSeen : judged
    // It can meet a cap that the observed run did not, such as that of the output.
    if let firstSeen, runFindings(firstSeen, beside: []).isEmpty {
      report.findings += runFindings(judged, beside: report.findings)
    }
  }

  /// What that run came to; nil when a program that was seen not to end took twice as long as it was
  /// watched.
  mutating func untouchedJudgement() async throws -> Judgement? {
    let run = untouched ?? UntouchedRun(of: original, with: adapter, now: now())
    untouched = run
    boundUntouched()
    return try await run.judgement()
  }

  /// Seconds after which the slowest of the tests that did not end was stopped; nil when all ended.
  private var longestStop: Double? {
    firstSeen?.tests.filter(isEndless).map(\.seconds).max()
  }

  private var secondsOfEnding: Double {
    firstSeen?.tests.filter { !isEndless($0) }.map(\.seconds).reduce(0, +) ?? 0
  }

  /// What died or met a cap did end: only what ran on is not waited for.
  private func isEndless(_ test: TestResult) -> Bool {
    test.stop == .endlessLoop || test.stop == .hang
  }
}

/// A run of the untouched program that is under way.
struct UntouchedRun: Sendable {
  private let run: Task<Judgement?, any Error>
  private let taken = Taken()
  /// When it began, in seconds since the tool started.
  private let began: Double
  /// Takes how many seconds it may go on.
  private let bounds: AsyncStream<Double>.Continuation

  /// How long it took, once it has ended by itself.
  private final class Taken: Sendable {
    let seconds = Mutex<Double?>(nil)
  }

  private enum End: Sendable {
    case judged(Judgement)
    case reachedBound
    case isUnbounded
  }

  /// Starts a run.
  init(of original: Sources, with adapter: any LanguageAdapter, now: Double) {
    began = now
    let (seconds, bounds) = AsyncStream<Double>.makeStream()
    self.bounds = bounds
    run = Task { [taken] in
      try await withThrowingTaskGroup(of: End.self) { group in
        group.addTask { .judged(try await adapter.judge(original, run: 0)) }
        group.addTask {
          for await bound in seconds {
            try await Task.sleep(for: .seconds(bound))
            return .reachedBound
          }
          return .isUnbounded
        }
        defer { group.cancelAll() }
        while let end = try await group.next() {
          switch end {
          case .judged(let judgement):
            taken.seconds.withLock { $0 = judgement.observation.wall }
            return judgement
          case .reachedBound: return nil
          case .isUnbounded: continue
          }
        }
        return nil
      }
    }
  }

  /// The seconds that it took; nil until it has ended by itself.
  var seconds: Double? { taken.seconds.withLock { $0 } }

  /// Says how long the run may take from its begin on.
  ///
  /// - Parameters:
  ///   - limit: Seconds; nil lets it end by itself. Only the first bound counts.
  ///   - now: Seconds since the tool started.
  func bound(to limit: Double?, now: Double) {
    if let limit { bounds.yield(max(0, limit - (now - began))) }
    bounds.finish()
  }

  /// What it came to; nil when it reached its bound.
  func judgement() async throws -> Judgement? {
    try await withTaskCancellationHandler {
      try await run.value
    } onCancel: {
      run.cancel()
    }
  }

  /// Ends it and waits for its end.
  func end() async {
    run.cancel()
    _ = try? await run.value
  }
}
