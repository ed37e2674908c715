import HealingModel
import Testing

@testable import Scheduling

@Suite("Explanations of waits")
struct WaitTests {
  private func workers() -> TraceBuilder {
    var run = TraceBuilder("MainThread", "a", "b")
    run.start(1)
    run.start(2)
    return run
  }

  private func blocked(
    _ run: TraceBuilder,
    _ thread: Int,
    _ kind: TraceEventKind,
    _ object: String,
    line: Int,
    holder: Int? = nil,
    holds: [String] = [],
    call: String? = nil
  ) -> BlockedThread {
    BlockedThread(
      thread: thread,
      kind: kind,
      object: object,
      place: run.source(line),
      holder: holder,
      holds: holds,
      call: call
    )
  }

  @Test("a deadlock says who holds and wants what, and where")
  func deadlock() {
    var run = workers()
    run.add(1, .acquire, "x.lock", line: 18)
    run.add(2, .acquire, "y.lock", line: 28)
    let found = Explanation(
      of: FailedRun(
        execution: run.run(
          .deadlock,
          blocked: [
            blocked(run, 0, .join, "a", line: 40, holder: 1),
            blocked(run, 1, .acquire, "y.lock", line: 19, holder: 2, holds: ["x.lock"]),
            blocked(run, 2, .acquire, "x.lock", line: 29, holder: 1, holds: ["y.lock"]),
          ],
          cycle: [1, 2]
        )
      )
    )
    #expect(found.kind == .deadlock)
    #expect(
      found.account == """
        a holds x.lock (taken at bank.py:18) and wants y.lock at bank.py:19, which b holds. b holds \
        y.lock (taken at bank.py:28) and wants x.lock at bank.py:29, which a holds. None of them can \
        go on.
        """
    )
    let last = found.rows.suffix(2)
    #expect(last.map(\.kind) == [.block, .block])
    #expect(last.map(\.marks) == [["deadlock: held by b"], ["deadlock: held by a"]])
  }

  @Test("a thread that waits for itself")
  func selfDeadlock() {
    var run = workers()
    run.add(1, .acquire, "lock", line: 5)
    let execution = run.run(
      .deadlock,
      blocked: [blocked(run, 1, .acquire, "lock", line: 9, holder: 1, holds: ["lock"])],
      cycle: [1]
    )
    let found = Explanation(of: FailedRun(execution: execution))
    #expect(found.kind == .selfDeadlock)
    #expect(found.account == "a waits for lock at bank.py:9 and holds it itself, since bank.py:5.")
  }

  @Test("a lock that its thread kept when it ended")
  func leak() {
    var run = workers()
    run.add(1, .acquire, "lock", line: 5)
    run.end(1)
    var execution = run.run(
      .hang,
      blocked: [blocked(run, 2, .acquire, "lock", line: 9, holder: 1)]
    )
    execution.leaks = [LockLeak(thread: 1, lock: "lock")]
    let found = Explanation(of: FailedRun(execution: execution))
    #expect(found.kind == .lockLeak)
    #expect(
      found.account == """
        a ended and never gave back lock, taken at bank.py:5, so nobody else can take it. b waits for \
        it at bank.py:9.
        """
    )
    #expect(found.rows.first { $0.kind == .acquire }?.marks == ["never given back"])
  }

  /// A notification, and a thread that begins to wait before or after it.
  private func notification(look: Bool) -> BugKind {
    var run = workers()
    run.add(1, .read, "flags", "ready", line: 8)
    run.add(2, .acquire, "cond._lock", line: 13)
    run.notify(2, "cond", wakes: [], line: 14)
    run.add(2, .release, "cond._lock", line: 13)
    run.end(2)
    run.add(1, .acquire, "cond._lock", line: 9)
    if look { run.add(1, .read, "flags", "ready", line: 10) }
    run.add(1, .wait, "cond._lock", line: 11)
    let execution = run.run(.hang, blocked: [blocked(run, 1, .wake, "cond", line: 11)])
    return Explanation(of: FailedRun(execution: execution)).kind
  }

  @Test("a notification before the wait is lost, unless the thread looked in between")
  func lostWakeUp() {
    #expect(notification(look: false) == .lostWakeUp)
    #expect(notification(look: true) == .hang)
  }

  @Test("a wait shows what is waited for, by the condition's name")
  func names() {
    var run = workers()
    run.add(1, .acquire, "cond._lock")
    run.add(1, .wait, "cond._lock")
    run.notify(2, "cond", wakes: [1])
    run.add(1, .wake, "cond")
    let rows = Explanation(of: FailedRun(execution: run.run())).rows.filter { $0.thread == 1 }
    #expect(rows.map(\.subject).suffix(3) == ["cond", "cond", "cond"])
  }

  @Test(
    "the call in which a thread waits tells what is missing",
    arguments: [
      ("Queue.get", BugKind.missingSentinel), ("SimpleQueue.get", .missingSentinel),
      ("Barrier.wait", .brokenBarrier), ("Event.wait", .hang), ("", .hang),
    ]
  )
  func calls(call: String, kind: BugKind) {
    var run = workers()
    run.end(2)
    let execution = run.run(
      .hang,
      blocked: [blocked(run, 1, .wake, "q.c", line: 11, call: call)]
    )
    #expect(Explanation(of: FailedRun(execution: execution)).kind == kind)
  }

  @Test("what the global lock allows, by version and by what stands before and after a switch")
  func gil() {
    let (old, new) = (InterpreterVersion(3, 9), InterpreterVersion(3, 11))
    func label(
      _ last: TraceEventKind,
      _ next: TraceEventKind?,
      _ version: InterpreterVersion?,
      _ bytecode: Bool? = nil
    ) -> GILLabel {
      GILModel.label(last, next, version: version, canInterrupt: bytecode)
    }
    #expect(label(.read, .write, old) == .possible)
    #expect(label(.read, .write, new) == .unknown)
    #expect(label(.read, .write, new, true) == .possible)
    #expect(label(.read, .write, new, false) == .notByModel(new))
    #expect(label(.acquire, .acquire, new) == .unknown, "two with statements hold no call between")
    #expect(label(.release, .acquire, new) == .possible)
    #expect(label(.read, .join, new) == .possible)
    #expect(label(.read, .write, nil) == .unknown)
    #expect(GILLabel.all([.possible, .unknown, .notByModel(new)]) == .notByModel(new))
    #expect(GILLabel.notByModel(new).words == "not by our model of CPython 3.11")
    #expect(InterpreterVersion("3.11.7") == new && InterpreterVersion("x") == nil)
  }
}
