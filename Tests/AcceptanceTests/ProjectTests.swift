import Foundation
import Testing

@testable import heal

/// A project of many files with bugs put into it, as `Benchmarks/project.py` does with all of them.
@Suite("Projects")
struct ProjectTests {
  /// One bug of `bugs.json`.
  private struct Bug: Decodable {
    var name: String
    var path: String
    var old: String
    var new: String
  }

  private static let folder = projectFolder + "/Fixtures/projects/stockroom"

  @Test(
    "a project with one bug or two is healed, and nothing else is changed",
    arguments: [["bulky"], ["minimum", "tier"]]
  )
  func healed(names: [String]) async throws {
    let playground = try Playground()
    for part in ["pyproject.toml", "src", "tests"] {
      try playground.copy(Self.folder + "/" + part, to: part)
    }
    let list = try #require(FileManager.default.contents(atPath: Self.folder + "/bugs.json"))
    let bugs = try JSONDecoder().decode([Bug].self, from: list).filter { names.contains($0.name) }
    for bug in bugs {
      let text = playground.text(bug.path)
      #expect(text.components(separatedBy: bug.old).count == 2)
      try playground.write(text.replacing(bug.old, with: bug.new), to: bug.path)
    }
    let before = playground.snapshot()
    let ended = try await playground.heal(
      "test",
      "--apply",
      "--json",
      "--no-model",
      "--budget",
      "300",
      "--python",
      Machine.python
    )
    #expect(ended.status == 0, "\(ended)")
    #expect(try ended.json()["status"] == "healed")
    let after = playground.snapshot()
    let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    #expect(changed == Set(bugs.map(\.path)))
    #expect(await playground.leftovers() == [])
  }
}
