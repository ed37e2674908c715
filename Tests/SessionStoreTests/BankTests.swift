import Foundation
import GRDB
import Healing
import HealingModel
import Testing

@testable import SessionStore

private func template(_ new: String) -> RepairTemplate {
  RepairTemplate(
    holes: [.name],
    before: [TemplateToken(.line(0)), TemplateToken(.hole(0))],
    after: [TemplateToken(.line(0)), TemplateToken(.hole(0)), TemplateToken(.text(new))]
  )
}

private func lesson(_ new: String, kinds: [String] = ["comparison"], rule: String = "")
  -> RepairLesson
{
  RepairLesson(
    language: "Python",
    template: template(new),
    example: RepairExample(before: "x", after: "x\(new)"),
    context: RepairContext(category: .logic, rule: rule, exception: nil, enclosing: ["if"]),
    source: .search,
    kinds: kinds
  )
}

@Suite("the bank in the store")
struct BankTests {
  let scratch: ScratchFolder
  let store: SessionStore

  init() throws {
    scratch = try ScratchFolder()
    store = try SessionStore.open(at: scratch.path + "/s", ports: ports())
  }

  /// Stores a session that ended so.
  @discardableResult private func session(
    in other: SessionStore? = nil,
    patch: String = "b",
    _ change: (inout SessionReport) -> Void
  ) async throws -> SessionID {
    let recording = try await (other ?? store).begin(Sample.header())
    var report = Sample.report
    report.patch = Sample.patch(patch)
    change(&report)
    try await recording.finish(report, files: Sample.files)
    return recording.id
  }

  @Test("a verified repair is banked with where it comes from")
  func banks() async throws {
    let id = try await session { $0.lessons = [lesson("+"), lesson("-")] }
    let bank = try await store.bankedRepairs()
    #expect(bank.map(\.template) == [template("+"), template("-")])
    let origin = try #require(bank.first?.origins.first)
    #expect(origin.session == id.description)
    #expect(origin.program == "bank.py")
    #expect(origin.oracle == "cases" && origin.strength == .example)
    #expect(origin.evidence == .tested)
    #expect(origin.source == .search && origin.kinds == ["comparison"] && !origin.applied)
    #expect(bank.kinds == ["comparison": 1], "the repair is one, whatever number of edits it has")
    #expect(bank.allSatisfy { $0.defect == nil })
  }

  @Test("nothing enters but what was verified", arguments: SessionStatus.allButHealed)
  func onlyHealed(status: SessionStatus) async throws {
    try await session {
      $0.lessons = [lesson("+")]
      $0.status = status
      $0.partial = status == .unhealed
    }
    try await session {
      $0.lessons = [lesson("+")]
      $0.verification = nil
    }
    try await session {
      $0.lessons = [lesson("+")]
      $0.evidence = nil
    }
    #expect(try await store.bankedRepairs() == [])
  }

  @Test("the same repair counts once for a program, and adds what is new of the bug")
  func merges() async throws {
    try await session { $0.lessons = [lesson("+")] }
    try await session { $0.lessons = [lesson("+", rule: "logic/limit")] }
    #expect(try await store.bankedRepairs().map(\.verified) == [1])
    try await session(patch: "c") { $0.lessons = [lesson("+")] }
    let bank = try await store.bankedRepairs()
    #expect(bank.map(\.verified) == [2])
    #expect(bank[0].contexts.map(\.rule) == ["", "logic/limit"])
  }

  @Test("what was tried again is counted, what helped is verified once more")
  func recalls() async throws {
    try await session { $0.lessons = [lesson("+")] }
    let id = try #require(try await store.bankedRepairs().first).id
    try await session(patch: "c") {
      $0.status = .unhealed
      $0.recalled = [id: true]
    }
    #expect(try await store.bankedRepairs().map { [$0.recalled, $0.verified] } == [[1, 1]])
    try await session(patch: "d") { $0.recalled = [id: true, "unknown": true] }
    let repair = try #require(try await store.bankedRepairs().first)
    #expect(repair.recalled == 2 && repair.verified == 2)
    #expect(repair.origins.map(\.source) == [.search, .bank])
  }

  @Test("whether a repair was written is noted when it is")
  func applied() async throws {
    let id = try await session { $0.lessons = [lesson("+")] }
    try await store.mark(applied: true, id)
    #expect(try await store.bankedRepairs()[0].origins[0].applied)
    try await store.mark(applied: false, id)
    #expect(try await store.bankedRepairs()[0].origins[0].applied == false)
  }

  @Test("repairs are forgotten one by one, or all, and outlive their sessions")
  func forgets() async throws {
    try await session { $0.lessons = ["+", "-", "*"].map { lesson($0) } }
    try await alter(store, "DELETE FROM sessions")
    let bank = try await store.bankedRepairs()
    #expect(bank.count == 3)
    #expect(try await store.forgetRepairs([bank[1].id, "unknown"]) == 1)
    #expect(try await store.bankedRepairs() == [bank[0], bank[2]])
    #expect(try await store.forgetRepairs(nil) == 2)
    #expect(try await store.bankedRepairs() == [])
    let left = try await store.pool.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM bank_origins")
    }
    #expect(left == 0)
  }

  @Test("of too many repairs those verified least go first, then the oldest")
  func prunes() async throws {
    let small = try SessionStore.open(
      at: scratch.path + "/small",
      ports: ports(limits: StoreLimits(repairs: 2))
    )
    try await session(in: small) { $0.lessons = [lesson("+")] }
    try await session(in: small, patch: "c") { $0.lessons = [lesson("+")] }
    try await session(in: small) { $0.lessons = [lesson("-"), lesson("*")] }
    #expect(try await small.bankedRepairs().map(\.template) == [template("+"), template("*")])
  }

  @Test("secrets are masked, and a template that holds one is not kept")
  func masks() async throws {
    let masked = try SessionStore.open(
      at: scratch.path + "/masked",
      ports: ports(secrets: ["hunter2"])
    )
    try await session(in: masked) { $0.lessons = [lesson("'hunter2'")] }
    let repair = try #require(try await masked.bankedRepairs().first)
    #expect(repair.template == nil)
    #expect(repair.example.after == "x'•••'")
    // A secret that was none when it was stored.
    try await session { $0.lessons = [lesson("'hunter2'")] }
    try store.close()
    let later = try SessionStore.open(at: scratch.path + "/s", ports: ports(secrets: ["hunter2"]))
    #expect(try await later.bankLines().joined().contains("hunter2") == false)
  }

  // MARK: From one machine to another

  @Test("what is written is read as it was")
  func roundTrip() async throws {
    try await session { $0.lessons = [lesson("+"), lesson("\u{301}𝄞\"\\")] }
    let lines = try await store.bankLines()
    #expect(lines.allSatisfy { !$0.contains("\n") })
    let read = try lines.map { try BankLine.repair(in: Array($0.utf8)) }
    #expect(read == (try await store.bankedRepairs()))
  }

  @Test("what others verified counts for nothing until it mends something here")
  func untrusted() async throws {
    try await session { $0.lessons = [lesson("+")] }
    let exported = try await store.bankedRepairs()
    let other = try SessionStore.open(at: scratch.path + "/other", ports: ports())
    #expect(try await other.importRepairs(exported) == 1)
    #expect(try await other.importRepairs(exported) == 0)
    var repair = try #require(try await other.bankedRepairs().first)
    #expect(!repair.isTrusted && repair.isCandidate)
    #expect(repair.imported == exported[0].origins)
    #expect([repair].kinds == [:])
    try await session(in: other, patch: "c") { $0.recalled = [repair.id: true] }
    repair = try #require(try await other.bankedRepairs().first)
    #expect(repair.isTrusted && repair.imported.count == 1)
  }

  @Test("one's own export adds nothing, and a foreign one takes nothing away")
  func ownExport() async throws {
    try await session { $0.lessons = [lesson("+")] }
    let bank = try await store.bankedRepairs()
    #expect(try await store.importRepairs(bank) == 0)
    #expect(try await store.bankedRepairs() == bank)
  }

  @Test("lines that are no repairs are refused with the reason")
  func refusals() throws {
    func refusal(_ text: String) -> BankLine.Refusal? {
      do throws(BankLine.Refusal) {
        _ = try BankLine.repair(in: Array(text.utf8))
        return nil
      } catch { return error }
    }
    #expect(refusal("{\"healBank\":2}") == .newer(2))
    #expect(refusal("{\"healBank\":1}") == .unreadable("it has no repair"))
    #expect(refusal("[]") != nil && refusal("") != nil && refusal("nonsense") != nil)
    #expect(refusal(String(repeating: "[", count: 60_000)) != nil)
    #expect(refusal(String(repeating: " ", count: 70_000)) == .tooLong)
    var repair = BankedRepair(
      language: "Python",
      template: template("+"),
      example: RepairExample(before: "a", after: "b"),
      contexts: [],
      origins: []
    )
    #expect(
      refusal(try BankLine.text(of: repair)) == .defective("it does not say where it was verified")
    )
    repair.template?.after = []
    guard case .defective? = refusal(try BankLine.text(of: repair)) else {
      Issue.record("a template without an end")
      return
    }
  }

  @Test("no bytes from outside do harm", arguments: 0..<100)
  func fuzz(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let repair = BankedRepair(
      language: "Python",
      template: template("+"),
      example: RepairExample(before: "a", after: "b"),
      contexts: [RepairContext(category: .name, rule: "r", exception: "E", enclosing: ["if"])],
      origins: [],
      imported: [
        RepairOrigin(
          session: "s",
          time: 1,
          version: "1",
          program: "p",
          oracle: "suite",
          strength: .suite,
          evidence: .tested,
          source: .model,
          kinds: ["k"],
          edits: 1,
          digest: "d"
        )
      ]
    )
    var bytes = Array(try BankLine.text(of: repair).utf8)
    #expect(try BankLine.repair(in: bytes) == repair)
    for _ in 0..<Int.random(in: 1..<6, using: &random) {
      let at = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.remove(at: at)
      case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
      case 2: bytes[at] = UInt8.random(in: 0...255, using: &random)
      default: bytes.removeSubrange(at..<min(bytes.count, at + 9))
      }
    }
    // Whatever is taken in is whole.
    guard let read = try? BankLine.repair(in: bytes) else { return }
    #expect(read.defect == nil)
    #expect(try BankLine.repair(in: Array(try BankLine.text(of: read).utf8)) == read)
  }

  // MARK: Older stores

  @Test("a store without a bank gets one, and keeps what it holds")
  func migrates() async throws {
    let folder = scratch.path + "/old"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let old = try DatabasePool(path: folder + "/sessions.sqlite")
    try StoreSchema.migrator.migrate(old, upTo: "1")
    try await old.write { db in
      try db.execute(
        sql: """
          INSERT INTO sessions (id, started, status, owner, root, command, header, masked)
          VALUES ('0123456789ab', 1, 'healthy', '{"boot":"","pid":1,"start":1}', '/p', '[]', '{}', 0)
          """
      )
    }
    try old.close()
    let store = try SessionStore.open(at: folder, ports: ports())
    #expect(try await store.bankedRepairs() == [])
    let count = try await store.pool.read {
      try Int.fetchOne($0, sql: "SELECT count(*) FROM sessions")
    }
    #expect(count == 1)
    try await session(in: store) { $0.lessons = [lesson("+")] }
    #expect(try await store.bankedRepairs().count == 1)
    let version = try await store.pool.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    #expect(version == StoreSchema.version)
  }

  @Test("a bank that somebody altered keeps no session from being stored")
  func altered() async throws {
    try await session { $0.lessons = [lesson("+")] }
    try await alter(store, "UPDATE bank SET body = 'nonsense'")
    await #expect(throws: StoreError.self) { try await store.bankedRepairs() }
    let id = try await session(patch: "c") { $0.lessons = [lesson("+")] }
    #expect(try await store.load(id).report?.status == .healed)
    #expect(try await store.bankedRepairs().map(\.verified) == [2])
  }
}

extension SessionStatus {
  /// Every end of a session but a verified repair.
  fileprivate static let allButHealed: [SessionStatus] = [
    .healthy, .unhealed, .error, .interrupted,
  ]
}
