import Foundation
import Testing

@testable import heal

/// The numbers that scripts depend on; the tests beside this one have those of bad input.
@Suite("Exit statuses")
struct ExitStatusTests {
  private static let broken = "word = 'a'\nprint(wrod)\n"

  private func playground(_ text: String = broken) throws -> Playground {
    let playground = try Playground()
    try playground.write(text, to: "f.py")
    return playground
  }

  @Test("0: healthy")
  func healthy() async throws {
    let ended = try await playground("print('a')\n").heal("run", "--json", "--expect", "a", "f.py")
    #expect(ended.status == 0, "\(ended)")
    #expect(try ended.json()["status"] == "healthy")
    #expect(try ended.json()["error"] == .null)
  }

  @Test("a program gets its arguments once")
  func arguments() async throws {
    let text = "import sys\nprint(len(sys.argv), *sys.argv[1:])\n"
    let ended = try await playground(text).heal("run", "--expect", "3 -a b", "f.py", "-a", "b")
    #expect(ended.status == 0, "\(ended)")
    #expect(ended.out.hasPrefix("healthy"), "\(ended)")
  }

  @Test("5: a repair exists and was not written; 0: healed and written")
  func healed() async throws {
    let playground = try playground()
    let found = try await playground.heal("run", "--json", "--expect", "a", "f.py")
    #expect(found.status == 5, "\(found)")
    #expect(try found.json()["status"] == "healed")
    #expect(try found.json()["applied"] == false)
    #expect(playground.text("f.py") == Self.broken)
    let written = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(written.status == 0, "\(written)")
    #expect(try written.json()["applied"] == true)
    #expect(playground.text("f.py") == "word = 'a'\nprint(word)\n")
  }

  @Test("1: not healed")
  func unhealed() async throws {
    let playground = try playground("print('a')\n")
    let ended = try await playground.heal(
      "run",
      "--json",
      "--budget",
      "6",
      "--expect",
      "the quick brown fox",
      "f.py"
    )
    #expect(ended.status == 1, "\(ended)")
    #expect(try ended.json()["status"] == "unhealed")
  }

  @Test("1: diagnose found something; 0: it found nothing")
  func diagnosed() async throws {
    let playground = try playground()
    let found = try await playground.heal("diagnose", "--format", "json", "f.py")
    #expect(found.status == 1, "\(found)")
    #expect(try found.json("diagnose")["findings"]?.elements?.isEmpty == false)
    try playground.write("word = 'a'\nprint(word)\n", to: "f.py")
    let nothing = try await playground.heal("diagnose", "--format", "json", "f.py")
    #expect(nothing.status == 0, "\(nothing)")
  }

  @Test(
    "2: a command line that makes no sense",
    arguments: [
      ["run", "--json", "--bogus", "f.py"], ["run", "--json", "--budget", "soon", "f.py"],
      ["run", "--json", "--budget", "0", "f.py"], ["run", "--json"],
      ["run", "--json", "--expect", "a", "--expect-file", "f.py", "f.py"],
      ["run", "--json", "--expect-file", "nothing", "f.py"],
      ["run", "--json", "--cases", "nothing", "f.py"], ["run", "--json", "--root", "f.py", "f.py"],
      ["run", "--json", "--jobs", "0", "f.py"], ["test", "--json", "nothing"],
    ]
  )
  func usage(arguments: [String]) async throws {
    let playground = try playground()
    let ended = try await playground.run([Machine.tool] + arguments)
    #expect(ended.status == 2, "\(ended)")
    let error = try ended.error()
    #expect(error.kind == "usage")
    #expect(!error.message.isEmpty)
    #expect(!ended.err.isEmpty)
    #expect(playground.text("f.py") == Self.broken)
  }

  @Test("2: a name of no session", arguments: ["show", "apply", "undo", "verify"])
  func session(command: String) async throws {
    let playground = try playground()
    for name in ["last", "ffffffffffff", "nonsense"] {
      let ended = try await playground.heal(command, name)
      #expect(ended.status == 2, "\(ended)")
      #expect(ended.err.hasPrefix("heal: "), "\(ended)")
    }
  }

  @Test("2: no tests were collected")
  func noTests() async throws {
    let playground = try playground("print('a')\n")
    try playground.write("def helper():\n    return 1\n", to: "tests/test_nothing.py")
    let ended = try await playground.heal("test", "--json", "tests")
    #expect(ended.status == 2, "\(ended)")
    #expect(try ended.error().message.contains("no tests"))
  }

  @Test("3: a package that is not installed")
  func missingPackage() async throws {
    let playground = try playground("import requests_of_nobody\nprint('a')\n")
    let before = playground.snapshot()
    let ended = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(ended.status == 3, "\(ended)")
    #expect(try ended.error().message.contains("requests_of_nobody"))
    #expect(playground.snapshot() == before)
  }
}
