import Foundation

@testable import heal

/// What the tests use of the machine that they run on.
enum Machine {
  /// The environment of the tests themselves.
  static let environment = ProcessInfo.processInfo.environment

  /// Whether what takes minutes and shows little more is tested too.
  static let testsLong = environment["HEAL_LONG_TESTS"] != nil

  /// The folder of the test runner, which is that of the built tool.
  static let built = parentFolder(of: resolvedPath(CommandLine.arguments[0]) ?? "")

  /// The tool, as it was just built.
  static let tool = built + "/heal"

  /// The interpreter that has the packages which the fixtures need.
  static let python: String =
    environment["HEAL_TEST_PYTHON"]
    ?? onPath("python3").flatMap { try? output(of: $0, "-c", "import sys; print(sys.executable)") }
    ?? "/usr/bin/python3"

  /// Whether the interpreter has pandas.
  static let hasPandas = (try? output(of: python, "-c", "import pandas; print(1)")) == "1"

  /// An interpreter that is too old to be used, when the machine has one.
  static let oldPython: String? = ["python3.8", "python3.7", "python3.6", "python2.7"].lazy
    .compactMap { name in
      let version = name.dropFirst(6)
      let manager = environment["PYENV_ROOT"] ?? (environment["HOME"] ?? "") + "/.pyenv"
      let folders = try? FileManager.default.contentsOfDirectory(atPath: manager + "/versions")
      let found = folders?.first { $0.hasPrefix(version + ".") }
      return found.map { "\(manager)/versions/\($0)/bin/\(name)" } ?? onPath(name)
    }.first { (try? output(of: $0, "-c", "print(1)")) == "1" }

  private static func onPath(_ name: String) -> String? {
    (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func output(of command: String...) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// Lets only as many commands run at once as the machine has cores: a budget of seconds means
/// little on a machine that runs thirty of them.
actor Turnstile {
  static let shared = Turnstile(places: max(1, ProcessInfo.processInfo.activeProcessorCount))

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(places: Int) { free = places }

  /// Does the work when a place is free.
  func pass<Result: Sendable>(
    _ work: @Sendable () async throws -> Result
  ) async rethrows -> Result {
    if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
    defer { if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() } }
    return try await work()
  }
}

/// The processes that hold the word in their arguments, environment or folder; the dead left out.
func processes(mentioning word: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return names.compactMap { name in
    guard let pid = Int32(name), pid != getpid() else { return nil }
    let proc = "/proc/\(name)"
    guard let status = read(proc + "/status"), !status.contains("State:\tZ") else { return nil }
    let line = read(proc + "/cmdline") ?? ""
    let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: proc + "/cwd")
    let texts = [line, read(proc + "/environ") ?? "", folder ?? ""]
    guard texts.contains(where: { $0.contains(word) }) else { return nil }
    return "\(pid) " + line.replacing("\0", with: " ")
  }
}

private func read(_ path: String) -> String? {
  FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}
