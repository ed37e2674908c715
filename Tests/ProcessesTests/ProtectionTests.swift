import Foundation
import Healing
import HealingModel
import Processes
import Testing

@Suite("what the sandbox keeps from a program")
struct ProtectionTests {
  @Test("writes outside of the copy fail", arguments: await SandboxMechanism.protecting())
  func writesOutside(mechanism: SandboxMechanism) async throws {
    try await withFolder { outside in
      try await withPort(mechanism, files: ["own": ""]) { port, root in
        let script = "echo x > own; echo x > \(outside.path)/made; echo x > /usr/heal-made"
        let result = try await port.run(shell(script))
        #expect(result.exit != .code(0))
        #expect(try Data(contentsOf: root.appending(path: "own")).isEmpty)
        for path in [outside.path + "/made", "/usr/heal-made"] {
          #expect(!FileManager.default.fileExists(atPath: path))
        }
      }
    }
  }

  @Test("a path that the user allows is written", arguments: await SandboxMechanism.testable())
  func allowedWrites(mechanism: SandboxMechanism) async throws {
    try await withFolder { outside in
      let policy = SandboxPolicy(writable: [outside.path])
      try await withPort(mechanism, policy: policy) { port, _ in
        let result = try await port.run(shell("echo x > \(outside.path)/made"))
        #expect(result.exit == .code(0))
        #expect(FileManager.default.fileExists(atPath: outside.path + "/made"))
      }
    }
  }

  private static let network = """
    import socket
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    print("loopback")
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        print("outside")
    except OSError:
        print("refused")
    """

  @Test("the network is refused while loopback works", arguments: await SandboxMechanism.testable())
  func network(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism, files: ["net.py": Self.network]) { port, _ in
      let result = try await port.run(ChildCommand(argv: [python, "net.py"]))
      // Without a network namespace loopback would be that of the machine: then both are refused.
      let isOff = port.sandbox.missing.contains { $0.hasPrefix("loopback") }
      #expect(result.stdout.text == (isOff ? "" : "loopback\nrefused\n"), "\(result.stderr.text)")
    }
  }

  @Test("a server of this machine cannot be reached", arguments: await SandboxMechanism.testable())
  func hostLoopback(mechanism: SandboxMechanism) async throws {
    let server = try LoopbackServer()
    let code = "import socket; socket.create_connection(('127.0.0.1', \(server.port)), 2)"
    try await withPort(mechanism) { port, _ in
      let result = try await port.run(ChildCommand(argv: [python, "-c", code]))
      #expect(result.exit == .code(1), "\(result.stderr.text)")
    }
    let policy = SandboxPolicy(allowsNetwork: true)
    try await withPort(mechanism, policy: policy) { port, _ in
      let result = try await port.run(ChildCommand(argv: [python, "-c", code]))
      #expect(result.exit == .code(0), "\(result.stderr.text)")
    }
  }

  @Test("the environment holds no secrets", arguments: await SandboxMechanism.testable())
  func environment(mechanism: SandboxMechanism) async throws {
    let secrets = [
      "AWS_SECRET_ACCESS_KEY": "s1", "GITHUB_TOKEN": "s2", "OPENAI_API_KEY": "s3",
      "SSH_AUTH_SOCK": "/s4", "MY_SETTING": "s5", "LC_TIME": "C", "ALLOWED_KEY": "yes",
    ]
    let policy = SandboxPolicy(environmentNames: ["ALLOWED_KEY"])
    try await withPort(mechanism, policy: policy, environment: secrets) { port, _ in
      var command = shell("env")
      command.environment = ["OWN": "1"]
      let result = try await port.run(command)
      let names = Set(
        result.stdout.text.split(separator: "\n").compactMap { line in
          line.split(separator: "=").first.map(String.init)
        }
      )
      #expect(names.isSuperset(of: ["PATH", "HOME", "TMPDIR", "LC_TIME", "ALLOWED_KEY", "OWN"]))
      #expect(names.isSuperset(of: ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"]))
      let leaked = names.intersection(secrets.keys).subtracting(["LC_TIME", "ALLOWED_KEY"])
      #expect(leaked.isEmpty)
    }
  }

  @Test("the home folder's secrets cannot be read", arguments: await SandboxMechanism.protecting())
  func secrets(mechanism: SandboxMechanism) async throws {
    try await withFolder { home in
      for path in [".ssh/id_ed25519", ".netrc", ".config/gh/hosts.yml", ".config/app/settings"] {
        let file = home.appending(path: path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(),
          withIntermediateDirectories: true
        )
        try "secret".write(to: file, atomically: false, encoding: .utf8)
      }
      let policy = SandboxPolicy(visible: [home.path])
      try await withPort(mechanism, policy: policy, environment: ["HOME": home.path]) { port, _ in
        for path in [".ssh/id_ed25519", ".netrc", ".config/gh/hosts.yml"] {
          let result = try await port.run(shell("cat \(home.path)/\(path)"))
          #expect(!result.stdout.text.contains("secret"), "\(path)")
        }
        let other = try await port.run(shell("cat \(home.path)/.config/app/settings"))
        #expect(other.stdout.text == "secret")
        let own = try await port.run(shell("cd ~ && pwd && touch made"))
        #expect(own.exit == .code(0))
        #expect(own.stdout.text != home.path + "\n")
      }
    }
  }

  @Test(
    "the copy is at the program's own path where the mechanism mounts",
    arguments: await SandboxMechanism.testable()
  )
  func ownPath(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism, files: ["sub/where.sh": "pwd; cat \"$0\" | wc -l"]) {
      port,
      root in
      var command = ChildCommand(argv: ["/bin/sh", root.path + "/sub/where.sh"])
      command.workingFolder = "sub"
      command.overlay = ["sub/where.sh": Array("pwd\nwc -l < \"$0\"\n".utf8)]
      let result = try await port.run(command)
      let lines = result.stdout.text.split(separator: "\n").map(String.init)
      #expect(lines.count == 2)
      #expect((lines.first == root.path + "/sub") == mechanism.mountsCopy)
      // The overlay is what runs, also when the program is named by its absolute path.
      #expect(lines.last == "2")
    }
  }

  @Test(
    "no right can be gained, and none of root's is left",
    arguments: await SandboxMechanism.testable()
  )
  func rights(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let result = try await port.run(
        shell("grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status")
      )
      let words = result.stdout.text.split(whereSeparator: \.isWhitespace).map(String.init)
      #expect(words == ["CapEff:", "0000000000000000", "NoNewPrivs:", "1", "Seccomp:", "2"])
    }
  }
}
