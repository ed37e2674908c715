import Healing
import HealingModel
import Testing

/// Two threads that each add one to `x`; the program's text says whether they keep apart.
private func counters(_ body: [TinyThreads.Operation]) -> TinyThreads {
  TinyThreads(
    threads: [body, body],
    output: { "\($0["x", default: 0])" },
    exception: { $0["x", default: 0] == 2 ? nil : "AssertionError" }
  )
}

private let apart: [TinyThreads.Operation] = [.load("x"), .store("x")]
private let locked: [TinyThreads.Operation] = [
  .acquire("a"), .load("x"), .store("x"), .release("a"),
]

/// A program whose first line says how its threads keep apart.
private func threads(of sources: Sources) -> TinyThreads? {
  switch sources["main"]?.split(whereSeparator: \.isNewline).first {
  case "# locked", "# whole": counters(locked)
  case "# twice", "# narrow":
    // What is in the middle of both is of both.
    counters([.load("y"), .acquire("a"), .load("x"), .store("x"), .release("a"), .load("y")])
  case "# bare": counters([.load("y")] + apart + [.load("y")])
  case "# stuck": TinyThreads(threads: [[.acquire("a"), .acquire("a")]])
  case "# one": TinyThreads(threads: [apart], output: { _ in "2" })
  default: counters(apart)
  }
}

private func repair(_ line: String) -> ScheduleRepair {
  let start = TextPosition(line: 1, column: 1)
  return ScheduleRepair(
    kind: line == "# narrow" ? "order" : "lock",
    reason: "keep the threads apart",
    lines: 1,
    size: 1,
    edits: [
      Edit(
        path: "main",
        range: TextRange(start: start, end: TextPosition(line: 1, column: 7)),
        new: line,
        reason: "keep the threads apart"
      )
    ]
  )
}

private func script(
  _ text: String,
  expected: String? = nil,
  repairs: [String]
) -> FakeAdapter.Script {
  var script = FakeAdapter.Script(text, .script(expected: expected))
  script.threads = { threads(of: $0) }
  script.scheduleRepairs = { _ in repairs.map(repair) }
  return script
}

@Suite("programs whose threads fail under some schedule")
struct OrderingTests {
  @Test("a program that passes by itself and fails under a schedule is healed")
  func passesByItself() async throws {
    let session = try await healed(
      script("# none\nspawn\nshow 1\n", repairs: ["# wrong", "# locked"])
    )
    #expect(session.report.status == .healed)
    #expect(try session.text == "# locked\nspawn\nshow 1\n")
    #expect(session.report.evidence == .exhausted)
    #expect(session.report.confidence == .high)
    let schedules = try #require(session.report.verification?.schedules)
    #expect(schedules.exhausted && schedules.explored >= 2 && schedules.bound == nil)
    #expect(session.report.findings.map(\.rule) == ["concurrency/lost-update"])
    #expect(session.report.patch.edits.map(\.finding) == ["concurrency/lost-update"])
  }

  @Test("one under whose schedules nothing fails stays as it is, and the report says so")
  func correct() async throws {
    let session = try await healed(script("# locked\nspawn\nshow 1\n", repairs: ["# whole"]))
    #expect(session.report.status == .healthy)
    #expect(session.report.patch.isEmpty)
    let isTold = session.notes.contains {
      $0.hasPrefix("all schedules of its threads were explored")
    }
    #expect(isTold, "\(session.notes)")
  }

  @Test("what no candidate mends is shown, and nothing is claimed")
  func nothingHelps() async throws {
    let session = try await healed(
      script("# none\nspawn\nshow 1\n", repairs: ["# wrong", "# stuck"])
    )
    #expect(session.report.status == .unhealed)
    #expect(session.report.patch.isEmpty)
    #expect(session.report.remaining.map(\.rule) == ["concurrency/lost-update"])
    #expect(session.report.evidence == nil)
  }

  @Test("a model is told what the threads did, and its answers are run under schedules too")
  func asked() async throws {
    let answers = ["# stuck", "# locked"].map { "```tiny\n\($0)\nspawn\nshow 1\n```" }
    let model = FakeModel(answers)
    let session = try await healed(
      script("# none\nspawn\nshow 1\n", repairs: ["# wrong"]),
      asking: model
    )
    #expect(session.report.status == .healed)
    #expect(try session.text == "# locked\nspawn\nshow 1\n")
    #expect(session.report.evidence == .exhausted)
    #expect(session.report.model?.requests == 2)
    let prompts = model.prompts
    try #require(prompts.count == 2)
    #expect(prompts[0].contains("What the threads did"))
    #expect(prompts[1].contains("under a schedule of its threads"))
    #expect(prompts[1].contains("+# stuck"))
  }

  @Test("other bugs are healed first, then those of the threads, in one session")
  func both() async throws {
    let session = try await healed(
      script("# none\nspawn\nprice = 2\nshow prise\n", expected: "2\n", repairs: ["# locked"])
    )
    #expect(session.report.status == .healed)
    #expect(try session.text == "# locked\nspawn\nprice = 2\nshow price\n")
    #expect(session.report.evidence == .exhausted)
  }

  @Test("a repair of something else is a part while a schedule fails that nothing mends")
  func part() async throws {
    let session = try await healed(
      script("# none\nspawn\nprice = 2\nshow prise\n", expected: "2\n", repairs: [])
    )
    #expect(session.report.status == .unhealed)
    #expect(session.report.partial)
    #expect(session.report.remaining.map(\.rule) == ["concurrency/lost-update"])
    #expect(try session.text == "# none\nspawn\nprice = 2\nshow price\n")
  }

  @Test("what a rule of evidence forbids is not claimed though nothing fails")
  func refused() async throws {
    var refusing = script("# none\nspawn\nshow 1\n", repairs: ["# locked", "# whole"])
    refusing.orderRefusals = { _, after in
      after["main"]?.hasPrefix("# locked") == true
        ? [Refusal(rule: "time instead of order", message: "newly sleeps")] : []
    }
    let session = try await healed(refusing)
    #expect(try session.text.hasPrefix("# whole"))
  }

  @Test("of two that hold, the one is taken under which as much happens at once")
  func keepsOverlaps() async throws {
    let session = try await healed(
      script("# bare\nspawn\nshow 1\n", repairs: ["# locked", "# twice"])
    )
    #expect(try session.text == "# twice\nspawn\nshow 1\n")
    let only = try await healed(script("# bare\nspawn\nshow 1\n", repairs: ["# locked"]))
    #expect(try only.text.hasPrefix("# locked"), "no narrower one was made")
  }

  @Test("a run that failed once and not again is no evidence that none fails")
  func unrepeated() async throws {
    var once = script("# locked\nspawn\nprice = 2\nshow prise\n", expected: "2\n", repairs: [])
    once.failsOnce = true
    let session = try await healed(once)
    #expect(session.report.status == .unhealed)
    #expect(session.report.isUnexplored)
    #expect(session.report.evidence == nil)
  }

  @Test("the next repair of another kind under which nothing fails is shown beside the chosen one")
  func runnerUp() async throws {
    let session = try await healed(
      script("# bare\nspawn\nshow 1\n", repairs: ["# twice", "# wrong", "# narrow"])
    )
    #expect(try session.text.hasPrefix("# twice"))
    #expect(session.report.alternatives.count == 1)
    #expect(session.report.alternatives.first?.patch.contains("+# narrow") == true)
  }

  @Test("a repair that has fewer threads is none")
  func fewerThreads() async throws {
    let session = try await healed(script("# none\nspawn\nshow 1\n", repairs: ["# one"]))
    #expect(session.report.status == .unhealed)
  }
}
