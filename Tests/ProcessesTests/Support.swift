import Foundation
import Healing
import HealingModel
import Processes
import Testing

/// The environment in which the tests run.
let testEnvironment = ProcessInfo.processInfo.environment

/// The real Python interpreter, behind whatever stands for it on PATH.
let python: String = {
  let found = try? run("/usr/bin/env", "python3", "-c", "import sys; print(sys.executable)")
  return found?.output.trimmingCharacters(in: .whitespacesAndNewlines) ?? "/usr/bin/python3"
}()

/// Runs a command outside of any sandbox.
func run(_ command: String...) throws -> (status: Int32, output: String) {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(filePath: command[0])
  process.arguments = Array(command.dropFirst())
  process.standardOutput = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// The processes of this machine that have the word among their arguments, zombies left out.
func processes(withArgument word: String) -> [Int32] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return names.compactMap(Int32.init).filter { pid in
    let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
    return pid != getpid()
      && line.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == word }
  }
}

/// A folder that is gone when the test is over.
func withFolder<Result>(
  in base: URL = URL(filePath: "/var/tmp"),
  _ body: (URL) async throws -> Result
) async throws -> Result {
  let folder = base.appending(path: "heal-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}

/// A program made of the given files, and a port that runs it under one mechanism.
func withPort<Result>(
  _ mechanism: SandboxMechanism,
  files: [String: String] = [:],
  policy: SandboxPolicy = SandboxPolicy(),
  environment extra: [String: String] = [:],
  base: URL = URL(filePath: "/var/tmp"),
  _ body: (ProcessPort, URL) async throws -> Result,
  before prepare: (URL) throws -> Void = { _ in }
) async throws -> Result {
  try await withFolder(in: base) { root in
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    try prepare(root)
    let environment = testEnvironment.merging(extra) { _, new in new }
    let sandbox = try await Sandbox.probe(environment: environment, mechanism: mechanism)
    let work = try WorkFolder(environment: environment)
    do {
      let port = try await ProcessPort.live(
        root: root.path,
        sandbox: sandbox,
        policy: policy,
        work: work
      )
      let result = try await body(port, root)
      await work.remove()
      #expect(!FileManager.default.fileExists(atPath: work.path))
      return result
    } catch {
      await work.remove()
      throw error
    }
  }
}

/// A shell script as a command.
func shell(
  _ script: String,
  input: String = "",
  limits: ChildLimits = ChildLimits(wall: 20, cpu: 20)
) -> ChildCommand {
  ChildCommand(argv: ["/bin/sh", "-c", script], input: Array(input.utf8), limits: limits)
}

/// A socket that listens on a free port of 127.0.0.1.
final class LoopbackServer {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, size) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, generic, &size) == 0
      }
    }
    try #require(bound)
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }
}
