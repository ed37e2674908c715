import Healing
import HealingModel
import Synchronization
import Testing

@testable import heal

/// The commands from their arguments to their exit status, with fakes behind them.
@Suite("Commands")
struct CommandTests {
  @Test(
    "a wrong command line ends with 2, whatever is wrong",
    arguments: [
      ["run"], ["run", "nosuch.py"], ["run", "--bogus", "app.py"], ["frobnicate"],
      ["run", "--budget", "0", "app.py"], ["run", "--budget", "soon", "app.py"],
      ["run", "--jobs", "0", "app.py"], ["run", "--no-model", "--model", "gpt", "app.py"],
      ["run", "--no-model", "--base-url", "http://x", "app.py"],
      ["run", "--model-tokens", "0", "app.py"],
      ["run", "--expect", "1", "--cases", "d", "app.py"],
      ["run", "--cases", "nosuch", "app.py"], ["run", "--expect-file", "nosuch", "app.py"],
      ["run", "--root", "/nosuch", "app.py"], ["run", "."], ["run", "zero.py"],
      ["run", "loop.py"], ["test", "nosuch_test.py"], ["test", "--command", "make", "app.py"],
      ["test", "--command", "  "], ["diagnose"], ["diagnose", "nosuch.py"], ["show"],
      ["show", "ffff"], ["diagnose", "--format", "xml", "app.py"], ["log", "--limit", "0"],
    ]
  )
  func usage(arguments: [String]) async throws {
    let world = try FakeWorld()
    try world.folder.write([0x61, 0, 0x62], to: "zero.py")
    try world.folder.link("loop.py", to: "loop.py")
    #expect(await Main.perform(arguments, in: world.context) == ExitStatus.usage.rawValue)
    #expect(!world.play.err.isEmpty)
    #expect(world.play.out.isEmpty)
  }

  @Test("help and version go to standard output", arguments: ["--help", "--version"])
  func help(option: String) async throws {
    let world = try FakeWorld()
    #expect(await world.run(option) == 0)
    #expect(world.play.out.contains("heal"))
    #expect(world.play.err.isEmpty)
  }

  @Test("everything after FILE is the program's")
  func passthrough() async throws {
    var world = try FakeWorld()
    world.loop = { job in
      #expect(
        job.program.entry == .script(path: "app.py", arguments: ["--json", "-x", "--", "--apply"])
      )
      return SessionReport(status: .healthy, strength: .crashOnly)
    }
    #expect(await world.run("run", "app.py", "--json", "-x", "--", "--apply") == 0)
    #expect(world.play.out.hasPrefix("healthy: app.py --json -x -- --apply passes"))
  }

  @Test("a file that looks like an option can stand after --")
  func dashedFile() async throws {
    var world = try FakeWorld()
    try world.folder.write("print(1)\n", to: "-odd.py")
    world.loop = { job in
      #expect(job.program.entry == .script(path: "-odd.py", arguments: ["a"]))
      return SessionReport(status: .healthy, strength: .crashOnly)
    }
    #expect(await world.run("run", "--", "-odd.py", "a") == 0)
  }

  @Test("HEAL_ABLATE names what the search leaves out; a name that is none is refused")
  func ablation() async throws {
    var world = try FakeWorld()
    world.environment["HEAL_ABLATE"] = "pairs,kind:wrap"
    world.loop = { job in
      #expect(job.ablation.description == "pairs,kind:wrap")
      return SessionReport(status: .healthy, strength: .suite)
    }
    #expect(await world.run("run", "app.py") == 0)
    world.environment["HEAL_ABLATE"] = "pears"
    #expect(await world.run("run", "app.py") == ExitStatus.usage.rawValue)
    #expect("\(world.play.out)\(world.play.err)".contains("pears"))
  }

  @Test("the test runner's arguments stand after --")
  func runnerArguments() async throws {
    var world = try FakeWorld()
    try world.folder.write("", to: "tests/test_a.py")
    world.loop = { job in
      #expect(
        job.program.entry
          == .suite(targets: ["tests/test_a.py::test_b"], arguments: ["-k", "x", "--", "--json"])
      )
      return SessionReport(status: .healthy, strength: .suite)
    }
    let status = await world.run("test", "tests/test_a.py::test_b", "--", "-k", "x", "--", "--json")
    #expect(status == 0)
  }

  @Test("healed and written is 0, healed and not written is 5")
  func written() async throws {
    for (arguments, answer, status, applied): ([String], Bool?, Int32, Bool) in [
      (["run", "--apply", "app.py"], nil, 0, true), (["run", "app.py"], nil, 5, false),
      (["run", "app.py"], true, 0, true), (["run", "app.py"], false, 5, false),
      (["run", "--json", "app.py"], true, 5, false),
      (["run", "--json", "--apply", "app.py"], nil, 0, true),
    ] {
      var world = try FakeWorld()
      world.answer = answer
      world.loop = { _ in .healed() }
      #expect(await Main.perform(arguments, in: world.context) == status, "\(arguments)")
      #expect(world.store.applied.isEmpty != applied, "\(arguments)")
      let isAsked = answer != nil && !arguments.contains("--json")
      #expect(world.play.questions.isEmpty != isAsked, "\(arguments)")
    }
  }

  @Test("each end of a session has its status")
  func statuses() async throws {
    for (report, status): (SessionReport, Int32) in [
      (.unhealed(), 1), (.unhealed(partial: true), 1),
      (SessionReport(status: .interrupted, strength: .suite), 130),
      (SessionReport(status: .error, strength: .suite), 4),
    ] {
      var world = try FakeWorld()
      world.loop = { _ in report }
      #expect(await world.run("run", "--apply", "app.py") == status)
      #expect(world.store.applied.isEmpty, "only a healed repair is written")
      #expect(world.adapter.closed.value == 1)
    }
  }

  @Test("an error of the adapter has its status, and is stored")
  func adapterErrors() async throws {
    for (error, status): (AdapterError, Int32) in [
      (.environment(message: "no python", remedy: "install it"), 3),
      (.usage(message: "no tests were collected"), 2), (.fault(message: "the agent died"), 4),
    ] {
      for early in [true, false] {
        var world = try FakeWorld()
        if early { world.openError = error } else { world.loop = { _ in throw error } }
        #expect(await world.run("test", "--json") == status)
        let json = try world.json()
        #expect(json["status"] == "error")
        #expect(try JSONSchema("heal-report-1.json").violations(of: json) == [])
        #expect(world.store.reports.map(\.status) == [.error])
      }
    }
  }

  @Test("a repair that cannot be written is reported as not written")
  func refusedWrite() async throws {
    var world = try FakeWorld()
    world.loop = { _ in .healed() }
    world.store.state.withLock { $0.applyError = .refused("app.py has changed") }
    #expect(await world.run("run", "--apply", "app.py") == 5)
    #expect(world.play.err.contains("app.py has changed"))
  }

  @Test("the program's input is recorded, its note reported")
  func input() async throws {
    var world = try FakeWorld()
    world.input = RecordedInput(bytes: Array("abc".utf8), note: "it was slow")
    world.loop = { job in
      let example = ExampleCase(name: "run", input: Array("abc".utf8), expected: "42")
      #expect(job.oracle == .examples([example]))
      return SessionReport(status: .healthy, strength: .example)
    }
    #expect(await world.run("run", "--json", "--expect", "42", "app.py", "7") == 0)
    #expect(try world.json()["notes"] == ["it was slow"])
  }

  @Test("the demo heals all of its programs, or says that it did not")
  func demo() async throws {
    for healed in [true, false] {
      var world = try FakeWorld()
      world.environment["TMPDIR"] = world.folder.path
      world.loop = { _ in healed ? .healed() : .unhealed() }
      #expect(await world.run("demo") == (healed ? 0 : 1))
      let count = DemoProgram.all.count
      #expect(world.play.out.hasSuffix("\(healed ? count : 0) of \(count) healed\n"))
    }
  }

  @Test("the demo's JSON fits its schema")
  func demoJSON() async throws {
    var world = try FakeWorld()
    world.environment["TMPDIR"] = world.folder.path
    world.loop = { _ in .healed() }
    #expect(await world.run("demo", "--json") == 0)
    #expect(try JSONSchema("heal-demo-1.json").violations(of: world.json()) == [])
  }
}
