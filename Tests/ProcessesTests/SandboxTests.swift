import Foundation
import Healing
import HealingModel
import Processes
import Testing

@Suite("a command in the sandbox")
struct SandboxTests {
  @Test("its output, status and input pass through", arguments: await SandboxMechanism.testable())
  func passesThrough(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let result = try await port.run(shell("cat; echo problem >&2; exit 3", input: "hello"))
      #expect(result.exit == .code(3))
      #expect(result.stop == .finished)
      #expect(result.stdout.text == "hello")
      #expect(result.stderr.text == "problem\n")
    }
  }

  @Test("a trusted command has the environment that it is given and no other")
  func trusted() async throws {
    try await withPort(.limits) { port, _ in
      let result = try await port.runTrusted(["/usr/bin/env"], ["ONLY": "this"])
      #expect(result.stdout.text == "ONLY=this\n")
    }
  }

  @Test(
    "a signal that ends the program is told from a status",
    arguments: await SandboxMechanism.testable()
  )
  func signals(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let result = try await port.run(shell("kill -SEGV $$"))
      #expect(result.exit == .signal(11))
      #expect(result.stop == .finished)
    }
  }

  @Test(
    "what cannot be started is an error that names it",
    arguments: await SandboxMechanism.testable()
  )
  func cannotStart(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let error = await #expect(throws: SandboxError.self) {
        try await port.run(ChildCommand(argv: ["/nonexistent/program"]))
      }
      #expect(String(describing: error).contains("/nonexistent/program"))
      await #expect(throws: SandboxError.self) {
        try await port.run(ChildCommand(argv: ["/bin/true"], workingFolder: "missing"))
      }
    }
  }

  @Test("time, CPU time and memory are measured, grandchildren included")
  func measures() async throws {
    try await withPort(await .best()) { port, _ in
      let loop = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
      let result = try await port.run(shell("(sh -c '\(loop)')"))
      #expect(result.exit == .code(0))
      #expect(result.cpu > 0.02)
      #expect(result.wall >= 0.02)
      #expect(result.peakMemory > 500_000)
      #expect(result.peakMemory < 200_000_000)
    }
  }

  @Test("a cancelled run is killed and throws", arguments: await SandboxMechanism.testable())
  func cancels(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let start = ContinuousClock.now
      let running = Task { try await port.run(shell("sleep 600")) }
      try await Task.sleep(for: .milliseconds(100))
      running.cancel()
      await #expect(throws: CancellationError.self) { try await running.value }
      // Far from the end of the sleep, however busy the machine is.
      #expect(ContinuousClock.now - start < .seconds(120))
    }
  }

  @Test("runs do not see one another's files", arguments: await SandboxMechanism.testable())
  func runsAreApart(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism, files: ["kept": "as it was"]) { port, root in
      let first = try await port.run(
        shell("echo changed > kept; echo new > made; echo x > $TMPDIR/t; cat kept")
      )
      #expect(first.stdout.text == "changed\n")
      let second = try await port.run(shell("cat kept; ls made $TMPDIR/t"))
      #expect(second.stdout.text == "as it was")
      #expect(second.exit != .code(0))
      #expect(try String(contentsOf: root.appending(path: "kept"), encoding: .utf8) == "as it was")
    }
  }

  @Test("bwrap works on this machine", .enabled { await SandboxMechanism.bubblewrap.isExpected() })
  func bubblewrapWorks() async { #expect(await SandboxMechanism.bubblewrap.works()) }

  @Test("landlock works on this machine", .enabled { await SandboxMechanism.landlock.isExpected() })
  func landlockWorks() async { #expect(await SandboxMechanism.landlock.works()) }

  @Test(
    "namespaces works on this machine",
    .enabled { await SandboxMechanism.namespaces.isExpected() }
  )
  func namespacesWork() async { #expect(await SandboxMechanism.namespaces.works()) }

  @Test("HEAL_SANDBOX names the mechanism", arguments: await SandboxMechanism.testable())
  func forced(mechanism: SandboxMechanism) async throws {
    let environment = testEnvironment.merging(["HEAL_SANDBOX": mechanism.rawValue]) { $1 }
    let sandbox = try await Sandbox.probe(environment: environment)
    #expect(sandbox.mechanism == mechanism)
    #expect(sandbox.report.mechanism == mechanism.rawValue)
    #expect(sandbox.report.missing.isEmpty == mechanism.mountsCopy)
  }

  @Test("a forced mechanism that does not work here is an error that says what is missing")
  func forcedInVain() async throws {
    let environment = testEnvironment.merging(["HEAL_SANDBOX": "bwrap", "PATH": "/nowhere"]) { $1 }
    let error = await #expect(throws: SandboxError.self) {
      try await Sandbox.probe(environment: environment)
    }
    #expect(String(describing: error).contains("bwrap is not on PATH"))
    let unknown = testEnvironment.merging(["HEAL_SANDBOX": "magic"]) { $1 }
    await #expect(throws: SandboxError.unknownMechanism("magic")) {
      try await Sandbox.probe(environment: unknown)
    }
  }

  @Test("without bubblewrap the next mechanism is taken")
  func fallsBack() async throws {
    let environment = testEnvironment.merging(["HEAL_SANDBOX": "", "PATH": "/nowhere"]) { $1 }
    let sandbox = try await Sandbox.probe(environment: environment)
    let others = await SandboxMechanism.testable().filter { $0 != .bubblewrap }
    #expect(sandbox.mechanism == others.first)
  }

  @Test("a launcher that is not there is named")
  func launcherMissing() async throws {
    let environment = testEnvironment.merging(["HEAL_LAUNCHER": "/nowhere/launcher"]) { $1 }
    await #expect(throws: SandboxError.launcherMissing(path: "/nowhere/launcher")) {
      try await Sandbox.probe(environment: environment)
    }
  }
}
