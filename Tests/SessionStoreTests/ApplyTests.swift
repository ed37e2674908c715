import Foundation
import HealingModel
import Testing

@testable import SessionStore

@Suite("applying and undoing a stored repair")
struct ApplyTests {
  let scratch: ScratchFolder
  let store: SessionStore
  let path: String
  let old: [UInt8] = [0xef, 0xbb, 0xbf, 97, 13, 10]

  init() throws {
    scratch = try ScratchFolder()
    store = try SessionStore.open(at: scratch.path + "/state", ports: ports())
    path = try scratch.write("bank.py", old, mode: 0o751)
  }

  private func repair(_ status: SessionStatus = .healed, files: Bool = true) async throws
    -> SessionID
  {
    var header = Sample.header()
    header.program.root = scratch.path
    let recording = try await store.begin(header)
    var report = Sample.report
    report.status = status
    report.files = files ? [FileChange(path: "bank.py", before: old, after: [98])] : []
    try await recording.finish(report)
    return recording.id
  }

  @Test("bytes and permissions are exact in both directions, each once")
  func bothWays() async throws {
    let id = try await repair()
    #expect(try await store.load(id).files.map(\.mode) == [0o751])
    await #expect(throws: StoreError.alreadySo(id.description, applied: false)) {
      try await store.undo(id)
    }
    #expect(try await store.apply(id) == [path])
    #expect(try contents(path) == [98])
    #expect(try mode(path) == 0o751)
    #expect(try await store.list()[0].applied)
    await #expect(throws: StoreError.alreadySo(id.description, applied: true)) {
      try await store.apply(id)
    }
    #expect(try await store.undo(id) == [path])
    #expect(try contents(path) == old)
    #expect(try mode(path) == 0o751)
    #expect(try await !store.list()[0].applied)
  }

  @Test("a file that changed since is left alone")
  func changed() async throws {
    let id = try await repair()
    _ = try scratch.write("bank.py", [5])
    for work in [store.apply, store.undo] {
      await #expect(throws: FileTransactionError.changed(path: path)) { try await work(id) }
    }
    #expect(try contents(path) == [5])
  }

  @Test(
    "what was altered in the store does not reach the files",
    arguments: [
      "UPDATE files SET after = x'00'", "UPDATE sessions SET patch = '{\"patch\":{\"edits\":[]}}'",
      "UPDATE files SET after = x'00', after_sha256 = '\(sha256([0]))'",
    ]
  )
  func altered(sql: String) async throws {
    let id = try await repair()
    try await alter(store, sql)
    await #expect(throws: StoreError.self) { try await store.apply(id) }
    #expect(try contents(path) == old)
  }

  @Test("without a repair there is nothing to write")
  func nothing() async throws {
    let id = try await repair(.unhealed, files: false)
    await #expect(throws: StoreError.noRepair(id.description)) { try await store.apply(id) }
    let running = try await store.begin(Sample.header())
    await #expect(throws: StoreError.noRepair(running.id.description)) {
      try await store.undo(running.id)
    }
  }

  @Test("the files count and not the note, which a crash may have prevented")
  func stale() async throws {
    let id = try await repair()
    try store.files.apply(try await store.load(id).changes(undoing: false))
    #expect(try await !store.list()[0].applied)
    try await store.undo(id)
    #expect(try contents(path) == old)
  }

  @Test("a change that a crash interrupted is finished before the next")
  func afterCrash() async throws {
    let id = try await repair()
    let crashing = FileTransaction(
      folder: store.folder,
      hooks: FileHooks(willTake: { if $0 == .replace(path) { throw SimulatedCrash() } })
    )
    let changes = try await store.load(id).changes(undoing: false)
    #expect(throws: SimulatedCrash.self) { try crashing.apply(changes) }
    #expect(try contents(path) == old)
    try await store.undo(id)
    #expect(try contents(path) == old)
  }
}
