import Foundation
import Testing

@testable import heal

/// Repairs that all pass, where the tests leave a choice.
@Suite("Rivals")
struct RivalTests {
  private static let broken = "def total(price, tax):\n    return price - tax\n"

  private static let cases = """
    import unittest
    from calc import total


    class Total(unittest.TestCase):
        def test_some(self):
            self.assertEqual(total(2, 2), 4)

        def test_none(self):
            self.assertEqual(total(0, 0), 0)

    """

  /// The program with the lines that a patch adds in the place of those that it takes away.
  private func patched(_ diff: String) -> String {
    let lines = diff.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(3)
    return lines.filter { !$0.hasPrefix("-") }.map { $0.dropFirst() + "\n" }.joined()
  }

  /// What a call answers in a program of this text.
  private func answer(of text: String, to call: String) async throws -> String {
    let playground = try Playground()
    try playground.write(text, to: "calc.py")
    let script = "from calc import *\nprint(repr(\(call)))\n"
    try playground.write(script, to: "ask.py")
    let ended = try await playground.run([Machine.python, "-B", "ask.py"])
    #expect(ended.status == 0, "\(ended)")
    return ended.out.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test(
    "where repairs differ, an input is shown on which they do, with what each answers"
  )
  func distinguished() async throws {
    let playground = try Playground()
    try playground.write(Self.broken, to: "calc.py")
    try playground.write(Self.cases, to: "test_calc.py")
    let ended = try await playground.run([
      Machine.tool, "test", "--json", "--no-model", "--budget", "120", "--budget-evaluations",
      "3000", "--python", Machine.python, "test_calc.py",
    ])
    #expect(ended.status == 5, "\(ended)")
    let report = try ended.json()
    let chosen = patched(try #require(report["patch"]?.text))
    var told = 0
    for alternative in report["alternatives"]?.elements ?? [] {
      guard let input = alternative["distinguishingInput"]?.text else { continue }
      told += 1
      let other = patched(try #require(alternative["patch"]?.text))
      let answers = (alternative["answers"]?.elements ?? []).compactMap(\.text)
      #expect(
        answers == [
          try await answer(of: chosen, to: input), try await answer(of: other, to: input),
        ]
      )
      #expect(Set(answers).count == 2)
    }
    #expect(told > 0, "\(ended)")
    #expect(report["confidence"] == "medium", "what repairs differ on is not for sure")
    let shown = try await playground.heal("show", "last")
    #expect(shown.out.contains("they differ at total("), "\(shown)")
  }
}
