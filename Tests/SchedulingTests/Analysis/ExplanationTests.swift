import HealingModel
import Testing

@testable import Scheduling

@Suite("Explanations")
struct ExplanationTests {
  private func workers() -> TraceBuilder {
    var run = TraceBuilder("MainThread", "Thread-1 (pay)", "Thread-2 (pay)")
    run.start(1, line: 30)
    run.start(2, line: 31)
    return run
  }

  private func explain(_ run: Execution, passing: Execution? = nil, lines: [Int: String] = [:])
    -> Explanation
  {
    Explanation(
      of: FailedRun(execution: run, passing: passing, line: { lines[$0.line] })
    )
  }

  /// Two threads that each read a balance and write it; the order in which they do so decides.
  private func deposits(_ order: [(thread: Int, kind: TraceEventKind, value: String)])
    -> TraceBuilder
  {
    var run = workers()
    for step in order {
      run.add(
        step.thread,
        step.kind,
        "account",
        "balance",
        value: step.value,
        line: step.kind == .read ? 14 : 15
      )
    }
    for thread in [1, 2] {
      run.end(thread)
      run.join(thread, line: 33)
    }
    return run
  }

  @Test("a lost update names the overwritten write, values, lines and threads")
  func lostUpdate() throws {
    let failing = deposits([
      (1, .read, "100"), (2, .read, "100"), (1, .write, "0"), (2, .write, "50"),
    ]).run(
      raising: "AssertionError",
      "50",
      in: 0,
      line: 40,
      code: "assert account.balance == -50"
    )
    let passing = deposits([
      (1, .read, "100"), (1, .write, "0"), (2, .read, "0"), (2, .write, "-50"),
    ]).run()
    let found = explain(failing, passing: passing)
    #expect(found.kind == .lostUpdate)
    #expect(found.failure == "AssertionError: 50 in MainThread")
    let conflict = try #require(found.conflict)
    #expect(conflict.subject == "account.balance")
    #expect(conflict.rows.map { found.rows[$0].value } == ["100", "0", "50"])
    #expect(conflict.overwritten == conflict.rows[1] && conflict.isUnordered)
    #expect(
      found.account == """
        Thread-2 (pay) read account.balance=100 at bank.py:14. Before it wrote account.balance \
        again at bank.py:15, Thread-1 (pay) wrote account.balance=0 at bank.py:15. Thread-2 (pay) \
        then overwrote that with 50, made from what it had read before: the write of \
        Thread-1 (pay) is lost. No lock is held at any of these. In the end MainThread raised \
        AssertionError: 50 at bank.py:40 (`assert account.balance == -50`).
        """
    )
    let difference = try #require(found.passing?.difference)
    #expect(found.rows[difference].marks.contains("0 in the run that passes"))
    #expect(
      found.rows[conflict.rows[2]].marks == ["lost update: overwrites the write at t=0.0006s"]
    )
  }

  @Test("a test whose answer another thread changes is a check-then-act race")
  func checkThenAct() {
    var run = workers()
    run.add(1, .read, "cache", line: 5)
    run.add(2, .read, "cache", line: 5)
    run.add(2, .write, "cache", "'k'", line: 6)
    run.add(1, .write, "cache", "'k'", line: 6)
    let found = explain(run.run(), lines: [5: "  if k not in cache:", 6: "    cache[k] = build()"])
    #expect(found.kind == .checkThenAct)
    #expect(
      found.conflict?.rows.map { found.rows[$0].code } == [
        "  if k not in cache:", "    cache[k] = build()", "    cache[k] = build()",
      ]
    )
  }

  @Test("a container that changes while it is gone through")
  func iteration() {
    var run = workers()
    run.add(1, .read, "names", line: 8)
    run.add(2, .write, "names", "'z'", line: 12)
    run.add(1, .read, "names", line: 8)
    let failing = run.run(
      raising: "RuntimeError",
      "dictionary changed size during iteration",
      in: 1,
      line: 8
    )
    #expect(explain(failing).kind == .iterationRace)
  }

  @Test("a use before another thread has set it up")
  func publication() throws {
    var run = workers()
    run.add(1, .read, "config", "url", line: 9)
    run.end(1)
    run.add(2, .write, "config", "url", line: 20)
    let found = explain(run.run(raising: "AttributeError", "url", in: 1, line: 9))
    #expect(found.kind == .useBeforePublication)
    #expect(found.account.hasPrefix("Thread-1 (pay) read config.url at bank.py:9. "))
  }

  @Test("the switches are those from threads that could have gone on")
  func switches() {
    var run = workers()
    run.add(1, .acquire, "lock", line: 3)
    run.add(2, .read, "x", "f", line: 4)
    run.add(1, .release, "lock", line: 5)
    run.end(1)
    run.add(2, .acquire, "lock", line: 6)
    let found = explain(run.run())
    // Thread 2 wants the lock when thread 1 goes on: that is no switch from it.
    #expect(
      found.switches.map { [$0.from, $0.to] } == [[0, 1], [1, 0], [0, 2], [2, 1], [1, 2]]
    )
    let last = found.switches[found.switches.count - 1]
    #expect([last.after, last.before] == [run.source(3), run.source(5)])
  }

  @Test("a thread that cannot take a lock is told to block")
  func blocks() {
    var run = workers()
    run.add(1, .acquire, "lock", line: 3)
    run.add(1, .read, "x", "f", line: 4)
    run.add(1, .release, "lock", line: 3)
    run.add(2, .acquire, "lock", line: 3)
    let rows = explain(run.run()).rows
    #expect(rows.filter { $0.kind == .block }.map(\.thread) == [2])
  }

  @Test("a run without a trace is explained by its result")
  func withoutTrace() {
    let found = explain(Execution(end: .completed, choices: ThreadRuns([0]), exitStatus: 3))
    #expect(found.kind == .scheduleDependent && found.failure == "exit status 3")
  }

  @Test("what a failure needs of timers is said first")
  func assumption() {
    var run = workers().run()
    run.assumed = [4]
    #expect(explain(run).account.hasPrefix("This needs timing: "))
  }
}
