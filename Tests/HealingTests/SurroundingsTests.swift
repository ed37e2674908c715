import Healing
import HealingModel
import Patching
import Testing

@Suite("what is not a bug of the program")
struct SurroundingsTests {
  @Test("a healthy program is left alone", arguments: [nil, "3\n"])
  func healthy(expected: String?) async throws {
    let session = try await healed(
      FakeAdapter.Script("price = 3\nshow price\n", .script(expected: expected))
    )
    #expect(session.report.status == .healthy)
    #expect(session.report.patch.isEmpty)
    #expect(session.report.candidates == 0)
    #expect(session.report.attempts == 0)
    #expect(session.calls.count == 1)
  }

  @Test("a healthy program with threads makes no claim, so nothing is said of schedules")
  func healthyThreads() async throws {
    let session = try await healed(FakeAdapter.Script("spawn\nshow 1\n", .script()))
    #expect(session.report.status == .healthy)
  }

  @Test("rule 8: a failure that the sandbox caused is the environment's, and never searched")
  func refusedOperation() async throws {
    let adapter = FakeAdapter(
      FakeAdapter.Script("fetch example.org\nprice = 3\nshow price\n", .script(expected: "4\n"))
    )
    let error = await #expect(throws: AdapterError.self) { try await session(adapter) }
    guard case .environment(let message, let remedy) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(message.contains("network example.org"))
    #expect(remedy.contains("--allow-network"))
    #expect(!adapter.calls.contains(.openSearch))
  }

  @Test("rule 8: also when the program caught the failure and ended itself")
  func refusedAndCaught() async throws {
    let adapter = FakeAdapter(FakeAdapter.Script("ask example.org\nexit 3\n", .script()))
    let error = await #expect(throws: AdapterError.self) { try await session(adapter) }
    guard case .environment = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("a write that was refused names the path to allow")
  func refusedWrite() async throws {
    var script = FakeAdapter.Script("show 4 / 0\n", .script())
    script.distort = { judgement, _, _ in
      var judgement = judgement
      judgement.observation.refused = [RefusedOperation(operation: "write", target: "/var/x")]
      return judgement
    }
    await #expect(
      throws: AdapterError.environment(
        message: "blocked by the sandbox: write /var/x",
        remedy: "allow it with --allow-write /var/x"
      )
    ) {
      try await session(FakeAdapter(script))
    }
  }

  @Test("a package that is surely not installed is the environment's")
  func missingPackage() async throws {
    let adapter = FakeAdapter(FakeAdapter.Script("use pandas\nshow 1\n", .script()))
    await #expect(
      throws: AdapterError.environment(
        message: "the package pandas is not installed",
        remedy: "install or mend it"
      )
    ) {
      try await session(adapter)
    }
  }

  @Test("a package that may be a slip of the pen is not")
  func doubtfulPackage() async throws {
    var script = FakeAdapter.Script("use pandas\nshow 1\n", .script())
    script.oracle.installed = ["pandas"]
    script.distort = { judgement, sources, _ in
      guard sources["main"]?.contains("pandas") == true else { return judgement }
      var judgement = judgement
      judgement.tests[0].outcome = .failed
      judgement.observation.exception = ObservedException(type: "Error", message: "")
      return judgement
    }
    script.findings = { _, _ in
      [
        finding(
          .resource,
          "environment/missing-package",
          "main",
          1,
          "no such package",
          .runtime,
          [],
          confidence: .medium
        )
      ]
    }
    #expect(try await healed(script).report.status == .unhealed)
  }

  @Test("a program that ends itself with a status is reported, not searched")
  func endsItself() async throws {
    let session = try await healed(FakeAdapter.Script("price = 3\nshow price\nexit 3\n", .script()))
    #expect(session.report.status == .unhealed)
    #expect(session.report.attempts == 0)
    #expect(session.report.candidates == 0)
    #expect(session.report.notes.contains { $0.contains("status 3") && $0.contains("--expect") })
    #expect(session.calls.allSatisfy { [.openSearch].contains($0) == false })
  }

  @Test("with an expected output the same program is healed like any other")
  func endsItselfWithOutput() async throws {
    let session = try await healed(
      FakeAdapter.Script("price = 3\nshow prise\nexit 0\n", .script(expected: "3\n"))
    )
    #expect(session.report.status == .healed)
  }
}

@Suite("threads whose schedules nobody explored")
struct ThreadTests {
  @Test("a repaired program that starts threads is partial, never healed")
  func unexplored() async throws {
    try await check("spawn\nprice = 3\nshow prise\n")
  }

  @Test("also when the text as it was found does not parse")
  func unexploredWithSyntaxError() async throws {
    try await check("spawn\nprice : 3\nshow price\n")
  }

  @Test("also when only a run showed the threads")
  func seenAtRunTime() async throws {
    var script = FakeAdapter.Script("price = 3\nshow prise\n", .script(expected: "3\n"))
    script.distort = { judgement, _, _ in
      var judgement = judgement
      judgement.observation.threadsStarted = 2
      return judgement
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.isUnexplored)
  }

  /// Only the text tells of the threads: a fresh run reports none.
  private func check(_ text: String) async throws {
    var script = FakeAdapter.Script(text, .script(expected: "3\n"))
    script.distort = { judgement, _, _ in
      var judgement = judgement
      judgement.observation.threadsStarted = 0
      return judgement
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.partial)
    #expect(session.report.evidence == nil)
    #expect(session.report.confidence == .low)
    #expect(session.report.remaining.map(\.rule) == ["concurrency/unexplored"])
    #expect(try session.text.hasSuffix("show price\n"))
    #expect(session.report.verification?.runs == 2)
    #expect(!session.report.files.isEmpty)
  }
}
