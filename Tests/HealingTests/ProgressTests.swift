import Healing
import HealingModel
import Patching
import Testing

/// Lines that divide by zero, each found only when a run gets there.
func divisions(_ count: Int, divisor: Int = 0) -> FakeAdapter.Script {
  var script = FakeAdapter.Script(
    String(repeating: "show 4 / \(divisor)\n", count: count),
    .script(expected: String(repeating: "4\n", count: count))
  )
  script.hasOperators = false
  script.findings = { _, seen in
    guard let exception = seen?.exception, exception.type == "ZeroDivisionError",
      let line = exception.frames.last?.line
    else { return [] }
    let edit = replacing(line..<line + 1, by: "show 4 / 1\n", because: "division by zero")
    return [
      finding(
        .logic,
        "logic/zero",
        "main",
        line,
        "division by zero",
        .runtime,
        [Fix(edits: [edit], confidence: .medium)]
      )
    ]
  }
  return script
}

@Suite("progress is kept")
struct ProgressTests {
  @Test("bugs of every kind in a row are healed in one session")
  func severalBugs() async throws {
    let script = FakeAdapter.Script(
      """
      total : price + tax
      #
      sum = totel * one
      #
      one = '1'
      #
      net = sum - fee

      """,
      .suite([
        TinyTest("net", "net", 15, ["price": 10, "tax": 2, "fee": 3]),
        TinyTest("other", "net", 9, ["price": 4, "tax": 4, "fee": 1]),
      ])
    )
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(
      try session.text == """
        total = price + tax
        #
        sum = total * one
        #
        one = 1
        #
        net = sum + fee

        """
    )
    #expect(session.report.remaining.isEmpty)
    let rules = ["syntax/parse", "name/undefined", "type/text-as-number", "logic/search"]
    #expect(session.report.findings.map(\.rule).sorted() == rules.sorted())
    #expect(session.report.patch.edits.map(\.finding) == rules)
  }

  @Test("what can be seen up front is mended at once, not one failure at a time")
  func upFront() async throws {
    let session = try await healed(
      FakeAdapter.Script(
        "price = 3\nshow prise\nshow pryce\nshow prixe\n",
        .script(expected: "3\n3\n3\n")
      )
    )
    #expect(session.report.status == .healed)
    #expect(session.report.confidence == .high)
    // One candidate mends all three; the others are those that show that none is needless.
    #expect(session.report.candidates == 1)
    #expect(session.report.patch.edits.count == 1)
  }

  @Test("bugs that show only when a run gets there are mended one after the other")
  func oneByOne() async throws {
    let session = try await healed(divisions(5))
    #expect(session.report.status == .healed)
    #expect(session.report.attempts >= 5)
    #expect(try session.text == String(repeating: "show 4 / 1\n", count: 5))
  }

  @Test("the number of attempts is a bound", arguments: 1..<4)
  func attempts(bound: Int) async throws {
    let session = try await healed(divisions(5), budget: Budget(attempts: bound))
    #expect(session.report.status == .unhealed)
    #expect(session.report.partial)
    #expect(session.report.attempts == bound)
    let text = try session.text
    #expect(Patching.lines(of: text).count { $0 == "show 4 / 1\n" } == bound)
  }

  @Test("a change that passes is verified in the attempt that made it", arguments: 1..<4)
  func lastAttempt(bugs: Int) async throws {
    let session = try await healed(divisions(bugs), budget: Budget(attempts: bugs))
    #expect(session.report.status == .healed)
    #expect(session.report.attempts <= bugs)
  }

  @Test("a branch of the syntax that leads nowhere gives way to the next")
  func reserve() async throws {
    let session = try await healed(deadEnd(second: "total = price + tex\n"))
    #expect(session.report.status == .healed)
    #expect(try session.text == "total = price + tax\ntax = 2\n")
    #expect(session.report.patch.edits.map(\.reason).allSatisfy { !$0.contains("dead end") })
  }

  @Test("of branches that all lead nowhere the one that got furthest is reported")
  func bestBranch() async throws {
    let session = try await healed(deadEnd(second: "total = 0\n"))
    #expect(session.report.status == .unhealed)
    #expect(session.report.partial)
    #expect(try session.text == "total = 12\ntax = 2\n")
  }

  /// Two repairs of the syntax: the first passes one test and can go no further.
  private func deadEnd(second: String) -> FakeAdapter.Script {
    var script = FakeAdapter.Script(
      "total ; price\ntax = 2\n",
      .suite([
        TinyTest("total", "total", 12, ["price": 10]), TinyTest("more", "total", 7, ["price": 5]),
      ])
    )
    script.hasOperators = false
    script.repairs = { _ in
      [("total = 12\n", "a dead end"), (second, "the other way")].map { text, reason in
        Fix(edits: [replacing(1..<2, by: text, because: reason)], confidence: .high)
      }
    }
    return script
  }

  @Test("a repair of one of two failures is reported as partial, with its patch")
  func partial() async throws {
    let script = FakeAdapter.Script(
      "total = price - tax\nfar = price * 100\n",
      .suite([
        TinyTest("total", "total", 12, ["price": 10, "tax": 2]),
        TinyTest("far", "far", 123_456, ["price": 10]),
      ])
    )
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.partial)
    #expect(session.report.evidence == nil)
    #expect(session.report.verification == nil)
    #expect(try session.text == "total = price + tax\nfar = price * 100\n")
    #expect(session.verdicts.contains(.progress))
  }

  @Test("a change with which no more tests pass is a step on the way, and nothing to show")
  func steps() async throws {
    var script = FakeAdapter.Script(
      "a = 1\nb = 1\ntotal = a + b\n",
      .suite([TinyTest("total", "total", 99)])
    )
    script.hasOperators = false
    script.searchEdits = { sources in
      ["a = 50\n", "b = 49\n", "b = 48\n"].map { text in
        let line = text.hasPrefix("a") ? 1 : 2
        return TinyEdit(
          kind: "constant",
          edit: replacing(line..<line + 1, by: text, because: "a constant")
        )
      }
    }
    script.nearness = { $0["main"]?.contains("a = 50") == true ? 1 : 0 }
    let healed = try await healed(script)
    #expect(healed.report.status == .healed)
    #expect(try healed.text == "a = 50\nb = 49\ntotal = a + b\n")
    script.oracle.tests[0].value = .number(1000)
    let session = try await session(FakeAdapter(script))
    #expect(session.report.status == .unhealed)
    #expect(session.report.patch.isEmpty)
    #expect(session.report.diff == nil)
  }

  @Test("progress that breaks another test of those asked for is nothing to show")
  func regressionOfTarget() async throws {
    var script = FakeAdapter.Script(
      "a = 1\nb = a\nc = a\n",
      .suite([TinyTest("a", "a", 1), TinyTest("b", "b", 5), TinyTest("c", "c", 99)])
    )
    script.hasOperators = false
    script.searchEdits = { _ in
      [TinyEdit(kind: "constant", edit: replacing(1..<2, by: "a = 5\n", because: "five"))]
    }
    // The evaluator of the search stops at the first failure and tells nothing of the others.
    script.seesRegressions = false
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.patch.isEmpty)
  }

  @Test("partial progress of the search that breaks a guard is not kept")
  func regressionBySearch() async throws {
    var script = FakeAdapter.Script(
      "base = 1\ntotal = base + 1\n",
      .suite([
        TinyTest("total", "total", 6), TinyTest("far", "total", 99),
        TinyTest("base", "base", 1, guards: true),
      ])
    )
    script.hasOperators = false
    script.searchEdits = { _ in
      [TinyEdit(kind: "constant", edit: replacing(1..<2, by: "base = 5\n", because: "five"))]
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.patch.isEmpty)
  }

  @Test("findings that the repair leaves are named as what remains")
  func remaining() async throws {
    let session = try await healed(
      FakeAdapter.Script(
        "price = 3\ntotal = prise\nfar = elsewhere\n",
        .suite([TinyTest("total", "total", 3), TinyTest("far", "far", 1)])
      )
    )
    #expect(session.report.status == .unhealed)
    #expect(try session.text == "price = 3\ntotal = price\nfar = elsewhere\n")
    #expect(session.report.remaining.map(\.message) == ["`elsewhere` is not defined here"])
  }

  @Test("a change that passes and breaks a guard gives way to the next", arguments: [false, true])
  func regression(hasOther: Bool) async throws {
    var script = FakeAdapter.Script(
      "base = 1\ntotal = bose + 1\n",
      .suite([
        TinyTest("total", "total", 6), TinyTest("base", "base", 1, guards: true),
      ])
    )
    script.hasOperators = false
    let original = script.sources
    script.findings = { sources, _ in
      guard sources == original else { return [] }
      let bad = replacing(1..<3, by: "base = 5\ntotal = base + 1\n", because: "breaks base")
      let good = replacing(2..<3, by: "total = base + 5\n", because: "keeps base")
      return [
        finding(
          .name,
          "name/breaks",
          "main",
          1,
          "breaks base",
          .runtime,
          (hasOther ? [bad, good] : [bad]).map { Fix(edits: [$0], confidence: .high) }
        )
      ]
    }
    let session = try await healed(script)
    #expect(session.report.status == (hasOther ? .healed : .unhealed))
    #expect(try session.text.hasPrefix("base = 1\n"))
  }

  @Test("fixes that only together pass are tried together, the needless dropped")
  func fixesTogether() async throws {
    let text = "left = 1\n#\nspare = 1\n#\nright = 1\nsum = left + right\n"
    var script = FakeAdapter.Script(text, .suite([TinyTest("sum", "sum", 50)]))
    script.hasOperators = false
    let original = script.sources
    script.findings = { sources, _ in
      guard sources == original else { return [] }
      return ["left = 20\n", "spare = 7\n", "right = 30\n"].enumerated().map { index, line in
        let edit = replacing(2 * index + 1..<2 * index + 2, by: line, because: "guess \(index)")
        let fix = Fix(edits: [edit], confidence: .medium)
        let message = "guess \(index)"
        return finding(.logic, "logic/guess", "main", index, message, .static, [fix])
      }
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text == "left = 20\n#\nspare = 1\n#\nright = 30\nsum = left + right\n")
  }

  @Test("an edit without which a test that passed would break is not needless")
  func neededByGuard() async throws {
    var script = FakeAdapter.Script(
      "base = 1\ntotal = bose + 1\n#\n#\n#\nkept = base\n",
      .suite([
        TinyTest("total", "total", 6), TinyTest("kept", "kept", 1, guards: true),
      ])
    )
    script.hasOperators = false
    let original = script.sources
    script.findings = { sources, _ in
      guard sources == original else { return [] }
      let edits = [
        replacing(1..<3, by: "base = 5\ntotal = base + 1\n", because: "the new base"),
        replacing(6..<7, by: "kept = 1\n", because: "what depended on the old one"),
      ]
      return [
        finding(
          .name,
          "name/base",
          "main",
          1,
          "the base",
          .runtime,
          [Fix(edits: edits, confidence: .high)]
        )
      ]
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text == "base = 5\ntotal = base + 1\n#\n#\n#\nkept = 1\n")
  }
}
