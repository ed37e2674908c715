import HealingModel
import Scheduling
import Synchronization
import Testing

@testable import Healing

/// Explorations without a process: what may be said, and what may not.
@Suite("Trace sessions")
struct TraceSessionTests {
  private func explore(
    _ program: FakeScheduled,
    _ options: TraceOptions = TraceOptions(deadline: 1000),
    now: @escaping @Sendable () -> Double = { 0 }
  ) async throws -> TraceResult {
    try await trace(program, options: options, now: now, progress: { _ in })
  }

  private func explore(
    _ threads: TinyThreads,
    _ options: TraceOptions = TraceOptions(deadline: 1000)
  ) async throws -> TraceResult {
    try await explore(FakeScheduled { schedule, _ in threads.run(schedule) }, options)
  }

  @Test("a race is found, repeated in a process of its own, and its schedule fails again")
  func race() async throws {
    let program = FakeScheduled { schedule, _ in TinyThreads.lostUpdate.run(schedule) }
    let found = try #require(try await explore(program).failure)
    #expect(found.failure == .exception(type: "Lost", place: SourcePlace()))
    #expect(found.summary.contains("Lost: wrong in T0"))
    #expect(program.batches.contains { $0.isolation == .fork && $0.detail == .values })
    let again = TinyThreads.lostUpdate.run(Schedule(prefix: found.schedule.choices))
    #expect(ScheduleFailure(again, expecting: nil) == found.failure)
    #expect(!found.assumesTime && found.after > 0)
  }

  @Test(
    "a failing schedule keeps only switches without which it passes, and one that passes is near"
  )
  func shortened() async throws {
    let found = try #require(try await explore(TinyThreads.lostUpdate).failure)
    #expect(found.isMinimal)
    #expect(found.schedule.choices.runs.count == 3, "\(found.schedule.choices.runs)")
    let passing = try #require(found.passing)
    #expect(ScheduleFailure(passing, expecting: nil) == nil)
    #expect(passing.choices.threads.first == found.schedule.choices.threads.first)
    var threads = TinyThreads.lostUpdate
    threads.exception = { _ in "Always" }
    let result = try await explore(threads)
    #expect(result.failure?.passing == nil && result.failure?.schedule.choices.runs.count == 2)
    #expect(result.notes.contains { $0.contains("no schedule near it passes") })
  }

  @Test("a race that no schedule turns into a failure is a note with both places, not a failure")
  func unordered() async throws {
    var threads = TinyThreads.lostUpdate
    threads.exception = { _ in nil }
    threads.output = { _ in "" }
    let result = try await explore(threads)
    #expect(result.failure == nil && !result.unordered.isEmpty)
    #expect(result.unordered.allSatisfy { $0.subject == "x" && $0.places.count == 2 })
    #expect(try await explore(TinyThreads.locked).unordered == [])
  }

  @Test("a deadlock is found, and says who waits for whom")
  func deadlock() async throws {
    let found = try #require(try await explore(TinyThreads.crossed).failure)
    #expect(found.failure.name == "deadlock")
    #expect(
      found.summary
        == "T0 waits to acquire b, which T1 holds; T1 waits to acquire a, which T0 holds"
    )
  }

  @Test("what few steps of many make is found where shared state is accessed")
  func buried() async throws {
    let library = (0..<150).flatMap { _ in
      [TinyThreads.Operation.acquire("a"), .release("a")]
    }
    let update: [TinyThreads.Operation] = [.load("x"), .store("x")]
    var threads = TinyThreads(threads: [library + update, update + library])
    threads.exception = { $0["x"] == 2 ? nil : "Lost" }
    let failure = try #require(try await explore(threads).failure)
    #expect(failure.method == .accesses)
  }

  @Test("the same seed finds the same schedule, and another one may not")
  func seeds() async throws {
    let results = try await [1, 1, 2].asyncMap { seed in
      try await explore(TinyThreads.crossed, TraceOptions(seed: seed, deadline: 1000))
    }
    #expect(results[0].failure?.schedule == results[1].failure?.schedule)
    #expect(results[0].counts == results[1].counts)
    #expect(results[2].failure != nil)
  }

  @Test("the number of processes side by side changes nothing that is found")
  func jobs() async throws {
    var results: [TraceResult] = []
    for jobs in [1, 3] {
      let program = FakeScheduled { schedule, _ in
        // Fails once in many runs, so that there are enough of them.
        var execution = TinyThreads.locked.run(schedule)
        if case .random(let seed) = schedule.policy, seed % 4001 == 0 { execution.exitStatus = 3 }
        execution.limits = ["something"]
        return execution
      }
      results.append(try await explore(program, TraceOptions(deadline: 1000, jobs: jobs)))
      let sizes = program.batches.map(\.schedules.count)
      // A third of a batch of 256.
      #expect((sizes.filter { (85...86).contains($0) }.count > 1) == (jobs == 3), "\(sizes)")
    }
    #expect(results[0].counts == results[1].counts)
    #expect(results[0].failure?.schedule == results[1].failure?.schedule)
  }

  @Test("a program without failures is exhausted, every class of schedules repeated")
  func exhausted() async throws {
    let program = FakeScheduled { schedule, _ in TinyThreads.locked.run(schedule) }
    let result = try await explore(program)
    #expect(result.failure == nil)
    #expect(result.coverage == .exhausted(bound: nil, repeated: 2, all: 2))
    #expect(program.forked == 2)
    #expect(result.outputs.map(\.text) == ["2"])
  }

  @Test("a run that comes to something else when it is repeated takes the claim away")
  func notRepeatable() async throws {
    let program = FakeScheduled { schedule, batch in
      var execution = TinyThreads.locked.run(schedule)
      if batch.isolation == .fork { execution.output = "3" }
      return execution
    }
    let result = try await explore(program)
    #expect(result.coverage == .explored && result.failure == nil)
    #expect(result.notes.contains { $0.contains("came to something else") })
  }

  @Test("a failure that a process of its own does not show is none, and is told")
  func onlyTogether() async throws {
    let program = FakeScheduled { schedule, batch in
      var execution = TinyThreads.locked.run(schedule)
      if batch.isolation == .process { execution.exitStatus = 1 }
      return execution
    }
    let result = try await explore(program)
    #expect(result.failure == nil)
    #expect(result.notes.contains { $0.contains("not again in a process of its own") })
    #expect(program.batches.contains { $0.isolation == .fork && $0.schedules.count > 10 })
  }

  @Test(
    "what could not be told is neither a failure nor explored",
    arguments: [ExecutionEnd.limit, .cut("steps"), .divergence]
  )
  func untold(end: ExecutionEnd) async throws {
    let program = FakeScheduled { schedule, _ in
      var execution = TinyThreads.locked.run(schedule)
      execution.end = end
      execution.exceptions = [
        ThreadException(thread: 0, exception: ObservedException(type: "E", message: ""))
      ]
      return execution
    }
    let result = try await explore(program)
    #expect(result.failure == nil && result.coverage == .explored)
    #expect(result.counts.completed == 0 && result.counts.all > 0)
    if end == .limit { #expect(result.counts.all == 2, "nothing more is run in vain") }
  }

  @Test("a run with a limit that comes to its end is told of, and all is not explored")
  func limits() async throws {
    let program = FakeScheduled { schedule, _ in
      var execution = TinyThreads.locked.run(schedule)
      execution.limits = ["a socket at main:1"]
      return execution
    }
    let result = try await explore(program)
    #expect(result.coverage == .explored && result.limits == ["a socket at main:1"])
  }

  @Test("a place that is found late to be shared makes the exploration begin anew")
  func foundLate() async throws {
    let runs = Mutex(0)
    let program = FakeScheduled { schedule, batch in
      var execution = TinyThreads.locked.run(schedule)
      let isFirst =
        schedule.needsTrace
        && runs.withLock {
          $0 += 1; return $0 == 2
        }
      if isFirst { execution.foundShared = ["x\tvalue"] }
      return execution
    }
    let result = try await explore(program)
    #expect(result.shared == ["x\tvalue"])
    #expect(result.coverage == .exhausted(bound: nil, repeated: 2, all: 2))
    let repeated = program.batches.last { $0.isolation == .fork }
    #expect(repeated?.shared == ["x\tvalue"])
  }

  @Test("places are learnt by runs until these find no more")
  func learning() async throws {
    let program = FakeScheduled { schedule, batch in
      var execution = TinyThreads.locked.run(schedule)
      let known = batch.shared.count
      if known < 3 { execution.foundShared = ["place \(known)"] }
      return execution
    }
    let result = try await explore(program)
    #expect(result.shared == ["place 0", "place 1", "place 2"])
    #expect(program.batches.prefix(4).map(\.schedules.count) == [2, 12, 12, 12])
  }

  @Test("a failure that needs no time-out is told rather than one that does")
  func assumptions() async throws {
    let program = FakeScheduled { schedule, batch in
      var execution = TinyThreads.lostUpdate.run(schedule)
      if batch.timing == .free {
        execution.assumed = [0]
        if execution.exceptions.isEmpty { execution.exitStatus = 7 }
      }
      return execution
    }
    let found = try #require(try await explore(program).failure)
    #expect(found.failure.name == "exception" && !found.assumesTime)
    #expect(found.schedule.timing == .strict)
  }

  @Test("a failure that needs a time-out is told when there is no other, and says so")
  func assumesTime() async throws {
    let program = FakeScheduled { schedule, batch in
      var execution = TinyThreads.locked.run(schedule)
      if batch.timing == .free { (execution.assumed, execution.exitStatus) = ([0], 7) }
      return execution
    }
    let found = try #require(try await explore(program).failure)
    #expect(found.assumesTime && found.failure == .exit(status: 7))
    let strict = TraceOptions(deadline: 1000, timing: .strict)
    #expect(try await explore(program, strict).failure == nil)
    #expect(program.batches.suffix(3).allSatisfy { $0.timing == .strict })
  }

  @Test("an output that is not the expected one is a failure; without one, differences are noted")
  func outputs() async throws {
    var threads = TinyThreads.lostUpdate
    threads.exception = { _ in nil }
    let wrong = try await explore(threads, TraceOptions(deadline: 1000, expected: "2\n"))
    #expect(wrong.failure?.failure == .output)
    let free = try await explore(threads)
    #expect(free.failure == nil)
    #expect(Set(free.outputs.map(\.text)) == ["1", "2"])
    #expect(free.notes.contains { $0.contains("the output depends on the schedule") })
  }

  @Test("at the end of the time it says what it has, and never that all was explored")
  func deadline() async throws {
    let clock = FakeClock()
    let program = FakeScheduled { schedule, _ in
      clock.advance(by: 0.05)
      return TinyThreads.locked.run(schedule)
    }
    let result = try await explore(program, TraceOptions(deadline: 1)) { clock.now }
    #expect(result.failure == nil && result.coverage == .explored)
    #expect(result.counts.completed > 0)
  }

  @Test("a call that does not come back is left at the deadline", .timeLimit(.minutes(10)))
  func stuck() async throws {
    let program = FakeScheduled { schedule, _ in
      try await Task.sleep(for: .seconds(600))
      return TinyThreads.locked.run(schedule)
    }
    let start = ContinuousClock.now
    let result = try await explore(program, TraceOptions(deadline: 0.2)) {
      (ContinuousClock.now - start) / .seconds(1)
    }
    #expect(result.counts.all == 0 && result.coverage == .explored)
  }

  @Test("a replay tells the same failure, another one, or that there is none")
  func replays() async throws {
    let found = try #require(try await explore(TinyThreads.lostUpdate).failure)
    func replayed(_ threads: TinyThreads) async throws -> ReplayedSchedule {
      let program = FakeScheduled { schedule, _ in threads.run(schedule) }
      let replayed = try await replay(
        found.schedule,
        of: program,
        expecting: nil,
        limits: ScheduleLimits(),
        seconds: 5
      )
      #expect(program.batches.allSatisfy { $0.isolation == .fork })
      return replayed
    }
    let same = try await replayed(.lostUpdate)
    #expect(same.result.failure?.failure == found.failure)
    var changed = TinyThreads.lostUpdate
    changed.exception = { _ in nil }
    #expect(try await replayed(changed).result.failure == nil)
    #expect(try await replayed(.locked).execution?.end == .divergence)
  }
}

extension Array where Element: Sendable {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows
    -> [Result]
  {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
