import Foundation
import Healing
import HealingModel
import Processes
import Testing

@Suite("a command in the sandbox")
struct SandboxTests {
  @Test("its output, status and input pass through", arguments: SandboxMechanism.testable)
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
    try await withPort(.bubblewrap) { port, _ in
      let result = try await port.runTrusted(["/usr/bin/env"], ["ONLY": "this"])
      #expect(result.stdout.text == "ONLY=this\n")
    }
  }
}
