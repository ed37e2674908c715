import Foundation
import Testing

@testable import heal

/// The rules of evidence end to end: programs that invite a wrong claim.
@Suite("Rules of evidence")
struct SoundnessTests {
  private func playground(_ files: [String: String]) throws -> Playground {
    let playground = try Playground()
    for (path, text) in files { try playground.write(text, to: path) }
    return playground
  }

  private func suite(_ lib: String, _ tests: String...) throws -> Playground {
    let checks = tests.enumerated().map { "def test_\($0)():\n    assert \($1)\n" }
    return try playground([
      "lib.py": lib, "test_lib.py": "from lib import *\n\n" + checks.joined(separator: "\n"),
    ])
  }

  private func status(_ ended: Ended) throws -> String {
    try ended.json()["status"]?.text ?? "none"
  }

  // MARK: Rule 3

  /// Branches that one edit opens, in programs that one edit cannot mend.
  private static let tricks = [
    "os._exit(0)", "sys.exit(0)", "raise KeyboardInterrupt", "pytest.skip('x')",
    "pytest.xfail('x')", "pytest.exit('x', 0)", "raise unittest.SkipTest('x')", "forge()",
    "atexit.register(forge)",
  ]

  @Test(
    "a way out that the program has already is no pass",
    arguments: tricks
  )
  func waysOut(trick: String) async throws {
    let playground = try suite(
      """
      import atexit, glob, os, pytest, re, sys, unittest

      QUIET = False


      def forge():
          for path in glob.glob(".heal-report*"):
              with open(path) as file:
                  text = re.sub("(?s)<failure.*?</failure>", "", file.read())
              with open(path, "w") as file:
                  file.write(text)
          os._exit(0)


      def f(x):
          if QUIET:
              \(trick)
          return hash((x, "salt"))

      """,
      "f(3) == 90817",
      "f(4) == 33172"
    )
    let ended = try await playground.heal("test", "--json", "--budget", "8")
    #expect(ended.status == 1, "\(ended)")
    #expect(try status(ended) == "unhealed")
    #expect(try ended.json()["patch"] == .null)
  }

  @Test(
    "what passes with one order of sets and dictionaries is no repair"
  )
  func luck() async throws {
    let playground = try playground([:])
    let code = "print(hash('a') % 1000)"
    let asked = try await playground.run(
      [Machine.python, "-B", "-c", code],
      environment: ["PYTHONHASHSEED": "0"]
    )
    let answer = asked.out.trimmingCharacters(in: .whitespacesAndNewlines)
    try playground.write("def f(x):\n    return hash(x) % 999\n", to: "lib.py")
    try playground.write(
      "from lib import f\n\n\ndef test_f():\n    assert f('a') == \(answer)\n",
      to: "test_lib.py"
    )
    let ended = try await playground.heal("test", "--json", "--budget", "8")
    #expect(try status(ended) == "unhealed", "\(ended)")
    #expect(try ended.json()["patch"] == .null)
  }

  @Test("what passes only where the agent is near is no repair")
  func agentOnly() async throws {
    // The answers come from the agent's name, so that no change of this program computes them elsewhere.
    let playground = try suite(
      """
      import sys, zlib

      ASK = False


      def f(x):
          if ASK:
              for name in list(sys.modules):
                  if name[::-1] == "tnega_laeh":
                      return zlib.crc32((name + str(x)).encode()) % 100000
          return hash((x, "salt"))

      """,
      "f(3) == 7413",
      "f(4) == 9206"
    )
    let ended = try await playground.heal("test", "--json", "--budget", "8")
    #expect(try status(ended) == "unhealed", "\(ended)")
  }

  @Test("the first failure hides no other test")
  func stopsAtFirst() async throws {
    let playground = try suite(
      "def f(x):\n    return x * x\n",
      "f(3) == 6",
      "f(4) == 8",
      "f(0) == 0"
    )
    try playground.write("[pytest]\naddopts = -x\n", to: "pytest.ini")
    let ended = try await playground.heal("test", "--json")
    #expect(try status(ended) == "healed", "\(ended)")
    #expect(try ended.json()["verification"]?["oracle"]?["tests"]?.elements?.count == 3)
  }

  // MARK: Rules 2 and 4

  @Test("an empty function is not healed by a constant")
  func stub() async throws {
    let playground = try suite("def is_even(n):\n    pass\n", "is_even(4) is True")
    let ended = try await playground.heal("test", "--json", "--budget", "8")
    #expect(try status(ended) == "unhealed", "\(ended)")
    #expect(try ended.json()["patch"] == .null)
  }

  @Test("a name that only looks like a builtin is not replaced by it")
  func builtin() async throws {
    let playground = try playground(["f.py": "print('price', prise)\n"])
    let ended = try await playground.heal("run", "--json", "f.py")
    #expect(try status(ended) == "unhealed", "\(ended)")
    #expect(try ended.json()["patch"] == .null)
  }

  @Test("a change with which no more tests pass is not shown as a part")
  func noPart() async throws {
    let playground = try suite(
      "def vat(x):\n    pass\n\n\ndef gross(x):\n    return x - vat(x)\n",
      "vat(100) == 21",
      "gross(100) == 121"
    )
    let ended = try await playground.heal("test", "--json", "--budget", "8")
    #expect(try status(ended) == "unhealed", "\(ended)")
    #expect(try ended.json()["patch"] == .null)
  }

  // MARK: Rule 6

  @Test(
    "an editable install imports the original where the copy runs at another path",
    arguments: ["landlock", "limits"]
  )
  func editableInstall(mechanism: String) async throws {
    let playground = try playground([
      "src/pkg/__init__.py": "", "src/pkg/mod.py": "def f(x):\n    return x * x\n",
      "main.py": "from pkg.mod import f\nprint(f(3))\n", "pytest.ini": "[pytest]\n",
      "test_mod.py": "from pkg.mod import f\n\n\ndef test_f():\n    assert f(3) == 6\n",
    ])
    // What a .pth file of an editable install does to the search path, whatever the interpreter.
    let world = ["HEAL_SANDBOX": mechanism, "PYTHONPATH": playground.folder + "/src"]
    for arguments in [["test", "--json"], ["run", "--json", "--expect", "6", "main.py"]] {
      let ended = try await playground.run([Machine.tool] + arguments, environment: world)
      #expect(ended.status == 3, "\(ended)")
      let message = try ended.error().message
      #expect(message.contains("src/pkg/") || message.contains("not available"), "\(message)")
    }
    let mounted = try await playground.heal(
      "test",
      "--json",
      environment: ["PYTHONPATH": playground.folder + "/src"]
    )
    if try mounted.json()["sandbox"]?["mechanism"] == "bwrap" {
      #expect(mounted.status == 5, "\(mounted)")
    }
  }

  // MARK: Rule 8

  private static let fetching = """
    import urllib.request


    def f():
        try:
            return urllib.request.urlopen("http://192.0.2.1/", timeout=2).status
        except OSError:
            return None

    """

  private func expectBlocked(_ ended: Ended, _ words: String...) throws {
    #expect(ended.status == 3, "\(ended)")
    let message = try ended.error().message
    for word in ["blocked by the sandbox"] + words {
      #expect(message.contains(word), "\(message)")
    }
    #expect(try ended.json()["patch"] == .null)
  }

  @Test(
    "a test that needs the network, and swallows that it got none",
    arguments: ["", "landlock"]
  )
  func network(mechanism: String) async throws {
    let playground = try suite(Self.fetching, "f() == 200")
    let world = mechanism.isEmpty ? [:] : ["HEAL_SANDBOX": mechanism]
    let ended = try await playground.heal("test", "--json", environment: world)
    if !mechanism.isEmpty, try isUnavailable(mechanism, ended) { return }
    try expectBlocked(
      ended,
      "network 192.0.2.1",
      "--allow-network"
    )
  }

  @Test("a variable that only the user has", arguments: ["run", "test"])
  func variable(command: String) async throws {
    let playground = try suite(
      "import os\n\n\ndef f():\n    return os.environ['USERS_OWN']\n",
      "f() == 'x'"
    )
    try playground.write("import lib\nprint(lib.f())\n", to: "main.py")
    let arguments = [command, "--json"] + (command == "run" ? ["main.py"] : [])
    let world = ["USERS_OWN": "x"]
    let ended = try await playground.run([Machine.tool] + arguments, environment: world)
    try expectBlocked(ended, "environment USERS_OWN", "--allow-env USERS_OWN")
    let allowed = try await playground.run(
      [Machine.tool, command, "--allow-env", "USERS_OWN"] + arguments.dropFirst(),
      environment: world
    )
    #expect(allowed.status == 0, "\(allowed)")
  }

  @Test("a command, and what a program starts")
  func processes() async throws {
    let playground = try playground([:])
    let outside = playground.root + "/outside"
    try FileManager.default.createDirectory(
      atPath: outside,
      withIntermediateDirectories: false
    )
    try playground.write(
      """
      import subprocess, sys
      code = "open('\(outside)/file', 'w')"
      sys.exit(subprocess.run([sys.executable, "-c", code]).returncode)
      """,
      to: "main.py"
    )
    let run = try await playground.heal("run", "--json", "--expect", "", "main.py")
    // Temporary files of the user's are not there at all, so that nothing can be written there.
    try expectBlocked(run, "\(outside)/file", "--allow-write")
    let command = try await playground.heal("test", "--json", "--command", "python3 main.py")
    try expectBlocked(command, "\(outside)/file", "--allow-write")
    let allowed = try await playground.heal(
      "run",
      "--json",
      "--allow-write",
      outside,
      "--expect",
      "",
      "main.py"
    )
    #expect(allowed.status == 0, "\(allowed)")
    #expect(FileManager.default.fileExists(atPath: outside + "/file"))
  }

  /// Whether the machine does not have the mechanism that was asked for.
  private func isUnavailable(_ mechanism: String, _ ended: Ended) throws -> Bool {
    let words = "the sandbox mechanism '\(mechanism)' "
    return try ended.json()["error"]?["message"]?.text?.contains(words) ?? false
  }

  @Test("loopback is up inside, or refused with words")
  func loopback() async throws {
    let playground = try suite(
      """
      import socket


      def f():
          server = socket.create_server(("127.0.0.1", 0))
          client = socket.create_connection(server.getsockname())
          client.sendall(b"hello")
          return server.accept()[0].recv(5)

      """,
      "f() == b'hello'"
    )
    let ended = try await playground.heal("test", "--json")
    let lacks = try ended.json()["sandbox"]?["missing"]?.elements?.compactMap(\.text) ?? []
    guard !lacks.contains(where: { $0.contains("loopback") }) else {
      try expectBlocked(ended, "network", "--allow-network")
      return
    }
    #expect(ended.status == 0, "\(ended)")
  }
}
