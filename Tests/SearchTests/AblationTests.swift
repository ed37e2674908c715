import HealingModel
import Search
import Testing

@Suite("what the search leaves out")
struct AblationTests {
  @Test(
    "the text form names techniques and kinds",
    arguments: [
      ("", ""), ("pairs", "pairs"), (" rivals, combine,, ", "combine,rivals"),
      ("kind:wrap,kind:statement,pairs", "pairs,kind:statement,kind:wrap"),
    ]
  )
  func parsing(text: String, form: String) throws {
    #expect(try Ablation(parsing: text).description == form)
    #expect(try Ablation(parsing: form) == Ablation(parsing: text))
  }

  @Test("what is no technique is refused by its name", arguments: ["beams", "kind:", "pairs,Wrap"])
  func unknown(text: String) {
    #expect(throws: Ablation.UnknownTechnique.self) { try Ablation(parsing: text) }
  }

  @Test(
    "a kind stands for all kinds under it",
    arguments: [
      ("kind:statement", "statement.copy", false), ("kind:statement.copy", "statement.copy", false),
      ("kind:statement.copy", "statement.move", true), ("kind:state", "statement.copy", true),
      ("kind:coupled", "coupled.twin", false), ("twins", "coupled.twin", false),
      ("twins", "coupled", true), ("", "coupled.twin", true),
    ]
  )
  func kinds(text: String, kind: String, allowed: Bool) throws {
    #expect(try Ablation(parsing: text).allows(kind: kind) == allowed)
  }

  @Test("without localisation all lines are alike")
  func localisation() {
    let suspicion = ["a": [1: 0.2, 7: 0.9]]
    #expect(Ablation().localised(suspicion) == suspicion)
    #expect(Ablation(techniques: [.localisation]).localised(suspicion) == ["a": [1: 1, 7: 1]])
  }

  @Test("without priors all kinds are alike")
  func priors() {
    let order = EditOrder(ablation: Ablation(techniques: [.priors]))
    #expect(Set(["comparison", "wrap", "new"].map(order.prior)) == [1])
    #expect(EditOrder(ablation: Ablation()).priors == EditOrder.handSet)
  }
}
