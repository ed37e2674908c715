import Foundation
import Synchronization
import Testing

@testable import heal

/// The built binary with nothing faked: processes, signals, terminals, the store, the sandbox.
@Suite("Binary", .serialized)
struct BinaryTests {
  let folder: TemporaryFolder
  let broken = "def total(xs)\n    return sum(xs)\n\n\nprint(\"Sum:\", totla([1, 2, 3]))\n"
  let mended = "def total(xs):\n    return sum(xs)\n\n\nprint(\"Sum:\", total([1, 2, 3]))\n"

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(broken, to: "sum.py")
    try folder.write("import time\ntime.sleep(100)\n", to: "slow.py")
  }

  /// How a run of the binary ended.
  private struct Ended {
    var status: Int32
    var out: String
    var err: String
    var seconds: Double
  }

  /// Beside the test runner, wherever that was built.
  private var binary: String {
    parentFolder(of: resolvedPath(CommandLine.arguments[0]) ?? "") + "/heal"
  }

  private func start(
    _ arguments: [String],
    environment extra: [String: String],
    input: Pipe?
  ) throws -> (process: Process, out: Pipe, err: Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: arguments[0])
    process.arguments = Array(arguments.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    var environment = ProcessInfo.processInfo.environment
    environment["HEAL_HOME"] = folder.path + "/.state"
    environment.merge(extra) { $1 }
    process.environment = environment
    if let input {
      process.standardInput = input
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    let (out, err) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = err
    try process.run()
    return (process, out, err)
  }

  /// Runs a command in a thread of its own: waiting must not take one of the few of Swift's pool.
  private func run(
    _ arguments: [String],
    environment: [String: String] = [:],
    input: Pipe? = nil,
    whileRunning: @escaping @Sendable (pid_t) -> Void = { _ in }
  ) async throws -> Ended {
    let (process, out, err) = try start(arguments, environment: environment, input: input)
    let number = process.processIdentifier
    let box = UncheckedProcess(process: process, out: out, err: err)
    return await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let begin = ContinuousClock.now
        whileRunning(number)
        let out = box.out.fileHandleForReading.readDataToEndOfFile()
        let err = box.err.fileHandleForReading.readDataToEndOfFile()
        box.process.waitUntilExit()
        let elapsed = (ContinuousClock.now - begin).components
        continuation.resume(
          returning: Ended(
            status: box.process.terminationStatus,
            out: String(decoding: out, as: UTF8.self),
            err: String(decoding: err, as: UTF8.self),
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
          )
        )
      }
    }
  }

  // Handed to one thread and used by it alone.
  private struct UncheckedProcess: @unchecked Sendable {
    let process: Process
    let out: Pipe
    let err: Pipe
  }

  private func heal(_ arguments: String...) async throws -> Ended {
    try await run([binary] + arguments)
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
  }

  @Test("a repair is found, shown, written, verified and taken back", .timeLimit(.minutes(10)))
  func wholeLife() async throws {
    let found = try await heal("run", "--json", "--expect", "Sum: 6", "sum.py")
    #expect(found.status == 5, "\(found.out) \(found.err)")
    #expect(found.err.isEmpty, "nothing is said without a terminal")
    let report = try JSON.parse(found.out.utf8).get()
    #expect(try JSONSchema("heal-report-1.json").violations(of: report) == [])
    #expect(report["status"] == "healed")
    #expect(try text("sum.py") == broken, "nothing is written unasked")
    let session = try #require(report["session"]?.text)
    #expect(try await heal("apply", session).status == 0)
    #expect(try text("sum.py") == mended)
    #expect(try await heal("verify", session).status == 0)
    #expect(try await heal("run", "sum.py").status == 0)
    #expect(try await heal("undo", session).status == 0)
    #expect(try text("sum.py") == broken)
    #expect(try await heal("apply", session).status == 0)
    try folder.write(mended + "# mine\n", to: "sum.py")
    let refused = try await heal("undo", session)
    #expect(refused.status == 1)
    #expect(refused.err.contains("changed"))
    #expect(try text("sum.py") == mended + "# mine\n")
  }

  @Test("every command that prints JSON prints what its schema says", .timeLimit(.minutes(10)))
  func schemas() async throws {
    for (arguments, schema) in [
      (["run", "--json", "--apply", "--expect", "Sum: 6", "sum.py"], "report"),
      (["log", "--json"], "log"), (["show", "last", "--json"], "show"),
      (["verify", "last", "--json"], "verify"), (["undo", "last", "--json"], "files"),
      (["apply", "last", "--json"], "files"), (["diagnose", ".", "--format", "json"], "diagnose"),
    ] {
      let ended = try await run([binary] + arguments)
      let json = try JSON.parse(ended.out.utf8).get()
      let violations = try JSONSchema("heal-\(schema)-1.json").violations(of: json)
      #expect(violations == [], "\(arguments)")
      #expect(json["error"] == .null, "\(arguments)")
    }
  }

  @Test(
    "a signal ends it within a second, the session is kept, nothing is left running",
    .timeLimit(.minutes(10)),
    arguments: [SIGINT, SIGTERM]
  )
  func interrupted(signal: Int32) async throws {
    let store = folder.path + "/.state/sessions.sqlite"
    let signalled = Mutex<ContinuousClock.Instant?>(nil)
    let ended = try await run([binary, "run", "--json", "slow.py"]) { process in
      let end = ContinuousClock.now + .seconds(60)
      while !FileManager.default.fileExists(atPath: store), ContinuousClock.now < end {
        Thread.sleep(forTimeInterval: 0.05)
      }
      Thread.sleep(forTimeInterval: 1)
      signalled.withLock { $0 = .now }
      kill(process, signal)
    }
    let since = try #require(signalled.withLock { $0 })
    // One second, and what a crowded machine adds.
    #expect(ContinuousClock.now - since < .seconds(3))
    #expect(ended.status == 130)
    #expect(try JSON.parse(ended.out.utf8).get()["status"] == "interrupted")
    let log = try JSON.parse(try await heal("log", "--json").out.utf8).get()
    #expect(log["sessions"]?.elements?.first?["status"] == "interrupted")
  }

  @Test("an open pipe that nobody writes to does not hold it up", .timeLimit(.minutes(10)))
  func silentInput() async throws {
    try folder.write("import sys\nprint(len(sys.stdin.read()))\n", to: "reads.py")
    let silent = Pipe()
    let ended = try await run([binary, "run", "--json", "reads.py"], input: silent)
    try silent.fileHandleForWriting.close()
    #expect(ended.status == 0, "\(ended.err)")
    #expect(ended.out.contains("within 0.2 s"))
  }

  @Test(
    "the question is asked on the terminal, and the answer decides",
    .timeLimit(.minutes(10)),
    arguments: [("y", Int32(0)), ("n", 5)]
  )
  func question(answer: String, status: Int32) async throws {
    let python = try #require(
      ProcessInfo.processInfo.environment["HEAL_TEST_PYTHON"] ?? onPath("python3")
    )
    let script = projectFolder + "/Tests/healTests/pty_session.py"
    let command = [binary, "run", "--expect", "Sum: 6", "sum.py"]
    let ended = try await run([python, "-B", script, answer] + command)
    #expect(ended.status == status, "\(ended.out) \(ended.err)")
    #expect(ended.out.contains("Write this repair into the file? [y/n]"))
    #expect(ended.out.contains("s left"), "the status line is drawn")
    #expect(try text("sum.py") == (answer == "y" ? mended : broken))
  }

  private func onPath(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  @Test("no interpreter is the environment's fault, and says how to get one")
  func noInterpreter() async throws {
    let ended = try await run(
      [binary, "run", "--json", "sum.py"],
      environment: ["PATH": "/nonexistent", "VIRTUAL_ENV": ""]
    )
    #expect(ended.status == 3, "\(ended.out)")
    let error = try JSON.parse(ended.out.utf8).get()["error"]
    #expect(error?["kind"] == "environment")
    #expect(error?["remedy"]?.text?.isEmpty == false)
  }

  @Test("a store of a newer version is not touched")
  func newerStore() async throws {
    #expect(try await heal("log").status == 0)
    let path = folder.path + "/.state/sessions.sqlite"
    // The user version is a big-endian number at offset 60 of the file.
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try handle.seek(toOffset: 60)
    try handle.write(contentsOf: Data([0, 0, 3, 0xE7]))
    try handle.close()
    let before = FileManager.default.contents(atPath: path)
    let ended = try await heal("run", "--apply", "sum.py")
    #expect(ended.status == 3, "\(ended.err)")
    #expect(ended.out.contains("newer"))
    #expect(try text("sum.py") == broken)
    #expect(FileManager.default.contents(atPath: path) == before)
  }
}
