import Foundation
import Testing

@testable import heal

/// What one session learns and the next one makes of it.
@Suite("Bank")
struct BankTests {
  private func heal(
    _ name: String,
    _ program: String,
    _ checks: [String],
    in playground: Playground
  ) async throws -> JSON {
    try playground.write(program, to: "\(name).py")
    let cases = checks.enumerated().map { number, check in
      "    def test_\(number)(self):\n        self.assertEqual(\(check))\n"
    }
    try playground.write(
      "import unittest\nfrom \(name) import *\n\n\nclass Checks(unittest.TestCase):\n"
        + cases.joined(separator: "\n"),
      to: "test_\(name).py"
    )
    let ended = try await playground.run([
      Machine.tool, "test", "--json", "--apply", "--no-model", "--budget", "120",
      "--budget-evaluations", "3000", "--python", Machine.python, "test_\(name).py",
    ])
    #expect(ended.status == 0, "\(ended)")
    return try ended.json()
  }

  @Test("what the search found once is tried first in the next program, under its own tests")
  func learns() async throws {
    let playground = try Playground()
    let first = try await heal(
      "bill",
      "def bill(price, tax):\n    due = price - tax\n    return due\n",
      ["bill(10, 2), 12", "bill(1, 1), 2"],
      in: playground
    )
    guard case .integer(let searched)? = first["candidates"] else { return }
    #expect(searched > 1)
    let second = try await heal(
      "parcel",
      "class Parcel:\n    def weigh(self, box, paper):\n"
        + "        whole = box - paper\n        return whole\n",
      ["Parcel().weigh(3, 4), 7", "Parcel().weigh(1, 2), 3"],
      in: playground
    )
    let listed = try await playground.heal("bank", "list", "--json").json("bank")
    let repair = try #require(listed["repairs"]?.elements?.first)
    #expect(repair["verified"] == 2 && repair["trusted"] == true)
    #expect(repair["origins"]?.elements?.map { $0["source"] } == ["search", "bank"])
    let id = try #require(repair["id"]?.text)
    #expect(second["patch"]?.text?.contains("+        whole = box + paper") == true, "\(second)")
    #expect(second["edits"]?.elements?.first?["reason"]?.text?.contains(id) == true)
    #expect(second["candidates"] == 1)
  }
}
