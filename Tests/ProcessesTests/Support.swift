import Foundation
import Healing
import HealingModel
import Processes
import Testing

/// The environment in which the tests run.
let testEnvironment = ProcessInfo.processInfo.environment

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
  _ body: (ProcessPort, URL) async throws -> Result
) async throws -> Result {
  try await withFolder { root in
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let environment = testEnvironment.merging(extra) { _, new in new }
    let sandbox = try await Sandbox.probe(environment: environment, mechanism: mechanism)
    let work = try WorkFolder(environment: environment)
    let port = try await ProcessPort.live(
      root: root.path,
      sandbox: sandbox,
      policy: policy,
      work: work
    )
    do {
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
