import Foundation
import Healing
import HealingModel
import Processes
import Testing

@Suite("the copy of a program")
struct CopyTests {
  @Test("leaves out histories and caches, keeps modes and links")
  func contents() async throws {
    let files = [
      "main.py": "x", "run.sh": "#!/bin/sh\necho ran\n", ".git/config": "g",
      "pkg/__pycache__/a.pyc": "c", "pkg/a.py": "a", ".tox/x": "t",
    ]
    try await withPort(await .best(), files: files) { port, root in
      let list = try await port.run(shell("find . -type f | sort"))
      #expect(list.stdout.text == "./main.py\n./pkg/a.py\n./run.sh\n")
    } before: { root in
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755],
        ofItemAtPath: root.path + "/run.sh"
      )
    }
  }

  @Test("keeps modes and links, survives a loop of folders and skips what is no file")
  func links() async throws {
    try await withPort(await .best(), files: ["run.sh": "#!/bin/sh\necho ran\n", "sub/a": "1"]) {
      port,
      _ in
      let script = "./run.sh; readlink sub/loop; cat link; test -e fifo"
      let result = try await port.run(shell(script))
      #expect(result.stdout.text == "ran\n..\n1")
      #expect(result.exit == .code(1))
    } before: { root in
      let files = FileManager.default
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: root.path + "/run.sh")
      try files.createSymbolicLink(atPath: root.path + "/sub/loop", withDestinationPath: "..")
      try files.createSymbolicLink(atPath: root.path + "/link", withDestinationPath: "sub/a")
      #expect(mkfifo(root.path + "/fifo", 0o600) == 0)
    }
  }

  @Test(
    "an environment is not copied but can be read at its place",
    arguments: await SandboxMechanism.testable()
  )
  func environments(mechanism: SandboxMechanism) async throws {
    let files = [
      ".venv/pyvenv.cfg": "home = /usr/bin\n", ".venv/lib/module.py": "found", "main.py": "",
    ]
    try await withPort(mechanism, files: files) { port, root in
      let result = try await port.run(shell("cat .venv/lib/module.py; echo x > .venv/made"))
      #expect(result.stdout.text == "found")
      if mechanism != .limits {
        #expect(!FileManager.default.fileExists(atPath: root.path + "/.venv/made"))
      }
    }
  }

  @Test("too many bytes or files are refused, naming the option that helps")
  func tooLarge() async throws {
    let error = await #expect(throws: SandboxError.self) {
      try await withPort(await .best()) { _, _ in
      } before: { root in
        let path = root.path + "/large"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        #expect(truncate(path, 201 << 20) == 0)
      }
    }
    #expect(String(describing: error).contains("--root"))
    await #expect(throws: SandboxError.self) {
      try await withPort(await .best()) { _, _ in
      } before: { root in
        let script = "seq -f '\(root.path)/f%06.0f' 20001 | xargs touch"
        let touched = try run("/bin/sh", "-c", script)
        #expect(touched.status == 0)
      }
    }
  }

  @Test("files are laid over it and read from it", arguments: await SandboxMechanism.testable())
  func overlay(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism, files: ["a/b.txt": "old", "c.txt": "kept"]) { port, root in
      var command = shell("cat a/b.txt c.txt new/deep/d.txt; echo report > out.xml")
      command.overlay = ["a/b.txt": Array("new ".utf8), "new/deep/d.txt": Array(" deep".utf8)]
      command.collect = ["out.xml", "missing", "../../../etc/passwd"]
      let result = try await port.run(command)
      #expect(result.stdout.text == "new kept deep")
      #expect(result.collected == ["out.xml": Array("report\n".utf8)])
      #expect(try String(contentsOfFile: root.path + "/a/b.txt", encoding: .utf8) == "old")
    }
  }

  @Test("no overlay is written outside of it")
  func overlayOutside() async throws {
    try await withFolder { outside in
      try await withPort(await .best()) { port, root in
        for path in ["../x", "/x", "a/../../x", "", "out/x"] {
          var command = shell("true")
          command.overlay = [path: [1]]
          await #expect(throws: SandboxError.self, "\(path)") { try await port.run(command) }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: outside.path)
        #expect(left.isEmpty)
      } before: { root in
        try FileManager.default.createSymbolicLink(
          atPath: root.path + "/out",
          withDestinationPath: outside.path
        )
      }
    }
  }

  @Test(
    "a program below /tmp runs at its own path where the copy is mounted",
    arguments: await SandboxMechanism.testable().filter(\.mountsCopy)
  )
  func belowTemporary(mechanism: SandboxMechanism) async throws {
    try await withFolder(in: URL(filePath: "/tmp")) { base in
      try await withPort(mechanism, files: ["a": "here"], base: base) { port, root in
        let result = try await port.run(shell("cat \(root.path)/a; ls /tmp | grep -c heal-test-"))
        #expect(result.stdout.text == "here1\n")
      }
    }
  }

  @Test("what a program locks away in its copy is removed all the same")
  func lockedFolders() async throws {
    try await withPort(await .best()) { port, _ in
      let code = """
        import os
        os.makedirs("a/b")
        open("a/b/c", "w").close()
        os.chmod("a/b", 0)
        os.chmod("a", 0)
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        """
      let result = try await port.run(ChildCommand(argv: [python, "-c", code]))
      #expect(result.exit == .code(0))
    }
  }
}
