import HealingModel
import Testing

@testable import heal

@Suite("Repair sets")
struct RepairSetTests {
  static let good =
    #"{"id": "a", "kind": "k", "files": {"a.py": "1"}, "tests": {"t.py": "2"}, "#
    + #""held_out": {"h.py": "3"}}"#

  private func set(_ text: String) throws -> RepairSet {
    try RepairSet(name: "small", bytes: Array(text.utf8))
  }

  @Test("a set has a program a line; blank lines, other keys and line ends do not matter")
  func reads() throws {
    let second = Self.good.replacing("\"a\", ", with: "\"b\", \"bug\": 7, ")
    let set = try set(Self.good + "\r\n\n" + second.replacing("\"kind\": \"k\", ", with: ""))
    #expect(set.programs.map(\.id) == ["a", "b"])
    #expect(set.programs.map(\.kind) == ["k", ""])
    #expect(set.programs[1].files == ["a.py": "1"])
    #expect(set.programs[1].heldOut == ["h.py": "3"])
    #expect(set.digest.utf8.count == 64)
  }

  @Test(
    "what is no program is refused with its line",
    arguments: [
      ("nonsense", "it is not JSON"), ("[1]", "wrong type"),
      (good.replacing("\"id\": \"a\", ", with: ""), "`id` is missing"),
      (good.replacing("\"a\"", with: "\"\""), "1 to 500 bytes"),
      (good.replacing("\"1\"", with: "1"), "`files.a.py` has the wrong type"),
      (good.replacing("{\"t.py\": \"2\"}", with: "{}"), "`tests` is empty"),
      (good.replacing("held_out", with: "heldOut"), "`held_out` is missing"),
      (good, "its id is that of line 1"),
      (#"{"id": "b", "files": "#, "it is not JSON"),
    ]
  )
  func refuses(line: String, reason: String) throws {
    let error = #expect(throws: CommandError.self) { try set(Self.good + "\n" + line + "\n") }
    let text = try #require(error?.message)
    #expect(text.hasPrefix("small, line 2: "))
    #expect(text.contains(reason), "\(text)")
  }

  @Test(
    "paths that leave the folder, or are none, are refused",
    arguments: [
      "../a.py", "/a.py", "a/../../b.py", "a//b.py", "./a.py", "a/", "-p", "@a", "a::b",
      "a\\u0000b", "t.py", "h.py/a", "__pycache__/a.py", "x/.pytest_cache/a",
    ]
  )
  func paths(path: String) {
    let line = Self.good.replacing("\"a.py\"", with: "\"\(path)\"")
    #expect(throws: CommandError.self) { try set(line) }
  }

  @Test("a set of bytes that are no text, or of no programs, is refused")
  func bytes() {
    #expect(throws: CommandError.self) { try RepairSet(name: "x", bytes: []) }
    #expect(throws: CommandError.self) { try RepairSet(name: "x", bytes: [0x20, 0x0A]) }
    for seed in 0..<200 {
      var generator = SeededGenerator(seed: UInt64(seed))
      var bytes = Array(Self.good.utf8)
      for _ in 0..<4 {
        bytes[Int.random(in: bytes.indices, using: &generator)] =
          UInt8.random(in: 0...255, using: &generator)
      }
      guard let set = try? RepairSet(name: "x", bytes: bytes) else { continue }
      let parts = set.programs.flatMap { [$0.files, $0.tests, $0.heldOut] }
      for path in parts.flatMap(\.keys) {
        #expect(!path.hasPrefix("/") && !path.split(separator: "/").contains(".."), "\(path)")
      }
    }
  }

  @Test("a sample is the beginning of one order")
  func samples() throws {
    let lines = (0..<20).map { Self.good.replacing("\"a\", ", with: "\"\($0)\", ") }
    let one = try set(lines.joined(separator: "\n"))
    let all = sample(of: [one], seed: 1, limit: nil).map(\.id)
    #expect(Set(all).count == 20)
    #expect(sample(of: [one], seed: 1, limit: 5).map(\.id) == Array(all.prefix(5)))
    #expect(sample(of: [one], seed: 2, limit: nil).map(\.id) != all)
  }

  // MARK: Configurations

  @Test("models and switches give configurations, each once")
  func configurations() throws {
    func names(
      _ models: [String],
      _ without: [Ablation.Technique] = [],
      matrix: Bool = false
    ) throws -> [String] {
      try BenchConfiguration.all(models: models, without: without, isMatrix: matrix).map(\.name)
    }
    #expect(try names([]) == ["no model"])
    #expect(try names(["a", "b"]) == ["a", "b"])
    #expect(try names(["a"], [.search, .hints]) == ["a, without search, without hints"])
    #expect(
      try names(["a", "b"], matrix: true) == [
        "a", "a, without hints", "a, without bank", "a, without search", "no model, without model",
        "b", "b, without hints", "b, without bank", "b, without search",
      ]
    )
    #expect(
      try names([], matrix: true)
        == ["no model", "no model, without bank", "no model, without search"]
    )
    #expect(try names(["a"], [.hints], matrix: true) == ["a", "a, without hints"])
    #expect(throws: CommandError.self) { try names([], [.hints]) }
    #expect(throws: CommandError.self) { try names([], [.model], matrix: true) }
  }

  @Test("each configuration has a file of its own, whatever its model is called")
  func fileNames() {
    let models = ["a/b", "a:b", "a b", "A b", "../../x", "", String(repeating: "m", count: 300)]
    let names = models.map { BenchConfiguration(model: $0).fileName }
    #expect(Set(names).count == models.count)
    for name in names {
      #expect(!name.contains("/") && !name.hasPrefix(".") && name.utf8.count < 100, "\(name)")
    }
  }
}
