import Foundation
import Healing
import HealingModel
import Processes
import Testing

/// Runs every program of `Fixtures/hostile` under every mechanism.
@Suite("hostile programs", .serialized)
struct HostileTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/hostile")

  static let programs: [String] = {
    let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (found ?? []).filter { $0.hasSuffix(".py") }.sorted()
  }()

  /// How those end that do not end by themselves.
  static let stops: [String: Stop] = [
    "allocates_without_end.py": .memory, "endless_loop.py": .endlessLoop,
    "fork_bomb.py": .processes, "prints_without_end.py": .output, "waits_forever.py": .hang,
    "exits_with_status.py": .finished, "os_exit.py": .finished, "reads_stdin.py": .finished,
  ]

  @Test("are there to be run")
  func present() { #expect(Self.programs.count >= 15) }

  @Test(
    "end, with all their processes, and change nothing",
    .timeLimit(.minutes(10)),
    arguments: await SandboxMechanism.testable(),
    programs
  )
  func end(mechanism: SandboxMechanism, program: String) async throws {
    let text = try String(contentsOf: Self.folder.appending(path: program), encoding: .utf8)
    try await withPort(mechanism, files: [program: text, "other": "kept"]) { port, root in
      let marker = "--heal-marker=\(UUID().uuidString)"
      // Longer than the CPU limit only where that, or the memory's, is to be reached.
      let wall = [.endlessLoop, .memory].contains(Self.stops[program]) ? 6 : 1.2
      let limits = ChildLimits(
        wall: wall,
        cpu: 1,
        memory: 256 << 20,
        output: 8 << 20,
        processes: 48
      )
      let result = try await port.run(
        ChildCommand(argv: [python, program, marker], limits: limits)
      )
      #expect(result.wall < 10)
      // A bomb grows in number and in memory at once: which cap it meets first is up to the machine.
      let isBomb = Self.stops[program] == .processes && result.stop == .memory
      if let stop = Self.stops[program], !isBomb { #expect(result.stop == stop) }
      #expect(processes(withArgument: marker).isEmpty)
      let left = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
      #expect(left == [program, "other"].sorted())
    }
  }
}
