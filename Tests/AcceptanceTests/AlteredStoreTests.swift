import Foundation
import Testing

@testable import heal

/// `heal verify` fails on a store whose patch, hash or verdict was altered.
@Suite("Altered store")
struct AlteredStoreTests {
  /// A playground with one healed session that is not written.
  private func healed() async throws -> Playground {
    let playground = try Playground()
    try playground.write("word = 'a'\nprint(wrod)\n", to: "f.py")
    let ended = try await playground.heal("run", "--json", "--expect", "a", "f.py")
    #expect(ended.status == 5, "\(ended)")
    // Into the database with all that is in its log still.
    try await playground.alter("PRAGMA user_version = 1")
    return playground
  }

  private func verify(_ playground: Playground, after sql: String) async throws {
    let saved = try #require(FileManager.default.contents(atPath: playground.database))
    #expect(try await playground.alter(sql) > 0, "\(sql) changed nothing")
    let ended = try await playground.heal("verify", "--json", "last")
    #expect(ended.status == 1, "\(sql): \(ended)")
    #expect(try ended.json("verify")["status"] == "failed", "\(sql): \(ended)")
    // What was altered is not written, and reading it ends in words.
    #expect(try await playground.heal("apply", "last").status == 1, "\(sql)")
    #expect(playground.text("f.py") == "word = 'a'\nprint(wrod)\n")
    let shown = try await playground.heal("show", "--json", "last")
    #expect([0, 1].contains(shown.status), "\(sql): \(shown)")
    _ = try shown.json("show")
    for end in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: playground.database + end)
    }
    try playground.write(saved, to: playground.database)
  }

  @Test("unaltered evidence holds, whatever is sealed")
  func unaltered() async throws {
    let playground = try await healed()
    #expect(try await playground.heal("verify", "last").status == 0)
    #expect(try await playground.heal("apply", "last").status == 0)
    #expect(try await playground.heal("verify", "last").status == 0)
  }

  @Test(
    "the repair: its edits, its diff, the files before and after",
    arguments: [
      [
        "UPDATE sessions SET patch = json_set(patch, '$.diff', 'another')",
        "UPDATE sessions SET patch = replace(patch, '+print(word)', '+print(wird)')",
        "UPDATE sessions SET patch = json_set(patch, '$.patch.edits[0].new', 'print(1)\n')",
        "UPDATE sessions SET patch = json_set(patch, '$.patch.edits[0].reason', 'another')",
        "UPDATE sessions SET patch = NULL", "UPDATE sessions SET patch = 'x'",
      ],
      [
        "UPDATE files SET after = x'00'", "UPDATE files SET before = x'00'",
        "UPDATE files SET after_sha256 = before_sha256",
        "UPDATE files SET before_sha256 = after_sha256", "UPDATE files SET mode = 511",
        "UPDATE files SET path = 'g.py'", "UPDATE files SET mode = 'x'", "DELETE FROM files",
      ],
    ]
  )
  func repair(statements: [String]) async throws {
    let playground = try await healed()
    for sql in statements { try await verify(playground, after: sql) }
  }

  @Test(
    "the verdict, what was verified, the hashes, and what was found",
    arguments: [
      [
        "UPDATE sessions SET status = 'healthy'", "UPDATE sessions SET status = 'x'",
        "UPDATE sessions SET verdict = json_set(verdict, '$.confidence', 'low')",
        "UPDATE sessions SET verdict = json_set(verdict, '$.evidence', 'exhausted')",
        "UPDATE sessions SET verdict = NULL", "UPDATE sessions SET verdict = x'00'",
      ],
      [
        "UPDATE sessions SET verification = json_set(verification, '$.runs', 9)",
        "UPDATE sessions SET verification = json_set(verification, '$.after', json('{}'))",
        "UPDATE sessions SET verification = json_set(verification, '$.before', json('{}'))",
        "UPDATE sessions SET verification = NULL", "UPDATE sessions SET verification = '{}'",
      ],
      [
        "UPDATE sessions SET findings = '[]'", "UPDATE sessions SET findings = NULL",
        "UPDATE findings SET line = 7", "UPDATE findings SET body = '{}'", "DELETE FROM findings",
        "UPDATE sessions SET details = json_set(details, '$.notes', json('[\"x\"]'))",
      ],
    ]
  )
  func verdict(statements: [String]) async throws {
    let playground = try await healed()
    for sql in statements { try await verify(playground, after: sql) }
  }

  @Test(
    "what was run, where, what happened, and the seal itself",
    arguments: [
      [
        "UPDATE sessions SET header = json_set(header, '$.started', 0)",
        "UPDATE sessions SET header = x'00'", "UPDATE sessions SET started = 'x'",
        "UPDATE sessions SET started = 1e300", "UPDATE sessions SET command = '[]'",
        "UPDATE sessions SET surroundings = json_set(surroundings, '$.sandbox', 'none')",
        "UPDATE sessions SET masked = 'x'", "UPDATE inputs SET bytes = x'31'",
        "UPDATE inputs SET bytes = 7",
      ],
      [
        "UPDATE candidates SET verdict = 'regressed'", "UPDATE candidates SET claimed = 'x'",
        "UPDATE candidates SET patch = 'x'", "DELETE FROM candidates",
        "UPDATE events SET kind = 'x'", "UPDATE events SET at = 'x'",
        "UPDATE events SET body = replace(body, 'failed', 'passed')",
        "DELETE FROM events WHERE sequence = (SELECT max(sequence) FROM events)",
        "UPDATE attempts SET at = 'x'", "DELETE FROM attempts",
        "INSERT INTO tallies SELECT number, 'x', 'stillFailing', 1 FROM sessions",
        "UPDATE sessions SET omitted = 'x'", "UPDATE sessions SET seal = NULL",
        "UPDATE sessions SET seal = '{\"links\":[]}'", "UPDATE sessions SET seal = x'00'",
      ],
    ]
  )
  func history(statements: [String]) async throws {
    let playground = try await healed()
    for sql in statements { try await verify(playground, after: sql) }
  }

  @Test("undo compares bytes: one changed since is left alone")
  func undo() async throws {
    let playground = try await healed()
    #expect(try await playground.heal("apply", "last").status == 0)
    let written = try #require(playground.data("f.py"))
    for changed in [written + Data([0x0a]), written.dropLast(), Data(written.reversed())] {
      try playground.write(Data(changed), to: "f.py")
      let refused = try await playground.heal("undo", "last")
      #expect(refused.status == 1, "\(refused)")
      #expect(playground.data("f.py") == Data(changed))
    }
    try playground.write(written, to: "f.py")
    #expect(try await playground.heal("undo", "last").status == 0)
    #expect(playground.text("f.py") == "word = 'a'\nprint(wrod)\n")
  }
}
