import Foundation
import GRDB
import Healing
import HealingModel
import Testing

@testable import SessionStore

@Suite("opening a store")
struct OpeningTests {
  let scratch: ScratchFolder
  var folder: String { scratch.path + "/a/state" }

  init() throws { scratch = try ScratchFolder() }

  @Test("makes a private folder and private files")
  func makesPrivate() async throws {
    let store = try SessionStore.open(at: folder, ports: ports())
    _ = try await recordSession(in: store)
    #expect(try mode(folder) == 0o700)
    #expect(try mode(scratch.path + "/a") == 0o700)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      #expect(try mode(folder + "/" + name) == 0o600, "\(name)")
    }
    let settings = try await store.pool.read { db in
      [
        try String.fetchOne(db, sql: "PRAGMA journal_mode"),
        try String.fetchOne(db, sql: "PRAGMA auto_vacuum"),
        try String.fetchOne(db, sql: "PRAGMA foreign_keys"),
      ]
    }
    #expect(settings == ["wal", "2", "1"])
  }

  @Test("a store of a newer version is refused and not touched")
  func newer() async throws {
    let store = try SessionStore.open(at: folder, ports: ports())
    let path = store.path
    try await alter(store, "PRAGMA user_version = 9")
    try store.close()
    let before = try contents(path) + contents(path + "-wal")
    let error = #expect(throws: StoreError.self) {
      try SessionStore.open(at: folder, ports: ports())
    }
    #expect(error == .newer(path: path, version: 9, known: 2))
    #expect(error?.description.contains("use the newer heal") == true)
    #expect(try contents(path) + contents(path + "-wal") == before)
  }

  @Test("a version that is in the write-ahead log only is seen too")
  func newerInLog() async throws {
    let store = try SessionStore.open(at: folder, ports: ports())
    try await alter(store, "PRAGMA user_version = 9")
    #expect(throws: StoreError.newer(path: store.path, version: 9, known: 2)) {
      try SessionStore.open(at: folder, ports: ports())
    }
  }

  @Test(
    "a damaged file is named",
    arguments: [
      Array("no database at all".utf8),
      Array("SQLite format 3\0".utf8) + [UInt8](repeating: 0xaa, count: 5000),
      Array("SQLite format 3\0".utf8),
    ]
  )
  func damaged(bytes: [UInt8]) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/sessions.sqlite"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: StoreError.self) {
      try SessionStore.open(at: folder, ports: ports())
    }
    guard case .damaged(path, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try contents(path) == bytes)
  }

  @Test("a database of another program is refused")
  func foreign() async throws {
    let store = try SessionStore.open(at: folder, ports: ports())
    try await alter(store, "PRAGMA application_id = 5")
    try store.close()
    #expect(
      throws: StoreError.damaged(path: store.path, reason: "it is the database of another program")
    ) { try SessionStore.open(at: folder, ports: ports()) }
  }

  @Test("a truncated store is found damaged when it is read")
  func truncated() async throws {
    let store = try SessionStore.open(at: folder, ports: ports())
    for _ in 0..<20 { _ = try await recordSession(in: store) }
    try store.close()
    let bytes = try contents(store.path)
    try Data(bytes.prefix(8192)).write(to: URL(fileURLWithPath: store.path))
    let error = await #expect(throws: StoreError.self) {
      let again = try SessionStore.open(at: folder, ports: ports())
      _ = try await again.load(try await again.resolve("last"))
    }
    guard case .damaged = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("a folder that cannot be made is named")
  func impossibleFolder() throws {
    let file = try scratch.write("file", [])
    let error = #expect(throws: StoreError.self) {
      try SessionStore.open(at: file + "/state", ports: ports())
    }
    guard case .notWritable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("a full disk has words, and the session goes on")
  func full() async throws {
    let store = try SessionStore.open(at: folder, ports: ports())
    let recording = try await store.begin(Sample.header())
    // The pages of a database with a limit run out as those of a disk do.
    try await store.pool.write { db in
      _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = 1")
    }
    for _ in 0..<2000 { recording.record(.observed(Sample.observation())) }
    let error = await #expect(throws: StoreError.self) {
      try await recording.finish(Sample.report, files: [])
    }
    #expect(error == .diskFull(path: store.path))
    recording.record(.note("goes on"))
    #expect(error?.description.contains("make room") == true)
  }

  @Test("many may open a fresh store at once")
  func openTogether() async throws {
    let folder = folder
    try await withThrowingTaskGroup(of: SessionID.self) { group in
      for seed in 0..<6 as Range<UInt64> {
        group.addTask {
          let store = try SessionStore.open(at: folder, ports: ports(seed: seed))
          return try await recordSession(in: store)
        }
      }
      var names: Set<SessionID> = []
      for try await id in group { names.insert(id) }
      #expect(names.count == 6)
    }
  }
}
