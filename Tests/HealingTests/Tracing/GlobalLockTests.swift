import HealingModel
import Scheduling
import Synchronization
import Testing

@testable import Healing

/// What is said of an interpreter's global lock, and what is done about it.
@Suite("Failures and the global lock")
struct GlobalLockTests {
  private func explore(
    _ answers: @escaping @Sendable (Interruption) -> Bool?,
    forced: @escaping @Sendable (ForcedPlan) -> ForcedRun? = { _ in nil },
    gil: GILOption = .told
  ) async throws -> (TraceResult, FakeScheduled) {
    let program = FakeScheduled(interpreter: "3.11.7", interrupts: answers, forced: forced) {
      schedule,
      _ in TinyThreads.lostUpdate.run(schedule)
    }
    let options = TraceOptions(deadline: 1000, gil: gil)
    let result = try await trace(program, options: options, now: { 0 }, progress: { _ in })
    return (result, program)
  }

  private func label(_ found: TracedFailure) -> GILLabel {
    found.execution.gilLabel(version: InterpreterVersion(3, 11), answers: found.interruptible)
  }

  private static let lost = ForcedRun(
    isFinished: true,
    exitStatus: 1,
    exceptions: [ObservedException(type: "Lost", message: "wrong")],
    taken: [0]
  )

  @Test("a failure that the lock does not let happen is told, and never run as it is")
  func notByModel() async throws {
    let (result, program) = try await explore({ _ in false }, forced: { _ in Self.lost })
    let found = try #require(result.failure)
    #expect(label(found) == .notByModel(InterpreterVersion(3, 11)))
    #expect(!found.isShown && program.plans.isEmpty && result.leftOut == 0)
  }

  @Test("a possible one is shown when the program as it is fails alike, every switch taken")
  func shown() async throws {
    let (result, program) = try await explore({ _ in true }, forced: { _ in Self.lost })
    let found = try #require(result.failure)
    #expect(found.isShown && program.plans.count == 1)
    #expect(program.plans[0].switches.count == 1 && program.plans[0].order.count == 2)
    for (missed, type) in [([Int](), "Lost"), ([0], "Other")] {
      var run = Self.lost
      run.taken = missed
      run.exceptions[0].type = type
      let (other, tried) = try await explore({ _ in true }, forced: { [run] _ in run })
      #expect(try #require(other.failure).isShown == false)
      #expect(tried.plans.count == 2, "a few attempts")
    }
  }

  @Test("another schedule of the same failure is taken when the lock lets only that one happen")
  func another() async throws {
    for line in 1...2 {
      let (result, _) = try await explore({ $0.after.place.line == line })
      let found = try #require(result.failure)
      #expect(label(found) == .possible, "\(line)")
      #expect(found.execution.preemptions.map(\.forced.thread) == [line - 1])
      #expect(found.isMinimal)
    }
  }

  @Test("strict: what the lock does not let happen is left out, and nothing is called exhausted")
  func strict() async throws {
    let (result, _) = try await explore({ _ in false }, gil: .strict)
    #expect(result.failure == nil && result.leftOut > 0 && result.coverage == .explored)
    #expect(result.notes.contains { $0.contains("not by our model of CPython 3.11") })
    #expect(try await explore({ _ in true }, gil: .strict).0.failure != nil)
    #expect(try await explore({ _ in nil }, gil: .strict).0.failure != nil, "unknown is told")
  }

  @Test("nothing is asked where nobody wants to know")
  func ignored() async throws {
    let (result, program) = try await explore(
      { pair in
        Issue.record("\(pair) was asked")
        return nil
      },
      gil: .ignored
    )
    #expect(result.failure != nil && program.plans.isEmpty)
  }
}
