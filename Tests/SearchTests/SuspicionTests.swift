import HealingModel
import Search
import Testing

@Test("a line that only failing tests run is certain, one that none runs is absent")
func ochiaiCounts() {
  let suspicion = ochiai(
    failing: [true, false, true],
    coverage: [["a.py": [1, 2]], ["a.py": [1, 3]], ["a.py": [1, 2]]]
  )
  #expect(suspicion["a.py"]?[2] == 1)
  #expect(suspicion["a.py"]?[3] == nil)
  #expect(abs((suspicion["a.py"]?[1] ?? 0) - 2 / (2.0 * 3).squareRoot()) < 1e-12)
}

@Test("without a failing test nothing is suspicious")
func nothingFails() {
  #expect(ochiai(failing: [false], coverage: [["a.py": [1]]]).isEmpty)
}

@Test("suspicion stays between 0 and 1 and grows with failing coverage", arguments: 0..<100)
func ochiaiLaws(seed: UInt64) {
  var random = SeededGenerator(seed: seed)
  let tests = Int.random(in: 1...8, using: &random)
  let failing = (0..<tests).map { _ in Bool.random(using: &random) }
  let coverage = (0..<tests).map { _ in
    ["a.py": (1...6).filter { _ in Bool.random(using: &random) }]
  }
  for value in ochiai(failing: failing, coverage: coverage)["a.py", default: [:]].values {
    #expect(value > 0 && value <= 1)
  }
}

@Test("the line of the exception becomes more suspicious than its callers")
func sharpening() {
  let frame = { (line: Int) in Frame(path: "a.py", line: line, function: "f") }
  let exception = ObservedException(type: "E", message: "", frames: [frame(1), frame(2)])
  let result = sharpened(["a.py": [1: 0.5, 2: 0.5, 3: 0.5]], by: [exception])
  #expect(result == ["a.py": [1: 0.625, 2: 0.75, 3: 0.5]])
}

@Test("coverage without tests, or without lines, makes nothing suspicious")
func noCoverage() {
  #expect(ochiai(failing: [], coverage: []).isEmpty)
  #expect(ochiai(failing: [true], coverage: [[:]]).isEmpty)
  #expect(ochiai(failing: [true, false], coverage: [["a.py": []], ["a.py": [1]]]).isEmpty)
}

@Test("sharpening leaves the certain alone and invents no place", arguments: 0..<200)
func sharpeningLaws(seed: UInt64) {
  var random = SeededGenerator(seed: seed)
  let before = [
    "a.py": Dictionary(
      uniqueKeysWithValues: (1...5).map { ($0, Double.random(in: 0...1, using: &random)) }
    )
  ]
  let exceptions = (0..<3).map { _ in
    let frames = (0..<3).map { _ in
      let path = Bool.random(using: &random) ? "a.py" : "library.py"
      return Frame(path: path, line: Int.random(in: 1...8, using: &random), function: "f")
    }
    return ObservedException(type: "E", message: "", frames: frames)
  }
  let after = sharpened(before, by: exceptions)
  #expect(after.keys == before.keys)
  let lines = after["a.py"] ?? [:]
  #expect(lines.keys.sorted() == Array(1...5))
  for (line, value) in lines {
    #expect(value >= before["a.py"]?[line] ?? 1 && value <= 1)
  }
  let places = Set(exceptions.flatMap(\.frames).map { "\($0.path) \($0.line)" })
  for (line, value) in lines where !places.contains("a.py \(line)") {
    #expect(value == before["a.py"]?[line])
  }
}
