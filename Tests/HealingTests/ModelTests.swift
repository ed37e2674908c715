import Healing
import HealingModel
import Testing

@Suite("a language model beside the search")
struct ModelTests {
  private static let right = "```tiny\ntotal = price + tax\ndouble = price * 2\n```"
  private static let wrong = "```tiny\ntotal = tax - price\ndouble = price * 2\n```"

  /// A bug that the search has no edit for.
  private static var hard: FakeAdapter.Script {
    var script = wrongSign()
    script.hasOperators = false
    return script
  }

  @Test("what the search cannot reach is healed by an answer, which is checked like all else")
  func heals() async throws {
    let model = FakeModel([Self.right])
    let session = try await healed(Self.hard, asking: model)
    #expect(session.report.status == .healed)
    #expect(try session.text == "total = price + tax\ndouble = price * 2\n")
    #expect(session.report.model?.requests == 1)
    #expect(session.report.model?.completionTokens == 10)
    let alone = try await healed(Self.hard)
    #expect(alone.report.status == .unhealed)
    #expect(alone.report.model == nil)
  }

  @Test("a failed answer is told the model, and tried once")
  func fedBack() async throws {
    let model = FakeModel(["No idea.", Self.wrong, Self.wrong + "\n", Self.right])
    let session = try await healed(Self.hard, asking: model)
    #expect(session.report.status == .healed)
    #expect(model.questions.count == 4)
    #expect(model.prompts[1].contains("held no code"))
    #expect(model.prompts[2].contains("+total = tax - price"))
    #expect(model.prompts[3].contains("gave this answer before"))
    let tried = session.calls.filter {
      if case .observe(let sources) = $0 {
        sources["main"]?.contains("tax - price") == true
      } else {
        false
      }
    }
    #expect(tried.count == 1)
    let temperatures = model.questions.map(\.temperature)
    #expect(temperatures == temperatures.sorted() && Set(temperatures).count == 4)
    #expect(Set(model.questions.map(\.seed)).count == 4)
  }

  @Test("a silent model is told of, asked no more, and the search still answers")
  func silent() async throws {
    let model = FakeModel([], silence: "nobody listens at port 1")
    let session = try await healed(wrongSign(), asking: model)
    #expect(session.report.status == .healed)
    let hard = FakeModel([], silence: "nobody listens at port 1")
    let unhealed = try await healed(Self.hard, asking: hard)
    #expect(unhealed.report.status == .unhealed)
    #expect(hard.questions.count == 1)
    #expect(unhealed.report.notes.contains { $0.contains("nobody listens at port 1") })
  }

  @Test("an answer that a rule of evidence refuses is no repair, whatever the tests say")
  func refused() async throws {
    var script = Self.hard
    script.refusals = { _, after, _ in
      after["main"]?.contains("12") == true
        ? [Refusal(rule: "hard-coded answer", message: "12 is the expected result")] : []
    }
    script.oracle = .suite([TinyTest("total", "total", 12, ["price": 10, "tax": 2])])
    let model = FakeModel(["```tiny\ntotal = 12\n```"])
    let session = try await healed(script, budget: Budget(attempts: 2), asking: model)
    #expect(session.report.status == .unhealed)
    #expect(session.report.patch.isEmpty)
    #expect(model.prompts[1].contains("12 is the expected result"))
  }

  @Test("an answer that mends a part is what the search goes on from")
  func part() async throws {
    var script = FakeAdapter.Script(
      "total = price - tax\nnet = total * fee\n",
      .suite([
        TinyTest("total", "total", 12, ["price": 10, "tax": 2, "fee": 3]),
        TinyTest("net", "net", 9, ["price": 10, "tax": 2, "fee": 3]),
      ])
    )
    // The search mends the second line alone, and only where the first is right.
    script.hasOperators = false
    script.searchEdits = { sources in
      guard sources["main"]?.hasPrefix("total = price + tax") == true else { return [] }
      let edit = replacing(2..<3, by: "net = total - fee\n", because: "the fee is taken off")
      return [TinyEdit(kind: "operator", edit: edit)]
    }
    let model = FakeModel(["```tiny\ntotal = price + tax\nnet = total * fee\n```"])
    let session = try await healed(script, asking: model)
    #expect(session.report.status == .healed)
    #expect(try session.text == "total = price + tax\nnet = total - fee\n")
  }

  @Test("where only a crash decides, no model is asked: it could leave out what crashes")
  func crashOnly() async throws {
    let model = FakeModel(["```tiny\nshow 1\n```"])
    let script = FakeAdapter.Script("price = 1 / 0\nshow price\n", .script(expected: nil))
    let session = try await healed(script, asking: model)
    #expect(session.report.status == .unhealed)
    #expect(model.questions.isEmpty)
  }

  @Test("the number of questions is bounded by the attempts")
  func bounded() async throws {
    let model = FakeModel(["No idea.", "I do not know.", "It looks right.", "Is it wrong?"])
    let session = try await healed(Self.hard, budget: Budget(attempts: 3), asking: model)
    #expect(session.report.status == .unhealed)
    #expect(model.questions.count == 3)
    #expect(session.report.model?.promptTokens == 300)
  }

  @Test("a model that repeats itself is warned once, then asked afresh, and not for long")
  func repeats() async throws {
    let model = FakeModel(Array(repeating: Self.wrong, count: 12))
    let session = try await healed(Self.hard, budget: Budget(attempts: 12), asking: model)
    #expect(session.report.status == .unhealed)
    try #require(model.questions.count == 5)
    let areTold = model.prompts.map { $0.contains("+total = tax - price") }
    #expect(areTold == [false, true, true, false, false])
    let temperatures = model.questions.map(\.temperature)
    #expect(zip(temperatures, temperatures.dropFirst()).allSatisfy(<))
    #expect(temperatures[4] - temperatures[3] > temperatures[1] - temperatures[0] + 0.1)
    // Of several models the next one has its turn by then.
    #expect((model.questions.last?.share ?? 0) > 0.75)
  }

  @Test("a question tells the failing test's text, and after the search what that showed")
  func told() async throws {
    var script = Self.hard
    script.deciding = Sources(["tests": "def total():\n    twelve\n\ndef double():\n    thirty\n"])
    script.searchEdits = { _ in
      // Right for one input, and it breaks the other line.
      let text = "total = price + 2\ndouble = price\n"
      return [TinyEdit(kind: "two", edit: replacing(1..<3, by: text, because: "it is two more"))]
    }
    let model = FakeModel(["No idea."])
    _ = try await healed(script, budget: Budget(attempts: 2), asking: model)
    let prompts = model.prompts
    try #require(prompts.count == 2)
    #expect(prompts[0].contains("    twelve"))
    #expect(!prompts[0].contains("thirty"), "that test passes")
    #expect(!prompts[0].contains("A CHANGE THAT MENDS A PART"))
    #expect(prompts[1].contains("with it 1 of 3 tests pass, and 1 that passed before fail"))
  }

  @Test("without the search its edits are not tried, and the model heals alone")
  func withoutSearch() async throws {
    let model = FakeModel([Self.right])
    let session = try await healed(
      wrongSign(),
      without: Ablation(techniques: [.search]),
      asking: model
    )
    #expect(session.report.status == .healed)
    #expect(!session.calls.contains(.openSearch))
    #expect(model.questions.count == 1)
    let alone = try await healed(wrongSign(), without: Ablation(techniques: [.search]))
    #expect(alone.report.status == .unhealed)
  }

  @Test("without hints the question says nothing of what was found")
  func withoutHints() async throws {
    let script = FakeAdapter.Script("price = 3\nshow prise\n", .script(expected: "4\n"))
    let techniques: [Set<Ablation.Technique>] = [[.findings], [.findings, .hints]]
    var prompts: [String] = []
    for left in techniques {
      let model = FakeModel([])
      _ = try await healed(
        script,
        budget: Budget(attempts: 1),
        without: Ablation(techniques: left),
        asking: model
      )
      prompts.append(try #require(model.prompts.first))
    }
    #expect(prompts[0].contains("## What is known of its bug"))
    #expect(!prompts[1].contains("## What is known of its bug"))
    #expect(prompts[1].contains("## What should come out"), "hints alone are left out")
  }

  @Test("the seconds of each question that was answered are counted")
  func responseTimes() async throws {
    let model = FakeModel(["No idea.", Self.right])
    let session = try await healed(Self.hard, asking: model)
    let seconds = try #require(session.report.model?.seconds)
    #expect(seconds.count == 2)
    #expect(seconds.allSatisfy { $0 >= 0 })
    let silent = try await healed(Self.hard, asking: FakeModel([], silence: "nobody is there"))
    #expect(silent.report.model?.seconds == [])
  }
}
