import Healing
import HealingModel

extension PythonSchedules {
  func record(_ limits: RecordingLimits) async throws -> RecordedRun {
    let client = try await takeClient()
    do {
      let request = WireRecordRequest(program: program, limits: limits).encoded
      let seconds = limits.wall + 40
      let run = try await client.exchange("record", request, within: seconds) { frame, id in
        try Self.reply(to: id, in: frame)?.recordedRun()
      }
      giveBack(client)
      return run
    } catch AgentError.refused(kind: "oversized", let message) {
      giveBack(client)
      return RecordedRun(execution: Self.untold("the run told more than fits: \(message)"))
    } catch let error as AgentError where error.isEnd {
      return RecordedRun(execution: try await lost(client, error))
    } catch {
      giveBack(client)
      throw error
    }
  }
}
