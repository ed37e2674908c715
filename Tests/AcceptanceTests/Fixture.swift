import Foundation
import Testing

@testable import heal

/// One variant of a program in `Fixtures/programs`.
struct Fixture: Sendable, CustomTestStringConvertible {
  /// Its scenario and variant, such as `simple/renamed`.
  var name: String
  /// The file and its arguments.
  var run: [String]
  /// What it prints when it has no bugs.
  var expect: String
  /// What is wrong with its broken form.
  var bugs: [Bug]

  /// One bug of a fixture.
  struct Bug: Decodable {
    var category: String
    var description: String
    var line: Int
  }

  var testDescription: String { name }

  private var folder: String { Fixture.folder + "/programs/" + name }

  private static let folder = projectFolder + "/Fixtures"

  /// Where a hostile program lies.
  static func hostile(_ name: String) -> String { "\(folder)/hostile/\(name).py" }

  /// All variants of the scenarios.
  static func variants(of scenarios: String...) -> [Fixture] {
    scenarios.flatMap { scenario in
      ["original", "renamed", "reordered"].compactMap { Fixture(scenario + "/" + $0) }
    }
  }

  init?(_ name: String) {
    struct File: Decodable {
      var run: [String]
      var expect: String
      var bugs: [Bug]
    }
    let path = Fixture.folder + "/programs/\(name)/program.json"
    guard let data = FileManager.default.contents(atPath: path),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else { return nil }
    (self.name, run, expect, bugs) = (name, file.run, file.expect, file.bugs)
  }

  /// A playground with the broken or the healed form, the expected output beside it.
  func playground(_ form: String) throws -> Playground {
    let playground = try Playground()
    for file in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(form)") {
      try playground.copy("\(folder)/\(form)/\(file)", to: file)
    }
    try playground.write(expect, to: playground.root + "/expected")
    return playground
  }

  /// The bugs apart from those of concurrency that a repair of the broken form still has: a line
  /// of it reads as in the broken form, and no line of the healed form does.
  func deterministicBugs(in text: String) throws -> [String] {
    let healed = try String(contentsOfFile: "\(folder)/healed/\(run[0])", encoding: .utf8)
    let wrong = try String(contentsOfFile: "\(folder)/broken/\(run[0])", encoding: .utf8)
    let (right, before) = (Set(trimmedLines(healed)), trimmedLines(wrong))
    let lines = Set(trimmedLines(text))
    // Repairs of the threads move lines, so that a bug is known by its line's text.
    return bugs.filter { bug in
      bug.category != "concurrency" && before.indices.contains(bug.line - 1)
        && lines.subtracting(right).contains(before[bug.line - 1])
    }.map(\.description)
  }

  private func trimmedLines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  /// The command line that heals it.
  func command(in playground: Playground, _ options: String...) -> [String] {
    [Machine.tool, "run", "--json", "--no-model", "--expect-file", playground.root + "/expected"]
      + options + run
  }

  /// What running the program prints now, outside of any sandbox.
  func output(in playground: Playground) async throws -> String {
    let ended = try await playground.run([Machine.python, "-B"] + run)
    #expect(ended.status == 0, "\(ended)")
    return ended.out
  }
}
