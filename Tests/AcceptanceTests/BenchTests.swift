import Foundation
import Testing

@testable import heal

/// `heal bench` and `heal export` with nothing faked.
@Suite("Measurements")
struct BenchTests {
  private func line(_ id: String, _ program: String, tests: String, heldOut: String) throws
    -> String
  {
    let item = BenchItem(
      id: id,
      files: ["calc.py": program],
      tests: ["test_calc.py": "from calc import total\n\n" + tests],
      heldOut: ["test_held.py": "from calc import total\n\n" + heldOut]
    )
    return String(decoding: try JSONEncoder().encode(item), as: UTF8.self) + "\n"
  }

  private struct BenchItem: Encodable {
    var id: String
    var kind = "small"
    var files: [String: String]
    var tests: [String: String]
    var heldOut: [String: String]

    enum CodingKeys: String, CodingKey {
      case id, kind, files, tests
      case heldOut = "held_out"
    }
  }

  @Test("programs are healed, and judged by tests that were never there")
  func measures() async throws {
    let playground = try Playground()
    let escape = playground.root + "/escaped"
    let broken = "def total(values):\n    return sum(values) - 1\n"
    let visible = """
      import os

      def test_some():
          assert not os.path.exists("test_held.py")
          assert total([1, 2]) == 3

      """
    let held = """
      def test_more():
          try:
              open(\(String(reflecting: escape)), "w").close()
          except OSError:
              pass
          assert total([4, 5]) == 9

      """
    let set =
      try line("broken", broken, tests: visible, heldOut: held)
      + line("well", broken.replacing(" - 1", with: ""), tests: visible, heldOut: held)
    try playground.write(set, to: "small.jsonl")
    let options = ["small.jsonl", "--budget", "20", "--json", "--out", "rows"]
    let ended = try await playground.run(
      [Machine.tool, "bench", "--python", Machine.python] + options
    )
    #expect(ended.status == 0, "\(ended)")
    let result = try #require(try ended.json("bench")["configurations"]?.elements?.first)
    #expect(result["correct"] == 1, "\(ended)")
    #expect(result["skipped"] == 1)
    #expect(FileKind(of: escape) == .missing, "judging runs are confined")
    #expect(await playground.leftovers() == [])
    #expect(FileKind(of: playground.database) == .missing, "each program has a state of its own")
    let again = try await playground.run(
      [Machine.tool, "bench", "--python", Machine.python, "--resume"] + options
    )
    #expect(again.status == 0)
    #expect(again.err.isEmpty, "nothing is measured twice")
  }

  @Test("a verified repair is exported when the user says so, with what the session stored")
  func exports() async throws {
    let playground = try Playground()
    let broken = "def total(values):\n    return sum(values) - 1\n"
    try playground.write(broken, to: "calc.py")
    try playground.write(
      "from calc import total\n\n\ndef test_some():\n    assert total([1, 2]) == 3\n",
      to: "test_calc.py"
    )
    let healed = try await playground.run(
      [Machine.tool, "test", "--apply", "--json", "--python", Machine.python]
    )
    #expect(healed.status == 0, "\(healed)")
    let refused = try await playground.heal("export")
    #expect(refused.status == 2 && refused.out.isEmpty, "\(refused)")
    let exported = try await playground.heal("export", "--yes")
    #expect(exported.status == 0, "\(exported)")
    let messages = try #require(try JSON.parse(exported.out.utf8).get()["messages"]?.elements)
    let texts = messages.compactMap { $0["content"]?.text }
    try #require(texts.count == 3)
    #expect(texts[1].contains("sum(values) - 1") && texts[1].contains("test_calc.py::test_some"))
    #expect(texts[2] == "```python\n\(playground.text("calc.py"))```")
  }
}
