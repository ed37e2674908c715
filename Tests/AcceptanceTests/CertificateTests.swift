import Foundation
import Testing

@testable import heal

/// What `heal trace` stores, and `heal verify` checks again, through the built tool.
@Suite("Certificates of traces")
struct CertificateTests {
  private func traced(_ program: String, status: Int32) async throws -> Playground {
    let playground = try Playground()
    try playground.write(program + "\n", to: "f.py")
    let ended = try await playground.heal("trace", "--json", "--budget", "120", "f.py")
    #expect(ended.status == status, "\(ended)")
    #expect(try ended.json("trace")["session"]?.text?.count == 12, "\(ended)")
    try await playground.alter("PRAGMA user_version = 1")
    return playground
  }

  private func verify(_ playground: Playground) async throws -> (status: Int32, checks: [JSON]) {
    let ended = try await playground.heal("verify", "--json", "last")
    return (ended.status, try ended.json("verify")["checks"]?.elements ?? [])
  }

  @Test(
    "what was found, and what was exhausted, holds when it is run again",
    arguments: [true, false]
  )
  func holds(fails: Bool) async throws {
    let playground = try await traced(
      fails ? TraceTests.race : TraceTests.guarded,
      status: fails ? 1 : 0
    )
    let before = playground.snapshot()
    let (code, checks) = try await verify(playground)
    #expect(code == 0 && checks.count > 5, "\(checks)")
    #expect(checks.allSatisfy { $0["passed"] == true }, "\(checks)")
    #expect(playground.snapshot() == before, "the user's folder is untouched")
    let shown = try await playground.heal("show", "last")
    #expect(shown.status == 0 && shown.out.contains("traced: f.py"), "\(shown)")
  }

  @Test("a program that is another one now is refused")
  func changed() async throws {
    let playground = try await traced(TraceTests.race, status: 1)
    try playground.write(TraceTests.guarded + "\n", to: "f.py")
    let (code, checks) = try await verify(playground)
    #expect(code == 1, "\(checks)")
    #expect(checks.last?["name"] == "the files are those of the certificate", "\(checks)")
  }

  @Test("what cannot be stored is told all the same, with a note")
  func unstored() async throws {
    let playground = try Playground()
    try playground.write(TraceTests.race + "\n", to: "f.py")
    try playground.write("no folder", to: "file")
    let ended = try await playground.heal(
      "trace",
      "--json",
      "--budget",
      "120",
      "f.py",
      environment: ["HEAL_HOME": playground.folder + "/file"]
    )
    #expect(ended.status == 1, "\(ended)")
    let report = try ended.json("trace")
    #expect(report["status"] == "failed" && report["session"] == .null, "\(ended)")
    let notes = report["notes"]?.elements?.compactMap(\.text) ?? []
    #expect(notes.contains { $0.hasPrefix("nothing was stored") }, "\(notes)")
  }

  @Test("a certificate with one field changed is refused")
  func altered() async throws {
    let playground = try await traced(TraceTests.guarded, status: 0)
    let saved = try #require(FileManager.default.contents(atPath: playground.database))
    let fields = [
      ("claim", "json('{\"explored\":{}}')"), ("program.files.\"f.py\"", "'0'"),
      ("program.interpreter", "'3.9.0'"), ("program.hashSeed", "9"), ("program.input", "'0'"),
      ("program.modules[0].hash", "'0'"), ("model.freeTiming", "json('false')"),
      ("model.clockStart", "1"), ("seed", "9"), ("shared", "json('[]')"), ("counts[0]", "9"),
      ("unseen", "json('[\"x\"]')"), ("uncontrolled", "json('[\"x\"]')"),
      ("runs[0].outcome", "'0'"), ("runs", "json('[]')"), ("digest", "'0'"),
    ]
    for (field, value) in fields {
      let sql =
        "UPDATE sessions SET verification = json_set(verification, '$.certificate.\(field)', \(value))"
      #expect(try await playground.alter(sql) > 0)
      let (code, checks) = try await verify(playground)
      #expect(code == 1 && checks.last?["passed"] == false, "\(field): \(checks)")
      for end in ["-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: playground.database + end)
      }
      try playground.write(saved, to: playground.database)
    }
  }
}
