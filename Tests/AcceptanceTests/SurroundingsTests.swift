import Foundation
import Testing

@testable import heal

/// What the machine may lack: an interpreter, room on the disk, a store that can be read.
@Suite("Bad surroundings")
struct SurroundingsTests {
  private static let broken = "def f(x)\n    return x\n\n\nprint(f(1))\n"

  private func playground() throws -> Playground {
    let playground = try Playground()
    try playground.write(Self.broken, to: "f.py")
    return playground
  }

  /// Checks that a run was refused for lack of something, and that nothing was touched.
  private func expectLacking(_ word: String, _ ended: Ended, in playground: Playground) async throws
  {
    #expect(ended.status == 3, "\(ended)")
    let error = try ended.error()
    #expect(error.kind == "environment")
    #expect(error.message.lowercased().contains(word), "\(error.message)")
    #expect(playground.text("f.py") == Self.broken)
    #expect(playground.snapshot().count == 1)
    #expect(await playground.leftovers() == [])
  }

  // MARK: Python

  @Test("no Python: the error says how to get one")
  func noPython() async throws {
    let playground = try playground()
    let ended = try await playground.heal(
      "run",
      "--apply",
      "--json",
      "f.py",
      environment: ["PATH": playground.root]
    )
    try await expectLacking("install python", ended, in: playground)
  }

  @Test("an interpreter that is named and not there")
  func namedPython() async throws {
    let playground = try playground()
    let ended = try await playground.heal(
      "run",
      "--apply",
      "--json",
      "--python",
      "nowhere/python3",
      "f.py"
    )
    try await expectLacking("no interpreter", ended, in: playground)
  }

  @Test("Python too old: the error says which ones do")
  func oldPython() async throws {
    let playground = try playground()
    // An interpreter that says of itself that it is 3.7.
    let old = playground.root + "/python3.7"
    let lie = "import platform; platform.python_version = lambda: '3.7.17'\n$3"
    try playground.write("#!/bin/sh\nexec '\(Machine.python)' -B -c \"\(lie)\"\n", to: old)
    _ = chmod(old, 0o755)
    for python in [old, Machine.oldPython].compactMap({ $0 }) {
      let ended = try await playground.heal(
        "run",
        "--apply",
        "--json",
        "--python",
        python,
        "f.py"
      )
      try await expectLacking("3.9", ended, in: playground)
    }
  }

  @Test("an interpreter that breaks off in the middle is a fault, which says how to report it")
  func dyingPython() async throws {
    let playground = try playground()
    // It answers the first question about itself, names itself as the binary, and then ends.
    let dying = playground.root + "/python3"
    let answer = "import sys; sys.executable = '\(dying)'\n$3"
    try playground.write(
      "#!/bin/sh\ncase \"$*\" in *find_spec*) exec '\(Machine.python)' -B -c \"\(answer)\";; esac\nexit 7\n",
      to: dying
    )
    _ = chmod(dying, 0o755)
    let ended = try await playground.heal(
      "run",
      "--apply",
      "--json",
      "--python",
      dying,
      "--expect",
      "1",
      "f.py"
    )
    #expect(ended.status == 4, "\(ended)")
    let error = try ended.error()
    #expect(error.kind == "fault")
    #expect(error.message.contains("report"))
    #expect(playground.text("f.py") == Self.broken)
    #expect(await playground.leftovers() == [])
  }

  // MARK: Disk

  /// Runs a shell script with a file system of 256 kB over a folder.
  ///
  /// Where nothing can be mounted, files cannot grow beyond that size instead.
  private func onSmallDisk(
    _ folder: String,
    _ script: String,
    in playground: Playground
  ) async throws -> Ended {
    let mount = "mount -t tmpfs -o size=256k none '\(folder)'"
    let rights = getuid() == 0 ? "-m" : "-rm"
    let command =
      try await canMount(playground)
      ? ["unshare", rights, "/bin/sh", "-c", "\(mount) && \(script)"]
      : ["/bin/sh", "-c", "trap '' XFSZ; ulimit -f 64; \(script)"]
    return try await playground.run(["/usr/bin/env"] + command)
  }

  /// Whether a file system can be mounted in a name space of its own.
  private func canMount(_ playground: Playground) async throws -> Bool {
    let rights = getuid() == 0 ? "-m" : "-rm"
    let command = "exec unshare \(rights) mount -t tmpfs none '\(playground.folder)'"
    return try await playground.run(["/bin/sh", "-c", command]).status == 0
  }

  @Test("a full disk under the store")
  func fullStore() async throws {
    let playground = try playground()
    let ended = try await onSmallDisk(
      playground.root + "/state",
      "head -c 300000 /dev/zero >'\(playground.root)/state/filler' 2>/dev/null; "
        + "exec '\(Machine.tool)' run --apply --json --expect 1 f.py",
      in: playground
    )
    try await expectLacking("disk", ended, in: playground)
  }

  @Test("a full disk under the temporary folder")
  func fullTemporaryFolder() async throws {
    let playground = try playground()
    try playground.write(
      String(repeating: "# data\n", count: 60_000),
      to: playground.root + "/data"
    )
    try playground.copy(playground.root + "/data", to: "data.txt")
    let before = playground.snapshot()
    let ended = try await onSmallDisk(
      playground.root + "/tmp",
      "exec '\(Machine.tool)' run --apply --json --expect 1 f.py",
      in: playground
    )
    #expect(ended.status == 3, "\(ended)")
    #expect(try ended.error().kind == "environment")
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers() == [])
  }

  @Test(
    "a full disk under the program: the repair is found and not half written"
  )
  func fullProgramFolder() async throws {
    let playground = try playground()
    // The file fills whole pages, so that a second one beside it has no room.
    let text = Self.broken + String(repeating: "# filler\n", count: 3000)
    try playground.write(text, to: playground.root + "/saved.py")
    let (folder, saved) = (playground.folder, playground.root + "/saved.py")
    let ended = try await onSmallDisk(
      folder,
      "cp '\(saved)' '\(folder)/f.py'; cd '\(folder)'; "
        + "head -c 300000 /dev/zero >filler 2>/dev/null; "
        + "'\(Machine.tool)' run --apply --json --expect 1 f.py; status=$?; "
        + "cmp f.py '\(saved)' >&2 && ls >&2; exit $status",
      in: playground
    )
    // Where nothing can be mounted the limit holds for every file, and meets the store first.
    let isMounted = try await canMount(playground)
    #expect(ended.status == 5 || !isMounted && ended.status == 3, "\(ended)")
    #expect(ended.err.contains("f.py\nfiller\n"), "the same bytes, nothing beside them: \(ended)")
    #expect(try ended.error().message.contains("disk"))
    #expect(await playground.leftovers() == [])
  }

  // MARK: Store

  @Test("a store from a newer version is left alone")
  func newerStore() async throws {
    let playground = try playground()
    #expect(try await playground.heal("log").status == 0)
    try await playground.alter("PRAGMA user_version = 999")
    let before = FileManager.default.contents(atPath: playground.database)
    let ended = try await playground.heal("run", "--apply", "--json", "f.py")
    try await expectLacking("newer", ended, in: playground)
    #expect(FileManager.default.contents(atPath: playground.database) == before)
  }

  @Test("a store that is no database is left alone")
  func damagedStore() async throws {
    let playground = try playground()
    #expect(try await playground.heal("log").status == 0)
    try playground.write(String(repeating: "no database ", count: 500), to: playground.database)
    let before = FileManager.default.contents(atPath: playground.database)
    let ended = try await playground.heal("run", "--apply", "--json", "f.py")
    try await expectLacking("store", ended, in: playground)
    #expect(FileManager.default.contents(atPath: playground.database) == before)
  }
}
