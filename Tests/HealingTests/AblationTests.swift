import Healing
import HealingModel
import Testing

@Suite("a search that leaves out a technique")
struct AblationTests {
  /// Two wrong operators, each of which a test of its own shows.
  private let pair = FakeAdapter.Script(
    "total = price - tax\ndouble = total - total\n",
    .suite([
      TinyTest("total", "total", 12, ["price": 10, "tax": 2]),
      TinyTest("double", "double", 6, ["total": 3]),
    ])
  )

  @Test("two edits are found by combining, pairing or climbing, and by nothing else")
  func phases() async throws {
    let phases: Set<Ablation.Technique> = [.combine, .pairs, .climb]
    for phase in phases {
      let session = try await healed(
        pair,
        without: Ablation(techniques: phases.subtracting([phase]))
      )
      #expect(session.report.status == .healed, "\(phase)")
      #expect(session.calls.count { $0 == .openSearch } == 1, "\(phase)")
    }
    let session = try await healed(pair, without: Ablation(techniques: phases))
    #expect(session.calls.count { $0 == .openSearch } > 1)
  }

  @Test("without rivals the search ends with the first plausible candidate")
  func rivals() async throws {
    let script = FakeAdapter.Script(
      "total = price - tax\n",
      .suite([TinyTest("total", "total", 4, ["price": 2, "tax": 2])])
    )
    #expect(try await healed(script).report.alternatives.count == 1)
    let session = try await healed(script, without: Ablation(techniques: [.rivals]))
    #expect(session.report.status == .healed)
    #expect(session.report.alternatives.isEmpty)
    #expect(session.report.notes.contains("the search runs without rivals"))
  }

  @Test("edits of a kind that is left out are not tried")
  func kinds() async throws {
    let session = try await healed(pair, without: Ablation(kinds: ["arithmetic"]))
    #expect(session.report.status == .unhealed)
  }

  @Test("without findings their fixes are not tried")
  func findings() async throws {
    let script = FakeAdapter.Script("price = 3\nshow prise\n", .script(expected: "3\n"))
    let found = try await healed(script)
    let left = try await healed(script, without: Ablation(techniques: [.findings]))
    #expect(found.events.contains { isCandidate($0, from: .finding) })
    #expect(!left.events.contains { isCandidate($0, from: .finding) })
    #expect(!left.report.findings.isEmpty)
  }

  private func isCandidate(_ event: HealingEvent, from origin: Candidate.Origin) -> Bool {
    if case .candidate(let candidate, _) = event { candidate.origin == origin } else { false }
  }
}
