import Foundation
import Testing

@testable import heal

/// The tool ended by somebody while it works, and two of it at once.
@Suite("Interruptions")
struct InterruptionTests {
  private static let waiting = "import time\nprint('begun', flush=True)\ntime.sleep(1000)\n"

  private func playground() throws -> Playground {
    let playground = try Playground()
    try playground.write(Self.waiting, to: "f.py")
    return playground
  }

  /// Sends a signal once the program runs, however long that takes.
  private func run(
    in playground: Playground,
    until signal: Int32
  ) async throws -> Ended {
    try await playground.run(
      [Machine.tool, "run", "--apply", "--json", "--budget", "120", "f.py"],
      whileRunning: { running in
        // The program's own process, not a parent that merely names it.
        func runs() -> Bool {
          processes(mentioning: playground.name).contains { line in
            let words = line.split(separator: " ")
            return words.count == 3 && words[1].contains("python") && words[2] == "f.py"
          }
        }
        while !runs(), running.seconds < 60 { Thread.sleep(forTimeInterval: 0.01) }
        running.signal(signal)
      }
    )
  }

  /// What `heal show --json last` and `heal log` say of the one session.
  private func expectInterrupted(in playground: Playground) async throws {
    let shown = try await playground.heal("show", "--json", "last")
    #expect(shown.status == 0, "\(shown)")
    let json = try shown.json("show")
    #expect(json["status"] == "interrupted", "\(shown)")
    #expect(json["report"]?["status"] == "interrupted")
    #expect(json["session"]?["status"] == "interrupted")
    let text = try await playground.heal("show", "last")
    #expect(text.status == 0 && text.out.contains("interrupted"), "\(text)")
    let log = try await playground.heal("log", "--json")
    #expect(try log.json("log")["sessions"]?.elements?.count == 1, "\(log)")
    let checked = try await playground.heal("verify", "last")
    #expect(checked.status == 1, "\(checked)")
  }

  @Test(
    "Ctrl-C and SIGTERM: the session is stored as interrupted, nothing is left",
    arguments: [SIGINT, SIGTERM, SIGHUP]
  )
  func interrupted(signal: Int32) async throws {
    let playground = try playground()
    let before = playground.snapshot()
    let ended = try await run(in: playground, until: signal)
    #expect(ended.status == 130 && !ended.wasKilled, "\(ended)")
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers(within: 10) == [])
    try await expectInterrupted(in: playground)
  }

  @Test(
    "a signal right at the start is not lost",
    arguments: [SIGINT, SIGTERM]
  )
  func atOnce(signal: Int32) async throws {
    let playground = try playground()
    for delay in [0, 0.005, 0.01, 0.02, 0.04, 0.08] {
      let ended = try await playground.run(
        [Machine.tool, "run", "--json", "--budget", "120", "f.py"],
        whileRunning: { running in
          Thread.sleep(forTimeInterval: delay)
          running.signal(signal)
        }
      )
      // Before the tool listens, the signal ends it like any other.
      #expect(ended.wasKilled ? ended.status == signal : ended.status == 130, "\(ended)")
    }
    #expect(await playground.leftovers(within: 10) == [])
  }

  @Test("SIGKILL: nothing is left, and the session can be shown")
  func killed() async throws {
    let playground = try playground()
    let before = playground.snapshot()
    let ended = try await run(in: playground, until: SIGKILL)
    #expect(ended.wasKilled, "\(ended)")
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers(within: 10) == [])
    try await expectInterrupted(in: playground)
    // The store goes on.
    try playground.write("word = 'a'\nprint(wrod)\n", to: "f.py")
    let next = try await playground.heal("run", "--apply", "--json", "--expect", "a", "f.py")
    #expect(next.status == 0, "\(next)")
    #expect(try await playground.heal("verify", "last").status == 0)
  }

  @Test("two at once in one folder")
  func two() async throws {
    let playground = try Playground()
    try playground.write("word = 'a'\nprint(wrod)\n", to: "f.py")
    try playground.write("def f(x)\n    return x\n\n\nprint(f(1))\n", to: "g.py")
    @Sendable func healing(_ name: String, _ expected: String) async throws -> Ended {
      try await playground.heal("run", "--apply", "--json", "--expect", expected, name)
    }
    async let first = healing("f.py", "a")
    async let second = healing("g.py", "1")
    async let third = healing("f.py", "a")
    let (one, two, three) = try await (first, second, third)
    #expect(two.status == 0, "\(two)")
    // The third one finds the file healed, heals it, or finds it changed when it would write.
    for ended in [one, three] { #expect([0, 5].contains(ended.status), "\(ended)") }
    #expect([one, three].contains { $0.status == 0 })
    #expect(playground.text("f.py") == "word = 'a'\nprint(word)\n")
    #expect(playground.text("g.py") == "def f(x):\n    return x\n\n\nprint(f(1))\n")
    let log = try await playground.heal("log", "--json")
    #expect(try log.json("log")["sessions"]?.elements?.count == 3, "\(log)")
    #expect(playground.snapshot().count == 2)
    #expect(await playground.leftovers() == [])
  }
}
