import HealingModel
import Search
import Testing

private func edit(
  _ id: Int,
  _ kind: String = "constant",
  lines: ClosedRange<Int> = 1...1,
  size: Int = 1,
  path: String = "a"
) -> SearchEdit {
  SearchEdit(
    id: id,
    kind: kind,
    path: path,
    range: TextRange(
      start: TextPosition(line: lines.lowerBound, column: 1),
      end: TextPosition(line: lines.upperBound, column: 2)
    ),
    size: size
  )
}

@Test(
  "a kind has its own prior, else that of its family, else the common one",
  arguments: [("a", 0.9), ("a.b", 0.8), ("a.c", 0.9), ("a.b.c", 0.8), ("ab", 0.1), ("", 0.1)]
)
func priors(kind: String, prior: Double) {
  #expect(EditOrder(priors: ["a": 0.9, "a.b": 0.8], unknown: 0.1).prior(of: kind) == prior)
}

@Test("priors set by hand lie between 0 and 1")
func handSet() {
  #expect(EditOrder.handSet.values.allSatisfy { $0 > 0 && $0 <= 1 })
}

@Test("kinds that mended often come sooner, of few repairs little is believed")
func learning() {
  let order = EditOrder(priors: ["a": 0.4, "b": 0.5], unknown: 0.1)
  func prior(_ kind: String, _ repairs: [String: Int]) -> Double {
    order.learning(from: repairs).prior(of: kind)
  }
  #expect(prior("a", [:]) == 0.4)
  #expect(prior("a", ["b": 9]) == 0.4)
  #expect(prior("a", ["a": 1]) < 0.5)
  #expect(prior("a.c", ["a.c": 30]) > 2 * prior("a", ["a.c": 30]))
  #expect(prior("a", ["a": 1_000_000]) < 1.61)
  let seldom = prior("a", ["a": 10, "b": 90])
  #expect(seldom > 0.4 && seldom < prior("a", ["a": 90, "b": 10]))
  let without = EditOrder(ablation: Ablation(techniques: [.bank]), learningFrom: ["comparison": 50])
  #expect(without.prior(of: "comparison") == EditOrder().prior(of: "comparison"))
}

@Test("suspicion, prior and smallness each move an edit forwards")
func scores() {
  let order = EditOrder(priors: ["good": 0.8, "bad": 0.2])
  let suspicion = ["a": [1: 1.0, 2: 0.5]]
  let score = { order.score($0, suspicion: suspicion) }
  #expect(score(edit(0, "good")) > score(edit(0, "good", lines: 2...2)))
  #expect(score(edit(0, "good")) > score(edit(0, "bad")))
  #expect(score(edit(0, "good")) > score(edit(0, "good", size: 3)))
  #expect(score(edit(0, "good", size: 0)) == score(edit(0, "good", size: 1)))
}

@Test("an edit of several lines is as suspicious as the worst of them")
func severalLines() {
  let order = EditOrder(priors: [:], unknown: 1)
  let suspicion = ["a": [1: 0.25, 3: 0.75]]
  #expect(order.score(edit(0, lines: 1...3), suspicion: suspicion) == 0.75 * 0.75)
  #expect(order.score(edit(0, lines: 1...2), suspicion: suspicion) == 0.25 * 0.25)
  // A place that no failing test reached comes late, not never: beside the worst one of its file.
  let unreached = 0.35 * 0.75
  #expect(order.score(edit(0, lines: 2...2), suspicion: suspicion) == unreached * unreached)
  #expect(order.score(edit(0, path: "b"), suspicion: suspicion) == 0.35 * 0.35)
}

@Test("the order is that of the scores, equal ones by their ids", arguments: 0..<200)
func sorted(seed: UInt64) {
  var random = SeededGenerator(seed: seed)
  let kinds = ["comparison", "constant", "call.argument", "call.other", "nobody's"]
  let edits = (0..<20).map { id in
    edit(
      id,
      kinds.randomElement(using: &random) ?? "",
      lines: 1...Int.random(in: 1...4, using: &random),
      size: Int.random(in: 0...4, using: &random)
    )
  }
  let suspicion = ["a": [1: 0.3, 2: 0.3, 4: Double.random(in: 0...1, using: &random)]]
  let order = EditOrder()
  let result = order.sorted(edits.shuffled(using: &random), suspicion: suspicion)
  #expect(Set(result.map(\.edit)) == Set(edits))
  #expect(result.allSatisfy { $0.score == order.score($0.edit, suspicion: suspicion) })
  for (first, second) in zip(result, result.dropFirst()) {
    #expect(
      first.score > second.score || first.score == second.score && first.edit.id < second.edit.id
    )
  }
}
