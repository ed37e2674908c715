import Foundation
import Testing

@testable import heal

/// Suites as people have them: run from a folder of the project, with and without pytest.
@Suite("Suites")
struct SuiteTests {
  private static let broken = "def mean(values):\n    return sum(values) / (len(values) + 1)\n"

  private static let cases = """
    import unittest
    from calc import mean


    class Mean(unittest.TestCase):
        def test_three(self):
            self.assertEqual(mean([1, 2, 3]), 2)

        def test_two(self):
            \"\"\"Two of them.\"\"\"
            self.assertEqual(mean([2, 4]), 3)

    """

  private func project() throws -> Playground {
    let playground = try Playground()
    try playground.write("[project]\nname = 'x'\nversion = '0'\n", to: "pyproject.toml")
    try playground.write(Self.broken, to: "pkg/calc.py")
    try playground.write(Self.cases, to: "pkg/tests/test_calc.py")
    try playground.write("def test_other():\n    assert True\n", to: "other/test_other.py")
    return playground
  }

  @Test(
    "a project is healed from a folder of it",
    arguments: [["tests"], ["tests/test_calc.py::Mean::test_two"], [], [".."]]
  )
  func subfolder(targets: [String]) async throws {
    let playground = try project()
    let ended = try await playground.run(
      [Machine.tool, "test", "--apply", "--json", "--python", Machine.python] + targets,
      below: "pkg"
    )
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json()
    #expect(report["status"] == "healed")
    let tests = (report["verification"]?["oracle"]?["tests"]?.elements ?? []).compactMap(\.text)
    #expect(tests.contains("pkg/tests/test_calc.py::Mean::test_two"), "\(tests)")
    #expect(playground.text("pkg/calc.py") != Self.broken)
    let verified = try await playground.heal("verify", "last", "--json")
    #expect(verified.status == 0, "\(verified)")
  }

  @Test("a condition that stands nowhere in the program is synthesised")
  func synthesis() async throws {
    let playground = try Playground()
    let calls = [
      ("[5, 1, 3], 4", "[1, 3]"), ("[5, 1, 3], 9", "[1, 3, 5]"), ("[], 9", "[]"),
      ("[2, 2, 2], 5", "[2, 2]"), ("[7], 5", "[]"), ("[1, 2, 4, 8], 7", "[1, 2, 4]"),
    ]
    try playground.write(
      """
      def affordable(prices, budget):
          bought = []
          for price in sorted(prices):
              bought.append(price)
          return bought

      """,
      to: "shop.py"
    )
    let tests = calls.enumerated().map { number, call in
      "def test_\(number)():\n    assert affordable(\(call.0)) == \(call.1)\n"
    }
    try playground.write(
      "from shop import affordable\n\n" + tests.joined(separator: "\n"),
      to: "test_shop.py"
    )
    let ended = try await playground.run([
      Machine.tool, "test", "--apply", "--json", "--python", Machine.python,
      "--budget", "120", "--budget-evaluations", "4000", "test_shop.py",
    ])
    #expect(ended.status == 0, "\(ended)")
    let healed = playground.text("shop.py")
    #expect(healed.contains("sum(bought)"), "\(healed)")
  }

  @Test("an interpreter without pytest has unittest run the tests")
  func withoutPytest() async throws {
    let playground = try project()
    let environment = playground.root + "/bare"
    let made = try await playground.run(
      [Machine.python, "-m", "venv", "--without-pip", environment]
    )
    #expect(made.status == 0, "\(made)")
    try FileManager.default.removeItem(atPath: playground.folder + "/other")
    let ended = try await playground.run(
      [
        Machine.tool, "test", "--apply", "--json", "--python", environment + "/bin/python", "tests",
      ],
      below: "pkg"
    )
    #expect(ended.status == 0, "\(ended)")
    #expect(try ended.json()["status"] == "healed")
    try FileManager.default.removeItem(atPath: playground.folder + "/pkg/tests")
    try playground.write("def test_other():\n    assert True\n", to: "other/test_other.py")
    let none = try await playground.run(
      [Machine.tool, "test", "--json", "--python", environment + "/bin/python", "other"]
    )
    #expect(none.status == 3, "\(none)")
    #expect(try none.error().message.contains("pytest"))
  }

  @Test(
    "the number of jobs changes nothing, and what an earlier session found out is not tried again"
  )
  func jobs() async throws {
    let playground = try Playground()
    try playground.write(Self.broken, to: "calc.py")
    try playground.write(
      Self.cases + "    def test_odd(self):\n        self.assertEqual(mean([1, 1]), 8)\n",
      to: "test_calc.py"
    )
    let first = try await unhealed(playground, jobs: "1")
    for jobs in ["2", "3"] {
      try FileManager.default.removeItem(atPath: playground.root + "/state/verdicts")
      #expect(try await unhealed(playground, jobs: jobs) == first)
    }
    var again = try await unhealed(playground, jobs: "1")
    guard case .integer(let tried)? = again.removeValue(forKey: "candidates"),
      case .integer(let all)? = first["candidates"]
    else {
      Issue.record("no candidates were counted")
      return
    }
    #expect(tried < all / 2)
    #expect(again == first.filter { $0.key != "candidates" })
  }

  /// What a report says of a program that cannot be healed, its time left out.
  private func unhealed(_ playground: Playground, jobs: String) async throws -> [String: JSON] {
    let ended = try await playground.heal(
      "test",
      "--json",
      "--budget",
      "120",
      "--budget-evaluations",
      "5000",
      "--jobs",
      jobs,
      "--python",
      Machine.python,
      "test_calc.py"
    )
    #expect(ended.status == 1, "\(ended)")
    let report = try ended.json()
    let keys = ["status", "attempts", "candidates", "patch", "alternatives", "notes", "findings"]
    return Dictionary(uniqueKeysWithValues: keys.map { ($0, report[$0] ?? .null) })
  }
}
