import HealingModel
import Testing

@testable import Scheduling

@Suite("Explanations of tasks")
struct LoopExplanationTests {
  /// A task's event, which an event of its loop follows.
  private func ordered(
    _ run: inout TraceBuilder,
    _ thread: Int,
    _ kind: TraceEventKind,
    _ object: String,
    line: Int
  ) {
    run.add(thread, kind, object, line: line)
    run.add(thread, .touch, "loop", line: line, further: true)
  }

  /// Two tasks that read a balance before they wait and write it after that.
  private func deposits(_ order: [(thread: Int, kind: TraceEventKind, value: String)]) -> Execution
  {
    var run = TraceBuilder("MainThread", "Task-1 (pay)", "Task-2 (pay)")
    for task in [1, 2] { run.add(0, .spawn, "thread \(task)", line: 30) }
    ordered(&run, 0, .wake, "loop", line: 0)
    run.declare("loop", as: "Event loop")
    var begun: Set<Int> = []
    for step in order {
      let isFirst = begun.insert(step.thread).inserted
      ordered(&run, step.thread, isFirst ? .start : .wake, "thread \(step.thread)", line: 13)
      run.add(
        step.thread,
        step.kind,
        "account",
        "balance",
        value: step.value,
        line: step.kind == .read ? 14 : 15
      )
      if step.kind == .read {
        ordered(&run, step.thread, .wait, "timer", line: 14)
        ordered(&run, step.thread, .sleep, "timer", line: 14)
      } else {
        ordered(&run, step.thread, .end, "thread \(step.thread)", line: 0)
      }
    }
    var execution = run.run(raising: "AssertionError", in: 0, line: 40)
    execution.carriers = [1: 0, 2: 0]
    return execution
  }

  @Test("they name tasks and what these share, and nothing of the loop")
  func rows() throws {
    let failing = deposits([
      (1, .read, "0"), (2, .read, "0"), (1, .write, "1"), (2, .write, "2"),
    ])
    var passing = deposits([(1, .read, "0"), (1, .write, "1"), (2, .read, "1"), (2, .write, "3")])
    passing.exceptions = []
    let found = Explanation(
      of: FailedRun(execution: failing, passing: passing, line: { _ in nil })
    )
    #expect(found.kind == .lostUpdate)
    #expect(found.conflict?.rows.map { found.rows[$0].thread } == [2, 1, 2])
    #expect(found.conflict?.subject == "account.balance")
    #expect(found.races.isEmpty, "what tasks of one loop do is ordered")
    let shown = found.rows + (found.passing?.rows ?? [])
    #expect(!shown.contains { $0.subject.contains("loop") })
    #expect(!shown.contains { $0.kind == .touch })
    #expect(!found.account.contains("loop"))
    #expect(found.orders.allSatisfy { $0.from < found.rows.count && $0.to < found.rows.count })
    let difference = try #require(found.passing?.difference)
    #expect(found.rows[difference].subject == "account.balance")
  }
}
