import Foundation
import HealingModel
import SessionStore
import Synchronization
import Testing

@testable import heal

/// `heal bank` over a bank in memory.
@Suite("Bank commands")
struct BankCommandTests {
  private static func repair(_ new: String = "+", here: Bool = true) -> BankedRepair {
    let origin = RepairOrigin(
      session: FakeStore.id,
      time: 1_763_881_560,
      version: "0.1.0",
      program: "app.py",
      oracle: "suite",
      strength: .suite,
      evidence: .tested,
      source: .model,
      kinds: ["comparison"],
      edits: 2,
      digest: "d"
    )
    return BankedRepair(
      language: "Python",
      template: RepairTemplate(
        holes: [.name],
        before: [TemplateToken(.line(0)), TemplateToken(.text("if")), TemplateToken(.hole(0))],
        after: [TemplateToken(.line(0)), TemplateToken(.hole(0)), TemplateToken(.text(new))]
      ),
      example: RepairExample(before: "x\u{1b}[2J = 1", after: "x = 1 \(new)"),
      contexts: [
        RepairContext(category: .type, rule: "type/sum", exception: "TypeError", enclosing: ["for"])
      ],
      origins: here ? [origin] : [],
      imported: here ? [] : [origin],
      recalled: 1
    )
  }

  private func world(_ repairs: [BankedRepair], answer: Bool? = nil) throws -> FakeWorld {
    var world = try FakeWorld()
    world.answer = answer
    world.store.state.withLock { $0.bank = repairs }
    return world
  }

  private func bank(_ world: FakeWorld) -> [BankedRepair] { world.store.state.withLock { $0.bank } }

  @Test("every answer as JSON fits its schema, failures included")
  func schemas() async throws {
    var bare = Self.repair("-")
    bare.template = nil
    let bank = [Self.repair(), Self.repair("*", here: false), bare]
    for arguments in [
      ["list"], ["show", bank[0].id], ["show", "zzz"], ["forget", "--all", "--yes"],
      ["forget", "--all"], ["import", "none.jsonl"],
    ] {
      let world = try world(bank)
      _ = await Main.perform(["bank"] + arguments + ["--json"], in: world.context)
      let json = try world.json()
      #expect(try JSONSchema("heal-bank-1.json").violations(of: json) == [], "\(arguments)")
    }
  }

  @Test("list names each repair in a line, and shows no control characters")
  func list() async throws {
    let world = try world([Self.repair(), Self.repair("*", here: false)])
    #expect(await world.run("bank") == 0)
    let lines = world.play.out.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix(Self.repair().id) && lines[0].contains("1×"))
    #expect(lines[0].contains("type/sum"))
    #expect(lines[1].contains("imported"))
    #expect(!world.play.out.contains("\u{1b}"))
    let empty = try self.world([])
    #expect(await empty.run("bank", "list") == 0)
    #expect(empty.play.out == "the bank is empty\n")
  }

  @Test("show tells what a repair does and where it was verified")
  func show() async throws {
    let repair = Self.repair()
    let world = try world([repair, Self.repair("*")])
    #expect(await world.run("bank", "show", String(repair.id.prefix(8))) == 0)
    for words in ["- if ‹name 1›", "+ ‹name 1› +", "TypeError, in for", "made by model", "app.py"] {
      #expect(world.play.out.contains(words), "\(words) in \(world.play.out)")
    }
    #expect(!world.play.out.contains("\u{1b}"))
    #expect(await world.run("bank", "show", "zzz") == 2)
    #expect(await world.run("bank", "show", "") == 2)
  }

  @Test("forget asks, unless it is told not to")
  func forget() async throws {
    let bank = [Self.repair(), Self.repair("*")]
    let cases: [([String], Bool?, status: Int32, left: Int)] = [
      ([bank[0].id], true, 0, 1), ([bank[0].id], false, 1, 2), ([bank[0].id], nil, 1, 2),
      ([bank[0].id, "--yes"], nil, 0, 1), (["--all"], true, 0, 0), (["--all", "--yes"], nil, 0, 0),
      (["--all", "--json"], true, 1, 2), ([], true, 2, 2), (["--all", bank[0].id], true, 2, 2),
    ]
    for (arguments, answer, status, left) in cases {
      let world = try world(bank, answer: answer)
      #expect(await Main.perform(["bank", "forget"] + arguments, in: world.context) == status)
      #expect(self.bank(world).count == left, "\(arguments)")
    }
  }

  @Test("what is exported is imported again; no file is written over")
  func exportAndImport() async throws {
    let bank = [Self.repair(), Self.repair("*")]
    let world = try world(bank)
    #expect(await world.run("bank", "export", "bank.jsonl") == 0)
    #expect(await world.run("bank", "export", "bank.jsonl") == 1)
    #expect(await world.run("bank", "export", "-") == 0)
    let file = try String(contentsOfFile: world.folder.path + "/bank.jsonl", encoding: .utf8)
    #expect(file == world.play.out)
    let other = try self.world([])
    try other.folder.write(file, to: "bank.jsonl")
    #expect(await other.run("bank", "import", "bank.jsonl") == 0)
    #expect(other.play.out == "2 new repairs\n")
    #expect(self.bank(other) == bank)
  }

  @Test("lines that are refused are told with their numbers, the others come in")
  func refused() async throws {
    let world = try world([])
    let line = try BankLine.text(of: Self.repair())
    try world.folder.write("\n\(line)\r\nnonsense\u{1b}\n{\"healBank\": 7}\n", to: "bank.jsonl")
    #expect(await world.run("bank", "import", "bank.jsonl", "--json") == 1)
    let json = try world.json()
    #expect(json["imported"] == 1)
    guard case .array(let refused)? = json["refused"] else { throw Unexpected("no list") }
    #expect(refused.map { $0["line"] } == [3, 4])
    #expect(world.play.err.contains("bank.jsonl:4: a newer heal wrote it"))
    #expect(!world.play.err.contains("\u{1b}"))
    #expect(bank(world).count == 1)
  }

  @Test("a session is given the bank and teaches it, unless it is switched off")
  func sessions() async throws {
    for isOn in [true, false] {
      var world = try world([Self.repair()])
      let given = Mutex<[BankedRepair]?>(nil)
      world.loop = { job in
        given.withLock { $0 = job.bank }
        var report = SessionReport.healed()
        let repair = BankCommandTests.repair()
        report.lessons = [
          RepairLesson(
            language: "Python",
            template: nil,
            example: repair.example,
            context: repair.contexts[0],
            source: .search,
            kinds: []
          )
        ]
        return report
      }
      let options = isOn ? [] : ["--no-bank"]
      #expect(await Main.perform(["run"] + options + ["app.py"], in: world.context) == 5)
      #expect(given.withLock { $0?.count } == (isOn ? 1 : 0))
      #expect(world.store.reports.first?.lessons.count == (isOn ? 1 : 0))
    }
  }
}
