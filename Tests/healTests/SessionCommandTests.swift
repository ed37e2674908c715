import Foundation
import HealingModel
import Synchronization
import Testing

@testable import heal

/// `log`, `show`, `apply`, `undo` and `verify` over a store in memory.
@Suite("Session commands")
struct SessionCommandTests {
  @Test("every command's JSON fits its schema, failures included")
  func schemas() async throws {
    let stored: [SessionRecord] = [
      .sample(), .sample(applied: true), .sample(nil), .sample(.unhealed(partial: true)),
    ]
    let commands = [
      (["log", "--json"], "log"), (["show", "last", "--json"], "show"),
      (["show", "zzz", "--json"], "show"), (["apply", "01", "--json"], "files"),
      (["undo", "last", "--json"], "files"), (["verify", "zzz", "--json"], "verify"),
      (["verify", "last", "--json"], "verify"),
    ]
    for session in stored {
      for (arguments, schema) in commands {
        let world = try FakeWorld(stored: session)
        world.store.state.withLock { $0.alterations = ["patch"] }
        _ = await Main.perform(arguments, in: world.context)
        let found = try JSONSchema("heal-\(schema)-1.json").violations(of: world.json())
        #expect(found == [], "\(arguments)")
      }
    }
  }

  @Test("the log lists sessions")
  func log() async throws {
    let world = try FakeWorld(stored: .sample(applied: true))
    #expect(await world.run("log") == 0)
    #expect(world.play.out.contains("0123456789ab"))
    #expect(world.play.out.contains("healed, written"))
  }

  @Test("show prints the report of a session that ended, and of one that was killed")
  func show() async throws {
    let ended = try FakeWorld(stored: .sample())
    #expect(await ended.run("show", "last") == 0)
    #expect(ended.play.out.contains("+print(1)"))
    let killed = try FakeWorld(stored: .sample(nil))
    #expect(await killed.run("show", "last") == 0)
    #expect(killed.play.out.contains("not finished"))
    let machine = try FakeWorld(stored: .sample(nil))
    #expect(await machine.run("show", "last", "--json") == 0)
    #expect(try machine.json()["status"] == "running")
  }

  @Test("apply writes healed repairs; partial ones only when told")
  func apply() async throws {
    for (report, arguments, status): (SessionReport, [String], Int32) in [
      (.healed(), [], 0), (.unhealed(partial: true), [], 1),
      (.unhealed(partial: true), ["--partial"], 0), (.unhealed(), ["--partial"], 1),
    ] {
      let world = try FakeWorld(stored: .sample(report))
      #expect(await Main.perform(["apply", "last"] + arguments, in: world.context) == status)
      #expect(world.store.applied.isEmpty == (status != 0))
    }
  }

  @Test("apply does nothing when the repair is written already, undo when it is not")
  func twice() async throws {
    let written = try FakeWorld(stored: .sample(applied: true))
    #expect(await written.run("apply", "last") == 0)
    #expect(written.store.applied.isEmpty)
    let unwritten = try FakeWorld(stored: .sample())
    #expect(await unwritten.run("undo", "last") == 1)
    #expect(unwritten.store.state.withLock { $0.undone.isEmpty })
  }

  @Test("undo takes a repair back")
  func undo() async throws {
    let world = try FakeWorld(stored: .sample(applied: true))
    #expect(await world.run("undo", "last") == 0)
    #expect(world.store.state.withLock { $0.undone } == [FakeStore.id])
  }

  // MARK: verify

  private func verify(
    _ text: String = "pritn(1)\n",
    stored: SessionRecord = .sample(),
    outcomes: [TestOutcome] = [.passed, .passed],
    id: String = "run",
    alterations: [String] = []
  ) async throws -> (status: Int32, world: FakeWorld) {
    let observation = Observation(exit: .code(0))
    var world = try FakeWorld()
    var stored = stored
    stored.program.root = world.folder.path
    world.store.state.withLock {
      $0.stored = stored
      $0.alterations = alterations
    }
    try world.folder.write(text, to: "app.py")
    world.adapter.sources = Sources(["app.py": text])
    world.adapter.judgements = outcomes.map {
      Judgement(tests: [TestResult(id: id, outcome: $0)], observation: observation)
    }
    return (await world.run("verify", "last"), world)
  }

  @Test("verify accepts evidence that holds, with the repair written or not")
  func holds() async throws {
    for text in ["pritn(1)\n", "print(1)\n"] {
      let (status, world) = try await verify(text)
      #expect(status == 0, "\(world.play.out)")
      #expect(world.play.out.hasPrefix("verified"))
      #expect(world.adapter.closed.value == 1)
    }
  }

  @Test("verify refuses an altered store, changed files, a failing run, missing tests")
  func refuses() async throws {
    #expect(try await verify(alterations: ["patch"]).status == 1)
    #expect(try await verify("print(2)\n").status == 1)
    #expect(try await verify(outcomes: [.passed, .failed]).status == 1)
    #expect(try await verify(outcomes: [.skipped, .passed]).status == 1)
    #expect(try await verify(id: "other").status == 1)
    #expect(try await verify(stored: .sample(.unhealed())).status == 1)
    var patched = SessionReport.healed()
    patched.patch.edits[0].new = "input"
    #expect(try await verify(stored: .sample(patched)).status == 1)
    var shown = SessionReport.healed()
    shown.diff = shown.diff?.replacing("+print(1)", with: "+print(2)")
    #expect(try await verify(stored: .sample(shown)).status == 1)
  }
}
