import Healing
import HealingModel
import Prompting
import Testing

@Suite("the bank of verified repairs")
struct BankTests {
  /// A program whose bug the search has no edit for, in the words of a test.
  private static func hard(_ text: String, _ name: String, _ value: Int, _ inputs: [String: Int])
    -> FakeAdapter.Script
  {
    var script = FakeAdapter.Script(text, .suite([TinyTest("one", name, value, inputs)]))
    script.hasOperators = false
    return script
  }

  private static let first = hard(
    "total = price - tax\n",
    "total",
    12,
    ["price": 10, "tax": 2]
  )
  private static let second = hard(
    "note = 3\nweight = box - paper\n",
    "weight",
    9,
    ["box": 4, "paper": 5]
  )

  /// What the bank would keep of a session.
  private func bank(of session: Healed) -> [BankedRepair] {
    session.report.lessons.map { lesson in
      BankedRepair(
        language: lesson.language,
        template: lesson.template,
        example: lesson.example,
        contexts: [lesson.context],
        origins: [
          RepairOrigin(
            session: "0123456789ab",
            time: 0,
            version: "1",
            program: "main",
            oracle: "suite",
            strength: .suite,
            evidence: .tested,
            source: lesson.source,
            kinds: lesson.kinds,
            edits: 1,
            digest: "1"
          )
        ]
      )
    }
  }

  private func learnt(from script: FakeAdapter.Script = first) async throws -> [BankedRepair] {
    let model = FakeModel(["```tiny\ntotal = price + tax\n```"])
    return bank(of: try await healed(script, asking: model))
  }

  private func session(
    _ script: FakeAdapter.Script,
    with bank: [BankedRepair],
    without ablation: Ablation = Ablation(),
    asking model: FakeModel? = nil
  ) async throws -> Healed {
    try await HealingTests.session(
      FakeAdapter(script),
      budget: Budget(attempts: 3),
      without: ablation,
      memory: Memory(bank: bank),
      asking: model
    )
  }

  @Test("a repair that a model found once heals the next program of that kind by itself")
  func recalls() async throws {
    let bank = try await learnt()
    #expect(bank.count == 1)
    #expect(bank[0].origins[0].source == .model)
    let session = try await session(Self.second, with: bank)
    #expect(session.report.status == .healed)
    #expect(try session.text == "note = 3\nweight = box + paper\n")
    #expect(session.report.recalled == [bank[0].id: true])
    #expect(session.report.patch.edits[0].reason.contains(bank[0].id))
    #expect(session.report.confidence < .high)
    // The same lesson again, so that it counts twice.
    let again = self.bank(of: session)
    #expect(again.map(\.id) == bank.map(\.id))
    #expect(again[0].origins[0].source == .bank)
  }

  @Test("the same program, seed and bank give the same session")
  func repeats() async throws {
    let bank = try await learnt()
    let one = try await session(Self.second, with: bank)
    let two = try await session(Self.second, with: bank)
    #expect(one.calls == two.calls)
    #expect(one.report == two.report)
  }

  @Test("a bank that knows nothing like it changes nothing; switched off neither does any")
  func changesNothing() async throws {
    let bank = try await learnt()
    let other = Self.hard("total = price\n", "total", 12, ["price": 10])
    let plain = try await session(other, with: [])
    #expect(try await session(other, with: bank).calls == plain.calls)
    let off = Ablation(techniques: [.bank])
    let alone = try await session(Self.second, with: [], without: off)
    let switched = try await session(Self.second, with: bank, without: off)
    #expect(switched.calls == alone.calls)
    #expect(switched.report.status == .unhealed)
  }

  @Test("what was not verified teaches nothing, and neither does a claim that is refused")
  func onlyVerified() async throws {
    let bank = try await learnt()
    var script = Self.second
    script.refusals = { _, after, _ in
      after["main"]?.contains("+") == true ? [Refusal(rule: "no", message: "no sums")] : []
    }
    let refused = try await session(script, with: bank)
    #expect(refused.report.status == .unhealed)
    #expect(refused.report.lessons == [])
    #expect(refused.report.patch.isEmpty)
    #expect(refused.report.recalled == [bank[0].id: false])
    let unhealed = try await session(Self.second, with: [])
    #expect(unhealed.report.lessons == [])
  }

  @Test("where only a crash decides nothing is guessed from the bank")
  func crashOnly() async throws {
    let bank = try await learnt()
    let script = FakeAdapter.Script(
      "zero = 0\nprice = 1 - zero\nshow 1 / zero\n",
      .script(expected: nil)
    )
    let session = try await session(script, with: bank)
    #expect(session.report.recalled == [:])
    #expect(session.report.status == .unhealed)
  }

  @Test("a repair of the bank that leads astray keeps nothing from being healed")
  func astray() async throws {
    let bank = try await learnt()
    // A sum makes the first test pass and the second one unreachable for the one edit there is.
    var script = FakeAdapter.Script(
      "weight = box - paper\n",
      .suite([
        TinyTest("one", "weight", 4, ["box": 2, "paper": 2]),
        TinyTest("two", "weight", 15, ["box": 5, "paper": 3]),
      ])
    )
    script.hasOperators = false
    script.searchEdits = { sources in
      guard sources["main"] == "weight = box - paper\n" else { return [] }
      let edit = replacing(1..<2, by: "weight = box * paper\n", because: "a product is meant")
      return [TinyEdit(kind: "arithmetic", edit: edit)]
    }
    let session = try await session(script, with: bank)
    #expect(session.report.status == .healed)
    #expect(try session.text == "weight = box * paper\n")
    #expect(session.report.recalled == [bank[0].id: false])
    #expect(session.report.lessons.map(\.source) == [.search])
    #expect(session.report.lessons.map(\.kinds) == [["arithmetic"]])
  }

  @Test("several bugs of one kind are mended one after the other")
  func several() async throws {
    let bank = try await learnt()
    let inputs = ["a": 1, "b": 2, "c": 3]
    var script = FakeAdapter.Script(
      "x = a - b\ny = b - c\n",
      .suite([TinyTest("x", "x", 3, inputs), TinyTest("y", "y", 5, inputs)])
    )
    script.hasOperators = false
    let session = try await session(script, with: bank)
    #expect(session.report.status == .healed)
    #expect(try session.text == "x = a + b\ny = b + c\n")
  }

  @Test("a model on this machine is shown like repairs of other programs, another one is not")
  func precedents() async throws {
    let sign = finding(.semantic, "semantic/sign", "main", 1, "the sign", .static, [])
    var (first, second) = (Self.first, Self.second)
    first.findings = { _, _ in [sign] }
    second.findings = { _, _ in [sign] }
    second.sources = Sources(["main": "weight = box * paper\n"])
    let bank = try await learnt(from: first)
    #expect(bank[0].contexts[0].rule == "semantic/sign")
    for mayBeShown in [true, false] {
      let model = FakeModel([])
      let adapter = FakeAdapter(second)
      _ = try await heal(
        Program(root: "/program", entry: .script(path: "main", arguments: [])),
        oracle: adapter.script.oracle.oracle,
        with: adapter,
        budget: Budget(attempts: 1),
        memory: Memory(bank: bank),
        model: ModelAccess(model, language: .tiny, mayBeShownOthers: mayBeShown),
        now: { adapter.clock.now },
        events: { _ in }
      )
      #expect(model.questions.count == 1)
      #expect(model.prompts[0].contains("total = price + tax") == mayBeShown)
    }
  }
}
