import Foundation
import Healing
import HealingModel
import Processes
import Testing

@Suite("limits", .serialized)
struct LimitTests {
  @Test("1 GB of output is counted, its ends are kept", .timeLimit(.minutes(10)))
  func boundedOutput() async throws {
    try await withPort(await .best()) { port, _ in
      var command = shell("echo first; head -c 1073741824 /dev/zero; echo last")
      command.limits.output = 2 << 30
      let result = try await port.run(command)
      #expect(result.exit == .code(0))
      #expect(result.stdout.total == (1 << 30) + 11)
      #expect(result.stdout.head.hasPrefix("first\n"))
      #expect(result.stdout.tail.hasSuffix("last\n"))
      #expect(result.stdout.head.utf8.count + result.stdout.tail.utf8.count == 128 * 1024)
    }
  }

  @Test("too much output ends the program", arguments: await SandboxMechanism.testable())
  func endlessOutput(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      var command = shell("yes")
      command.limits.output = 4 << 20
      let result = try await port.run(command)
      #expect(result.stop == .output)
      #expect(result.stdout.total < 256 << 20)
    }
  }

  /// Leaves the session, ignores what can be ignored, and keeps writing into the copy's parent.
  private static let stubborn = """
    import os, signal, sys, time
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            open(sys.argv[1] + "/pid", "w").write(open("/proc/self/stat").read().split()[0])
            time.sleep(600)
        os._exit(0)
    if sys.argv[2] == "wait":
        time.sleep(600)
    time.sleep(0.3)
    """

  @Test(
    "a grandchild that left the session and ignores signals ends with the run",
    arguments: await SandboxMechanism.testable(),
    ["wait", "leave"]
  )
  func grandchildren(mechanism: SandboxMechanism, behaviour: String) async throws {
    try await withFolder { outside in
      let policy = SandboxPolicy(writable: [outside.path])
      let files = ["stubborn.py": Self.stubborn]
      try await withPort(mechanism, files: files, policy: policy) { port, _ in
        let marker = "--heal-marker=\(UUID().uuidString)"
        let result = try await port.run(
          ChildCommand(
            argv: [python, "stubborn.py", outside.path, behaviour, marker],
            limits: ChildLimits(wall: 1.5)
          )
        )
        #expect(result.stop == (behaviour == "wait" ? .hang : .finished), "\(result.stderr.text)")
        #expect(FileManager.default.fileExists(atPath: outside.path + "/pid"))
        #expect(processes(withArgument: marker).isEmpty)
      }
    }
  }

  @Test("an endless loop is told from a hang", arguments: await SandboxMechanism.testable())
  func cpuTime(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let loop = try await port.run(
        shell("while :; do :; done", limits: ChildLimits(wall: 20, cpu: 1))
      )
      #expect(loop.stop == .endlessLoop)
      // The kernel ends it by its own count, of which the usage that is reported falls short.
      #expect(loop.cpu > 0.5)
      let hang = try await port.run(shell("sleep 600", limits: ChildLimits(wall: 0.3)))
      #expect(hang.stop == .hang)
      #expect(hang.wall < 5)
    }
  }

  @Test("growth without end names the memory cap", arguments: await SandboxMechanism.testable())
  func memory(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let code = "kept = []\nwhile True: kept.append(bytearray(1 << 20))"
      let result = try await port.run(
        ChildCommand(
          argv: [python, "-c", code],
          limits: ChildLimits(wall: 20, memory: 256 << 20)
        )
      )
      #expect(result.stop == .memory)
      #expect(result.peakMemory < 320 << 20)
    }
  }

  @Test("several processes share one memory cap", arguments: await SandboxMechanism.testable())
  func sharedMemory(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let code = """
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                kept = bytearray(os.urandom(1 << 20) * 100)
                time.sleep(30)
                os._exit(0)
        for _ in range(8):
            if os.wait()[1]:
                raise SystemExit(1)
        """
      let result = try await port.run(
        ChildCommand(
          argv: [python, "-c", code],
          limits: ChildLimits(wall: 20, memory: 256 << 20)
        )
      )
      #expect(result.stop == .memory)
    }
  }

  @Test(
    "a fork bomb ends and is named",
    .timeLimit(.minutes(10)),
    arguments: await SandboxMechanism.testable()
  )
  func forkBomb(mechanism: SandboxMechanism) async throws {
    let bomb = """
      import os
      import time
      for _ in range(120):
          if os.fork() == 0:
              time.sleep(3)
              os._exit(0)
      time.sleep(3)
      """
    try await withPort(mechanism) { port, _ in
      let marker = "--heal-marker=\(UUID().uuidString)"
      let result = try await port.run(
        ChildCommand(
          argv: [python, "-c", bomb, marker],
          limits: ChildLimits(wall: 10, cpu: 10, memory: 1 << 30, processes: 40)
        )
      )
      #expect(result.stop == .processes)
      #expect(processes(withArgument: marker).isEmpty)
    }
  }

  @Test("a file can grow only so far", arguments: await SandboxMechanism.testable())
  func fileSize(mechanism: SandboxMechanism) async throws {
    let policy = SandboxPolicy(fileSize: 1 << 20)
    try await withPort(mechanism, policy: policy) { port, _ in
      let result = try await port.run(shell("head -c 3000000 /dev/zero > big; wc -c < big"))
      #expect(result.stdout.text.contains("1048576"))
    }
  }

  // A machine with a load of its own passes too; quiet ones take a tenth of this.
  @Test("starting a program in the sandbox takes little longer than starting it")
  func overhead() async throws {
    try await withPort(await .best()) { port, _ in
      var best = Duration.seconds(60)
      for _ in 0..<10 {
        let start = ContinuousClock.now
        _ = try await port.run(ChildCommand(argv: ["/bin/true"]))
        best = min(best, ContinuousClock.now - start)
      }
      #expect(best < .milliseconds(100))
    }
  }
}
