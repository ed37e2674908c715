import Foundation
import Healing
import HealingModel
import Testing

@testable import PythonAgent

/// SOUNDNESS 8 where no agent watches: commands, and processes that a program starts.
@Suite("what a text tells of refused operations")
struct RefusedOperationsTests {
  private let outside = FileManager.default.temporaryDirectory.path

  private func refused(
    _ text: String,
    _ sandbox: SandboxReport = SandboxReport(
      mechanism: "bwrap",
      missing: [],
      withheld: ["USERS_OWN"]
    )
  ) -> [String] {
    refusedOperations(in: text, sandbox: sandbox, root: "/program").map {
      "\($0.operation) \($0.target)"
    }
  }

  @Test("the network")
  func network() {
    let text = "fetching\nOSError: [Errno 101] Network is unreachable\n"
    #expect(refused(text) == ["network OSError: [Errno 101] Network is unreachable"])
    #expect(refused("curl: (6) Could not resolve host: example.org").count == 1)
    #expect(refused(text, SandboxReport(mechanism: "none", missing: [])).isEmpty)
    let allowed = SandboxReport(mechanism: "bwrap", missing: [], allowsNetwork: true)
    #expect(refused(text, allowed).isEmpty, "then it is the network's own failure")
  }

  @Test("a write, when the user could have done it")
  func write() {
    let python = "OSError: [Errno 30] Read-only file system: '\(outside)/x'"
    #expect(refused(python) == ["write \(outside)/x"])
    #expect(refused("sh: 1: cannot create \(outside)/y: Permission denied\n\(python)").count == 2)
    #expect(refused("PermissionError: [Errno 13] Permission denied: '/proc/1/mem/x'").isEmpty)
    #expect(refused("OSError: [Errno 30] Read-only file system: '/program/x'").isEmpty)
  }

  @Test("what the user has and the sandbox hides")
  func hidden() {
    let error = "FileNotFoundError: [Errno 2] No such file or directory: "
    #expect(refused(error + "'\(outside)'") == ["access to \(outside)"])
    #expect(refused(error + "'/nonexistent/file'").isEmpty)
    #expect(refused(error + "'\(outside)/nonexistent/file'").isEmpty)
    #expect(refused(error + "'data.csv'").isEmpty)
  }

  @Test("a variable that the sandbox left out")
  func variable() {
    #expect(refused("KeyError: 'USERS_OWN'") == ["environment USERS_OWN"])
    #expect(refused("KeyError: 'users_own'").isEmpty)
  }

  @Test("each once, and nothing of an ordinary failure")
  func once() {
    #expect(refused("KeyError: 'USERS_OWN'\nKeyError: 'USERS_OWN'\n").count == 1)
    #expect(refused("Traceback (most recent call last):\nValueError: x\n").isEmpty)
  }
}
