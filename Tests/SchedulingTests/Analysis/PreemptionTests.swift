import HealingModel
import Testing

@testable import Scheduling

/// Which switches a run has, and what the global lock says of each.
@Suite("Preemptions")
struct PreemptionTests {
  private let version = InterpreterVersion(3, 11)

  /// Two threads that read and write, the first one interrupted in its second round.
  private func rounds() -> Execution {
    var run = TraceBuilder("MainThread", "a", "b")
    run.start(1, line: 3)
    run.start(2, line: 3)
    for _ in 1...2 {
      run.add(1, .read, "account", "balance", line: 8)
      run.add(1, .write, "account", "balance", line: 9)
    }
    run.add(1, .read, "account", "balance", line: 8)
    run.add(2, .read, "account", "balance", line: 8)
    run.add(2, .write, "account", "balance", line: 9)
    run.end(2)
    run.add(1, .write, "account", "balance", line: 9)
    run.end(1)
    return run.run()
  }

  @Test("a switch tells the events around it, and how often the first was there before")
  func events() throws {
    let found = rounds().preemptions.filter { $0.forced.thread == 1 }
    let last = try #require(found.last?.forced)
    #expect(last.other == 2 && last.count == 3)
    #expect(last.after.place.line == 8 && last.after.kind == .read && last.after.field == "balance")
    #expect(last.before?.place.line == 9 && last.before?.kind == .write)
    #expect(last.after.made == nil && !(found.last?.hadWaited ?? true))
  }

  @Test("a thread that ends, or cannot go on, is not interrupted")
  func notInterrupted() {
    var run = TraceBuilder("MainThread", "a")
    run.start(1)
    run.end(1)
    run.add(0, .read, "x", "y", line: 2)
    run.add(0, .join, "thread 1", line: 3)
    #expect(run.run().preemptions.allSatisfy { $0.forced.thread == 0 })
    #expect(Execution(end: .completed, choices: ThreadRuns()).preemptions == [])
  }

  @Test("the event that a deadlock keeps a thread from is what it would have gone on with")
  func blocked() throws {
    var run = TraceBuilder("MainThread", "a", "b")
    run.start(1)
    run.start(2)
    run.add(1, .acquire, "left", line: 5)
    run.add(2, .acquire, "right", line: 5)
    let waits = [(1, "right"), (2, "left")].map { thread, lock in
      BlockedThread(thread: thread, kind: .acquire, object: lock, place: run.source(6))
    }
    let execution = run.run(.deadlock, blocked: waits, cycle: [1, 2])
    let found = try #require(execution.preemptions.last { $0.forced.thread == 1 }?.forced)
    #expect(found.before == EventPlace(place: run.source(6), kind: .acquire))
  }

  @Test("the answers about bytecode decide where events do not; the weakest link counts")
  func labels() throws {
    let run = rounds()
    let pairs = Set(run.preemptions.compactMap(\.interruption))
    func label(_ answer: Bool?) -> GILLabel {
      let answers = answer.map { one in Dictionary(uniqueKeysWithValues: pairs.map { ($0, one) }) }
      return run.gilLabel(version: version, answers: answers ?? [:])
    }
    #expect(label(nil) == .unknown && label(true) == .possible)
    #expect(label(false) == .notByModel(version))
    #expect(run.gilLabel(version: InterpreterVersion(3, 9), answers: [:]) == .possible)
    let explained = Explanation(
      of: FailedRun(execution: run, interpreter: version, isShown: true)
    )
    #expect(explained.gil == .shown && GILLabel.shown.words.hasPrefix("shown by the program"))
  }

  @Test("whoever had to wait for a lock has given way before it goes on")
  func waited() throws {
    func interrupted(waits: Bool) -> Execution {
      var run = TraceBuilder("MainThread", "a", "b")
      run.start(1)
      run.start(2)
      if waits { run.add(2, .acquire, "lock", line: 5) }
      run.add(2, .read, "x", "y", line: 6)
      if waits { run.add(2, .release, "lock", line: 7) }
      run.add(1, .acquire, "lock", line: 5)
      run.add(2, .read, "x", "y", line: 8)
      run.end(2)
      run.add(1, .write, "x", "y", line: 6)
      return run.run()
    }
    for waits in [false, true] {
      let found = interrupted(waits: waits).preemptions
      let one = try #require(found.last { $0.forced.after.kind == .acquire })
      #expect(one.hadWaited == waits)
      let answers = one.interruption.map { [$0: false] } ?? [:]
      let label = GILModel.label(one, version: version, answers: answers)
      #expect(label == (waits ? .possible : .notByModel(version)))
    }
  }

  @Test("a run of the program as it is shows a failure only when it is the same")
  func shown() {
    let place = SourcePlace(path: "a.py", line: 4)
    let error = ObservedException(
      type: "KeyError",
      message: "",
      frames: [Frame(path: "a.py", line: 4, function: "f", code: "")]
    )
    let raised = ForcedRun(isFinished: true, exitStatus: 1, exceptions: [error])
    func shows(_ failure: ScheduleFailure, _ run: ForcedRun, _ output: String? = nil) -> Bool {
      failure.isShown(by: run, expecting: output)
    }
    #expect(shows(.exception(type: "KeyError", place: place), raised))
    #expect(!shows(.exception(type: "E", place: place), raised))
    #expect(!shows(.exit(status: 1), raised))
    let stuck = ForcedRun(
      isFinished: false,
      waiting: [SourcePlace(path: "a.py", line: 4), SourcePlace(path: "a.py", line: 9)]
    )
    let there = SourcePlace(path: "a.py", line: 4, column: 7)
    #expect(shows(.deadlock(places: [there]), stuck))
    #expect(!shows(.hang(places: [SourcePlace(path: "a.py", line: 5)]), stuck))
    #expect(!shows(.hang(places: []), stuck))
    let wrote = ForcedRun(isFinished: true, exitStatus: 0, output: "2\n")
    #expect(shows(.output, wrote, "3"))
    #expect(!shows(.output, wrote, "2"))
    #expect(!shows(.leak(locks: ["l"]), wrote))
  }
}
