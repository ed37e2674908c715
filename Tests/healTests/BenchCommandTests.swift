import Foundation
import HealingModel
import ModelProtocol
import Synchronization
import Testing

@testable import heal

/// `heal bench` from its arguments to its tables.
@Suite("heal bench")
struct BenchCommandTests {
  /// A world with a set: `a` becomes right, `b` plausible, `c` is missed, `d` passes before.
  private func world(_ healing: FakeBench.Healing? = nil) throws -> (FakeWorld, FakeBench) {
    let bench = try FakeBench(
      healing ?? { session in
        switch session.program {
        case "bad a": try session.write("very good")
        case "bad b": try session.write("good")
        default: return FakeBench.answer(.unhealed) { $0.attempts = 7 }
        }
        return FakeBench.answer(.healed, seconds: session.program == "good" ? 9 : 2)
      }
    )
    var world = try FakeWorld()
    world.bench = { _ in bench.port }
    let last = FakeBench.set(["d"], kind: "other").replacing("bad d", with: "good")
    try world.folder.write(FakeBench.set(["a", "b", "c"]) + "\n" + last, to: "small.jsonl")
    return (world, bench)
  }

  private func rows(_ world: FakeWorld, in folder: String = "rows") throws -> [String] {
    let path = world.folder.path + "/" + folder
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    let files = names.filter { $0.hasSuffix(".jsonl") }.sorted()
    return try files.flatMap {
      try String(contentsOfFile: path + "/" + $0, encoding: .utf8).split(separator: "\n")
        .dropFirst().map(String.init)
    }
  }

  @Test("the tables count what the rows say, and fit their schema")
  func counts() async throws {
    let (world, _) = try world()
    #expect(await world.run("bench", "small.jsonl", "--json", "--out", "rows") == 0)
    let json = try world.json()
    #expect(try JSONSchema("heal-bench-1.json").violations(of: json) == [])
    #expect(json["complete"] == true)
    let result = try #require(json["configurations"]?.elements?.first)
    let expected: [(String, JSON)] = [
      ("programs", 3), ("skipped", 1), ("errors", 0), ("claimed", 2), ("plausible", 2),
      ("correct", 1), ("false", 0), ("tampered", 0), ("silent", 0), ("late", 0),
      ("firstAttempt", 1), ("secondsHealed", 2),
    ]
    for (name, value) in expected { #expect(result[name] == value, "\(name)") }
    #expect(result["kinds"] == .array([["correct": 1, "name": "k", "programs": 3]]))
    let attempts: [JSON] = [
      ["correct": 1, "name": "1", "programs": 2],
      ["correct": 0, "name": "5 or more", "programs": 1],
    ]
    #expect(result["attempts"] == .array(attempts))
    #expect(try rows(world).count == 4)
    let stored = try String(
      contentsOfFile: world.folder.path + "/rows/summary.json",
      encoding: .utf8
    )
    #expect(try JSON.parse(stored.utf8).get() == json)
  }

  @Test("the text has the same numbers")
  func text() async throws {
    let (world, _) = try world()
    #expect(await world.run("bench", "small.jsonl", "--limit", "4") == 0)
    let lines = world.play.out.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("configuration  programs  correct"))
    #expect(
      lines[1].split(separator: " ").map(String.init).prefix(5) == [
        "no", "model", "3", "1", "33.3",
      ]
    )
    #expect(world.play.out.contains("by category of the first finding"))
    #expect(world.play.err.contains("4/4 "))
  }

  @Test("a lie ends with 1")
  func lie() async throws {
    let (world, _) = try world { _ in FakeBench.answer(.healed) }
    #expect(await world.run("bench", "small.jsonl") == 1)
  }

  @Test("a measurement that was ended goes on where it stopped")
  func resumes() async throws {
    let calls = Counter()
    let (world, bench) = try world { _ in
      calls.add()
      if calls.value == 2 { throw CancellationError() }
      return FakeBench.answer(.unhealed)
    }
    #expect(await world.run("bench", "small.jsonl", "--out", "rows", "--json") == 130)
    #expect(try world.json()["complete"] == false)
    let before = try rows(world)
    #expect(before.count < 4)
    // A row that was being written when the machine went down.
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: world.folder.path + "/rows")
        .first { $0.hasSuffix(".jsonl") }
    )
    let path = "rows/" + name
    let text = try String(contentsOfFile: world.folder.path + "/" + path, encoding: .utf8)
    try world.folder.write(text + #"{"id":"cu"#, to: path)
    #expect(await world.run("bench", "small.jsonl", "--out", "rows") == 2, "not without --resume")
    #expect(bench.sessions.count == 2)
    #expect(await world.run("bench", "small.jsonl", "--out", "rows", "--resume") == 0)
    let after = try rows(world)
    #expect(Array(after.prefix(before.count)) == before)
    #expect(after.count == 4)
    #expect(bench.sessions.count == 4, "three programs, and the one that was cut off")
  }

  @Test("rows of another set, seed or budget are not gone on from")
  func altered() async throws {
    let (world, bench) = try world()
    let start = ["bench", "small.jsonl", "--out", "rows"]
    #expect(await Main.perform(start, in: world.context) == 0)
    let count = bench.sessions.count
    for (more, reason) in [
      (["--budget", "5"], "the budget"), (["--seed", "2"], "the seed"), (["--jobs", "2"], "jobs"),
    ] {
      #expect(await Main.perform(start + ["--resume"] + more, in: world.context) == 2)
      #expect(world.play.err.contains(reason))
    }
    try world.folder.write(FakeBench.set(["a", "b", "x"]), to: "small.jsonl")
    #expect(await Main.perform(start + ["--resume"], in: world.context) == 2)
    #expect(world.play.err.contains("the sets"))
    #expect(bench.sessions.count == count)
  }

  @Test("two configurations are compared on the same programs")
  func pairs() async throws {
    let (base, bench) = try world { session in
      let isWhole = session.environment["HEAL_ABLATE"] == ""
      guard isWhole || session.program == "bad b" else { return FakeBench.answer(.unhealed) }
      try session.write("very good")
      return FakeBench.answer(.healed) {
        $0.model = ModelUse(
          name: "small",
          requests: 1,
          promptTokens: 90,
          completionTokens: 11,
          seconds: [3]
        )
      }
    }
    var world = base
    world.models = { () throws(CommandError) in .fake(models: ["small"]) }
    let options = ["--model", "small", "--without", "hints", "--matrix", "--json"]
    #expect(await Main.perform(["bench", "small.jsonl"] + options, in: world.context) == 0)
    #expect(bench.sessions.count == 6)
    let json = try world.json()
    #expect(try JSONSchema("heal-bench-1.json").violations(of: json) == [])
    let pair = try #require(json["pairs"]?.elements?.first)
    #expect(pair["first"] == "small")
    #expect(pair["second"] == "small, without hints")
    #expect((pair["programs"], pair["won"], pair["lost"]) == (3, 2, 0))
    let whole = try #require(json["configurations"]?.elements?.first)
    #expect(whole["responses"]?["count"] == 3)
    #expect(whole["responses"]?["p90"] == 3)
    #expect(whole["tokensByBugs"]?.elements?.first?["promptTokens"] == 90)
  }

  @Test("a model that is not there, or not here, is no measurement")
  func models() async throws {
    var (world, bench) = try world()
    world.models = { () throws(CommandError) in .fake(models: []) }
    #expect(await world.run("bench", "small.jsonl", "--model", "small") == 3)
    world.models = { () throws(CommandError) in .fake(models: ["small"], host: "models.example") }
    #expect(await world.run("bench", "small.jsonl", "--model", "small") == 2)
    #expect(bench.sessions.isEmpty)
  }

  @Test(
    "a wrong command line ends with 2",
    arguments: [
      ["bench"], ["bench", "nosuch.jsonl"], ["bench", "small.jsonl", "small.jsonl"],
      ["bench", "small.jsonl", "--resume"], ["bench", "small.jsonl", "--limit", "0"],
      ["bench", "small.jsonl", "--without", "tests"],
      ["bench", "small.jsonl", "--without", "hints"],
      ["bench", "small.jsonl", "--without", "bank"],
      ["bench", "small.jsonl", "--bank", "nosuch.jsonl"],
      ["bench", "app.py"], ["bench", "small.jsonl", "--out", "app.py"],
    ]
  )
  func usage(arguments: [String]) async throws {
    let (world, bench) = try world()
    #expect(await Main.perform(arguments, in: world.context) == 2)
    #expect(bench.sessions.isEmpty)
  }

  @Test("what cannot be measured at all is told as JSON too")
  func failure() async throws {
    let (base, _) = try world()
    var world = base
    world.bench = { _ in throw CommandError.environment(message: "no pytest", remedy: "install it")
    }
    #expect(await world.run("bench", "small.jsonl", "--json") == 3)
    #expect(try JSONSchema("heal-bench-1.json").violations(of: world.json()) == [])
  }
}

extension ModelLink {
  /// A link to one server with these models.
  fileprivate static func fake(models: [String], host: String = "127.0.0.1") -> ModelLink {
    ModelLink(
      send: { operation in
        AsyncStream { continuation in
          if case .list = operation, let address = ModelAddress("http://\(host):1234/v1") {
            continuation.yield(
              .servers([ModelServer(product: nil, address: address, models: models)])
            )
          }
          continuation.finish()
        }
      },
      close: {}
    )
  }
}
