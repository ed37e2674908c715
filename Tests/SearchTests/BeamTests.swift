import HealingModel
import Search
import Testing

private func edit(_ id: Int, kind: String = "constant", twinOf: Int? = nil) -> SearchEdit {
  let start = TextPosition(line: 1, column: 1)
  return SearchEdit(
    id: id,
    kind: kind,
    path: "a",
    range: TextRange(start: start, end: start),
    size: 1,
    twinOf: twinOf
  )
}

private func trial(
  _ id: Int,
  _ status: Evaluation.Status = .partial,
  passing: [Int] = [0],
  regressed: [Int] = [],
  score: Double = 0.5,
  depth: Int = 0
) -> Trial {
  Trial(
    base: SearchBase(number: depth, depth: depth, progress: 0),
    edits: [edit(id)],
    score: score,
    evaluation: Evaluation(
      status: status,
      progress: status == .failed ? 0 : passing.count - regressed.count,
      passing: passing,
      regressed: regressed
    )
  )
}

@Test("a beam holds partial successes alone, as many as it is wide")
func beamWidth() {
  let all = [
    trial(0, .passed), trial(1, .failed), trial(2, .invalid), trial(3, .exhausted),
    trial(4, .duplicate), trial(5, .impure), trial(6, .died), trial(7), trial(8, passing: [1]),
    trial(9, passing: [2]),
  ]
  #expect(beam(all, width: 9).map(\.ids) == [[7], [8], [9]])
  #expect(beam(all, width: 2).map(\.ids) == [[7], [8]])
  #expect(beam(all, width: 0).isEmpty)
}

@Test("what passes more and breaks less comes first, then what was more promising")
func beamOrder() {
  let all = [
    trial(0, passing: [0], score: 0.9), trial(1, passing: [0, 1], score: 0.1),
    trial(2, passing: [1, 2], regressed: [3, 4], score: 0.9), trial(3, passing: [4], score: 1),
  ]
  #expect(beam(all, width: 4).map(\.ids) == [[1], [3], [0], [2]])
}

@Test("of trials that behave alike the three most promising stay")
func beamVariety() {
  let same = (0..<5).map { trial($0, passing: [0, 1], score: Double($0)) }
  #expect(beam(same + [trial(9, passing: [2])], width: 5).map(\.ids) == [[4], [3], [2], [9]])
}

@Test("the likeliest repair has few edits, then the more promising ones")
func ranking() {
  let all = [
    trial(0, .passed, score: 0.9, depth: 1), trial(1, .passed, score: 0.2),
    trial(2, .partial, score: 1), trial(3, .passed, score: 0.4),
  ]
  #expect(ranked(all).map(\.ids) == [[3], [1], [0]])
}

@Test("a trial is as deep as its base and its own edits")
func depth() {
  var deep = trial(1, depth: 2)
  #expect(deep.depth == 3)
  deep.edits = [edit(1), edit(2)]
  #expect(deep.depth == 4)
}

@Test("beams and ranks do not depend on the order of the trials", arguments: 0..<200)
func anyOrder(seed: UInt64) {
  var random = SeededGenerator(seed: seed)
  let all = (0..<12).map { id in
    trial(
      id,
      Bool.random(using: &random) ? .passed : .partial,
      passing: (0..<3).filter { _ in Bool.random(using: &random) },
      regressed: Bool.random(using: &random) ? [] : [7],
      score: Double(Int.random(in: 0..<3, using: &random)) / 2,
      depth: Int.random(in: 0..<3, using: &random)
    )
  }
  let shuffled = all.shuffled(using: &random)
  let width = Int.random(in: 0..<6, using: &random)
  #expect(beam(shuffled, width: width) == beam(all, width: width))
  #expect(ranked(shuffled) == ranked(all))
  #expect(beam(all, width: width).count <= width)
  #expect(Set(ranked(all)) == Set(all.filter { $0.evaluation.status == .passed }))
}

@Test("a failing trial that comes closer than its base is progress, the closest first")
func comingCloser() {
  func near(_ id: Int, _ progress: Int) -> Trial {
    Trial(
      base: SearchBase(number: 0, depth: 0, progress: 500),
      edits: [edit(id)],
      score: 1,
      evaluation: Evaluation(status: .failed, progress: progress)
    )
  }
  let trials = [near(0, 400), near(1, 500), near(2, 600), near(3, 900)]
  #expect(beam(trials, width: 8).map(\.ids) == [[3], [2]])
}

@Test("what can hide a failure comes after what mends; a repair gives way to its twin")
func suppressingLast() {
  func passed(_ edit: SearchEdit, _ score: Double) -> Trial {
    Trial(
      base: SearchBase(number: 0, depth: 0, progress: 0),
      edits: [edit],
      score: score,
      evaluation: Evaluation(status: .passed, progress: 1)
    )
  }
  let mend = passed(edit(1, kind: "comparison"), 0.1)
  let hide = passed(edit(2, kind: "statement.insertGuard"), 0.9)
  let twin = passed(edit(3, kind: "coupled.twin", twinOf: 1), 0.01)
  #expect(ranked([hide, mend]).map(\.ids) == [[1], [2]])
  #expect(ranked([hide, mend, twin]).map(\.ids) == [[3], [1], [2]])
}

@Test("of a repair of several edits, each says why it is there")
func explainedByPlace() {
  func range(_ line: Int) -> TextRange {
    TextRange(
      start: TextPosition(line: line, column: 1),
      end: TextPosition(line: line, column: 9)
    )
  }
  var (first, second) = (edit(1), edit(2))
  (first.range, second.range) = (range(3), range(8))
  let all = Trial(
    base: SearchBase(number: 0, depth: 0, progress: 0),
    edits: [first, second],
    score: 1,
    evaluation: Evaluation(status: .passed, progress: 1)
  )
  let rendering = Rendering(
    edits: [3, 8, 1].map { Edit(path: "a", range: range($0), new: "x", reason: "both") },
    sentences: ["use `+`", "use `>=`"]
  )
  #expect(
    all.explained(rendering).edits.map(\.reason) == ["use `+`", "use `>=`", "use `+`; use `>=`"]
  )
}
