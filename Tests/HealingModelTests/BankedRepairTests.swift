import HealingModel
import Testing

private func token(_ text: String) throws -> TemplateToken {
  try #require(TemplateToken(rawValue: text))
}

private func template(
  _ before: [String],
  _ after: [String],
  holes: [RepairTemplate.HoleKind] = [.name]
) throws -> RepairTemplate {
  RepairTemplate(holes: holes, before: try before.map(token), after: try after.map(token))
}

private func origin(_ digest: String, kinds: [String] = [], source: Candidate.Origin = .search)
  -> RepairOrigin
{
  RepairOrigin(
    session: "0123456789ab",
    time: 0,
    version: "1",
    program: "a.py",
    oracle: "suite",
    strength: .suite,
    evidence: .tested,
    source: source,
    kinds: kinds,
    edits: 1,
    digest: digest
  )
}

private func repair(_ template: RepairTemplate?, origins: [RepairOrigin] = [origin("1")])
  -> BankedRepair
{
  BankedRepair(
    language: "Test",
    template: template,
    example: RepairExample(before: "f(a)\n", after: "f(b)"),
    contexts: [],
    origins: origins
  )
}

@Suite("banked repairs")
struct BankedRepairTests {
  @Test(
    "tokens are written as they are read",
    arguments: [
      "/0", "/-2", "\n/1", "$0", " $12", "=for", "  ==", "=a b", "=\u{301}x", " \\\n==", "=$1",
    ]
  )
  func tokens(text: String) throws {
    #expect(try token(text).rawValue == text)
  }

  @Test("what is no token is none", arguments: ["", " ", "x", "/x", "$", "$-1", "$x", "a=b"])
  func noTokens(text: String) {
    #expect(TemplateToken(rawValue: text) == nil)
  }

  @Test("a template that makes no sense is refused with the reason")
  func defects() throws {
    #expect(try template(["/0", "$0"], ["/0", "$0", "=b"]).defect == nil)
    let broken: [([String], [String], [RepairTemplate.HoleKind], String)] = [
      (["/0"], ["/0", "=b"], [], "no token"),
      (["=a", "=b"], ["/0"], [], "begin with a line"),
      (["/0", "=a"], ["=a"], [], "begins with no line"),
      (["/0", "$0"], ["/0"], [], "holes are not"),
      (["/0", "=a"], ["/0"], [.name], "holes are not"),
      (["/0", "=a"], ["/0", "$0"], [], "never read"),
      (["/0", "$0"], ["/0", " $0"], [.name], "changes nothing"),
      (["/0", "=a"], ["/0", "="], [], "empty"),
      (["/0", "=a", "/99"], ["/0"], [], "too far"),
      (["/0"] + Array(repeating: "=a", count: 300), ["/0"], [], "no token or more"),
    ]
    for (before, after, holes, words) in broken {
      let defect = try template(before, after, holes: holes).defect
      #expect(defect?.contains(words) == true, "\(before) \(after): \(defect ?? "fine")")
    }
  }

  @Test("a repair is known by what it does, not by where or how it is written")
  func names() throws {
    let one = repair(try template(["/0", "$0"], ["/0", "$0", " =b"]))
    var other = repair(try template(["/0", "$0"], ["/0", "$0", "=b"]), origins: [origin("2")])
    other.example.before = "g(z)"
    #expect(one.id == other.id)
    #expect(one.id.count == 12)
    #expect(one.id != repair(try template(["/0", "$0", "=b"], ["/0", "$0"])).id)
    #expect(one.id != repair(nil).id)
    #expect(repair(nil).summary == "f(a) → f(b)")
  }

  @Test("each kind of edit counts once for a repair, whatever number of edits it has")
  func kinds() {
    let bank = [
      repair(nil, origins: [origin("1", kinds: ["a", "b"]), origin("2", kinds: ["a"])]),
      repair(nil, origins: [origin("1", kinds: ["b"])]),
    ]
    #expect(bank.kinds == ["a": 2, "b": 1])
    var foreign = bank[0]
    (foreign.imported, foreign.origins) = (foreign.origins, [])
    #expect([foreign].kinds == [:])
    #expect(!foreign.isTrusted && bank[0].isTrusted)
  }

  @Test("what a finding proposed is no candidate: its rule proposes it again")
  func candidates() throws {
    let change = try template(["/0", "$0"], ["/0", "$0", "=b"])
    #expect(repair(change).isCandidate)
    #expect(!repair(nil).isCandidate)
    #expect(!repair(change, origins: [origin("1", source: .finding)]).isCandidate)
  }

  @Test("repairs from outside are looked at as a whole")
  func foreign() throws {
    let good = repair(try template(["/0", "$0"], ["/0", "$0", "=b"]))
    #expect(good.defect == nil)
    let spoils: [(inout BankedRepair) -> Void] = [
      { $0.origins = [] }, { $0.language = "" }, { $0.recalled = -1 },
      { $0.example.after = $0.example.before },
      { $0.example.after = String(repeating: "x", count: 3000) },
      { $0.origins[0].time = .infinity }, { $0.origins[0].edits = 0 },
      { $0.origins[0].digest = "" },
      { $0.template?.holes = [] },
      {
        let context = RepairContext(category: .name, rule: "", exception: nil, enclosing: [])
        $0.contexts = Array(repeating: context, count: 20)
      },
    ]
    for (index, spoil) in spoils.enumerated() {
      var bad = good
      spoil(&bad)
      #expect(bad.defect != nil, "\(index)")
    }
  }
}
