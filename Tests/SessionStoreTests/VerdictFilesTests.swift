import Foundation
import Healing
import SessionStore
import Testing

@Suite("Verdicts of earlier sessions")
struct VerdictFilesTests {
  private let program = String(repeating: "a1", count: 32)

  @Test("what was added is known to whoever opens it next, and to no other program")
  func kept() async throws {
    let scratch = try ScratchFolder()
    let cache = VerdictFiles(in: scratch.path).cache
    #expect(await cache.known(program).isEmpty)
    await cache.add(program, [1: .reached(-5), .max: .cannotRun, 0: .reached(.max)])
    await cache.add(program, [2: .reached(4_000), 1: .reached(7)])
    let again = VerdictFiles(in: scratch.path).cache
    let known: VerdictCache.Verdicts = [
      0: .reached(.max), 1: .reached(-5), 2: .reached(4_000), .max: .cannotRun,
    ]
    #expect(await again.known(program) == known)
    #expect(await again.known(String(repeating: "b2", count: 32)).isEmpty)
    let name = try #require(try names(scratch).first)
    #expect(try mode(scratch.path + "/verdicts") == 0o700)
    #expect(try mode(scratch.path + "/verdicts/" + name) == 0o600)
  }

  @Test("a file that is damaged is as if it were not there", arguments: ["", "x", "cut", "other"])
  func damaged(how: String) async throws {
    let scratch = try ScratchFolder()
    let cache = VerdictFiles(in: scratch.path).cache
    await cache.add(program, [7: .reached(1)])
    let file = "verdicts/" + (try #require(try names(scratch).first))
    let bytes = try contents(scratch.path + "/" + file)
    let broken: [UInt8] =
      switch how {
      case "cut": Array(bytes.dropLast(3))
      case "other": Array("heal verdicts 9\n".utf8) + bytes.suffix(8)
      default: Array(how.utf8)
      }
    _ = try scratch.write(file, broken)
    #expect(await cache.known(program).isEmpty)
    await cache.add(program, [8: .reached(1)])
    #expect(await cache.known(program) == [8: .reached(1)])
  }

  @Test("it keeps to its limits: the program changed last stays, with what was found first")
  func limits() async throws {
    let scratch = try ScratchFolder()
    let files = VerdictFiles(in: scratch.path, limits: .init(names: 3, bytes: 80))
    await files.cache.add(program, [1: .reached(0), 2: .reached(0)])
    await files.cache.add(program, [3: .reached(0), 4: .reached(0)])
    #expect(await files.cache.known(program).keys.sorted() == [1, 2, 3])
    let other = String(repeating: "c3", count: 32)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)],
      ofItemAtPath: scratch.path + "/verdicts/" + program.prefix(32)
    )
    await files.cache.add(other, [5: .reached(0), 6: .reached(0), 7: .reached(0)])
    #expect(await files.cache.known(other).count == 3)
    #expect(await files.cache.known(program).isEmpty)
  }

  @Test("where nothing can be written, nothing is known and nothing is said")
  func unwritable() async throws {
    let scratch = try ScratchFolder()
    _ = try scratch.write("verdicts", [1])
    let cache = VerdictFiles(in: scratch.path).cache
    await cache.add(program, [1: .reached(1)])
    #expect(await cache.known(program).isEmpty)
  }

  @Test("a name that is no digest makes no file")
  func names() async throws {
    let scratch = try ScratchFolder()
    await VerdictFiles(in: scratch.path).cache.add("../x", [1: .reached(1)])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
  }

  private func names(_ scratch: ScratchFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/verdicts")
  }
}
