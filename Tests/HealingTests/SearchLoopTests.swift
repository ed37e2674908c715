import Healing
import HealingModel
import Patching
import Search
import Testing

@Suite("the search over edits")
struct SearchLoopTests {
  /// Definitions that each use the one before; the operator of each is wrong.
  private func chain(_ count: Int) -> FakeAdapter.Script {
    let names = (0..<count).map { String(repeating: "v", count: $0 + 1) }
    var text = ""
    var tests: [TinyTest] = []
    var value = 10
    for (index, name) in names.enumerated() {
      text += "\(name) = \(index == 0 ? "price" : names[index - 1]) - step\n"
      value += 3
      tests.append(TinyTest(name, name, value, ["price": 10, "step": 3]))
    }
    return FakeAdapter.Script(text, .suite(tests))
  }

  @Test("edits that only together pass are found one upon the other", arguments: 1..<6)
  func beams(count: Int) async throws {
    let session = try await healed(chain(count))
    #expect(session.report.status == .healed)
    #expect(try !session.text.contains("-"))
    #expect(try Patching.lines(of: session.text).count == count)
    #expect(session.calls.count { $0 == .openSearch } <= (count + 2) / 3)
    #expect(session.report.confidence <= (count > 2 ? .low : count > 1 ? .medium : .high))
  }

  @Test("suspicion moves with the lines when a base has more or fewer of them")
  func movedSuspicion() async throws {
    var script = FakeAdapter.Script(
      "# head\nnever = 1\nprice = 1\ntotal = price\ndouble = total * 3\n",
      .suite([TinyTest("total", "total", 10), TinyTest("double", "double", 20)])
    )
    let original = script.sources
    script.hasOperators = false
    script.searchEdits = { sources in
      // The first edit makes two lines of one; the second is offered only upon the first.
      if sources == original {
        let text = "price = 9 + step\nstep = 1\n"
        return [TinyEdit(kind: "statement", edit: replacing(3..<4, by: text, because: "step"))]
      }
      let text = "double = total * 2\n"
      return [TinyEdit(kind: "constant", edit: replacing(6..<7, by: text, because: "twice"))]
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    let places = session.calls.compactMap { call in
      if case .edits(let base, let places) = call, base == 1 { places["main"] } else { nil }
    }
    let lines = try #require(places.first)
    // Lines 3 to 5 were suspicious: the new line stands between 3 and 4, and 1 and 2 stay clear.
    #expect(lines.keys.sorted() == [3, 4, 5, 6])
    #expect(lines[6] == suspicionAtRoot(session)[5])
    #expect(lines[5] == suspicionAtRoot(session)[4])
    #expect(session.report.patch.edits.map(\.reason) == ["step", "twice"])
  }

  @Test("edits that mend different tests are put together before every single one was tried")
  func together() async throws {
    var script = FakeAdapter.Script(
      "left = 1\nother = 0\nright = 1\n",
      .suite([TinyTest("left", "left", 2), TinyTest("right", "right", 3)])
    )
    script.hasOperators = false
    script.searchEdits = { _ in
      let right = [
        TinyEdit(kind: "constant", edit: replacing(1..<2, by: "left = 2\n", because: "left")),
        TinyEdit(kind: "constant", edit: replacing(3..<4, by: "right = 3\n", because: "right")),
      ]
      let useless = (1...3_000).map { number in
        TinyEdit(
          kind: "condition.constant",
          edit: replacing(2..<3, by: "other = \(number)\n", because: "other")
        )
      }
      return right + useless
    }
    let session = try await healed(script, budget: Budget(evaluations: 1_000))
    #expect(session.report.status == .healed)
    #expect(try session.text == "left = 2\nother = 0\nright = 3\n")
  }

  private func suspicionAtRoot(_ session: Healed) -> [Int: Double] {
    for case .edits(base: 0, let places) in session.calls { return places["main"] ?? [:] }
    return [:]
  }

  @Test("places are the lines that failing tests ran")
  func places() async throws {
    let session = try await healed(
      FakeAdapter.Script(
        "total = price - tax\nother = 1\n",
        .suite([
          TinyTest("total", "total", 12, ["price": 10, "tax": 2]), TinyTest("other", "other", 1),
        ])
      )
    )
    #expect(suspicionAtRoot(session).keys.sorted() == [1])
  }

  @Test("plausible repairs beside the chosen one are named as alternatives")
  func alternatives() async throws {
    let session = try await healed(
      FakeAdapter.Script(
        "total = price - tax\n",
        .suite([TinyTest("total", "total", 4, ["price": 2, "tax": 2])])
      )
    )
    // 2 + 2 and 2 * 2 are the same.
    #expect(session.report.status == .healed)
    #expect(session.report.alternatives.count == 1)
    let diff = try #require(session.report.alternatives.first?.patch)
    #expect(diff.contains("+total = price * tax") || diff.contains("+total = price + tax"))
    #expect(diff != session.report.diff)
  }

  @Test("a change in like statements is kept whole, though the tests ask for one of them alone")
  func twins() async throws {
    var script = FakeAdapter.Script(
      "total = price - tax\nsame = price\nother = price - tax\n",
      .suite([
        TinyTest("total", "total", 12, ["price": 10, "tax": 2]),
        TinyTest("same", "same", 10, ["price": 10, "tax": 2]),
      ])
    )
    script.hasOperators = false
    script.searchEdits = { _ in
      let one = "total = price + tax\n"
      let both = one + "same = price\nother = price + tax\n"
      return [
        TinyEdit(kind: "arithmetic", edit: replacing(1..<2, by: one, because: "use `+`")),
        TinyEdit(
          kind: "coupled.twin",
          edit: replacing(1..<4, by: both, because: "here and in other: use `+`"),
          twinOf: 0
        ),
      ]
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text == "total = price + tax\nsame = price\nother = price + tax\n")
    #expect(session.report.alternatives.count == 1)
  }

  /// A program with two rivals that pass, `price + tax` and `price * tax`, and how they compare.
  private func twoRivals(
    _ answers: @escaping @Sendable (String) -> (kind: Comparison.Answer.Kind, text: String)
  ) -> FakeAdapter.Script {
    var script = FakeAdapter.Script(
      "total = price - tax\n",
      .suite([
        TinyTest("total", "total", 4, ["price": 2, "tax": 2]),
        TinyTest("again", "total", 0, ["price": 0, "tax": 0]),
      ])
    )
    script.compared = { versions in
      let given = versions.map { answers($0["main"] ?? "") }
      let texts = given.map(\.text)
      return Comparison(
        inputs: [Comparison.Input(text: "total(3, 1)", size: 2)],
        answers: [given.map { Comparison.Answer(kind: $0.kind, text: $0.text) }],
        outcomes: [texts.map { texts.firstIndex(of: $0) ?? 0 }]
      )
    }
    return script
  }

  @Test("where rivals differ, the input on which they do is shown, and confidence falls")
  func distinguished() async throws {
    let session = try await healed(
      twoRivals { (.value, $0.contains("+") ? "4" : $0.contains("*") ? "3" : "2") }
    )
    let alternative = try #require(session.report.alternatives.first)
    let isSum = try session.text.contains("+")
    #expect(alternative.distinguishingInput == "total(3, 1)")
    #expect(alternative.answers == (isSum ? ["4", "3"] : ["3", "4"]))
    #expect(alternative.confidence == .low)
    #expect(session.report.confidence == .medium)
    #expect(session.calls.contains(.compare(3)))
  }

  @Test("rivals that behave alike leave no choice")
  func alike() async throws {
    let session = try await healed(twoRivals { (.value, $0.contains("-") ? "2" : "4") })
    let alternative = try #require(session.report.alternatives.first)
    #expect(alternative.distinguishingInput == nil)
    #expect(alternative.answers.isEmpty)
    #expect(session.report.confidence == .high)
    #expect(alternative.confidence == .high)
  }

  @Test("what fails where its rival answers is not claimed first", arguments: ["+", "*"])
  func failing(sign: String) async throws {
    let session = try await healed(
      twoRivals { $0.contains(sign) ? (.raised, "raises ValueError") : (.value, "4") }
    )
    #expect(try !session.text.contains(sign))
    #expect(session.report.alternatives.count == 1)
  }

  @Test("without comparison nothing is asked")
  func notCompared() async throws {
    let session = try await healed(
      twoRivals { (.value, $0) },
      without: Ablation(techniques: [.comparison])
    )
    #expect(session.report.alternatives.map(\.distinguishingInput) == [nil])
    #expect(!session.calls.contains { if case .compare = $0 { true } else { false } })
  }

  @Test("a comparison that breaks costs no repair and is told")
  func broken() async throws {
    var script = twoRivals { _ in (.value, "4") }
    script.before = { if case .compare = $0 { throw AdapterError.fault(message: "lost") } }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(session.report.alternatives.count == 1)
    #expect(session.report.notes.contains { $0.contains("were not compared") })
  }

  @Test("rule 22: only candidates that ran to a verdict count")
  func countsVerdicts() async throws {
    var script = FakeAdapter.Script(
      "total = price\n",
      .suite([TinyTest("total", "total", 12, ["price": 10])])
    )
    script.hasOperators = false
    script.searchEdits = { _ in
      ["total = 1\n", "total = 1\n", "total = \n", "total = price\n", "total = 2\n"].map { text in
        TinyEdit(kind: "constant", edit: replacing(1..<2, by: text, because: "a number"))
      }
    }
    // Two of the five differ from what ran before and parse.
    #expect(try await healed(script).report.candidates == 2)
  }
}

@Suite("a search space that fails")
struct BrokenSearchTests {
  /// What stops working.
  enum Broken: CaseIterable {
    case firstEdits, firstEvaluation, laterEdits, laterEvaluation, laterDefinitions

    func includes(_ call: AdapterCall) -> Bool {
      switch (self, call) {
      case (.firstEdits, .edits(base: 0, _)), (.firstEvaluation, .evaluate(base: 0, _)): true
      case (.laterEdits, .edits(let base, _)): base > 0
      case (.laterEvaluation, .evaluate(let base, _)): base > 0
      case (.laterDefinitions, .edits(let base, _)): base > 1
      default: false
      }
    }
  }

  private var script: FakeAdapter.Script {
    FakeAdapter.Script(
      "total = price - tax\nfar = total * 100\n",
      .suite([
        TinyTest("total", "total", 12, ["price": 10, "tax": 2]),
        TinyTest("far", "far", 123_456, ["price": 10, "tax": 2]),
      ])
    )
  }

  @Test("costs that search, never what was found", arguments: Broken.allCases)
  func costsOneSearch(broken: Broken) async throws {
    var script = script
    script.before = { call in
      if broken.includes(call) { throw AdapterError.fault(message: "the evaluator died") }
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.notes.contains { $0.contains("the evaluator died") })
    let found = ![.firstEdits, .firstEvaluation].contains(broken)
    #expect(session.report.partial == found)
    if found { #expect(try session.text.hasPrefix("total = price + tax\n")) }
    let opened = session.calls.count { $0 == .openSearch }
    #expect(session.calls.count { $0 == .closeSearch } == opened)
  }

  @Test("a repair that was found before it died is claimed")
  func claimsWhatWasFound() async throws {
    var script = script
    script.oracle.tests[1].value = .number(1200)
    script.searchEdits = { sources in
      guard sources["main"]?.hasPrefix("total = price - tax") == true else { return [] }
      return [
        TinyEdit(kind: "statement", edit: replacing(1..<2, by: "total = 12\n", because: "12")),
        TinyEdit(kind: "statement", edit: replacing(2..<3, by: "far = 1200\n", because: "1200")),
      ]
    }
    script.before = { call in
      if case .evaluate(let base, _) = call, base > 0 {
        throw AdapterError.fault(message: "the evaluator died")
      }
    }
    #expect(try await healed(script).report.status == .healed)
  }

  @Test("an evaluator that is dead for good does not end the session")
  func deadForGood() async throws {
    var script = script
    let dead = Flag()
    script.before = { call in
      if case .evaluate(let base, _) = call, base > 0 { dead.raise() }
      switch call {
      case .edits, .evaluate, .render:
        if dead.isRaised { throw AdapterError.fault(message: "the evaluator died") }
      default: break
      }
    }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.notes.contains { $0.contains("the evaluator died") })
  }
}
