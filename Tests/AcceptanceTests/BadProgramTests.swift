import Foundation
import Testing

@testable import heal

/// Programs that harm whoever runs them: one test for each line of the table in ARCHITECTURE.md.
@Suite("Bad input: programs")
struct BadProgramTests {
  /// One hostile program and what becomes of it.
  struct Hostile: Sendable, CustomTestStringConvertible {
    var name: String
    var status: Int32
    var verdict: String
    /// What the first finding's rule may be; empty for none.
    var rules: [String] = []
    /// A word of a note, or of the error.
    var word = ""

    var testDescription: String { name }
  }

  /// Where the sandbox mounts nothing, what it refuses differs.
  private static let mounts = ["bwrap", "namespaces"]

  static let programs: [Hostile] = [
    Hostile(name: "reads_stdin", status: 0, verdict: "healthy"),
    Hostile(
      name: "prints_without_end",
      status: 1,
      verdict: "unhealed",
      rules: ["resource/output"]
    ),
    // A bomb grows in number and in memory at once: which cap it meets is up to the machine.
    Hostile(
      name: "fork_bomb",
      status: 1,
      verdict: "unhealed",
      rules: ["resource/processes", "resource/memory"]
    ),
    // Where memory is slow, the time is over before the memory is full.
    Hostile(
      name: "allocates_without_end",
      status: 1,
      verdict: "unhealed",
      rules: ["resource/memory", "resource/endless-loop"]
    ),
    Hostile(name: "changes_cwd", status: 0, verdict: "healthy"),
    Hostile(name: "os_exit", status: 1, verdict: "unhealed", word: "status 4"),
    Hostile(name: "exits_with_status", status: 1, verdict: "unhealed", word: "status 3"),
    Hostile(
      name: "installs_signal_handlers",
      status: 1,
      verdict: "unhealed",
      rules: ["resource/hang"]
    ),
    Hostile(name: "ignores_sigterm", status: 1, verdict: "unhealed", rules: ["resource/hang"]),
    Hostile(name: "starts_daemon", status: 0, verdict: "healthy"),
    Hostile(name: "endless_loop", status: 1, verdict: "unhealed", rules: ["resource/endless-loop"]),
    Hostile(name: "waits_forever", status: 1, verdict: "unhealed", rules: ["resource/hang"]),
    Hostile(name: "uses_network", status: 3, verdict: "error", word: "--allow-network"),
  ]

  @Test(
    "ends with a verdict, and leaves nothing behind and nothing changed",
    arguments: programs
  )
  func hostile(program: Hostile) async throws {
    let playground = try Playground()
    let (report, ended) = try await run(program.name, in: playground)
    #expect(ended.status == program.status, "\(ended)")
    #expect(report["status"]?.text == program.verdict, "\(ended)")
    let rules = report["findings"]?.elements?.compactMap { $0["rule"]?.text } ?? []
    #expect(program.rules.isEmpty || program.rules.contains(rules.first ?? ""), "\(ended)")
    let notes = report["notes"]?.elements?.compactMap(\.text) ?? []
    let error = try ended.error()
    #expect(
      program.word.isEmpty || (notes + [error.message]).contains { $0.contains(program.word) }
    )
  }

  /// Runs a program of `Fixtures/hostile` and checks what holds for every one.
  private func run(
    _ name: String,
    in playground: Playground
  ) async throws -> (report: JSON, ended: Ended) {
    try playground.copy(Fixture.hostile(name), to: name + ".py")
    try playground.write("kept", to: "other.txt")
    try playground.write("kept", to: playground.root + "/home/kept.txt")
    let before = playground.snapshot()
    let ended = try await playground.heal(
      "run",
      "--apply",
      "--json",
      "--budget",
      "10",
      name + ".py"
    )
    #expect(playground.snapshot() == before)
    let home = try FileManager.default.contentsOfDirectory(atPath: playground.root + "/home")
    #expect(home == ["kept.txt"])
    #expect(await playground.leftovers(within: 10) == [])
    return (try ended.json(), ended)
  }

  @Test("kills its parent, which is none of ours")
  func killsParent() async throws {
    let (report, ended) = try await run("kills_parent", in: try Playground())
    // Without a process space of its own the signal is refused.
    let isAlone = Self.mounts.contains(report["sandbox"]?["mechanism"]?.text ?? "bwrap")
    #expect(ended.status == (isAlone ? 0 : 3), "\(ended)")
  }

  @Test("deletes its folder, which the sandbox keeps from it")
  func deletesItsFolder() async throws {
    let playground = try Playground()
    let (report, ended) = try await run("deletes_its_folder", in: playground)
    #expect(report["patch"] == .null)
    guard report["sandbox"]?["mechanism"] != "limits" else {
      #expect(ended.status == 0, "\(ended)")
      return
    }
    #expect(ended.status == 3, "\(ended)")
    let error = try ended.error()
    #expect(error.message.contains("blocked by the sandbox: remove the program's own folder"))
    // What the message says helps.
    let other = try await playground.heal(
      "run",
      "--json",
      "deletes_its_folder.py",
      environment: ["HEAL_SANDBOX": "limits"]
    )
    #expect(other.status == 0, "\(other)")
    #expect(playground.data("deletes_its_folder.py") != nil)
  }

  @Test(
    "reads standard input: what was recorded is replayed to every run"
  )
  func readsInput() async throws {
    let playground = try Playground()
    try playground.copy(Fixture.hostile("reads_stdin"), to: "sum.py")
    let healthy = try await playground.heal(
      "run",
      "--json",
      "--expect",
      "Total: 6",
      "sum.py",
      input: "1\n2\n3\n"
    )
    #expect(healthy.status == 0, "\(healthy)")
    let broken = playground.text("sum.py").replacing("total += int", with: "totla += int")
    try playground.write(broken, to: "sum.py")
    let healed = try await playground.heal(
      "run",
      "--apply",
      "--json",
      "--expect",
      "Total: 6",
      "sum.py",
      input: "1\n2\n3\n"
    )
    #expect(healed.status == 0, "\(healed)")
    #expect(
      playground.data("sum.py")
        == FileManager.default.contents(atPath: Fixture.hostile("reads_stdin"))
    )
  }

  @Test("writes outside of its folder")
  func writesOutside() async throws {
    let playground = try Playground()
    // The home folder inside is the sandbox's own.
    let (_, home) = try await run("writes_outside", in: playground)
    #expect(home.status == 0, "\(home)")
    let outside = Machine.built + "/" + playground.name
    try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: outside) }
    let target = outside + "/outside.txt"
    let text = "with open('\(target)', 'w') as file:\n    file.write('x')\nprint('done')\n"
    try playground.write(text, to: "f.py")
    let before = playground.snapshot()
    let refused = try await playground.heal("run", "--apply", "--json", "--expect", "done", "f.py")
    #expect(refused.status == 3, "\(refused)")
    #expect(try refused.error().message.contains("blocked by the sandbox"))
    #expect(!FileManager.default.fileExists(atPath: target))
    #expect(playground.snapshot() == before)
    let allowed = try await playground.heal(
      "run",
      "--json",
      "--allow-write",
      outside,
      "--expect",
      "done",
      "f.py"
    )
    #expect(allowed.status == 0, "\(allowed)")
    #expect(FileManager.default.contents(atPath: target) == Data("x".utf8))
  }

  @Test("reads a file that the sandbox hides")
  func readsHidden() async throws {
    let playground = try Playground()
    let data = playground.root + "/data.txt"
    try playground.write("6", to: data)
    try playground.write("print(open('\(data)').read())\n", to: "f.py")
    let refused = try await playground.heal("run", "--apply", "--json", "--expect", "6", "f.py")
    let isVisible = refused.status == 0
    #expect(isVisible || refused.status == 3, "\(refused)")
    guard !isVisible else { return }
    #expect(try refused.error().message.contains(data))
    try playground.write("print(open('\(data).bak').read())\n", to: "f.py")
    #expect(try await playground.heal("run", "--json", "f.py").status == 3)
  }
}
