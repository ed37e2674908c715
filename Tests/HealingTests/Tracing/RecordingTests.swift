import Healing
import HealingModel
import Scheduling
import Testing

/// The session of `heal trace --record`.
@Suite("Recordings")
struct RecordingTests {
  /// A program whose one run is known.
  private struct Known: ScheduledProgram {
    let identity = ProgramIdentity(files: [:], interpreter: "1", hashSeed: 0)
    var recorded: RecordedRun

    func run(_ batch: ScheduleBatch) async throws -> ScheduledRuns { ScheduledRuns(executions: []) }

    func record(_ limits: RecordingLimits) async throws -> RecordedRun {
      #expect(limits.wall == 3)
      return recorded
    }
  }

  private func result(
    _ change: (inout RecordedRun) -> Void,
    expecting expected: String? = nil
  ) async throws -> RecordingResult {
    var run = RecordedRun(
      execution: Execution(end: .completed, choices: ThreadRuns(), threads: ["Main", "T1"])
    )
    change(&run)
    return try await record(
      Known(recorded: run),
      expecting: expected,
      limits: RecordingLimits(wall: 3),
      line: { _ in nil }
    )
  }

  @Test("a run that shows nothing has no findings and no limits")
  func nothing() async throws {
    let result = try await result { _ in }
    #expect(result.findings == [] && result.alarms == [] && result.limits == [])
  }

  @Test("the expected output counts")
  func output() async throws {
    let result = try await result({ $0.execution.output = "1\n" }, expecting: "2")
    #expect(result.alarms.map(\.kind) == [.failure])
  }

  @Test(
    "each bound is told in words",
    arguments: [
      ("events", "nothing more was recorded"), ("cpu", "its share of time"),
      ("wall", "its time was over"), ("output", "wrote too much"), ("odd", "odd"),
    ]
  )
  func bounds(cut: String, words: String) async throws {
    let result = try await result { $0.cut = cut }
    #expect(result.limits.count == 1 && result.limits[0].contains(words), "\(result.limits)")
  }

  @Test("those that waited when the time was over are told; limits and what is unseen too")
  func limits() async throws {
    let result = try await result { run in
      run.cut = "wall"
      run.unseen = ["exec at f.py:3"]
      run.execution.end = .cut("wall")
      run.execution.limits = ["a process was forked"]
      run.execution.blocked = [
        BlockedThread(thread: 1, kind: .acquire, object: "lock", place: SourcePlace())
      ]
    }
    #expect(result.findings == [])
    #expect(result.limits.count == 3 && result.limits[0].hasSuffix("T1 waits to acquire lock"))
    #expect(result.limits[2].contains("exec at f.py:3"))
  }

  @Test("an adapter that cannot record says so")
  func unable() async {
    let program = FakeScheduled { _, _ in Execution(end: .completed, choices: ThreadRuns()) }
    await #expect(throws: AdapterError.self) { try await program.record(RecordingLimits()) }
  }
}
