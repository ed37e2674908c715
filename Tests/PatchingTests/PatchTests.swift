import HealingModel
import Patching
import Testing

private func place(_ line: Int, _ column: Int) -> TextPosition {
  TextPosition(line: line, column: column)
}

private func edit(_ start: TextPosition, _ end: TextPosition, _ new: String) -> Edit {
  Edit(path: "a.py", range: TextRange(start: start, end: end), new: new, reason: "because")
}

@Test("edits take the file's line end and count columns in scalars")
func appliesInScalars() throws {
  let sources = Sources(["a.py": "é = 'x\u{301}y'\r\nb = 2\r\n"])
  let patch = Patch(edits: [
    edit(place(1, 8), place(1, 9), "z"), edit(place(2, 1), place(2, 1), "c = 1\n"),
  ])
  #expect(try patch.applied(to: sources)["a.py"] == "é = 'x\u{301}z'\r\nc = 1\r\nb = 2\r\n")
}

@Test("edits without a place or on one place are errors")
func refusesBadEdits() {
  let sources = Sources(["a.py": "a\nb\n"])
  #expect(throws: PatchError.self) {
    try Patch(edits: [edit(place(9, 1), place(9, 1), "x")]).applied(to: sources)
  }
  #expect(throws: PatchError.self) {
    try Patch(edits: [edit(place(1, 1), place(1, 9), "x")]).applied(to: sources)
  }
  #expect(throws: PatchError.overlap(path: "a.py", line: 1)) {
    try Patch(edits: [
      edit(place(1, 1), place(2, 1), "x"), edit(place(1, 1), place(1, 2), "y"),
    ]).applied(to: sources)
  }
}

@Test("the patch between any two texts turns one into the other", arguments: 0..<200)
func differenceRoundTrips(seed: UInt64) throws {
  var random = SeededGenerator(seed: seed)
  let before = Sources(["a.py": randomText(&random)])
  let after = Sources(["a.py": randomText(&random)])
  let patch = Patch(from: before, to: after) { _, _ in "because" }
  #expect(try patch.applied(to: before) == after)
}

private func randomText(_ random: inout SeededGenerator) -> String {
  let count = Int.random(in: 0..<12, using: &random)
  let body = (0..<count).map { _ in "line \(Int.random(in: 0..<5, using: &random))" }
  return body.joined(separator: "\n") + (Bool.random(using: &random) && count > 0 ? "\n" : "")
}

@Test("a unified diff names lines as patch reads them")
func unified() {
  let before = Sources(["a.py": "1\n2\n3\n4\n5\n6\n7\n8\n9"])
  let after = Sources(["a.py": "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"])
  #expect(
    unifiedDiff(from: before, to: after, context: 1) == """
      --- a/a.py
      +++ b/a.py
      @@ -4,3 +4,3 @@
       4
      -5
      +five
       6
      @@ -8,2 +8,2 @@
       8
      -9
      \\ No newline at end of file
      +9

      """
  )
}
