import Healing
import HealingModel

extension TraceRun {
  /// Runs the program once and records it.
  func record() async throws -> RecordingOutcome {
    try await withProgram { adapter, scheduled, sources in
      let result = try await Healing.record(
        scheduled,
        expecting: example.expected,
        limits: RecordingLimits(wall: max(1, settings.budget - context.now() - Self.ending)),
        line: sources.lines
      )
      return RecordingOutcome(
        program: program,
        result: result,
        surroundings: adapter.surroundings,
        notes: notes + adapter.notes,
        seconds: context.now(),
        cpu: result.run.cpu + context.cpu(),
        isStrict: isStrict
      )
    }
  }
}

/// What came of recording a run.
struct RecordingOutcome: Sendable {
  /// What ran.
  var program: Program
  /// What was found.
  var result: RecordingResult
  /// Where it ran.
  var surroundings: Surroundings
  /// Sentences for the reader.
  var notes: [String]
  /// Elapsed seconds.
  var seconds: Double
  /// CPU seconds of the tool and of all that it started.
  var cpu: Double
  /// Whether accesses that nothing orders count as found, whatever their form.
  var isStrict = false

  /// What it comes to, in one word.
  enum Status: String, Sendable {
    /// Something happened, or is predicted.
    case found
    /// Nothing did, and nothing is.
    case nothing
    /// The run could not be recorded.
    case limited
  }

  /// What it comes to.
  var status: Status {
    if !result.alarms.isEmpty || isStrict && !result.findings.isEmpty { return .found }
    return result.run.execution.end == .limit ? .limited : .nothing
  }

  /// The status with which the tool ends; where nothing could be recorded, nothing is fine.
  var exitStatus: ExitStatus {
    switch status {
    case .found: .notHealed
    case .nothing: .fine
    case .limited: .environment
    }
  }
}
