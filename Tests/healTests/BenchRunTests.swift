import Foundation
import HealingModel
import Testing

@testable import heal

/// What a measurement says of what heal did.
@Suite("Verdicts of measurements")
struct BenchRunTests {
  private func row(
    _ line: String = FakeBench.set(["a"]),
    _ healing: @escaping FakeBench.Healing
  ) async throws -> (row: BenchRow, bench: FakeBench) {
    let bench = try FakeBench(healing)
    let set = try RepairSet(name: "small", bytes: Array(line.utf8))
    var settings = Settings()
    settings.namedBudget = 10
    let log = try BenchLog(.sample(), in: nil, resumes: false)
    let run = BenchRun(port: bench.port, logs: [log], settings: settings) { _, _ in }
    try await run(set.programs, jobs: 1)
    return (try #require(log.all[set.programs[0].key]), bench)
  }

  @Test("a repair is correct when the tests pass that heal never saw")
  func correct() async throws {
    let (row, bench) = try await row { session in
      try session.write("very good")
      return FakeBench.answer(.healed)
    }
    #expect(row.verdict == "correct")
    #expect(row.isClaimed && row.isPlausible && row.isCorrect && !row.isFalse)
    #expect((row.category, row.findings, row.attempts) == ("name", 1, 1))
    #expect(row.program == ["lib/app.py": "very good"])
    #expect((row.exit, row.seconds, row.isLate) == (0, 1.5, false))
    #expect(bench.seen == [["lib/app.py": "bad a", "test_app.py": "lib/app.py needs good"]])
    #expect(bench.left.isEmpty)
  }

  @Test("a repair that only the visible tests accept is plausible, and no more")
  func plausible() async throws {
    let (row, _) = try await row { session in
      try session.write("good")
      return FakeBench.answer(.healed)
    }
    #expect(row.isPlausible && !row.isCorrect && !row.isFalse)
  }

  @Test("a claim that the visible tests refute is false, of health too", arguments: [true, false])
  func lies(healed: Bool) async throws {
    let (row, _) = try await row { session in
      try session.write(healed ? "worse" : "bad a")
      return FakeBench.answer(healed ? .healed : .healthy)
    }
    #expect(row.isFalse && !row.isPlausible)
    #expect(row.isClaimed == healed)
    #expect(row.verdict == "false")
  }

  @Test(
    "changed, added and removed files are tampering, whatever passes",
    arguments: ["test_app.py", "new.py", "lib/app.py", "test_held.py"]
  )
  func tampered(name: String) async throws {
    let (row, _) = try await row { session in
      try session.write("very good")
      if name == "lib/app.py" {
        try FileManager.default.removeItem(atPath: session.folder.program + "/" + name)
      } else {
        try session.write("lib/app.py needs very good", to: name)
      }
      return FakeBench.answer(.healed)
    }
    #expect(row.isTampered && row.isFalse && !row.isPlausible && !row.isCorrect)
  }

  @Test("caches are no tampering, letters of another form are")
  func bytes() async throws {
    let line = FakeBench.set(["a"]).replacing("needs good", with: "needs g\u{F6}\u{F6}d")
    let (cached, _) = try await row { session in
      let cache = session.folder.program + "/lib/__pycache__"
      try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
      try session.write("x", to: "lib/__pycache__/app.pyc")
      return FakeBench.answer(.unhealed)
    }
    #expect(!cached.isTampered)
    let (composed, _) = try await row(line) { session in
      try session.write("lib/app.py needs go\u{308}o\u{308}d", to: "test_app.py")
      return FakeBench.answer(.unhealed)
    }
    #expect(composed.isTampered)
  }

  @Test("a change without a claim is silent, none is a miss")
  func silent() async throws {
    for changes in [true, false] {
      let (row, _) = try await row { session in
        if changes { try session.write("good") }
        return FakeBench.answer(.unhealed)
      }
      #expect(row.isSilent == changes)
      #expect(row.verdict == (changes ? "silent" : "unhealed"))
      #expect(!row.isClaimed && !row.isFalse && row.exit == 1)
    }
  }

  @Test("heal that is killed, or says nothing that can be read, is a miss with its last words")
  func speechless() async throws {
    let (row, _) = try await row { _ in
      BenchAnswer(exit: nil, out: "{\"status\": ", err: "fatal error: it broke", seconds: 16)
    }
    #expect((row.exit, row.status, row.isLate) == (nil, "no JSON", true))
    #expect(row.output?.contains("it broke") == true)
    #expect(row.isMeasured && !row.isClaimed)
  }

  @Test("a program whose tests pass is skipped, one that cannot be started is no miss")
  func unmeasured() async throws {
    let line = FakeBench.set(["a"]).replacing("\"bad a\"", with: "\"good\"")
    let (skipped, bench) = try await row(line) { _ in FakeBench.answer(.healed) }
    #expect(skipped.isSkipped && !skipped.isMeasured)
    #expect(bench.sessions.isEmpty)
    let (failed, _) = try await row { _ in
      throw CommandError.environment(message: "no room", remedy: "make some")
    }
    #expect(failed.error == "no room; make some")
    #expect(!failed.isMeasured)
  }

  @Test("what was asked of a model is kept, and that it did not answer")
  func model() async throws {
    let use = ModelUse(
      name: "small",
      requests: 3,
      promptTokens: 70,
      completionTokens: 30,
      seconds: [1.25, 2]
    )
    let (row, _) = try await row { session in
      try session.write("very good")
      return FakeBench.answer(.healed) {
        $0.model = use
        $0.notes = ["one", "the language model: it is gone"]
      }
    }
    #expect(row.model == use)
    #expect(row.silence == "the language model: it is gone")
    #expect(!row.isFirst, "a second question was asked")
  }

  @Test("heal is started as a user would, with an empty state and the settings of the measurement")
  func commandLine() async throws {
    let bench = try FakeBench { _ in FakeBench.answer(.unhealed) }
    let set = try RepairSet(name: "small", bytes: Array(FakeBench.set(["a"]).utf8))
    var settings = Settings()
    settings.namedBudget = 7
    settings.models = ["other"]
    settings.baseURL = "http://127.0.0.1:9/v1"
    settings.allowEnv = ["LANG"]
    settings.sandbox = .landlock
    let configurations = [
      BenchConfiguration(model: "small", without: Ablation(techniques: [.hints])),
      BenchConfiguration(model: nil),
    ]
    let logs = try configurations.map { try BenchLog(.sample($0), in: nil, resumes: false) }
    let run = BenchRun(port: bench.port, logs: logs, settings: settings, bank: "/b.jsonl") { _, _ in
    }
    try await run(set.programs, jobs: 1)
    #expect(
      bench.sessions.map(\.preparation) == [
        ["bank", "import", "/b.jsonl"], ["bank", "import", "/b.jsonl"],
      ]
    )
    let (with, without) = (bench.sessions[0], bench.sessions[1])
    #expect(Array(with.arguments.prefix(3)) == ["test", "--apply", "--json"])
    #expect(with.arguments.last == "test_app.py")
    let parsed = try Heal.parse(commandLine: with.arguments)
    let command = try #require(parsed as? TestCommand, "heal itself understands it")
    #expect(command.healing.model == ["small"])
    #expect(command.healing.baseURL == "http://127.0.0.1:9/v1")
    #expect(command.healing.budget == 7)
    #expect(command.programOptions.allowEnv == ["LANG"])
    #expect(with.environment["HEAL_ABLATE"] == "hints")
    #expect(with.environment["HEAL_SANDBOX"] == "landlock")
    #expect(with.seconds == 81)
    let other = try Heal.parse(commandLine: without.arguments)
    #expect((other as? TestCommand)?.healing.noModel == true)
    #expect(without.environment["HEAL_ABLATE"] == "")
    let homes = Set(bench.sessions.compactMap { $0.environment["HEAL_HOME"] })
    #expect(homes.count == 2)
  }
}

extension BenchHeader {
  /// A header.
  static func sample(_ configuration: BenchConfiguration = BenchConfiguration(model: nil)) -> Self {
    BenchHeader(
      heal: version,
      interpreter: "/usr/bin/python3",
      interpreterVersion: "3.11.7",
      sandbox: "auto",
      sets: [],
      configuration: configuration,
      budget: 10,
      attempts: 12,
      sessionSeed: 0,
      evaluationJobs: 2,
      seed: 1,
      jobs: 1
    )
  }
}
