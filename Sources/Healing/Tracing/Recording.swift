public import HealingModel
public import Scheduling

/// What recording one run of a program came to.
public struct RecordingResult: Sendable {
  /// The run.
  public var run: RecordedRun
  /// What it shows, and what it lets predict.
  public var findings: [RecordedFinding]

  /// The findings that are likely bugs.
  public var alarms: [RecordedFinding] { findings.filter { $0.weight == .alarm } }

  /// What was not seen, or not recorded, each in a sentence.
  public var limits: [String] {
    [bound].compactMap(\.self) + run.execution.limits
      + run.unseen.map { "not all accesses are known of \($0)" }
  }

  private var bound: String? {
    let events = run.execution.trace?.events.count ?? 0
    switch run.cut {
    case nil: return nil
    case "events":
      return "after \(events) events nothing more was recorded; the program ran on"
    case "cpu":
      return "after \(events) events the recording had taken its share of time, and nothing more "
        + "was recorded; the program ran on"
    case "wall": return "the run was ended because its time was over" + waiting
    case "output": return "the run was ended because it wrote too much"
    case .some(let other): return "the run reached a bound (\(other))"
    }
  }

  private var waiting: String {
    let waits = run.execution.blocked.map { "\(run.execution.name(of: $0.thread)) \($0.want)" }
    return waits.isEmpty ? "" : "; then " + waits.joined(separator: ", ")
  }
}

/// Runs a program once, as it is, and says what the run shows and what it lets predict.
///
/// - Parameters:
///   - program: The program.
///   - expected: The output that it must have, or nil for any.
///   - limits: What ends the recording, and the run.
///   - line: The line of the program at a place.
/// - Returns: What it came to.
/// - Throws: ``AdapterError``, or `CancellationError` when the task was cancelled.
public func record(
  _ program: any ScheduledProgram,
  expecting expected: String?,
  limits: RecordingLimits,
  line: @escaping @Sendable (SourcePlace) -> String?
) async throws -> RecordingResult {
  let run = try await program.record(limits)
  return RecordingResult(run: run, findings: run.findings(expecting: expected, line: line))
}
