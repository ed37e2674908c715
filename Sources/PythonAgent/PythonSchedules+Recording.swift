import Healing
import HealingModel

extension PythonSchedules {
  /// Runs a program once, as it is, and records it.
  func record(
    _ limits: RecordingLimits,
    of program: PythonScheduledProgram
  ) async throws -> RecordedRun {
    let request = WireRecordRequest(program: try common(program), limits: limits).encoded
    let seconds = limits.wall + 40
    let run: RecordedRun?
    do {
      run = try await withClient { client in
        try await client.exchange("record", request, within: seconds) { frame, id in
          try Self.reply(to: id, in: frame)?.recordedRun()
        }
      }
    } catch AgentError.refused(kind: "oversized", let message) {
      return RecordedRun(execution: Self.untold("the run told more than fits: \(message)"))
    }
    return run ?? RecordedRun(execution: Self.untold("the program ended its process"))
  }
}
