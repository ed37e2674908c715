import Healing
import HealingModel
import Patching
import Synchronization
import Testing

/// Something that happened once.
final class Flag: Sendable {
  private let value = Mutex(false)

  var isRaised: Bool { value.withLock { $0 } }

  func raise() { value.withLock { $0 = true } }
}

/// A program that no edit mends, with this many suspicious lines.
private func hopeless(_ lines: Int) -> FakeAdapter.Script {
  let names = (0..<lines).map { String(repeating: "v", count: $0 + 1) }
  let text = names.enumerated().map { index, name in
    "\(name) = \(index == 0 ? "price" : names[index - 1]) + 1 * 2 - 3\n"
  }.joined()
  return FakeAdapter.Script(
    text,
    .suite([TinyTest("last", names.last ?? "", 1_000_003, ["price": 10])])
  )
}

@Suite("budgets")
struct BudgetTests {
  @Test("the number of evaluations is a bound", arguments: [1, 5, 17, 40, 230])
  func evaluations(bound: Int) async throws {
    let session = try await healed(hopeless(30), budget: Budget(evaluations: bound))
    #expect(session.report.status == .unhealed)
    #expect(session.report.candidates == bound)
  }

  @Test("a budget that suffices changes nothing")
  func sufficient() async throws {
    let free = try await healed(hopeless(3))
    let bounded = try await healed(
      hopeless(3),
      budget: Budget(evaluations: free.report.candidates + 1)
    )
    #expect(bounded.report == free.report)
  }

  @Test("the same program gives the same report but for its seconds", arguments: [nil, 25])
  func deterministic(bound: Int?) async throws {
    let scripts = [hopeless(4), divisions(3)]
    for script in scripts {
      var slow = script
      slow.cost = 0.02
      slow.candidateCost = 0.002
      var first = try await healed(script, budget: Budget(evaluations: bound)).report
      var second = try await healed(slow, budget: Budget(evaluations: bound)).report
      #expect(first.seconds != second.seconds)
      (first.seconds, second.seconds) = (0, 0)
      #expect(first == second)
    }
  }

  @Test("the clock ends the search, and the report says so")
  func clock() async throws {
    var script = hopeless(30)
    script.candidateCost = 0.01
    let session = try await healed(script, budget: Budget(seconds: 4))
    #expect(session.report.status == .unhealed)
    #expect(session.report.candidates > 0)
    #expect(session.report.notes.contains { $0.contains("time budget") })
  }

  @Test("what the search found when the clock ended it is in the report")
  func clockKeepsProgress() async throws {
    var script = FakeAdapter.Script(
      "total = price - tax\nfar = price * 100\n",
      .suite([
        TinyTest("total", "total", 12, ["price": 10, "tax": 2]),
        TinyTest("far", "far", 123_456, ["price": 10]),
      ])
    )
    script.candidateCost = 1
    let session = try await healed(script, budget: Budget(seconds: 4))
    #expect(session.report.status == .unhealed)
    #expect(session.report.partial)
    #expect(try session.text.hasPrefix("total = price + tax\n"))
  }

  @Test("a session that ends by itself says nothing of the clock")
  func noClock() async throws {
    let session = try await healed(hopeless(2))
    #expect(!session.report.notes.contains { $0.contains("time budget") })
  }

  @Test("no time at all gives a report all the same")
  func noTime() async throws {
    let session = try await healed(hopeless(2), budget: Budget(seconds: 0))
    #expect(session.report.status == .unhealed)
    #expect(session.report.patch.isEmpty)
    #expect(session.report.candidates == 0)
  }

  @Test("progress tells the seconds that are left, fewer and fewer, and never less than none")
  func secondsLeft() async throws {
    let session = try await healed(hopeless(3), budget: Budget(seconds: 1))
    let left = session.events.compactMap { event in
      if case .trying(let progress) = event { progress.secondsLeft } else { nil }
    }
    #expect(!left.isEmpty)
    #expect(left == left.sorted(by: >))
    #expect(left.allSatisfy { (0...1).contains($0) })
  }
}

@Suite("the end of a session from outside", .timeLimit(.minutes(10)))
struct CancellationTests {
  /// Hangs for ever in the call that `when` names, and says when it got there.
  private func hanging(
    _ script: FakeAdapter.Script,
    when: @escaping @Sendable (AdapterCall) -> Bool
  ) -> (script: FakeAdapter.Script, reached: AsyncStream<Void>) {
    var script = script
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    script.before = { call in
      guard when(call) else { return }
      continuation.yield()
      try await Task.sleep(for: .seconds(3600))
    }
    return (script, stream)
  }

  private func interrupted(
    _ script: FakeAdapter.Script,
    when: @escaping @Sendable (AdapterCall) -> Bool
  ) async throws -> Healed {
    let (script, reached) = hanging(script, when: when)
    return try await withThrowingTaskGroup(of: Healed?.self) { group in
      group.addTask { try await healed(script) }
      group.addTask {
        for await _ in reached { return nil }
        return nil
      }
      var result: Healed?
      while let ended = try await group.next() {
        // The second task tells that the call was reached; then both are cancelled.
        group.cancelAll()
        if let ended { result = ended }
      }
      return try #require(result)
    }
  }

  @Test("in the first run of the program")
  func atTheBaseline() async throws {
    let session = try await interrupted(divisions(2)) { call in
      if case .judge = call { true } else { false }
    }
    #expect(session.report.status == .interrupted)
    #expect(session.report.patch.isEmpty)
  }

  @Test("in a later attempt: what was reached so far is in the report")
  func inALaterAttempt() async throws {
    let mended = "show 4 / 1\nshow 4 / 1\nshow 4 / 0\n"
    let session = try await interrupted(divisions(3)) { call in
      call == .findings(Sources(["main": mended]))
    }
    #expect(session.report.status == .interrupted)
    #expect(try session.text == mended)
    #expect(session.report.evidence == nil)
  }

  @Test("in the search")
  func inTheSearch() async throws {
    let session = try await interrupted(hopeless(3)) { call in
      if case .evaluate = call { true } else { false }
    }
    #expect(session.report.status == .interrupted)
  }

  @Test("in the check before a claim")
  func inTheCheck() async throws {
    let session = try await interrupted(divisions(1)) { call in
      if case .judge(_, run: 1) = call { true } else { false }
    }
    #expect(session.report.status == .interrupted)
    #expect(session.report.evidence == nil)
    #expect(session.report.verification == nil)
  }

  @Test("by the budget, when a call outlasts it")
  func byTheDeadline() async throws {
    let mended = "show 4 / 1\nshow 4 / 0\n"
    var script = divisions(2)
    script.cost = 0
    let holder = ClockHolder()
    script.before = { call in
      guard call == .findings(Sources(["main": mended])) else { return }
      holder.clock?.advance(by: 0.2)
      try await Task.sleep(for: .seconds(3600))
    }
    let adapter = FakeAdapter(script)
    holder.set(adapter.clock)
    let result = try await session(adapter, budget: Budget(seconds: 0.2))
    #expect(result.report.status == .unhealed)
    #expect(result.report.partial)
    #expect(try result.text == mended)
    #expect(result.report.notes.contains { $0.contains("time budget") })
  }
}

/// Gives a script the clock of the adapter that plays it.
private final class ClockHolder: Sendable {
  private let held = Mutex<FakeClock?>(nil)

  var clock: FakeClock? { held.withLock { $0 } }

  func set(_ clock: FakeClock) { held.withLock { $0 = clock } }
}
