import Healing
import HealingModel
import Patching
import Testing

@Suite("rules 4, 5 and 9: what the adapter refuses is never claimed")
struct RefusalTests {
  @Test("a refused repair is no claim and leaves a note")
  func refused() async throws {
    var script = wrongSign()
    script.refusals = { _, _, _ in [Refusal(rule: "hard-coded answer", message: "12 is one")] }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.notes.contains { $0.contains("hard-coded answer") })
    let judged = session.judged.filter { $0.sources != session.original }
    #expect(judged.isEmpty, "what is refused is not even run again")
  }

  @Test("a finding whose fix is refused makes room for the search, and is not offered as a part")
  func nextAfterFinding() async throws {
    var script = wrongSign()
    let cheat = replacing(1..<2, by: "total = 2 * tax - tax + price\n", because: "a cheat")
    script.findings = { sources, _ in
      guard sources["main"]?.hasPrefix("total = price - tax\n") == true else { return [] }
      return [
        Finding(
          category: .type,
          rule: "type/sign",
          path: "main",
          range: cheat.range,
          message: "the sign is wrong",
          hint: "",
          evidence: [Evidence(source: .runtime, text: "seen")],
          confidence: .high,
          fixes: [Fix(edits: [cheat], confidence: .high)]
        )
      ]
    }
    script.refusals = { _, after, _ in
      after["main"]?.contains("2 * tax") == true ? [Refusal(rule: "cheat", message: "no")] : []
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text.hasPrefix("total = price + tax\n"))
    script.hasOperators = false
    let unhealed = try await healed(script)
    #expect(unhealed.report.status == .unhealed)
    #expect(!unhealed.report.partial)
    #expect(unhealed.report.patch.isEmpty)
  }

  @Test("a refused repair is no part of one either, but a suggestion where only a crash decides")
  func refusedIsNoPart() async throws {
    for expected in ["3\n", nil] {
      var script = FakeAdapter.Script("price : 3\nshow price\n", .script(expected: expected))
      script.refusals = { _, _, _ in [Refusal(rule: "cheat", message: "no")] }
      let session = try await healed(script)
      #expect(session.report.status == .unhealed)
      #expect(session.report.patch.isEmpty == (expected != nil))
    }
  }

  @Test("a refused candidate makes room for the next")
  func nextCandidate() async throws {
    var script = wrongSign()
    script.searchEdits = { _ in
      [
        TinyEdit(
          kind: "comparison",
          edit: replacing(1..<2, by: "total = 2 * tax - tax + price\n", because: "a cheat")
        )
      ]
    }
    script.refusals = { _, after, _ in
      after["main"]?.contains("2 * tax") == true ? [Refusal(rule: "cheat", message: "no")] : []
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text.hasPrefix("total = price + tax\n"))
    #expect(session.verdicts.contains(.refused(Refusal(rule: "cheat", message: "no"))))
  }

  @Test("what is left when needless edits go is judged by the rules too")
  func refusedWhenSmaller() async throws {
    var script = wrongSign()
    let original = script.sources
    script.findings = { sources, _ in
      temptation(
        [
          replacing(1..<2, by: "total = price + tax\n", because: "the sign"),
          replacing(3..<3, by: "# why\n", because: "a tempting change"),
        ],
        in: sources,
        only: original
      )
    }
    script.refusals = { _, after, _ in
      after["main"]?.contains("# why") == true ? [] : [Refusal(rule: "silent", message: "no")]
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text.hasSuffix("# why\n"))
  }

  @Test("a rival that a rule refuses is no alternative")
  func refusedRival() async throws {
    var script = wrongSign()
    script.searchEdits = { _ in
      ["tax + price", "price + tax * 1", "2 * tax - tax + price"].map { text in
        TinyEdit(
          kind: "comparison",
          edit: replacing(1..<2, by: "total = \(text)\n", because: text)
        )
      }
    }
    let free = try await healed(script)
    let cheats = free.report.alternatives.filter { $0.patch.contains("2 * tax") }
    script.refusals = { _, after, _ in
      after["main"]?.contains("2 * tax") == true ? [Refusal(rule: "cheat", message: "no")] : []
    }
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(!cheats.isEmpty)
    #expect(session.report.alternatives.count == free.report.alternatives.count - cheats.count)
    #expect(!session.report.alternatives.contains { $0.patch.contains("2 * tax") })
  }

  @Test("progress that a rule refuses is not shown as a part of a repair")
  func refusedProgress() async throws {
    var script = wrongSign()
    script.oracle.tests.append(TinyTest("far", "double", 123_456, ["price": 9]))
    let free = try await healed(script)
    #expect(free.report.partial)
    script.refusals = { _, _, _ in [Refusal(rule: "cheat", message: "no")] }
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.report.patch.isEmpty)
  }

  @Test("the strength of the oracle reaches the rules", arguments: [nil, "3\n"])
  func strength(expected: String?) async throws {
    var script = FakeAdapter.Script("price = 3\nshow prise\n", .script(expected: expected))
    script.refusals = { _, _, strength in
      strength == .crashOnly ? [Refusal(rule: "weak", message: "no")] : []
    }
    let status: SessionStatus = expected == nil ? .unhealed : .healed
    #expect(try await healed(script).report.status == status)
  }
}
