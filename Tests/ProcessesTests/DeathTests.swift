import Foundation
import Healing
import HealingModel
import Processes
import Testing

@Suite("when the tool itself is killed", .serialized)
struct DeathTests {
  @Test(
    "no process and no folder is left",
    .timeLimit(.minutes(10)),
    arguments: await SandboxMechanism.testable()
  )
  func killed(mechanism: SandboxMechanism) async throws {
    try await withFolder { folder in
      let marker = "--heal-marker=\(UUID().uuidString)"
      let base = folder.path
      let name = mechanism.rawValue
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [base = base as String, name = name as String, marker = marker as String] in
        try await runUntilKilled(in: base, mechanism: name, marker: marker)
      }
      let ready = try String(contentsOfFile: base + "/ready", encoding: .utf8)
      #expect(ready == "2", "both children ran when the tool was killed")
      let deadline = ContinuousClock.now + .seconds(10)
      while ContinuousClock.now < deadline,
        !processes(withArgument: marker).isEmpty || !workFolders(in: base).isEmpty
      {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(processes(withArgument: marker).isEmpty)
      #expect(workFolders(in: base).isEmpty)
    }
  }

  @Test("the next start removes a folder that lost its guard too")
  func sweeps() async throws {
    try await withFolder { folder in
      let left = folder.appending(path: "heal-\(getuid())-left")
      try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
      for name in ["lock", "copy"] {
        try "x".write(to: left.appending(path: name), atomically: false, encoding: .utf8)
      }
      let environment = testEnvironment.merging(["TMPDIR": folder.path]) { $1 }
      let other = try WorkFolder(environment: environment)
      let work = try WorkFolder(environment: environment)
      let deadline = ContinuousClock.now + .seconds(10)
      while ContinuousClock.now < deadline, FileManager.default.fileExists(atPath: left.path) {
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(!FileManager.default.fileExists(atPath: left.path))
      // One that is in use is left alone.
      #expect(FileManager.default.fileExists(atPath: other.path))
      await work.remove()
      await other.remove()
      #expect(workFolders(in: folder.path).isEmpty)
    }
  }
}

private func workFolders(in base: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
  return names.filter { $0.hasPrefix("heal-\(getuid())-") }
}

/// What runs in the process that is killed: a run and a channel, with a grandchild each.
private func runUntilKilled(in base: String, mechanism: String, marker: String) async throws {
  let root = base + "/program"
  try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  let environment = testEnvironment.merging(["TMPDIR": base, "HEAL_SANDBOX": mechanism]) { $1 }
  let sandbox = try await Sandbox.probe(environment: environment)
  let work = try WorkFolder(environment: environment)
  let shared = base + "/shared"
  try FileManager.default.createDirectory(atPath: shared, withIntermediateDirectories: true)
  let port = try await ProcessPort.live(
    root: root,
    sandbox: sandbox,
    policy: SandboxPolicy(writable: [shared]),
    work: work
  )
  let code = """
    import os, sys, time
    if os.fork() == 0:
        os.setsid()
        open(sys.argv[1] + "/" + sys.argv[2], "w").close()
    time.sleep(600)
    """
  let channel = try await port.open(
    ChildCommand(argv: [python, "-c", code, shared, "channel", marker])
  )
  async let result = port.run(ChildCommand(argv: [python, "-c", code, shared, "run", marker]))
  var started: [String] = []
  for _ in 0..<1000 where started.count < 2 {
    try await Task.sleep(for: .milliseconds(10))
    started = try FileManager.default.contentsOfDirectory(atPath: shared)
  }
  try "\(started.count)".write(toFile: base + "/ready", atomically: false, encoding: .utf8)
  kill(getpid(), SIGKILL)
  _ = try await result
  await channel.close()
}
