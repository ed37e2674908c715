import Healing
import HealingModel
import Testing

@Suite("programs that do not end")
struct EndlessTests {
  /// A program that does not end in a fresh interpreter, as long as its sign is wrong.
  private func script(stop: Stop = .endlessLoop) -> FakeAdapter.Script {
    var script = FakeAdapter.Script(
      "total = price - tax\n",
      .suite([TinyTest("total", "total", 12, ["price": 10, "tax": 2])])
    )
    let original = script.sources
    script.distort = { judgement, sources, runner in
      guard sources == original, runner == .warm else { return judgement }
      var judgement = judgement
      for index in judgement.tests.indices {
        judgement.tests[index].stop = stop
        judgement.tests[index].seconds = 0.02
      }
      return judgement
    }
    return script
  }

  @Test(
    "are compared with what was observed, and not waited for",
    .timeLimit(.minutes(5)),
    arguments: [1, 2]
  )
  func untouched(jobs: Int) async throws {
    var script = script()
    script.jobs = jobs
    let original = script.sources
    script.before = { call in
      if case .judge(original, _) = call { try await Task.sleep(for: .seconds(600)) }
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(session.judged.count { $0.sources == original } == 1)
  }

  @Test(
    "that pass in the fresh run after all are no repair's merit, however long what ended takes",
    arguments: [Stop.endlessLoop, .finished, .killed],
    [1, 2]
  )
  func slow(stop: Stop, jobs: Int) async throws {
    var script = script(stop: stop)
    script.jobs = jobs
    let (original, distort) = (script.sources, script.distort)
    script.distort = { judgement, sources, runner in
      guard sources == original, case .fresh = runner else {
        return distort(judgement, sources, runner)
      }
      var judgement = judgement
      for index in judgement.tests.indices { judgement.tests[index].outcome = .passed }
      return judgement
    }
    script.before = { call in
      guard stop != .endlessLoop, case .judge(original, _) = call else { return }
      try await Task.sleep(for: .seconds(1.5))
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.patch.isEmpty)
  }

  @Test(
    "the fresh run of the untouched program begins beside the first look where there is room",
    .timeLimit(.minutes(5))
  )
  func ahead() async throws {
    var script = FakeAdapter.Script(
      "total = price - tax\n",
      .suite([TinyTest("total", "total", 12, ["price": 10, "tax": 2])])
    )
    script.jobs = 2
    let original = script.sources
    let (runs, begun) = AsyncStream<Void>.makeStream()
    script.before = { call in
      switch call {
      case .judge(original, _): begun.finish()
      case .observe(original): for await _ in runs {}
      default: break
      }
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(session.judged.count { $0.sources == original } == 1)
  }

  @Test("needless edits are tried in the open search, which ends what does not end by itself")
  func needless() async throws {
    var script = FakeAdapter.Script(
      "price = 9\n# a\nother = 5\n# b\ntotal = price * 3\n",
      .suite([TinyTest("total", "total", 20), TinyTest("price", "price", 10)])
    )
    script.hasOperators = false
    script.searchEdits = { sources in
      let text = "price = 10\n# a\nother = 6\n# b\ntotal = price * 2\n"
      return [TinyEdit(kind: "all", edit: replacing(1..<6, by: text, because: "all"))]
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text == "price = 10\n# a\nother = 5\n# b\ntotal = price * 2\n")
    let search = try #require(session.calls.firstIndex(of: .openSearch))
    #expect(
      !session.calls[search...].contains { if case .observe = $0 { true } else { false } }
    )
  }
}
