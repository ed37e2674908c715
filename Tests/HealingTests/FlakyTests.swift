import Healing
import HealingModel
import Testing

@Suite("tests whose outcome comes and goes")
struct FlakyTests {
  /// A wrong sign that one test shows, beside tests that pass.
  private func script() -> FakeAdapter.Script {
    FakeAdapter.Script(
      "total = price - tax\nother = 1\n",
      .suite([
        TinyTest("total", "total", 12, ["price": 10, "tax": 2]), TinyTest("chance", "other", 1),
        TinyTest("guard", "other", 1, guards: true),
      ])
    )
  }

  private func failing(_ id: String, in judgement: Judgement, flaky: Bool? = nil) -> Judgement {
    var judgement = judgement
    for index in judgement.tests.indices where judgement.tests[index].id == "tests::" + id {
      judgement.tests[index].outcome = .failed
      judgement.tests[index].flaky = flaky
    }
    return judgement
  }

  @Test("a flaky target is told and never healed by luck; what else is mended is a part")
  func target() async throws {
    var script = script()
    let original = script.sources
    script.distort = { judgement, sources, runner in
      guard sources == original, runner == .warm else { return judgement }
      return failing("chance", in: judgement, flaky: true)
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.partial)
    #expect(try session.text.contains("price + tax"))
    #expect(session.report.findings.contains { $0.rule == "semantic/flaky-test" })
    #expect(session.notes.contains { $0.hasSuffix("not healed by it: tests::chance") })
  }

  @Test("where only flaky tests fail, nothing is searched")
  func alone() async throws {
    var script = FakeAdapter.Script("other = 1\n", .suite([TinyTest("chance", "other", 1)]))
    script.distort = { judgement, _, runner in
      runner == .warm ? failing("chance", in: judgement, flaky: true) : judgement
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.findings.map(\.rule) == ["semantic/flaky-test"])
    #expect(session.report.patch.isEmpty)
    #expect(!session.calls.contains(.openSearch))
  }

  @Test("a test that fails at times with and without the repair does not speak against it")
  func guarding() async throws {
    var script = script()
    let original = script.sources
    script.distort = { judgement, sources, runner in
      let isRepaired = sources != original && runner == .fresh(run: 1)
      guard isRepaired || sources == original && runner == .fresh(run: 2) else { return judgement }
      return failing("guard", in: judgement)
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(session.report.verification?.tests == ["tests::chance", "tests::total"])
    #expect(session.notes.contains { $0.contains("with and without the repair: tests::guard") })
  }
}

@Suite("tests that failed before for other reasons")
struct OtherFailureTests {
  @Test("they are kept apart, and told", arguments: [true, false])
  func others(guards: Bool) async throws {
    let session = try await healed(
      FakeAdapter.Script(
        "total = price - tax\nother = 1\n",
        .suite([
          TinyTest("total", "total", 12, ["price": 10, "tax": 2]),
          TinyTest("other", "nowhere", 1, guards: guards),
        ])
      )
    )
    #expect(session.report.status == (guards ? .healed : .unhealed))
    #expect(try session.text.contains("price + tax"))
    let note = guards ? "failed before and not asked about: " : "still failing: "
    #expect(session.notes.contains(note + "tests::other"))
  }
}
