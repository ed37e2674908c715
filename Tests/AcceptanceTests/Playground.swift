import Foundation
import Testing

@testable import heal

/// A user's machine for one test: home, state, caches, a temporary folder, and a program's folder.
final class Playground: Sendable {
  /// A word that is in every path of this playground and nowhere else.
  let name = "heal-acceptance-\(UUID().uuidString)"
  /// The folder with everything in it.
  let root: String
  /// The folder that the user stands in.
  let folder: String

  /// Where the agent is unpacked for all of them.
  private static let agents = Machine.built + "/heal-test-agents"

  init() throws {
    let base = FileManager.default.temporaryDirectory.path
    root = (resolvedPath(base) ?? base) + "/" + name
    folder = root + "/program"
    for folder in ["home", "state", "tmp", "program", "cache/heal"].map({ root + "/" + $0 }) {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    // Else each would unpack the agent and compile it.
    try FileManager.default.createDirectory(
      atPath: Self.agents,
      withIntermediateDirectories: true
    )
    try FileManager.default.createSymbolicLink(
      atPath: root + "/cache/heal/agent",
      withDestinationPath: Self.agents
    )
  }

  deinit {
    // A folder without the right to write would keep its files. A link is not followed: it may lead
    // to the machine's own files, such as an interpreter.
    for path in FileManager.default.subpaths(atPath: root) ?? [] {
      var info = stat()
      guard lstat(root + "/" + path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { continue }
      _ = chmod(root + "/" + path, 0o700)
    }
    try? FileManager.default.removeItem(atPath: root)
  }

  /// The store's file.
  var database: String { root + "/state/sessions.sqlite" }

  /// What the tool and its children see of the world.
  var environment: [String: String] {
    var result = [
      "PATH": parentFolder(of: Machine.python) + ":/usr/local/bin:/usr/bin:/bin",
      "LANG": "C.UTF-8", "HOME": root + "/home", "HEAL_HOME": root + "/state",
      "XDG_CACHE_HOME": root + "/cache", "XDG_DATA_HOME": root + "/data",
      "XDG_CONFIG_HOME": root + "/config", "XDG_STATE_HOME": root + "/xdg-state",
      "TMPDIR": root + "/tmp",
    ]
    result["LD_LIBRARY_PATH"] = Machine.environment["LD_LIBRARY_PATH"]
    return result
  }

  // MARK: Files

  func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

  func write(_ data: Data, to path: String) throws {
    let full = absolutePath(path, from: folder)
    try FileManager.default.createDirectory(
      atPath: parentFolder(of: full),
      withIntermediateDirectories: true
    )
    try data.write(to: URL(fileURLWithPath: full))
  }

  func copy(_ path: String, to name: String) throws {
    try FileManager.default.copyItem(atPath: path, toPath: absolutePath(name, from: folder))
  }

  func data(_ path: String) -> Data? {
    FileManager.default.contents(atPath: absolutePath(path, from: folder))
  }

  func text(_ path: String) -> String {
    data(path).map { String(decoding: $0, as: UTF8.self) } ?? "(no such file)"
  }

  /// All that lies in the program's folder: bytes, rights and link targets.
  func snapshot() -> [String: String] {
    var result: [String: String] = [:]
    for path in FileManager.default.subpaths(atPath: folder) ?? [] {
      let full = folder + "/" + path
      var info = stat()
      _ = lstat(full, &info)
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: full)
      let bytes = link ?? data(full)?.base64EncodedString() ?? "folder"
      result[path] = "\(info.st_mode) \(bytes)"
    }
    return result
  }

  // MARK: Running

  /// Runs the tool and waits for its end.
  func heal(
    _ arguments: String...,
    environment extra: [String: String] = [:],
    input: String? = nil
  ) async throws -> Ended {
    try await run([Machine.tool] + arguments, environment: extra, input: input)
  }

  /// Runs any command where and as the tool would run.
  func run(
    _ command: [String],
    environment extra: [String: String] = [:],
    input: String? = nil,
    below subfolder: String = "",
    whileRunning: @escaping @Sendable (Running) -> Void = { _ in }
  ) async throws -> Ended {
    try await Turnstile.shared.pass { [self] in
      let running = try Running(
        command,
        folder: folder + "/" + subfolder,
        environment: environment.merging(extra) { $1 },
        input: input.map { try file(holding: $0) }
      )
      return await running.ended(whileRunning)
    }
  }

  private func file(holding text: String) throws -> String {
    let path = root + "/input-\(UUID().uuidString)"
    try write(text, to: path)
    return path
  }

  /// Processes and temporary files that are still there some seconds after everything has ended.
  func leftovers(within patience: Double = 2) async -> [String] {
    let end = ContinuousClock.now + .seconds(patience)
    while true {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: root + "/tmp")) ?? []
      let left = processes(mentioning: name) + files
      guard !left.isEmpty, ContinuousClock.now < end else { return left }
      try? await Task.sleep(for: .milliseconds(50))
    }
  }
}

/// A command that runs; it is waited for in a thread of its own, since Swift's are few.
struct Running: @unchecked Sendable {
  // The process and the files are given to one thread, which alone uses them.
  private let process: Process
  private let out: FileHandle
  private let err: FileHandle
  private let begin = ContinuousClock.now

  init(
    _ command: [String],
    folder: String,
    environment: [String: String],
    input: String?
  ) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    process.standardInput = input.flatMap(FileHandle.init(forReadingAtPath:)) ?? .nullDevice
    let (out, err) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = err
    (self.out, self.err) = (out.fileHandleForReading, err.fileHandleForReading)
    try process.run()
  }

  /// Sends a signal to the process alone.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Seconds after which it is killed.
  ///
  /// The time that a test waits for its turn must not count, or the last tests of a slow machine
  /// fail: so this stands here and not in a trait of each test.
  private static let limit = 600.0

  /// Seconds since it was started.
  var seconds: Double { (ContinuousClock.now - begin) / .seconds(1) }

  fileprivate func ended(_ whileRunning: @escaping @Sendable (Running) -> Void) async -> Ended {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let errors = Box()
        let reader = Thread { errors.fill(from: err) }
        reader.start()
        let helper = Thread { whileRunning(self) }
        helper.start()
        let watch = DispatchWorkItem { signal(SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit, execute: watch)
        let output = out.readDataToEndOfFile()
        process.waitUntilExit()
        watch.cancel()
        continuation.resume(
          returning: Ended(
            status: process.terminationStatus,
            wasKilled: process.terminationReason == .uncaughtSignal,
            out: String(decoding: output, as: UTF8.self),
            err: errors.text,
            seconds: seconds
          )
        )
      }
    }
  }

  private final class Box: @unchecked Sendable {
    // Written by one thread before the semaphore is signalled, read by another after that.
    private var data = Data()
    private let done = DispatchSemaphore(value: 0)

    func fill(from file: FileHandle) {
      data = file.readDataToEndOfFile()
      done.signal()
    }

    var text: String {
      done.wait()
      return String(decoding: data, as: UTF8.self)
    }
  }
}

/// How a command ended.
struct Ended: Sendable, CustomStringConvertible {
  var status: Int32
  var wasKilled: Bool
  var out: String
  var err: String
  var seconds: Double

  var description: String { "status \(status) after \(seconds) s\n\(out.prefix(4000))\n\(err)" }

  /// The one JSON object on standard output, checked against its schema.
  func json(_ schema: String = "report") throws -> JSON {
    let json = try JSON.parse(out.utf8).get()
    #expect(try JSONSchema("heal-\(schema)-1.json").violations(of: json) == [], "\(self)")
    return json
  }

  /// What `heal` says of itself when it could not work: the kind of the error and the sentence.
  func error(_ schema: String = "report") throws -> (kind: String, message: String) {
    let error = try #require(try json(schema)["error"], "\(self)")
    let parts = [error["message"]?.text, error["remedy"]?.text].compactMap { $0 }
    return (error["kind"]?.text ?? "", parts.joined(separator: "; "))
  }
}

extension Playground {
  /// Changes the store behind the tool's back by one statement of SQL, and counts the rows.
  @discardableResult
  func alter(_ statement: String) async throws -> Int {
    let code = """
      import sqlite3, sys
      database = sqlite3.connect(sys.argv[1])
      print(database.execute(sys.argv[2]).rowcount)
      database.commit()
      database.close()
      """
    let ended = try await run([Machine.python, "-B", "-c", code, database, statement])
    #expect(ended.status == 0, "\(ended)")
    return Int(ended.out.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
  }
}
