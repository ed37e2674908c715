import Foundation
import Testing

@testable import heal

/// Tests that harm whoever runs them, and what is no test at all.
@Suite("Bad input: suites")
struct BadSuiteTests {
  /// A project whose tests are bad, and what becomes of it.
  struct BadSuite: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var files: [String: String]
    var arguments = ["test_calc.py"]
    var status: Int32 = 1
    /// What one of the findings' rules may be; empty where there is an error instead.
    var rules: [String] = []
    /// A word of that finding's place or message, or of the error.
    var word = ""
  }

  private static let program = "def add(a, b):\n    return a - b\n"
  private static let tests = """
    import os, sys, time
    from calc import add


    def test_add():
        assert add(1, 2) == 3


    def test_zero():
        assert add(0, 0) == 0


    """

  /// A suite with good tests and one that does this.
  private static func doing(
    _ name: String,
    _ body: String,
    _ rules: [String],
    _ word: String = "test_bad"
  ) -> BadSuite {
    let lines = body.split(separator: "\n").map { "    \($0)\n" }.joined()
    let text = tests + "def test_bad():\n" + lines
    return BadSuite(
      testDescription: name,
      files: ["test_calc.py": text],
      rules: rules,
      word: word
    )
  }

  static let suites: [BadSuite] = [
    BadSuite(
      testDescription: "a path that is not there",
      files: [:],
      arguments: ["tests/nothing"],
      status: 2,
      word: "tests/nothing"
    ),
    BadSuite(
      testDescription: "a test that is not there",
      files: ["test_calc.py": tests],
      arguments: ["test_calc.py::test_nothing"],
      status: 2,
      word: "test_nothing"
    ),
    BadSuite(
      testDescription: "an argument that pytest does not know",
      files: ["test_calc.py": tests],
      arguments: ["test_calc.py", "--", "--nonsense"],
      status: 2,
      word: "--nonsense"
    ),
    BadSuite(
      testDescription: "an empty test file",
      files: ["test_calc.py": ""],
      status: 2,
      word: "no tests were collected"
    ),
    BadSuite(
      testDescription: "a command that is not there",
      files: [:],
      arguments: ["--command", "nobody-has-this-command --check"],
      status: 3,
      word: "nobody-has-this-command"
    ),
    BadSuite(
      testDescription: "a test file that does not parse",
      files: ["test_calc.py": "def test_x(:\n    pass\n"],
      rules: ["syntax/parse"],
      word: "test_calc.py"
    ),
    BadSuite(
      testDescription: "a test file that does not parse beside good ones",
      files: ["tests/test_bad.py": "def test_x(:\n    pass\n", "tests/test_calc.py": tests],
      arguments: ["tests"],
      rules: ["syntax/parse"],
      word: "tests/test_bad.py"
    ),
    BadSuite(
      testDescription: "a binary test file",
      files: ["test_calc.py": "\0\u{1}\u{2}"],
      // Some versions of CPython raise a ValueError for such a text, others a SyntaxError.
      rules: ["syntax/parse", "semantic/collection"],
      word: "test_calc.py"
    ),
    BadSuite(
      testDescription: "a conftest that raises",
      files: ["conftest.py": "raise RuntimeError('not today')\n", "test_calc.py": tests],
      rules: ["semantic/collection"],
      word: "not today"
    ),
    BadSuite(
      testDescription: "a conftest that ends the process",
      files: ["conftest.py": "import os\nos._exit(3)\n", "test_calc.py": tests],
      rules: ["semantic/process-ended"],
      word: "status 3"
    ),
    BadSuite(
      testDescription: "an import that does not end",
      files: ["test_calc.py": "while True:\n    pass\n"],
      rules: ["resource/endless-loop"],
      word: "test_calc.py"
    ),
    doing("calls os._exit with 3", "os._exit(3)", ["semantic/process-ended"], "status 3"),
    doing("calls os._exit with 0", "os._exit(0)", ["semantic/process-ended"], "status 0"),
    doing("kills its process", "os.kill(os.getpid(), 9)", ["semantic/process-ended"], "SIGKILL"),
    doing("kills its parent", "os.kill(os.getppid(), 9)", ["semantic/process-ended"], "SIGKILL"),
    doing("hangs", "time.sleep(1000)", ["resource/hang"], "test_calc.py"),
    doing("loops", "while True:\n    pass", ["resource/endless-loop"], "test_calc.py"),
    doing(
      "allocates without end",
      "kept = []\nwhile True:\n    kept.append(bytearray(b'x' * (16 << 20)))",
      ["resource/memory", "resource/endless-loop"],
      "test_calc.py"
    ),
    doing(
      "forks without end",
      "while True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(0.01)",
      ["resource/processes", "resource/memory"],
      "test_calc.py"
    ),
  ]

  @Test(
    "ends with a verdict or a clear error, and leaves nothing behind and nothing changed",
    arguments: suites
  )
  func suite(_ suite: BadSuite) async throws {
    let playground = try Playground()
    try playground.write(Self.program, to: "calc.py")
    for (path, text) in suite.files { try playground.write(text, to: path) }
    let before = playground.snapshot()
    let ended = try await playground.run(
      [Machine.tool, "test", "--apply", "--json", "--budget", "25"] + suite.arguments
    )
    #expect(ended.status == suite.status, "\(ended)")
    let findings = try ended.json()["findings"]?.elements ?? []
    let found = findings.filter { suite.rules.contains($0["rule"]?.text ?? "") }
      .map { "\($0["path"]?.text ?? "") \($0["message"]?.text ?? "")" }
    if suite.rules.isEmpty {
      #expect(try ended.error().message.contains(suite.word), "\(ended)")
    } else {
      #expect(found.contains { $0.contains(suite.word) }, "\(ended)")
    }
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers(within: 10) == [])
  }

  @Test("prints 1 GB: stopped at a cap")
  func prints() async throws {
    let playground = try Playground()
    try playground.write(Self.program.replacing("-", with: "+"), to: "calc.py")
    let body = "def test_bad():\n    for _ in range(1024):\n        print('x' * (1 << 20))\n"
    try playground.write(Self.tests + body, to: "test_calc.py")
    let before = playground.snapshot()
    let ended = try await playground.heal("test", "--json", "--budget", "30", "test_calc.py")
    #expect(ended.status == 1, "\(ended)")
    let rules = try ended.json()["findings"]?.elements?.compactMap { $0["rule"]?.text } ?? []
    // On a busy machine the time is over first.
    #expect(
      rules.contains("resource/output") || rules.contains("resource/endless-loop"),
      "\(ended)"
    )
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers(within: 10) == [])
  }

  @Test("a program that its conftest breaks on is healed")
  func conftestHealed() async throws {
    let playground = try Playground()
    try playground.write("LIMIT = 3\n\n\ndef limit():\n    return LIMTI\n", to: "calc.py")
    try playground.write("import calc\n\nVALUE = calc.limit()\n", to: "conftest.py")
    try playground.write(
      "import calc\n\n\ndef test_limit():\n    assert calc.limit() == 3\n",
      to: "test_calc.py"
    )
    let ended = try await playground.heal("test", "--apply", "--json", "test_calc.py")
    #expect(ended.status == 0, "\(ended)")
    #expect(playground.text("calc.py") == "LIMIT = 3\n\n\ndef limit():\n    return LIMIT\n")
    #expect(await playground.leftovers() == [])
  }
}
