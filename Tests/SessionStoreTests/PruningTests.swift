import Foundation
import GRDB
import HealingModel
import Testing

@testable import SessionStore

@Suite("pruning")
struct PruningTests {
  @Test("the oldest go first, a running one never")
  func count() async throws {
    let scratch = try ScratchFolder()
    let store = try SessionStore.open(
      at: scratch.path,
      ports: ports(limits: StoreLimits(sessions: 3))
    )
    let running = try await store.begin(Sample.header(started: 1))
    var names: [SessionID] = []
    for number in 0..<5 {
      names.append(try await recordSession(in: store, started: 10 + Double(number)))
    }
    #expect(try await store.list().map(\.id) == [names[4], names[3], running.id])
    let rows = try await store.pool.read {
      try Int.fetchAll(
        $0,
        sql: "SELECT DISTINCT session FROM files UNION SELECT session FROM events"
      )
    }
    #expect(rows.count == 2)
  }

  @Test("a session whose process died goes like any other")
  func dead() async throws {
    let scratch = try ScratchFolder()
    let store = try SessionStore.open(
      at: scratch.path,
      ports: ports(limits: StoreLimits(sessions: 1))
    )
    let gone = try await store.begin(Sample.header(started: 1))
    try await alter(
      store,
      "UPDATE sessions SET owner = '{\"pid\":1,\"started\":\"x\",\"boot\":\"y\"}'"
    )
    #expect(try await store.load(gone.id).status == .interrupted)
    let kept = try await recordSession(in: store)
    #expect(try await store.list().map(\.id) == [kept])
  }

  @Test("the file shrinks when its bytes are too many")
  func bytes() async throws {
    let scratch = try ScratchFolder()
    let store = try SessionStore.open(
      at: scratch.path,
      ports: ports(limits: StoreLimits(bytes: 3 << 20))
    )
    let big = StoredFile(
      path: "big",
      before: [UInt8](repeating: 1, count: 500_000),
      after: [],
      mode: 0o644
    )
    var last: SessionID?
    for number in 0..<12 {
      let recording = try await store.begin(Sample.header(started: Double(number)))
      try await recording.finish(Sample.report, files: [big])
      last = recording.id
    }
    let names = try await store.list().map(\.id)
    #expect(names.first == last)
    #expect((3...6).contains(names.count), "\(names.count)")
    try store.close()
    #expect(try contents(store.path).count <= 3 << 20)
  }

  @Test("the newest stays although it alone is too much")
  func newestStays() async throws {
    let scratch = try ScratchFolder()
    let store = try SessionStore.open(
      at: scratch.path,
      ports: ports(limits: StoreLimits(sessions: 0, bytes: 1))
    )
    _ = try await recordSession(in: store, started: 1)
    let newest = try await recordSession(in: store, started: 2)
    #expect(try await store.list().map(\.id) == [newest])
  }
}
