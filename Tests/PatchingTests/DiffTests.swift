import HealingModel
import Patching
import Testing

@Test("a unified diff turns the old text into the new one", arguments: 0..<200)
func diffApplies(seed: UInt64) throws {
  var random = SeededGenerator(seed: seed)
  let before = randomLines(&random)
  let after = Bool.random(using: &random) ? mutated(before, &random) : randomLines(&random)
  let context = Int.random(in: 0...4, using: &random)
  let diff = unifiedDiff(
    from: Sources(["d/a.py": before.joined(), "same": "1\n"]),
    to: Sources(["d/a.py": after.joined(), "same": "1\n"]),
    context: context
  )
  #expect(diff.isEmpty == (before == after))
  guard !diff.isEmpty else { return }
  var rows = lines(of: diff)
  #expect(rows.prefix(2) == ["--- a/d/a.py\n", "+++ b/d/a.py\n"])
  rows.removeFirst(2)
  #expect(try applied(rows, to: before) == after)
  // Each side of the diff is whole, so that it can be taken back.
  #expect(try applied(rows.map(reversed), to: after) == before)
}

@Test("a diff shows no more context than asked for, and joins what touches")
func context() {
  let before = Sources(["a": (1...20).map { "\($0)\n" }.joined()])
  let after = Sources(["a": (1...20).map { [5, 9, 18].contains($0) ? "x\n" : "\($0)\n" }.joined()])
  let heads = lines(of: unifiedDiff(from: before, to: after)).filter { $0.hasPrefix("@@") }
  #expect(heads == ["@@ -2,11 +2,11 @@\n", "@@ -15,6 +15,6 @@\n"])
}

@Test("an empty file's diff counts from line 0")
func emptyFile() {
  let (empty, full) = (Sources(["a": ""]), Sources(["a": "1\n"]))
  #expect(unifiedDiff(from: empty, to: full) == "--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+1\n")
  #expect(unifiedDiff(from: full, to: empty) == "--- a/a\n+++ b/a\n@@ -1 +0,0 @@\n-1\n")
}

@Test("hunks are what differs, in order, and between them the texts are equal", arguments: 0..<200)
func hunkLaws(seed: UInt64) {
  var random = SeededGenerator(seed: seed)
  let (old, new) = (randomLines(&random), randomLines(&random))
  var (left, right) = (0, 0)
  for hunk in hunks(from: old, to: new) {
    #expect(!hunk.old.isEmpty || !hunk.new.isEmpty)
    #expect(old[left..<hunk.old.lowerBound] == new[right..<hunk.new.lowerBound])
    #expect(left == 0 || hunk.old.lowerBound > left || right == 0)
    (left, right) = (hunk.old.upperBound, hunk.new.upperBound)
  }
  #expect(old[left...] == new[right...])
}

@Test("lines joined are the text, whatever ends them", arguments: 0..<200)
func lineLaws(seed: UInt64) {
  var random = SeededGenerator(seed: seed)
  let parts = ["a", "é", "\u{301}", "\n", "\r\n", "\r", " ", "\u{2028}"]
  let count = Int.random(in: 0..<20, using: &random)
  let text = (0..<count).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
  let split = lines(of: text)
  #expect(split.joined().unicodeScalars.elementsEqual(text.unicodeScalars))
  for line in split {
    let body = withoutLineEnd(line).unicodeScalars
    #expect(!body.contains("\n") && !body.contains("\r"))
  }
  for line in split.dropLast() { #expect(line != withoutLineEnd(line)) }
}

@Test(
  "the line end of a file is that of most of its lines",
  arguments: [
    ("", "\n"), ("a", "\n"), ("a\r\nb\n", "\n"), ("a\r\nb\nc\n", "\n"), ("a\rb\r", "\r"),
    ("a\r\nb\r", "\r\n"), ("a\rb\rc\n", "\r"),
  ]
)
func dominant(text: String, end: String) {
  #expect(dominantLineEnd(of: text).unicodeScalars.elementsEqual(end.unicodeScalars))
}

@Test("edits do not depend on the order in which they are given", arguments: 0..<200)
func anyOrder(seed: UInt64) throws {
  var random = SeededGenerator(seed: seed)
  let text = randomLines(&random).joined()
  let sources = Sources(["a": text])
  let other = Sources(["a": mutated(lines(of: text), &random).joined()])
  let edits = Patch(from: sources, to: other) { _, _ in "because" }.edits
  #expect(try Patch(edits: edits.shuffled(using: &random)).applied(to: sources) == other)
}

@Test(
  "a patch of a file that is not there, and one of two files of which one fails, change nothing"
)
func allOrNothing() {
  let place = TextRange(
    start: TextPosition(line: 1, column: 1),
    end: TextPosition(line: 1, column: 2)
  )
  let good = Edit(path: "a", range: place, new: "x", reason: "because")
  let bad = Edit(path: "b", range: place, new: "x", reason: "because")
  #expect(throws: PatchError.noSuchFile(path: "b")) {
    try Patch(edits: [good, bad]).applied(to: Sources(["a": "1\n"]))
  }
  #expect(throws: PatchError.outOfRange(path: "b", range: place)) {
    try Patch(edits: [good, bad]).applied(to: Sources(["a": "1\n", "b": ""]))
  }
}

@Test(
  "positions outside the text are errors",
  arguments: [(0, 1), (1, 0), (1, 4), (2, 4), (4, 1), (3, 2)]
)
func outside(line: Int, column: Int) {
  let place = TextPosition(line: line, column: column)
  let edit = Edit(
    path: "a",
    range: TextRange(start: place, end: place),
    new: "x",
    reason: "because"
  )
  #expect(throws: PatchError.self) {
    try Patch(edits: [edit]).applied(to: Sources(["a": "a\nb\n"]))
  }
}

// MARK: A reader of diffs

/// Why a diff does not apply.
private struct DoesNotApply: Error {}

/// Applies the sections of a diff as `patch` does, exactly at the lines that they name.
private func applied(_ rows: [String], to old: [String]) throws -> [String] {
  var result: [String] = []
  var position = 0
  var index = 0
  while index < rows.count {
    let numbers = rows[index].split { !$0.isNumber }.compactMap { Int($0) }
    let (start, count) = try span(rows[index], numbers)
    let first = count == 0 ? start : start - 1
    guard first >= position, first <= old.count else { throw DoesNotApply() }
    result += old[position..<first]
    position = first
    index += 1
    while index < rows.count, !rows[index].hasPrefix("@@") {
      var line = String(rows[index].unicodeScalars.dropFirst())
      let mark = rows[index].unicodeScalars.first
      if index + 1 < rows.count, rows[index + 1].hasPrefix("\\") {
        line = withoutNewline(line)
        index += 1
      }
      index += 1
      if mark != "+" {
        guard position < old.count, old[position] == line else { throw DoesNotApply() }
        position += 1
      }
      if mark != "-" { result.append(line) }
    }
    guard position == first + count else { throw DoesNotApply() }
  }
  return result + old[position...]
}

/// The first line and the number of lines on the old side of a section.
private func span(_ head: String, _ numbers: [Int]) throws -> (Int, Int) {
  guard head.hasPrefix("@@ -"), let start = numbers.first else { throw DoesNotApply() }
  let old = head.split(separator: " ")[1]
  return (start, old.contains(",") ? numbers[1] : 1)
}

private func withoutNewline(_ line: String) -> String {
  line.unicodeScalars.last == "\n" ? String(line.unicodeScalars.dropLast()) : line
}

/// A row of the diff that takes the change back.
private func reversed(_ row: String) -> String {
  if row.hasPrefix("@@") {
    let parts = row.split(separator: " ")
    return "@@ -\(parts[2].dropFirst()) +\(parts[1].dropFirst()) @@\n"
  }
  let rest = String(row.unicodeScalars.dropFirst())
  return row.hasPrefix("-") ? "+" + rest : row.hasPrefix("+") ? "-" + rest : row
}

private func randomLines(_ random: inout SeededGenerator) -> [String] {
  let count = Int.random(in: 0..<14, using: &random)
  var result = (0..<count).map { _ in "line \(Int.random(in: 0..<4, using: &random))\n" }
  if let last = result.last, Bool.random(using: &random) {
    result[count - 1] = withoutLineEnd(last)
  }
  return result
}

/// A few lines removed or changed.
private func mutated(_ lines: [String], _ random: inout SeededGenerator) -> [String] {
  lines.flatMap { line -> [String] in
    switch Int.random(in: 0..<8, using: &random) {
    case 0: []
    case 1: ["new\n", line]
    case 2: ["other" + (line == withoutLineEnd(line) ? "" : "\n")]
    default: [line]
    }
  }
}
