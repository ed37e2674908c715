import Testing

@testable import SessionStore

@Suite("the seal")
struct SealTests {
  @Test(
    "an alteration is named",
    arguments: [
      ("UPDATE sessions SET patch = replace(patch, '\"new\":\"b\"', '\"new\":\"c\"')", "patch"),
      ("UPDATE sessions SET patch = replace(patch, '+++ b', '+++ c')", "patch"),
      ("UPDATE sessions SET status = 'healthy'", "verdict"),
      ("UPDATE sessions SET verdict = replace(verdict, 'medium', 'high')", "verdict"),
      ("UPDATE sessions SET verification = replace(verification, '3', '9')", "verification"),
      ("UPDATE sessions SET verification = NULL", "verification"),
      ("UPDATE sessions SET findings = '[]'", "findings"),
      ("DELETE FROM findings WHERE ordinal = 1", "findings"),
      ("UPDATE findings SET line = 4 WHERE ordinal = 1", "findings"),
      ("UPDATE sessions SET header = replace(header, 'bank.py', 'tank.py')", "header"),
      ("UPDATE sessions SET command = '[]'", "header"),
      ("UPDATE sessions SET started = started + 1", "header"),
      ("UPDATE sessions SET surroundings = replace(surroundings, 'bwrap', 'none')", "header"),
      ("UPDATE inputs SET bytes = x'00' WHERE ordinal = 0", "header"),
      ("UPDATE sessions SET details = replace(details, 'a note', 'no note')", "details"),
      ("UPDATE files SET after = x'0101' WHERE path = 'bank.py'", "file bank.py"),
      ("UPDATE files SET before = x'01' WHERE path = 'sub/empty.py'", "file sub/empty.py"),
      ("UPDATE files SET after_sha256 = before_sha256 WHERE path = 'bank.py'", "file bank.py"),
      ("UPDATE files SET mode = 511 WHERE path = 'bank.py'", "file bank.py"),
      ("DELETE FROM files WHERE path = 'bank.py'", "file bank.py"),
      (
        "INSERT INTO files SELECT session, 'new', mode, before, after, '', '' FROM files LIMIT 1",
        "file new"
      ),
      ("UPDATE candidates SET verdict = 'plausible'", "evidence"),
      ("UPDATE candidates SET claimed = 1", "evidence"),
      ("UPDATE tallies SET count = 3", "evidence"),
      ("UPDATE events SET body = replace(body, 'failed', 'passed')", "evidence"),
      ("DELETE FROM attempts WHERE number = 2", "evidence"),
      ("UPDATE sessions SET seal = NULL", "seal"),
      ("UPDATE sessions SET seal = '{}'", "seal"),
      ("UPDATE sessions SET seal = '{\"links\":[]}'", "seal"),
    ]
  )
  func alteration(sql: String, part: String) async throws {
    let scratch = try ScratchFolder()
    let store = try SessionStore.open(at: scratch.path, ports: ports())
    let id = try await recordSession(in: store)
    #expect(try await store.verifySeal(id) == .intact)
    try await alter(store, sql)
    #expect(try await store.verifySeal(id) == .altered([part]))
  }

  @Test(
    "what cannot be read any more was altered, and says so; it ends nothing",
    arguments: [
      ("UPDATE sessions SET verdict = 'x'", "verdict"),
      ("UPDATE sessions SET started = 'x'", "header"),
      ("UPDATE sessions SET header = x'00'", "header"),
      ("UPDATE sessions SET masked = 'x'", "header"),
      ("UPDATE sessions SET patch = NULL", "patch"),
      ("UPDATE sessions SET omitted = 'x'", "details"),
      ("UPDATE inputs SET bytes = 7", "header"),
      ("UPDATE attempts SET at = 'x'", "evidence"),
      ("UPDATE events SET attempt = 'x'", "evidence"),
      ("UPDATE events SET kind = 'x'", "evidence"),
      ("UPDATE findings SET body = '[]'", "findings"),
      ("UPDATE candidates SET claimed = 'x'", "evidence"),
      ("UPDATE candidates SET origin = 'x'", "evidence"),
      ("UPDATE files SET mode = 'x' WHERE path = 'bank.py'", "file bank.py"),
    ]
  )
  func unreadable(sql: String, part: String) async throws {
    let scratch = try ScratchFolder()
    let store = try SessionStore.open(at: scratch.path, ports: ports())
    let id = try await recordSession(in: store)
    try await alter(store, sql)
    #expect(try await store.verifySeal(id) == .altered([part]))
    do {
      _ = try await store.load(id)
    } catch {
      #expect(error as? StoreError == .altered(id.description, parts: [part]))
    }
  }

  @Test("a digest that was altered with its part does not fit the chain")
  func chain() throws {
    let parts = [("a", "1"), ("b", "2"), ("c", "3")].map { (part: $0.0, digest: $0.1) }
    var seal = Seal(links: parts)
    #expect(seal.alterations(from: parts) == [])
    seal.links[1].digest = "9"
    #expect(seal.alterations(from: [parts[0], ("b", "9"), parts[2]]) == ["b"])
    seal.links.remove(at: 1)
    #expect(seal.alterations(from: [parts[0], parts[2]]) == ["c"])
  }

  @Test("another session's changes do not break it, and none is sealed before its end")
  func others() async throws {
    let scratch = try ScratchFolder()
    let store = try SessionStore.open(at: scratch.path, ports: ports())
    let id = try await recordSession(in: store)
    let other = try await recordSession(in: store)
    try await alter(store, "UPDATE tallies SET count = 1 WHERE session = 2")
    #expect(try await store.verifySeal(id) == .intact)
    #expect(try await store.verifySeal(other) == .altered(["evidence"]))
    let running = try await store.begin(Sample.header())
    #expect(try await store.verifySeal(running.id) == .unsealed)
  }
}
