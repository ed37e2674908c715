import Foundation
import HealingModel
import Synchronization
import Testing

@testable import SessionStore

/// Some files of many kinds with new bytes for each, drawn from a seed.
private struct CrashScene {
  let scratch: ScratchFolder
  let state: ScratchFolder
  var old: [String: [UInt8]] = [:]
  var new: [String: [UInt8]] = [:]
  var modes: [String: UInt32] = [:]
  var changes: [FileWrite] = []

  init(seed: UInt64) throws {
    scratch = try ScratchFolder()
    state = try ScratchFolder()
    var random = SeededGenerator(seed: seed)
    try FileManager.default.createDirectory(
      atPath: scratch.path + "/sub",
      withIntermediateDirectories: true
    )
    for index in 0..<Int.random(in: 1...3, using: &random) {
      let name = (Bool.random(using: &random) ? "sub/" : "") + "f\(index).py"
      let before = Self.bytes(&random)
      let mode: UInt32 = Bool.random(using: &random) ? 0o644 : 0o755
      let path = try scratch.write(name, before, mode: mode)
      var wanted = path
      switch Int.random(in: 0..<3, using: &random) {
      case 0: link(path, scratch.path + "/hard\(index)")
      case 1:
        wanted = scratch.path + "/soft\(index)"
        symlink(path, wanted)
      default: break
      }
      old[path] = before
      new[path] = Self.bytes(&random)
      modes[path] = mode
      changes.append(
        FileWrite(path: wanted, before: sha256(before), after: new[path] ?? [], mode: nil)
      )
    }
  }

  private static func bytes(_ random: inout SeededGenerator) -> [UInt8] {
    (0..<Int.random(in: 0...9, using: &random)).map { _ in
      [10, 13, 0xef, 65].randomElement(using: &random) ?? 0
    }
  }

  func transaction(_ willTake: @escaping @Sendable (FileStep) throws -> Void = { _ in })
    -> FileTransaction
  {
    // Another test's child holds every descriptor from its fork until its exec, the lock's too.
    FileTransaction(
      folder: state.path,
      patience: 30,
      hooks: FileHooks(willTake: willTake, chunk: 3)
    )
  }

  /// Whether every file is new, or every one is old; nil for a mixture.
  func isNew() throws -> Bool? {
    let now = try Dictionary(uniqueKeysWithValues: old.keys.map { ($0, try contents($0)) })
    if now == old { return old == new ? nil : false }
    return now == new ? true : nil
  }

  func checkTraces(_ note: Comment) throws {
    for (path, expected) in modes { #expect(try mode(path) == expected, note) }
    for folder in [scratch.path, scratch.path + "/sub"] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(!names.contains { $0.hasPrefix(".heal") }, note)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: state.path) == ["files.lock"],
      note
    )
    for index in changes.indices {
      let hard = scratch.path + "/hard\(index)"
      guard let status = try fileStatus(hard) else { continue }
      #expect(status.st_nlink == 2, note)
    }
  }
}

/// Throws at the step with a number, counted from 0, and counts them all.
private final class StepFailure: Sendable {
  private let left: Mutex<Int>
  private let error: any Error & Sendable

  init(at step: Int, _ error: any Error & Sendable) {
    left = Mutex(step)
    self.error = error
  }

  func take() throws {
    let now = left.withLock { left in
      defer { left -= 1 }
      return left
    }
    if now == 0 { throw error }
  }

  var taken: Int { Int.max - left.withLock { $0 } }
}

@Suite("crashes while user files change")
struct FileCrashTests {
  private func steps(_ seed: UInt64) throws -> Int {
    let scene = try CrashScene(seed: seed)
    let counter = StepFailure(at: .max, SimulatedCrash())
    try scene.transaction { _ in try counter.take() }.apply(scene.changes)
    #expect(try scene.isNew() != false)
    try scene.checkTraces("seed \(seed)")
    return counter.taken
  }

  @Test(
    "a crash at any step, then recovery: all old or all new",
    arguments: 0..<6 as Range<UInt64>
  )
  func crash(seed: UInt64) throws {
    for step in 0..<(try steps(seed)) {
      let scene = try CrashScene(seed: seed)
      let crash = StepFailure(at: step, SimulatedCrash())
      #expect(throws: SimulatedCrash.self) {
        try scene.transaction { _ in try crash.take() }.apply(scene.changes)
      }
      // The recovery crashes too, at every third step of its own, until one gets through.
      var at = step % 3
      while true {
        let again = StepFailure(at: at, SimulatedCrash())
        at += 3
        do {
          _ = try scene.transaction { _ in try again.take() }.recover()
          break
        } catch is SimulatedCrash {}
      }
      #expect(try scene.isNew() != nil || scene.old == scene.new, "seed \(seed), step \(step)")
      #expect(try scene.transaction().recover() == nil)
      // Before the first step there is no trace at all, not even of a lock.
      _ = try? FolderLock(scene.state.path + "/files.lock", patience: 0)
      try scene.checkTraces("seed \(seed), step \(step)")
    }
  }

  @Test("a full disk at any step: a typed error and all old", arguments: 0..<6 as Range<UInt64>)
  func fullDisk(seed: UInt64) throws {
    for step in 0..<(try steps(seed)) {
      let scene = try CrashScene(seed: seed)
      let full = StepFailure(at: step, SystemFailure(code: ENOSPC, path: "disk"))
      do {
        try scene.transaction { _ in try full.take() }.apply(scene.changes)
        // Only the removal of old bytes can fail without harm.
        #expect(try scene.isNew() != false, "seed \(seed), step \(step)")
        _ = try scene.transaction().recover()
      } catch {
        #expect(error as? FileTransactionError == .diskFull(path: "disk"))
        #expect(try scene.isNew() != true, "seed \(seed), step \(step)")
        #expect(try scene.isNew() != nil || scene.old == scene.new, "seed \(seed), step \(step)")
        _ = try scene.transaction().recover()
        #expect(try scene.isNew() != true, "seed \(seed), step \(step)")
      }
      try scene.checkTraces("seed \(seed), step \(step)")
    }
  }

  @Test("a crash while a failed change is taken back", arguments: 0..<2 as Range<UInt64>)
  func crashWhileTakingBack(seed: UInt64) throws {
    let total = try steps(seed)
    for step in 0..<total {
      for later in 1..<6 {
        let scene = try CrashScene(seed: seed)
        let full = StepFailure(at: step, SystemFailure(code: ENOSPC, path: "disk"))
        let crash = StepFailure(at: step + later, SimulatedCrash())
        _ = try? scene.transaction { _ in
          try crash.take()
          try full.take()
        }.apply(scene.changes)
        _ = try scene.transaction().recover()
        #expect(
          try scene.isNew() != nil || scene.old == scene.new,
          "seed \(seed), step \(step), \(later)"
        )
        try scene.checkTraces("seed \(seed), step \(step), \(later)")
      }
    }
  }
}
