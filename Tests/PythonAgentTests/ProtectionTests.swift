import Foundation
import HealingModel
import Testing

@testable import PythonAgent

private func protection(_ targets: [String]) -> Protection {
  Protection(
    program: Program(root: "/nonexistent", entry: .suite(targets: targets, arguments: []))
  )
}

@Test(
  "tests beside those asked for; without a target every test is asked for",
  arguments: [
    ([], "test_a.py", false), (["test_a.py"], "test_a.py", false),
    (["test_a.py"], "test_b.py", true), (["tests"], "tests/test_b.py", false),
    (["test_a.py::test_x"], "test_a.py", false), (["test_a.py"], "b.py", false),
    (["."], "tests/test_b.py", false),
  ]
)
func otherTests(targets: [String], path: String, isOther: Bool) {
  #expect(protection(targets).isOtherTest(path) == isOther)
}

/// Every kind of file that decides about a repair, or that starts what does.
private let deciding = [
  "test_a.py", "a_test.py", "pkg/test_a.py", "conftest.py", "pkg/conftest.py", "setup.py",
  "noxfile.py", "tests/helper.py", "test/deep/helper.py", "sitecustomize.py", "usercustomize.py",
  "pkg/__snapshots__/a.py",
]

@Test("what decides about a repair is not repaired", arguments: deciding)
func protectedFiles(path: String) {
  #expect(protection([]).covers(path))
  let run = Program(root: "/nonexistent", entry: .script(path: "main.py", arguments: []))
  #expect(Protection(program: run).covers(path))
}

@Test("what does not may be", arguments: ["pkg/module.py", "latest.py", "tested/a.py"])
func editableFiles(path: String) {
  #expect(!protection([]).covers(path))
}

@Test("a test that is run as a script may be repaired, and so may nothing beside it")
func scriptInTests() {
  let run = Program(root: "/nonexistent", entry: .script(path: "tests/test_a.py", arguments: []))
  #expect(!Protection(program: run).covers("tests/test_a.py"))
  #expect(Protection(program: run).covers("tests/test_b.py"))
}

@Suite("the files of a program")
struct ProgramFilesTests {
  private let root: String

  init() throws {
    root = FileManager.default.temporaryDirectory.path + "/heal-files-\(UUID().uuidString)"
  }

  private func files(
    _ texts: [String: String],
    _ entry: Program.Entry = .suite(targets: [], arguments: [])
  ) throws -> ProgramFiles {
    for (path, text) in texts {
      let url = URL(fileURLWithPath: root + "/" + path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try Data(text.utf8).write(to: url)
    }
    defer { try? FileManager.default.removeItem(atPath: root) }
    return try ProgramFiles(of: Program(root: root, entry: entry))
  }

  private let suite = [
    "lib.py": "import settings\n\ndef f(x):\n    return x * settings.RATE\n",
    "settings.py": "RATE = 2\n", "expected.py": "ANSWERS = {1: 2}\n",
    "helpers.py": "def check(x):\n    assert x\n",
    "test_lib.py": "import lib, expected, helpers\n\ndef test_f():\n    pass\n",
  ]

  @Test("data that only tests read decide; values of the program do not")
  func dataOfTests() throws {
    let files = try files(suite)
    #expect(files.editable.paths == ["helpers.py", "lib.py", "settings.py"])
  }

  @Test("configuration, Makefile, .pth and snapshots are no source of the program")
  func noSources() throws {
    let others = [
      "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml", "Makefile", "x.pth", "a.ambr",
      "data.json",
    ]
    let all = suite.merging(others.map { ($0, "x = 1\n") }) { $1 }
    let files = try files(all, .command("make test"))
    #expect(Set(files.texts.keys).isDisjoint(with: others))
    for path in others {
      #expect(files.refusals(of: Sources([path: "x = 2\n"])).map(\.rule) == ["created file"])
    }
  }

  @Test(
    "a file that was not there is refused, whatever it is called",
    arguments: ["test_more.py", "conftest.py", "json.py", "pkg/__init__.py", "sitecustomize.py"]
  )
  func created(path: String) throws {
    let refusals = try files(suite).refusals(of: Sources([path: "", "lib.py": "x = 1\n"]))
    #expect(refusals.map(\.rule) == ["created file"])
  }

  @Test("so is a change of a file that decides", arguments: ["test_lib.py", "expected.py"])
  func changed(path: String) throws {
    let refusals = try files(suite).refusals(of: Sources([path: "x = 1\n"]))
    #expect(refusals.map(\.rule) == ["protected file"])
  }

  @Test("what a command names decides, unless there is nothing else")
  func command() throws {
    let texts = ["check.py": "import lib\nassert lib.f(1)\n", "lib.py": suite["lib.py"] ?? ""]
    let entry = Program.Entry.command("cd . && python3 ./check.py; exit $?")
    #expect(try files(texts, entry).editable.paths == ["lib.py"])
    #expect(try files(["check.py": "x = 1\n"], entry).editable.paths == ["check.py"])
  }
}
