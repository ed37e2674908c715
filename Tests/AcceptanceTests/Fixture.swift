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
    }
    let path = Fixture.folder + "/programs/\(name)/program.json"
    guard let data = FileManager.default.contents(atPath: path),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else { return nil }
    (self.name, run, expect) = (name, file.run, file.expect)
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
