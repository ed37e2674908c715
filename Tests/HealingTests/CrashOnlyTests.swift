import Healing
import HealingModel
import Patching
import Testing

@Suite("rule 3: a command is a weak oracle, and the report says so")
struct CommandTests {
  @Test(
    "it is named as such, and its confidence is bounded",
    arguments: ["show 4 / 0\n", "show b\na = 1\n"]
  )
  func weak(text: String) async throws {
    let session = try await healed(FakeAdapter.Script(text, TinyOracle(oracle: .command)))
    #expect(session.report.status == .healed)
    #expect(session.report.verification?.oracle == "command")
    #expect(session.report.verification?.strength == .command)
    #expect(session.report.confidence <= .medium)
  }
}

@Suite("rule 2: where nothing but a crash decides")
struct CrashOnlyTests {
  @Test(
    "a name that does not exist is mended",
    arguments: ["show prise\n", "show price\nshow prise\n"]
  )
  func mendsNames(text: String) async throws {
    let session = try await healed(FakeAdapter.Script("price = 3\n" + text, .script()))
    #expect(session.report.status == .healed)
    #expect(session.report.strength == .crashOnly)
    #expect(session.report.patch.edits.map(\.finding) == ["name/undefined"])
  }

  @Test(
    "only syntax, names and types are wrong whatever the output should be",
    arguments: HealingModel.Category.allCases
  )
  func categories(category: HealingModel.Category) async throws {
    var script = FakeAdapter.Script("show 1\nshow 4 / 0\n", .script())
    let original = script.sources
    script.findings = { sources, _ in
      guard sources == original else { return [] }
      let edit = replacing(2..<3, by: "show 4 / 1\n", because: "a tempting change")
      return [
        finding(
          category,
          "any/rule",
          "main",
          2,
          "a tempting change",
          .runtime,
          [Fix(edits: [edit], confidence: .high)]
        )
      ]
    }
    let session = try await healed(script)
    let claimable = [.syntax, .name, .type].contains(category)
    #expect(session.report.status == (claimable ? .healed : .unhealed))
    if !claimable { #expect(session.report.patch.isEmpty) }
  }

  @Test("a guess is never tried: a crash tells it from no other", arguments: Confidence.allCases)
  func guesses(confidence: Confidence) async throws {
    var script = FakeAdapter.Script("show 1\nshow 4 / 0\n", .script())
    script.findings = { _, _ in
      let edit = replacing(2..<3, by: "show 4 / 1\n", because: "a tempting change")
      let fix = Fix(edits: [edit], confidence: confidence)
      return [finding(.name, "any/rule", "main", 2, "a tempting change", .runtime, [fix])]
    }
    let session = try await healed(script)
    #expect(session.report.status == (confidence == .low ? .unhealed : .healed))
  }

  @Test("edits of the search are never tried")
  func neverSearches() async throws {
    let session = try await healed(FakeAdapter.Script("show 4 / 0\n", .script()))
    #expect(session.report.status == .unhealed)
    #expect(!session.calls.contains(.openSearch))
    #expect(session.report.candidates == 0)
  }

  @Test("what was printed before the failure stays: an edit that changes it is dropped")
  func keepsWhatWasPrinted() async throws {
    var script = FakeAdapter.Script("show 1\nprice = 3\nshow prise\n", .script())
    let original = script.sources
    script.findings = { sources, _ in
      temptation(
        [
          replacing(1..<2, by: "show 2\n", because: "tempting"),
          replacing(3..<4, by: "show price * 1\n", because: "a tempting change"),
        ],
        in: sources,
        only: original
      )
    }
    script.distort = noOtherRepair(than: "* 1", of: original)
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(try session.text == "show 1\nprice = 3\nshow price * 1\n")
  }

  @Test("a repair that changes what was printed before the failure is no claim")
  func refusesOtherOutput() async throws {
    var script = FakeAdapter.Script("show a\na = 1\nb = 2\nshow c\n", .script())
    let original = script.sources
    script.findings = { sources, _ in
      temptation(
        [replacing(2..<3, by: "a = 5\nc = 3\n", because: "a tempting change")],
        in: sources,
        only: original
      )
    }
    script.distort = noOtherRepair(than: "a = 5", of: original)
    let session = try await healed(script)
    #expect(session.report.status == .unhealed)
    #expect(session.verdicts.contains(.regressed(tests: ["output"])))
  }

  @Test("the beginning must stay even when the output was too long to keep")
  func refusesOtherLongOutput() async throws {
    var script = FakeAdapter.Script("show a\na = 1\nb = 2\nshow c\n", .script())
    let original = script.sources
    script.findings = { sources, _ in
      temptation(
        [replacing(2..<3, by: "a = 5\nc = 3\n", because: "a tempting change")],
        in: sources,
        only: original
      )
    }
    let other = noOtherRepair(than: "a = 5", of: original)
    script.distort = { judgement, sources, runner in
      var judgement = other(judgement, sources, runner)
      judgement.observation.stdout.total = 1 << 30
      return judgement
    }
    #expect(try await healed(script).report.status == .unhealed)
  }
}

/// Makes every repair fail but the one whose text holds a line.
private func noOtherRepair(
  than line: String,
  of original: Sources
) -> @Sendable (Judgement, Sources, Runner) -> Judgement {
  { judgement, sources, _ in
    guard sources != original, sources["main"]?.contains(line) != true else { return judgement }
    var judgement = judgement
    for index in judgement.tests.indices { judgement.tests[index].outcome = .failed }
    judgement.observation.exit = .code(1)
    return judgement
  }
}
