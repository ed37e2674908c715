import Healing
import HealingModel
import Patching
import Testing

@Suite("why each change is there")
struct ReasonTests {
  @Test("each change has the reason of the edit that made it, and its finding's rule")
  func reasons() async throws {
    let session = try await healed(
      FakeAdapter.Script(
        "price : 3\n#\n#\nshow prise\n#\n#\none = '1'\nshow one * 2\n",
        .script(expected: "3\n2\n")
      )
    )
    #expect(session.report.status == .healed)
    let edits = session.report.patch.edits
    #expect(edits.map(\.range.start.line) == [1, 4, 7])
    #expect(edits.map(\.finding) == ["syntax/parse", "name/undefined", "type/text-as-number"])
    for (edit, word) in zip(edits, ["`=` is missing", "`price` for `prise`", "`1` for `'1'`"]) {
      #expect(edit.reason.contains(word))
    }
  }

  @Test("needless edits take their lines with them, and the reasons of the others stay in place")
  func afterNeedless() async throws {
    var script = FakeAdapter.Script(
      "#\n#\n#\n#\n#\nprice = 3\n#\n#\nshow prise\n",
      .script(expected: "3\n")
    )
    let original = script.sources
    script.findings = { sources, _ in
      guard sources == original else { return [] }
      let needless = replacing(1..<1, by: "# one\n# two\n# three\n", because: "needless")
      return [
        finding(
          .logic,
          "logic/needless",
          "main",
          1,
          "needless",
          .static,
          [Fix(edits: [needless], confidence: .high)]
        )
      ]
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(session.report.patch.edits.count == 1)
    let reason = try #require(session.report.patch.edits.first?.reason)
    #expect(reason.contains("`price` for `prise`"))
    #expect(!reason.contains("needless"))
  }

  @Test("a file keeps its own line ends, byte for byte", arguments: ["\n", "\r\n", "\r"])
  func lineEnds(end: String) async throws {
    let lines = ["price : 3", "show prise", "one = '1'", "show one * 2"]
    let session = try await healed(
      FakeAdapter.Script(lines.joined(separator: end), .script(expected: "3\n2\n"))
    )
    #expect(session.report.status == .healed)
    let mended = ["price = 3", "show price", "one = 1", "show one * 2"].joined(separator: end)
    #expect(session.report.files.map(\.after) == [Array(mended.utf8)])
  }

  @Test("line ends that differ within a file stay as they are")
  func mixedLineEnds() async throws {
    let session = try await healed(
      FakeAdapter.Script("price = 3\r\n#\r\nshow prise\n#\r\n", .script(expected: "3\n"))
    )
    #expect(session.report.status == .healed)
    #expect(
      session.report.files.map(\.after) == [Array("price = 3\r\n#\r\nshow price\n#\r\n".utf8)]
    )
    #expect(try session.text.utf8.elementsEqual("price = 3\r\n#\r\nshow price\n#\r\n".utf8))
  }

  @Test("changes of several files are all in the patch")
  func severalFiles() async throws {
    var script = FakeAdapter.Script("show prise\n", .script(expected: "3\n4\n"))
    script.sources["other"] = "price = '3'\nmore : price + 1\n"
    script.sources["main"] = "show prise * 1\nshow more\n"
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(session.report.patch.paths == ["main", "other"])
    #expect(session.report.files.map(\.path) == ["main", "other"])
    #expect(try session.result["other"] == "price = 3\nmore = price + 1\n")
  }

  @Test("a line taken from among equal ones has its reason", arguments: [1, 4, 8])
  func equalLines(line: Int) async throws {
    let original = Sources(["main": String(repeating: "# 0\n", count: 8)])
    let patch = Patch(edits: [replacing(line..<line + 1, by: "", because: "one too many")])
    let session = try await healed(
      steps([(original, patch), (try patch.applied(to: original), Patch())])
    )
    #expect(session.report.status == .healed)
    #expect(session.report.patch.edits.map(\.reason) == ["one too many"])
  }

  @Test("any two patches one upon the other leave no change without a reason", arguments: 0..<200)
  func anyPatches(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let original = Sources(["main": randomLines(&random, count: 8)])
    let first = randomPatch(of: original, &random, because: "the first step")
    let middle = try first.applied(to: original)
    let second = randomPatch(of: middle, &random, because: "the second step")
    let last = try second.applied(to: middle)
    guard Set([original, middle, last]).count == 3 else { return }
    let session = try await healed(steps([(original, first), (middle, second), (last, Patch())]))
    #expect(session.report.status == .healed)
    #expect(try session.result == last)
  }

  /// A session whose findings lead from state to state, each passing one test more.
  private func steps(_ steps: [(state: Sources, patch: Patch)]) -> FakeAdapter.Script {
    var script = FakeAdapter.Script("", .suite([]))
    script.sources = steps[0].state
    script.hasOperators = false
    script.distort = { _, sources, _ in
      let reached = steps.firstIndex { $0.state == sources } ?? 0
      let tests = (1..<steps.count).map { number in
        TestResult(id: "tests::\(number)", outcome: number <= reached ? .passed : .failed)
      }
      let status = reached == steps.count - 1 ? 0 : 1
      return Judgement(tests: tests, observation: Observation(exit: .code(status)))
    }
    script.findings = { sources, _ in
      guard let step = steps.first(where: { $0.state == sources }), !step.patch.isEmpty else {
        return []
      }
      return [
        finding(
          .logic,
          "logic/step",
          "main",
          1,
          "a step",
          .runtime,
          [Fix(edits: step.patch.edits, confidence: .medium)]
        )
      ]
    }
    return script
  }
}

/// Few different lines, so that many are equal.
private func randomLines(_ random: inout SeededGenerator, count: Int) -> String {
  (0..<count).map { _ in "# \(Int.random(in: 0..<3, using: &random))\n" }.joined()
}

/// One or two replacements of whole lines.
private func randomPatch(
  of sources: Sources,
  _ random: inout SeededGenerator,
  because reason: String
) -> Patch {
  let count = Patching.lines(of: sources["main"] ?? "").count
  let first = Int.random(in: 1...(count + 1), using: &random)
  let second = Int.random(in: first...(count + 1), using: &random)
  var edits = [
    replacing(
      first..<second,
      by: randomLines(&random, count: Int.random(in: 0..<3, using: &random)),
      because: reason
    )
  ]
  if second < count, Bool.random(using: &random) {
    let start = Int.random(in: (second + 1)...count, using: &random)
    edits.append(
      replacing(start..<start + 1, by: randomLines(&random, count: 1), because: reason)
    )
  }
  return Patch(edits: edits)
}
