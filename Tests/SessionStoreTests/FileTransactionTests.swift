import Foundation
import HealingModel
import Testing

@testable import SessionStore

@Suite("changing user files")
struct FileTransactionTests {
  let scratch: ScratchFolder
  let state: ScratchFolder
  // Another test's child holds every descriptor from its fork until its exec, the lock's too.
  var transaction: FileTransaction { FileTransaction(folder: state.path, patience: 30) }

  init() throws {
    scratch = try ScratchFolder()
    state = try ScratchFolder()
  }

  private func change(_ path: String, to after: [UInt8], mode: UInt32? = nil) throws -> FileWrite {
    FileWrite(path: path, before: sha256(try contents(path)), after: after, mode: mode)
  }

  @Test("bytes are exact, modes are kept, undoing restores both")
  func exact() throws {
    let old: [UInt8] = [0xef, 0xbb, 0xbf] + Array("a\r\nb\rc\n\u{0}".utf8) + [0xff]
    let new: [UInt8] = [0xfe, 0xff, 13]
    let path = try scratch.write("a.py", old, mode: 0o4751)
    try transaction.apply([try change(path, to: new)])
    #expect(try contents(path) == new)
    #expect(try mode(path) == 0o4751)
    chmod(path, 0o600)
    try transaction.apply([try change(path, to: old, mode: 0o4751)])
    #expect(try contents(path) == old)
    #expect(try mode(path) == 0o4751)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["a.py"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: state.path) == ["files.lock"])
  }

  @Test("a file that changed since is refused by name, and nothing is written")
  func changed() throws {
    let first = try scratch.write("a.py", [1])
    let second = try scratch.write("b.py", [2])
    let changes = [try change(first, to: [9]), try change(second, to: [9])]
    _ = try scratch.write("b.py", [3])
    #expect(throws: FileTransactionError.changed(path: second)) {
      try transaction.apply(changes)
    }
    #expect(try contents(first) == [1])
  }

  @Test("a file that changes while others are replaced takes everything back")
  func changesMeanwhile() throws {
    let first = try scratch.write("a.py", [1])
    let second = try scratch.write("b.py", [2])
    let hooked = FileTransaction(
      folder: state.path,
      hooks: FileHooks(willTake: { step in
        if step == .replace(second) { try Data([7]).write(to: URL(fileURLWithPath: second)) }
      })
    )
    #expect(throws: FileTransactionError.changed(path: second)) {
      try hooked.apply([try change(first, to: [9]), try change(second, to: [9])])
    }
    #expect(try contents(first) == [1])
    #expect(try contents(second) == [7])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).count == 2)
  }

  @Test("a symbolic link stays one, hard links stay one file")
  func links() throws {
    let file = try scratch.write("a.py", [1, 2, 3, 4])
    let soft = scratch.path + "/soft.py"
    let hard = scratch.path + "/hard.py"
    symlink("a.py", soft)
    try transaction.apply([try change(soft, to: [5])])
    #expect(try contents(file) == [5])
    #expect(try fileStatus(soft)?.st_mode ?? 0 & S_IFMT != 0)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: soft) == "a.py")
    link(file, hard)
    for bytes in [[1, 2, 3, 4, 5, 6], [7, 8], []] as [[UInt8]] {
      try transaction.apply([try change(hard, to: bytes)])
      #expect(try contents(file) == bytes)
      #expect(try fileStatus(file)?.st_ino == fileStatus(hard)?.st_ino)
    }
    let both = [try change(file, to: [1]), try change(hard, to: [2])]
    #expect(throws: FileTransactionError.sameFile(path: hard, other: file)) {
      try transaction.apply(both)
    }
  }

  @Test("what cannot be written is refused before anything is")
  func refused() throws {
    let good = try scratch.write("good.py", [1])
    let locked = try scratch.write("locked.py", [1], mode: 0o444)
    let sub = scratch.path + "/sub"
    try FileManager.default.createDirectory(atPath: sub, withIntermediateDirectories: true)
    let inside = try scratch.write("sub/a.py", [1])
    chmod(sub, 0o555)
    defer { chmod(sub, 0o755) }
    let gone = FileWrite(path: scratch.path + "/gone.py", before: sha256([]), after: [1])
    let folder = FileWrite(path: sub, before: sha256([]), after: [1])
    let cases: [(FileWrite, FileTransactionError)] = [
      (try change(locked, to: [2]), .readOnly(path: locked)),
      (try change(inside, to: [2]), .readOnlyFolder(path: sub)),
      (gone, .missing(path: gone.path)), (folder, .notAFile(path: sub)),
    ]
    for (bad, error) in cases {
      #expect(throws: error) { try transaction.apply([try change(good, to: [2]), bad]) }
      #expect(try contents(good) == [1])
    }
  }

  @Test("two processes do not mix")
  func locked() throws {
    let path = try scratch.write("a.py", [1])
    let held = try FolderLock(state.path + "/files.lock", patience: 0)
    #expect(throws: FileTransactionError.busy(lock: state.path + "/files.lock")) {
      try FileTransaction(folder: state.path, patience: 0.1).apply([try change(path, to: [2])])
    }
    extendLifetime(held)
    #expect(try contents(path) == [1])
  }

  @Test("a journal that cannot be read stops everything, with words")
  func damagedJournal() throws {
    let path = try scratch.write("a.py", [1])
    let journal = try state.write("files.journal", Array("{".utf8))
    #expect(throws: FileTransactionError.damagedJournal(path: journal)) {
      try transaction.apply([try change(path, to: [2])])
    }
    #expect(throws: FileTransactionError.damagedJournal(path: journal)) {
      try transaction.recover()
    }
    #expect(try contents(path) == [1])
  }

  @Test("a file that the user changed after a crash is left alone, the others return")
  func conflict() throws {
    let first = try scratch.write("a.py", [1])
    let second = try scratch.write("b.py", [2])
    let hooked = FileTransaction(
      folder: state.path,
      hooks: FileHooks(willTake: { if $0 == .replace(second) { throw SimulatedCrash() } })
    )
    #expect(throws: SimulatedCrash.self) {
      try hooked.apply([try change(first, to: [9]), try change(second, to: [9])])
    }
    #expect(try contents(first) == [9])
    _ = try scratch.write("b.py", [7])
    let recovery = try transaction.recover()
    #expect(
      recovery == FileRecovery(finished: false, paths: [first, second], conflicts: [second])
    )
    #expect(try contents(first) == [1])
    #expect(try contents(second) == [7])
    #expect(try transaction.recover() == nil)
  }

  @Test("stored paths that lead out of the program are refused")
  func outside() async throws {
    let store = try SessionStore.open(at: state.path, ports: ports())
    for path in ["../a", "/etc/passwd", "a/../../b", "", "a//b", "./a"] {
      let recording = try await store.begin(Sample.header())
      try await recording.finish(
        Sample.report,
        files: [StoredFile(path: path, before: [], after: [], mode: 0o644)]
      )
      let session = try await store.load(recording.id)
      #expect(throws: StoreError.outside(path: path)) { try session.changes(undoing: false) }
    }
  }
}
