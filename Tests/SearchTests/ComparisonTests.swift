import HealingModel
import Search
import Testing

/// A comparison whose rows hold what each version answers: a number, `none`, `raises` or `endless`.
private func comparison(_ rows: [(input: String, answers: [String])]) -> Comparison {
  var result = Comparison()
  for row in rows {
    var known: [String] = []
    result.outcomes.append(
      row.answers.map { text in
        if !known.contains(text) { known.append(text) }
        return known.firstIndex(of: text) ?? 0
      }
    )
    result.answers.append(known.map(answer))
    result.inputs.append(Comparison.Input(text: row.input, size: row.input.count))
  }
  return result
}

private func answer(_ text: String) -> Comparison.Answer {
  switch text {
  case "none": Comparison.Answer(kind: .none, text: "None")
  case "raises": Comparison.Answer(kind: .raised, text: "raises IndexError")
  case "endless": Comparison.Answer(kind: .endless, text: "does not end")
  default: Comparison.Answer(kind: .value, text: text)
  }
}

@Test("the smallest input on which two versions differ is told with what each answers")
func smallestDifference() {
  let all = comparison([
    ("f([1, 2, 3])", ["1", "2", "3"]), ("f([1])", ["1", "1", "2"]), ("f([])", ["1", "1", "1"]),
    ("f([2])", ["1", "5", "6"]),
  ])
  #expect(all.difference(1, 2)?.input == "f([1])")
  #expect(all.difference(1, 2)?.answers == ["1", "2"])
  #expect(all.difference(2, 1)?.answers == ["2", "1"])
  #expect(all.difference(0, 1)?.input == "f([2])")
  #expect(all.difference(1, 1) == nil)
}

@Test("an input to which both have an answer is shown before a smaller one on which one fails")
func answeredDifference() {
  let all = comparison([
    ("f([])", ["1", "raises", "1"]), ("f([1, 2])", ["1", "2", "3"]),
    ("f([1])", ["1", "endless", "4"]),
  ])
  #expect(all.difference(1, 2)?.input == "f([1, 2])")
  let failing = comparison([
    ("f([1])", ["1", "raises", "2"]), ("f([])", ["1", "raises", "1"]),
  ])
  #expect(failing.difference(1, 2)?.input == "f([])")
}

@Test("versions that answer everything alike have one behaviour")
func behaviours() {
  let all = comparison([("f(1)", ["1", "2", "2", "1"]), ("f(2)", ["1", "2", "2", "2"])])
  #expect(all.behaviours() == [0, 1, 1, 2])
  #expect(Comparison().behaviours().isEmpty)
}

@Test("failing where a rival answers, and having nothing where it has a value, are failures")
func failures() {
  let all = comparison([
    ("f(1)", ["1", "raises", "1"]), ("f(2)", ["1", "none", "1"]), ("f(3)", ["1", "endless", "1"]),
    ("f(4)", ["1", "raises", "raises"]), ("f(5)", ["1", "none", "none"]),
    ("f(6)", ["1", "none", "raises"]),
  ])
  #expect(all.failures(of: 1) == 3)
  #expect(all.failures(of: 2) == 1)
}

@Test("where most behaviours fail, who answers gains nothing, unless the program answered before")
func failuresOfMost() {
  let all = comparison([
    ("f(1)", ["raises", "1", "endless", "raises", "endless"]), ("f(2)", ["1", "1", "2", "3", "3"]),
  ])
  #expect((1...4).map(all.failures) == [0, 0, 0, 0])
  let answered = comparison([
    ("f(1)", ["1", "1", "endless", "raises", "endless"]), ("f(2)", ["1", "1", "2", "3", "3"]),
  ])
  #expect((1...4).map(answered.failures) == [0, 1, 1, 1])
  // Versions that behave alike speak once.
  let alike = comparison([("f(1)", ["raises", "1", "raises", "raises", "raises"])])
  #expect((1...4).map(alike.failures) == [0, 1, 1, 1])
}

@Test("behaviours and failures do not depend on the order of the inputs", arguments: 0..<50)
func anyOrderOfInputs(seed: UInt64) {
  var random = SeededGenerator(seed: seed)
  let words = ["1", "2", "none", "raises", "endless"]
  let rows = (0..<12).map { number in
    (
      input: "f(\(number))",
      answers: (0..<4).map { _ in words.randomElement(using: &random) ?? "1" }
    )
  }
  let (all, other) = (comparison(rows), comparison(rows.shuffled(using: &random)))
  for version in 0..<4 { #expect(all.failures(of: version) == other.failures(of: version)) }
  #expect(all.behaviours() == other.behaviours())
  #expect(all.difference(1, 2) == other.difference(1, 2))
}

@Test("what fails on some input comes after what answers every one, whatever it promised")
func doubtfulLast() {
  func passed(_ id: Int, score: Double, depth: Int = 0) -> Trial {
    Trial(
      base: SearchBase(number: 0, depth: depth, progress: 0),
      edits: [
        SearchEdit(
          id: id,
          kind: "comparison",
          path: "a",
          range: TextRange(
            start: TextPosition(line: 1, column: 1),
            end: TextPosition(line: 1, column: 2)
          ),
          size: 1
        )
      ],
      score: score,
      evaluation: Evaluation(status: .passed, progress: 1)
    )
  }
  let trials = [passed(1, score: 0.9), passed(2, score: 0.1), passed(3, score: 0.5)]
  let failures = [1: 9, 3: 2]
  let order = ranked(trials) { failures[$0.ids[0]] ?? 0 }
  #expect(order.map(\.ids) == [[2], [3], [1]])
  let deep = passed(4, score: 1, depth: 1)
  #expect(ranked([deep] + trials) { failures[$0.ids[0]] ?? 0 }.last == deep)
}

@Test(
  "confidence follows from edits, from what they can hide, and from whether rivals differ",
  arguments: [
    (ClaimFacts(edits: 1), 5, Confidence.high),
    (ClaimFacts(edits: 2), 5, .medium),
    (ClaimFacts(edits: 1), 1, .medium),
    (ClaimFacts(edits: 1, suppresses: true, rivals: 3, behaviours: 1), 5, .high),
    (ClaimFacts(edits: 1, rivals: 3, behaviours: 2), 5, .medium),
    (ClaimFacts(edits: 1, suppresses: true, rivals: 3, behaviours: 2), 5, .low),
    (ClaimFacts(edits: 2, rivals: 3, behaviours: 2), 5, .low),
    (ClaimFacts(edits: 3), 5, .low),
    (ClaimFacts(edits: 1, rivals: 3), 5, .high),
    (ClaimFacts(edits: 1, rivals: 4), 5, .medium),
    (ClaimFacts(edits: 2, rivals: 1), 5, .medium),
  ]
)
func confidence(facts: ClaimFacts, tests: Int, expected: Confidence) {
  #expect(facts.confidence(tests: tests) == expected)
}
