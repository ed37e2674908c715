import HealingModel
import Testing

@testable import Scheduling

/// What one recorded run shows, and what it lets predict.
@Suite("Recorded runs")
struct RecordedFindingTests {
  private func workers(_ count: Int, start: Bool = true) -> TraceBuilder {
    var run = TraceBuilder(threads: ["Main"] + (0..<count).map { "T\($0 + 1) (work)" })
    for thread in 1...count where start { run.start(thread, line: thread) }
    return run
  }

  /// The findings of a run that ended well, each with its kind and weight.
  private func findings(
    _ run: TraceBuilder,
    line: @escaping @Sendable (SourcePlace) -> String? = { _ in nil }
  ) -> [RecordedFinding] {
    run.recorded().findings(line: line)
  }

  private func nest(_ run: inout TraceBuilder, _ thread: Int, _ locks: String..., line: Int = 0) {
    for (index, lock) in locks.enumerated() {
      run.add(thread, .acquire, lock, line: line > 0 ? line + index : 0)
    }
    for lock in locks.reversed() { run.add(thread, .release, lock) }
  }

  // MARK: Races

  private func increment(_ run: inout TraceBuilder, _ thread: Int, line: Int = 8) {
    run.add(thread, .read, "account", "balance", line: line)
    run.add(thread, .write, "account", "balance", line: line + 1)
  }

  @Test("an increment of two threads without a lock is predicted, both places and all that is held")
  func increments() throws {
    var run = workers(2)
    increment(&run, 1)
    run.add(2, .acquire, "lock")
    increment(&run, 2)
    run.add(2, .release, "lock")
    let found = findings(run)
    let race = try #require(found.first)
    #expect(found.count == 1, "the other pairs of that field are not told again")
    #expect(race.kind == .dataRace && race.basis == .predicted && race.weight == .alarm)
    #expect(race.summary == "account.balance: T1 writes it at bank.py:9, T2 reads it at bank.py:8")
    #expect(race.account.hasPrefix("Predicted from one run: nothing orders these two."))
    #expect(race.account.contains("No lock is held at both: T1 holds none, T2 holds lock."))
    #expect(race.steps.map(\.place.line) == [9, 8])
    #expect(race.steps.map(\.holds) == [[], ["lock"]])
    let times = try race.steps.map { try #require($0.time) }
    #expect(times[0] < times[1])
  }

  @Test("a lock, a join, a start, an event and a queue order accesses")
  func ordered() {
    var locked = workers(2)
    for thread in 1...2 {
      locked.add(thread, .acquire, "lock")
      increment(&locked, thread)
      locked.add(thread, .release, "lock")
    }
    #expect(findings(locked) == [])
    var joined = workers(1)
    increment(&joined, 1)
    joined.end(1)
    joined.join(1)
    increment(&joined, 0)
    #expect(findings(joined) == [])
    var started = workers(1, start: false)
    increment(&started, 0)
    started.start(1)
    increment(&started, 1)
    #expect(findings(started) == [])
    var told = workers(2)
    increment(&told, 1)
    told.add(1, .notify, "event")
    told.add(2, .wake, "event")
    increment(&told, 2)
    #expect(findings(told) == [])
  }

  @Test("items of a queue order what came with each of them, whoever put one last")
  func items() {
    var run = workers(3)
    increment(&run, 1)
    run.add(1, .notify, "queue")
    run.add(2, .notify, "queue")
    run.add(3, .wake, "queue")
    increment(&run, 3)
    #expect(findings(run) == [])
  }

  @Test("what a thread wrote is read by the one that started it, which awaits it later or never")
  func unjoined() throws {
    var run = workers(1)
    run.add(1, .write, "result", "value", line: 4)
    run.add(0, .read, "result", "value", line: 20)
    let never = try #require(findings(run).first)
    #expect(never.kind == .unjoinedResult && never.weight == .alarm)
    #expect(never.account.contains("Main started T1 at bank.py:1 and never awaits its end."))
    run.end(1)
    run.join(1, line: 22)
    let late = try #require(findings(run).first)
    #expect(late.kind == .unjoinedResult)
    #expect(late.account.contains("awaits its end only after the read at bank.py:22."))
  }

  @Test("writes that overwrite without having read are noted, no alarm")
  func writes() throws {
    var run = workers(2)
    run.add(1, .write, "seen", "last", line: 4)
    run.add(2, .write, "seen", "last", line: 4)
    let note = try #require(findings(run).first)
    #expect(note.weight == .note && note.kind == .dataRace)
  }

  @Test("a read that is made again under the lock is a note, also where it found the value")
  func rechecked() throws {
    var run = workers(2)
    run.add(1, .read, "service", "one", line: 3)
    run.add(1, .acquire, "lock")
    run.add(1, .read, "service", "one", line: 5)
    run.add(1, .write, "service", "one", line: 6)
    run.add(1, .release, "lock")
    run.add(2, .read, "service", "one", line: 3)
    #expect(findings(run).map(\.weight) == [.note])
    // Without the second look it is the bug itself.
    var bare = workers(2)
    bare.add(1, .read, "service", "one", line: 3)
    bare.add(1, .write, "service", "one", line: 6)
    bare.add(2, .read, "service", "one", line: 3)
    #expect(findings(bare).map(\.weight) == [.alarm])
  }

  @Test("a loop that waits for a flag which one thread sets is a note; a test is not")
  func polled() {
    var run = workers(2)
    run.add(1, .read, "state", "done", line: 7)
    run.add(2, .write, "state", "done", line: 3)
    #expect(findings(run) { _ in "    while not state.done:" }.map(\.weight) == [.note])
    #expect(findings(run) { _ in "    if not state.done:" }.map(\.weight) == [.alarm])
    run.add(1, .write, "state", "done", line: 9)
    #expect(findings(run) { _ in "    while not state.done:" }.map(\.weight) == [.alarm])
  }

  // MARK: Lock orders

  @Test("opposite orders are predicted with both sides; nobody blocked")
  func circle() throws {
    var run = workers(2)
    nest(&run, 1, "a", "b", line: 10)
    nest(&run, 2, "b", "a", line: 20)
    let found = findings(run)
    let circle = try #require(found.first)
    #expect(found.count == 1)
    #expect(circle.kind == .lockOrder && circle.basis == .predicted && circle.weight == .alarm)
    #expect(circle.summary == "deadlock of T1, T2 over a, b")
    #expect(circle.account.contains("T1 took b at bank.py:11 while it held a, taken at bank.py:10"))
    #expect(circle.account.contains("T2 took a at bank.py:21 while it held b, taken at bank.py:20"))
    #expect(circle.account.contains("No lock is held around all of this"))
    #expect(circle.steps.map(\.place.line) == [10, 11, 20, 21])
  }

  @Test("a gate, one thread alone, a join and an attempt keep a circle apart")
  func none() {
    var gate = workers(2)
    nest(&gate, 1, "gate", "a", "b")
    nest(&gate, 2, "gate", "b", "a")
    var alone = workers(1)
    nest(&alone, 1, "a", "b")
    nest(&alone, 1, "b", "a")
    var joined = workers(2, start: false)
    joined.start(1)
    nest(&joined, 1, "a", "b")
    joined.end(1)
    joined.join(1)
    joined.start(2)
    nest(&joined, 2, "b", "a")
    var attempt = workers(2)
    nest(&attempt, 1, "a", "b")
    attempt.add(2, .acquire, "b")
    attempt.add(2, .acquire, "a", "attempt")
    attempt.add(2, .release, "a")
    attempt.add(2, .release, "b")
    for run in [gate, alone, joined, attempt] { #expect(findings(run) == []) }
  }

  @Test("an order that a thread takes before a start and once more after it counts after it")
  func again() {
    var run = TraceBuilder("Main", "T1")
    nest(&run, 0, "a", "b")
    run.start(1)
    nest(&run, 0, "a", "b")
    nest(&run, 1, "b", "a")
    #expect(findings(run).map(\.kind) == [.lockOrder])
  }

  @Test("many threads at the same places are one finding")
  func many() {
    var run = workers(6)
    for thread in 1...6 {
      let locks = thread.isMultiple(of: 2) ? ["a", "b"] : ["b", "a"]
      nest(&run, thread, locks[0], locks[1], line: thread.isMultiple(of: 2) ? 10 : 20)
    }
    #expect(findings(run).count == 1)
  }

  // MARK: Wake-ups

  /// Two consumers, the first of which waits, and a producer.
  private func consumers(again: Bool, rivals: Bool = true) -> TraceBuilder {
    var run = workers(3)
    run.add(1, .acquire, "lock")
    run.add(1, .read, "items", line: 11)
    run.add(1, .wait, "lock", line: 12)
    run.add(3, .acquire, "lock")
    run.add(3, .write, "items", line: 30)
    run.add(3, .notify, "news")
    run.add(3, .release, "lock")
    run.add(1, .wake, "news")
    run.add(1, .acquire, "lock")
    if again { run.add(1, .read, "items", line: 11) }
    run.add(1, .write, "items", line: 13)
    run.add(1, .release, "lock")
    run.add(2, .acquire, "lock")
    run.add(2, .read, "items", line: 11)
    run.add(2, .write, "items", line: rivals ? 13 : 30)
    run.add(2, .release, "lock")
    return run
  }

  @Test("a thread that is woken and does not test again, while another one can be first")
  func stolen() throws {
    let found = findings(consumers(again: false))
    let wake = try #require(found.first)
    #expect(found.count == 1 && wake.kind == .untestedWake && wake.weight == .alarm)
    #expect(wake.steps.map(\.place.line) == [11, 12, 13, 13])
    #expect(wake.steps.map(\.thread) == [1, 1, 1, 2])
    #expect(wake.account.contains("T2 can come first"))
  }

  @Test("one that tests again, and one that alone takes what others give, are right")
  func tested() {
    #expect(findings(consumers(again: true)) == [])
    #expect(findings(consumers(again: false, rivals: false)) == [])
  }

  // MARK: What happened

  @Test("a lock that a thread held when it ended, with where it was taken")
  func leak() throws {
    var run = workers(1)
    run.add(1, .acquire, "lock", line: 7)
    run.end(1)
    var recorded = run.recorded()
    recorded.execution.leaks = [LockLeak(thread: 1, lock: "lock")]
    let found = recorded.findings()
    let leak = try #require(found.first)
    #expect(found.count == 1)
    #expect(leak.kind == .lockHeld && leak.basis == .observed)
    #expect(leak.summary == "T1 ended and still holds lock")
    #expect(leak.account.contains("taken at bank.py:7"))
  }

  @Test("a circle of waits is told as it happened, and its order is not predicted again")
  func deadlock() throws {
    var run = workers(2)
    run.add(1, .acquire, "a", line: 3)
    run.add(2, .acquire, "b", line: 5)
    var recorded = run.recorded(.deadlock)
    recorded.execution.cycle = [1, 2]
    recorded.execution.blocked = [
      blocked(1, wants: "b", at: run.source(4), holder: 2, holds: "a"),
      blocked(2, wants: "a", at: run.source(6), holder: 1, holds: "b"),
    ]
    let found = recorded.findings()
    #expect(found.map(\.kind) == [.endlessWait] && found.map(\.basis) == [.observed])
    #expect(found.first?.steps.map(\.subject) == ["b", "a"])
    #expect(found.first?.steps.map(\.holds) == [["a"], ["b"]])
  }

  private func blocked(
    _ thread: Int,
    wants lock: String,
    at place: SourcePlace,
    holder: Int,
    holds: String
  ) -> BlockedThread {
    BlockedThread(
      thread: thread,
      kind: .acquire,
      object: lock,
      place: place,
      holder: holder,
      holds: [holds]
    )
  }

  @Test("a wait that nobody can end is told, and why")
  func hang() throws {
    var run = workers(1)
    run.add(0, .notify, "news", line: 9)
    run.add(1, .acquire, "lock", line: 3)
    run.add(1, .wait, "lock", line: 4)
    var recorded = run.recorded(.hang)
    recorded.execution.blocked = [
      BlockedThread(thread: 1, kind: .wake, object: "news", place: run.source(4))
    ]
    let found = try #require(recorded.findings().first)
    #expect(found.kind == .endlessWait && found.basis == .observed)
    #expect(found.summary.hasPrefix("lost wake-up"), "\(found.summary)")
  }

  @Test("an exception, a status and an output are told as they were; a run that was cut says none")
  func failures() {
    var run = workers(1).recorded()
    run.execution.exitStatus = 3
    #expect(run.findings().map(\.summary) == ["the program ended with status 3"])
    run.execution.exitStatus = 0
    run.execution.output = "1\n"
    #expect(run.findings(expecting: "1") == [])
    #expect(run.findings(expecting: "2").map(\.kind) == [.failure])
    run.execution.end = .cut("wall")
    #expect(run.findings(expecting: "2") == [])
    run.execution.end = .completed
    run.execution.exceptions = [
      ThreadException(
        thread: 1,
        exception: ObservedException(
          type: "KeyError",
          message: "1",
          frames: [Frame(path: "bank.py", line: 5, function: "f", code: "")]
        )
      )
    ]
    #expect(run.findings().map(\.summary) == ["KeyError: 1 in T1 at bank.py:5"])
  }
}

extension TraceBuilder {
  /// The events as those of a run that nobody directed, one a microsecond.
  func recorded(_ end: ExecutionEnd = .completed) -> RecordedRun {
    var execution = run(end)
    execution.trace?.choices = [ThreadChoice(ready: [])]
    for index in trace.events.indices { execution.trace?.events[index].choice = 0 }
    return RecordedRun(execution: execution, times: Array(trace.events.indices))
  }
}
