import Foundation
import HealingModel
import Testing

@testable import heal

@Suite("Program locator")
struct ProgramLocatorTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("x\n", to: "project/src/app.py")
    try folder.write("x\n", to: "project/tests/test_app.py")
  }

  private func locator(
    in subfolder: String = "",
    home: String? = nil,
    root: String? = nil
  ) -> ProgramLocator {
    ProgramLocator(folder: folder.path + subfolder, home: home, root: root)
  }

  @Test(
    "the root is the nearest marked folder",
    arguments: ["pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini"]
  )
  func marked(marker: String) throws {
    try folder.write("", to: "project/\(marker)")
    let program = try locator(in: "/project/src").script("app.py", arguments: ["a"])
    #expect(program.root == folder.path + "/project")
    #expect(program.workingFolder == "src")
    #expect(program.entry == .script(path: "src/app.py", arguments: ["a"]))
  }

  @Test("without a mark it is the folder in which the user stands")
  func unmarked() throws {
    let program = try locator(in: "/project").script("src/app.py", arguments: [])
    #expect(program.root == folder.path + "/project")
    #expect(program.entry == .script(path: "src/app.py", arguments: []))
  }

  @Test("a program elsewhere has its own folder as root")
  func elsewhere() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/other",
      withIntermediateDirectories: true
    )
    let program = try locator(in: "/other").script("../project/src/app.py", arguments: [])
    #expect(program.root == folder.path + "/project/src")
    #expect(program.workingFolder == "")
  }

  @Test("the home folder is never the root, though it is marked")
  func home() throws {
    try folder.write("", to: "setup.py")
    let program = try locator(in: "", home: folder.path).script("project/src/app.py", arguments: [])
    #expect(program.root == folder.path + "/project/src")
  }

  @Test("--root wins, and must hold the program")
  func root() throws {
    let program = try locator(root: "project/src").script("project/src/app.py", arguments: [])
    #expect(program.root == folder.path + "/project/src")
    let error = #expect(throws: CommandError.self) {
      try locator(root: "project/tests").script("project/src/app.py", arguments: [])
    }
    #expect(error?.message.contains("does not lie in the root") == true)
  }

  @Test("test targets keep their nodes; no target stands for the folder")
  func suites() throws {
    try folder.write("", to: "project/pytest.ini")
    let targets = ["tests/test_app.py::T::test_a", "tests", "."]
    let suite = try locator(in: "/project").suite(targets: targets, arguments: ["-x"])
    #expect(
      suite.entry
        == .suite(targets: ["tests/test_app.py::T::test_a", "tests", "."], arguments: ["-x"])
    )
    let bare = try locator(in: "/project/src").suite(targets: [], arguments: [])
    #expect(bare.entry == .suite(targets: [], arguments: []))
    #expect(bare.workingFolder == "src")
  }

  @Test("a command runs in the folder in which the user stands")
  func command() throws {
    try folder.write("", to: "project/tox.ini")
    let program = try locator(in: "/project/src").command("make test")
    #expect(program.entry == .command("make test"))
    #expect(program.root == folder.path + "/project")
    #expect(program.workingFolder == "src")
  }

  @Test(
    "bad files are refused in words",
    arguments: [
      ("missing.py", "there is no file"), ("project", "is a folder"),
      ("binary.py", "binary"), ("loop.py", "leads back to itself"), ("huge.py", "10 MB"),
      ("pipe", "a device, a pipe"), ("loop.py/x.py", "leads back to itself"),
      ("project/src/app.py/x", "there is no file"),
    ]
  )
  func badFiles(name: String, words: String) throws {
    try folder.write([1, 0, 2], to: "binary.py")
    try folder.write([UInt8](repeating: 0x23, count: 10 * 1024 * 1024), to: "huge.py")
    try folder.link("loop.py", to: "loop.py")
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    let error = #expect(throws: CommandError.self) { try locator().script(name, arguments: []) }
    #expect(error?.exitStatus == .usage)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test("a link is followed to the program")
  func link() throws {
    try folder.link("short.py", to: "project/src/app.py")
    let program = try locator().script("short.py", arguments: [])
    #expect(program.entry == .script(path: "project/src/app.py", arguments: []))
  }

  @Test("a file that is not UTF-8 is a program all the same")
  func otherEncoding() throws {
    try folder.write(Array("# coding: latin-1\nx = '".utf8) + [0xE4, 0x27, 0x0A], to: "latin.py")
    #expect(throws: Never.self) { try locator().script("latin.py", arguments: []) }
  }
}

extension TemporaryFolder {
  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: path + "/" + name,
      withDestinationPath: target
    )
  }
}
