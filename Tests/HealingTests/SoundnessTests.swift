import Healing
import HealingModel
import Patching
import Testing

/// A program with one wrong operator, its tests, and one test that passes already.
func wrongSign(_ more: String = "") -> FakeAdapter.Script {
  FakeAdapter.Script(
    """
    total = price - tax
    double = price * 2

    """ + more,
    .suite([
      TinyTest("total", "total", 12, ["price": 10, "tax": 2]),
      TinyTest("more", "total", 7, ["price": 4, "tax": 3]),
      TinyTest("double", "double", 20, ["price": 10], guards: true),
    ])
  )
}

/// A finding whose fix does what a test wants to see refused.
func temptation(_ edits: [Edit], in sources: Sources, only original: Sources) -> [Finding] {
  guard sources == original else { return [] }
  return [
    finding(
      .name,
      "name/tempting",
      "main",
      1,
      "a tempting change",
      .static,
      [Fix(edits: edits, confidence: .high)]
    )
  ]
}

@Suite("rule 1: levels of evidence")
struct EvidenceLevelTests {
  @Test("a repair that passes is claimed as tested, and as nothing else")
  func claimsTested() async throws {
    let session = try await healed(wrongSign())
    #expect(session.report.status == .healed)
    #expect(session.report.evidence == .tested)
    #expect(session.report.strength == .suite)
    #expect(session.report.verification?.oracle == "suite")
    #expect(try session.text.hasPrefix("total = price + tax\n"))
  }

  @Test("one test that a search makes pass is no ground for high confidence", arguments: 1...2)
  func confidence(tests: Int) async throws {
    var script = wrongSign()
    script.oracle.tests = Array(script.oracle.tests.prefix(tests))
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect((session.report.confidence == .high) == (tests > 1))
  }

  @Test("the oracle's strength is part of the claim", arguments: [nil, "3\n"])
  func strength(expected: String?) async throws {
    let session = try await healed(
      FakeAdapter.Script("price = 3\nshow prise\n", .script(expected: expected))
    )
    #expect(session.report.status == .healed)
    #expect(session.report.verification?.strength == (expected == nil ? .crashOnly : .example))
    if expected == nil { #expect(session.report.confidence <= .medium) }
  }
}

@Suite("rule 3: what a pass is")
struct PassTests {
  /// What a fresh run of the repaired program may report that is no pass.
  enum Trick: String, CaseIterable, Sendable {
    case vanishedTarget, vanishedGuard, vanishedAll, extra, skippedTarget, skippedGuard
    case xfailedTarget, xfailedGuard, xpassedGuard, failedGuard, failedTarget, brokenGuard
    case otherStatus

    func apply(to judgement: inout Judgement) {
      judgement.observation.exit = .code(self == .otherStatus ? 1 : 0)
      switch self {
      case .otherStatus: break
      case .vanishedTarget: judgement.tests.remove(at: 1)
      case .vanishedGuard: judgement.tests.remove(at: 2)
      case .vanishedAll: judgement.tests = []
      case .extra: judgement.tests.append(TestResult(id: "tests::new", outcome: .passed))
      case .skippedTarget: judgement.tests[1].outcome = .skipped
      case .skippedGuard: judgement.tests[2].outcome = .skipped
      case .xfailedTarget: judgement.tests[1].outcome = .xfailed
      case .xfailedGuard: judgement.tests[2].outcome = .xfailed
      case .xpassedGuard: judgement.tests[2].outcome = .xpassed
      case .failedGuard: judgement.tests[2].outcome = .failed
      case .failedTarget: judgement.tests[0].outcome = .failed
      case .brokenGuard: judgement.tests[2].outcome = .error
      }
    }
  }

  @Test("anything but the same ids, each passed, is no claim", arguments: Trick.allCases, 0..<2)
  func tricks(trick: Trick, run: Int) async throws {
    var script = wrongSign()
    let original = script.sources
    script.distort = { judgement, sources, runner in
      guard sources != original, runner == .fresh(run: run) else { return judgement }
      var judgement = judgement
      trick.apply(to: &judgement)
      return judgement
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.evidence == nil)
    #expect(!session.verdicts.contains(.plausible(runs: 2)))
  }

  @Test(
    "a repair in the program's text cannot trick the suite",
    arguments: ["skip", "xfail", "drop"]
  )
  func tamperedSuite(word: String) async throws {
    var script = wrongSign()
    script.hasOperators = false
    let original = script.sources
    let cheat = "\(word) tests::total\n\(word) tests::more\n"
    script.findings = { sources, _ in
      temptation(
        [replacing(1..<1, by: cheat, because: "a tempting change")],
        in: sources,
        only: original
      )
    }
    script.searchEdits = { _ in
      [
        TinyEdit(
          kind: "statement",
          edit: replacing(1..<1, by: cheat, because: "silences the tests")
        )
      ]
    }
    #expect(try await healed(script).report.status == .unhealed)
  }

  @Test("a test that was skipped before may stay skipped")
  func oldSkip() async throws {
    let session = try await healed(wrongSign("skip tests::double\n"))
    #expect(session.report.status == .healed)
  }

  @Test("a guard that failed before may go on failing")
  func oldFailure() async throws {
    var script = wrongSign()
    script.oracle.tests.append(TinyTest("old", "double", 0, ["price": 9], guards: true))
    script.distort = { judgement, _, runner in
      // The evaluator of the search is asked for the targets and the guards that pass.
      guard runner == .search else { return judgement }
      var judgement = judgement
      judgement.tests.removeLast()
      return judgement
    }
    #expect(try await healed(script).report.status == .healed)
  }

  @Test("tests that pass without a run of the suite are none: an exit status of 0 is no pass")
  func statusAlone() async throws {
    var script = wrongSign()
    script.distort = { judgement, _, _ in
      var judgement = judgement
      judgement.tests = []
      judgement.observation.exit = .code(0)
      return judgement
    }
    await #expect(throws: AdapterError.usage(message: "no tests were collected")) {
      try await session(FakeAdapter(script))
    }
  }

  @Test("nothing is claimed for a program that passes by itself in a fresh run")
  func freshRunPasses() async throws {
    var script = wrongSign()
    let original = script.sources
    script.distort = { judgement, sources, runner in
      guard sources == original, case .fresh = runner else { return judgement }
      var judgement = judgement
      for index in judgement.tests.indices { judgement.tests[index].outcome = .passed }
      return judgement
    }
    let session = try await healed(script)
    #expect(session.report.status != .healed)
    #expect(session.report.patch.isEmpty, "what passes by luck says nothing of a change")
    #expect(session.report.notes.contains { $0.contains("comes and goes") })
  }

  @Test("a program that passes in the first look and fails in the next is said to do so")
  func failsOnSecondLook() async throws {
    var script = wrongSign()
    script.hasOperators = false
    script.distort = { judgement, _, runner in
      guard runner == .warm else { return judgement }
      var judgement = judgement
      for index in judgement.tests.indices { judgement.tests[index].outcome = .passed }
      return judgement
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.notes.contains { $0.contains("comes and goes") })
  }

  @Test("a repair whose check the end of the time cuts off is not shown as a part either")
  func cutOff() async throws {
    var script = wrongSign()
    let original = script.sources
    script.before = { call in
      if case .judge(let sources, _) = call, sources != original { throw CancellationError() }
    }
    let session = try await healed(script)
    #expect(session.report.status != .healed)
    #expect(session.report.patch.isEmpty)
  }

  @Test("a repair that passes in the first fresh run and not in the second is flaky")
  func flaky() async throws {
    let session = try await healed(
      FakeAdapter.Script("price = 3\nshow run * prise\n", .script(expected: "0\n"))
    )
    #expect(session.report.status == .unhealed)
    #expect(session.verdicts.contains(.flaky(failures: 1, runs: 2)))
  }

  @Test("the check before a claim runs twice, on the final files")
  func finalFiles() async throws {
    var script = wrongSign()
    let original = script.sources
    script.findings = { sources, _ in
      // A needless edit rides along with the needed one.
      temptation(
        [
          replacing(1..<2, by: "total = price + tax\n", because: "the sign"),
          replacing(3..<3, by: "# healed\n", because: "a tempting change"),
        ],
        in: sources,
        only: original
      )
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text == "total = price + tax\ndouble = price * 2\n")
    #expect(session.report.patch.edits.map(\.reason) == ["the sign"])
  }
}

@Suite("rule 6: the copy is what is tested")
struct CopyTests {
  @Test("where it is not, the surroundings are to blame and nothing is claimed")
  func notTheCopy() async throws {
    let expected = AdapterError.environment(
      message: "another copy is imported",
      remedy: "remove it"
    )
    var script = wrongSign()
    script.before = { call in
      if case .confirmCopy = call { throw expected }
    }
    let adapter = FakeAdapter(script)
    await #expect(throws: expected) { try await session(adapter) }
  }

  @Test("this is asked of the final files, before they are judged")
  func finalFiles() async throws {
    let session = try await healed(wrongSign())
    let result = try session.result
    let asked = try #require(session.calls.firstIndex(of: .confirmCopy(result)))
    let judged = session.calls.firstIndex(of: .judge(result, run: 0))
    #expect(asked < (try #require(judged)))
  }
}
