import Foundation
import Testing

@testable import heal

/// Files that are no good program: one test for each line of the table in ARCHITECTURE.md.
@Suite("Bad input: files")
struct BadFileTests {
  private static let broken = "word = 'a'\nprint(wrod)\n"

  /// Runs `heal run --apply` on a name and checks that nothing in the folder changed.
  private func refusal(
    of name: String,
    in playground: Playground,
    status: Int32 = 2
  ) async throws -> (kind: String, message: String) {
    let before = playground.snapshot()
    let ended = try await playground.heal("run", "--apply", "--json", "--expect", "a", name)
    #expect(ended.status == status, "\(ended)")
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers() == [])
    return try ended.error()
  }

  // MARK: No program at all

  @Test("a file that is missing")
  func missing() async throws {
    let error = try await refusal(of: "nothing.py", in: try Playground())
    #expect(error.kind == "usage")
    #expect(error.message.contains("there is no file") && error.message.contains("nothing.py"))
  }

  @Test("a folder in place of a file")
  func folder() async throws {
    let playground = try Playground()
    try playground.write(Self.broken, to: "package/f.py")
    let error = try await refusal(of: "package", in: playground)
    #expect(error.kind == "usage")
    #expect(error.message.contains("is a folder"))
  }

  @Test("a link that leads back to itself")
  func loop() async throws {
    let playground = try Playground()
    for (name, target) in [("a.py", "b.py"), ("b.py", "a.py")] {
      #expect(symlink(target, playground.folder + "/" + name) == 0)
    }
    let error = try await refusal(of: "a.py", in: playground)
    #expect(error.kind == "usage")
    #expect(error.message.contains("leads back to itself"))
  }

  @Test("a folder that holds a way back to itself does not hinder")
  func folderLoop() async throws {
    let playground = try Playground()
    try playground.write(Self.broken, to: "f.py")
    try playground.write("", to: "deep/er/empty")
    #expect(symlink("../..", playground.folder + "/deep/er/back") == 0)
    let ended = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(ended.status == 0, "\(ended)")
    #expect(playground.text("f.py") == "word = 'a'\nprint(word)\n")
    #expect(playground.snapshot()["deep/er/back"]?.hasSuffix(" ../..") == true)
    #expect(await playground.leftovers() == [])
  }

  @Test("a binary file")
  func binary() async throws {
    let playground = try Playground()
    try playground.write(Data([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0xff, 0xfe]), to: "f.py")
    let error = try await refusal(of: "f.py", in: playground)
    #expect(error.kind == "usage")
    #expect(error.message.contains("binary"))
  }

  @Test("an empty file is a program that does nothing")
  func empty() async throws {
    let playground = try Playground()
    try playground.write("", to: "f.py")
    let before = playground.snapshot()
    let healthy = try await playground.heal("run", "--apply", "--json", "f.py")
    #expect(healthy.status == 0, "\(healthy)")
    #expect(try healthy.json()["status"] == "healthy")
    let silent = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(silent.status == 1, "\(silent)")
    #expect(try silent.json()["status"] == "unhealed")
    #expect(try silent.json()["patch"] == .null)
    let nothing = try await playground.heal("diagnose", "--format", "json", "f.py")
    #expect(nothing.status == 0, "\(nothing)")
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers() == [])
  }

  // MARK: 10 MB

  @Test("a file of 10 MB is run")
  func large() async throws {
    let playground = try Playground()
    let line = "# \"data\"\t\\\n"
    let text = "print('a')\n" + String(repeating: line, count: 9_999_900 / line.utf8.count)
    try playground.write(text, to: "f.py")
    let ended = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(ended.status == 0, "\(ended)")
    #expect(try ended.json()["status"] == "healthy")
    #expect(playground.text("f.py") == text)
  }

  @Test(
    "a file of 10 MB that fails is not repaired, and the report says why"
  )
  func largeAndBroken() async throws {
    let playground = try Playground()
    let line = "# \"data\"\t\\\n"
    let text = Self.broken + String(repeating: line, count: 9_999_900 / line.utf8.count)
    try playground.write(text, to: "f.py")
    let ended = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(ended.status == 1, "\(ended)")
    let notes = try ended.json()["notes"]?.elements?.compactMap(\.text) ?? []
    #expect(notes.contains { $0.contains("too large to be repaired") }, "\(ended)")
    #expect(playground.text("f.py") == text)
    #expect(await playground.leftovers() == [])
  }

  @Test("a file over 10 MB")
  func tooLarge() async throws {
    let playground = try Playground()
    try playground.write(Data(repeating: 0x23, count: 10_000_001), to: "f.py")
    let error = try await refusal(of: "f.py", in: playground)
    #expect(error.kind == "usage")
    #expect(error.message.contains("10 MB"))
  }

  // MARK: Encodings

  @Test(
    "a file that is no text in its encoding",
    arguments: [
      "print('\u{e9}')\n", "# coding: klingon\nprint('a')\n", "# coding: ascii\nprint('\u{e9}')\n",
    ]
  )
  func notItsEncoding(text: String) async throws {
    let playground = try Playground()
    try playground.write(try #require(text.data(using: .isoLatin1)), to: "f.py")
    let before = playground.snapshot()
    let ended = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(ended.status == 1, "\(ended)")
    let rules = try ended.json()["findings"]?.elements?.compactMap { $0["rule"]?.text } ?? []
    #expect(rules.contains("syntax/encoding"), "\(ended)")
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers() == [])
  }

  @Test(
    "encodings, byte-order marks and line ends are kept to the byte",
    arguments: EncodedProgram.all
  )
  func byteExact(program: EncodedProgram) async throws {
    let playground = try Playground()
    try playground.write(program.broken, to: "f.py")
    let ended = try await playground.heal(
      "run",
      "--apply",
      "--json",
      "--expect",
      program.output,
      "f.py"
    )
    #expect(ended.status == 0, "\(ended)")
    #expect(playground.data("f.py") == program.healed)
    let undone = try await playground.heal("undo", "last")
    #expect(undone.status == 0, "\(undone)")
    #expect(playground.data("f.py") == program.broken)
  }

  // MARK: Rights

  @Test("a read-only file is healed and not written")
  func readOnly() async throws {
    let playground = try Playground()
    try playground.write(Self.broken, to: "f.py")
    #expect(chmod(playground.folder + "/f.py", 0o444) == 0)
    let before = playground.snapshot()
    let ended = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(ended.status == 5, "\(ended)")
    #expect(try ended.json()["status"] == "healed")
    #expect(try ended.json()["applied"] == false)
    #expect(try ended.error().message.contains("f.py"))
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers() == [])
    #expect(chmod(playground.folder + "/f.py", 0o644) == 0)
    #expect(try await playground.heal("apply", "last").status == 0)
    #expect(playground.text("f.py") == "word = 'a'\nprint(word)\n")
  }
}
