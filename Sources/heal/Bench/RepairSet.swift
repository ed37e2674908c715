import Foundation
import HealingModel

/// One program of a repair set: broken, with tests that show it and tests that nobody sees before
/// the repair is judged.
struct BenchProgram: Sendable, Hashable {
  /// The name of its set.
  var set: String
  /// Its name within the set.
  var id: String
  /// What kind of program or bug it is; empty when the set does not say.
  var kind: String
  /// The program's own files.
  var files: [String: String]
  /// The tests that heal sees.
  var tests: [String: String]
  /// The tests that judge a repair.
  var heldOut: [String: String]

  /// Its name among the programs of all sets.
  var key: BenchKey { BenchKey(set: set, id: id) }
}

/// What names a program among several sets.
struct BenchKey: Sendable, Hashable {
  /// The set.
  var set: String
  /// The program in it.
  var id: String
}

/// Broken programs with their tests, a JSON object a line.
struct RepairSet: Sendable, Hashable {
  /// The file's name without its ending.
  var name: String
  /// SHA-256 of its bytes.
  var digest: String
  /// Its programs, in the order of their lines.
  var programs: [BenchProgram]

  /// The largest set, in bytes.
  static let sizeLimit = 256_000_000
  /// The longest line, in bytes.
  static let lineLimit = 16_000_000
  /// The most files of one program, tests included.
  static let fileLimit = 500

  /// Reads a set.
  ///
  /// - Parameters:
  ///   - path: The file as typed.
  ///   - folder: What a relative path starts from.
  /// - Throws: `CommandError.usage`, which names the line that is wrong.
  init(path: String, from folder: String) throws(CommandError) {
    let bytes = try readFile(absolutePath(path, from: folder), atMost: Self.sizeLimit)
    let file = path.split(separator: "/").last.map(String.init) ?? path
    try self.init(name: file.hasSuffix(".jsonl") ? String(file.dropLast(6)) : file, bytes: bytes)
  }

  /// Reads a set's bytes.
  ///
  /// - Parameters:
  ///   - name: The set's name.
  ///   - bytes: Its lines.
  /// - Throws: `CommandError.usage`, which names the line that is wrong.
  init(name: String, bytes: [UInt8]) throws(CommandError) {
    self.name = name
    digest = sha256(bytes)
    programs = []
    var known: [String: Int] = [:]
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy(isSpace) {
      do throws(LineError) {
        let program = try Self.program(line, of: name)
        if let earlier = known.updateValue(index + 1, forKey: program.id) {
          throw LineError("its id is that of line \(earlier)")
        }
        programs.append(program)
      } catch {
        throw .usage("\(name), line \(index + 1): \(error.message)")
      }
    }
    guard !programs.isEmpty else { throw .usage("\(name) holds no programs") }
  }

  private static func program(
    _ line: ArraySlice<UInt8>,
    of set: String
  ) throws(LineError) -> BenchProgram {
    guard line.count <= lineLimit else {
      throw LineError("it has \(line.count) bytes; at most \(lineLimit) are read")
    }
    let wire: Wire
    do {
      wire = try JSONDecoder().decode(Wire.self, from: Data(line))
    } catch {
      throw LineError(wrong(error))
    }
    guard !wire.id.isEmpty, wire.id.utf8.count <= 500 else {
      throw LineError("the id must have 1 to 500 bytes")
    }
    let parts = [("files", wire.files), ("tests", wire.tests), ("held_out", wire.heldOut)]
    for (name, part) in parts where part.isEmpty { throw LineError("`\(name)` is empty") }
    let paths = parts.flatMap { $0.1.keys }.sorted()
    guard paths.count <= fileLimit else {
      throw LineError("it has \(paths.count) files; at most \(fileLimit) are written")
    }
    for path in paths {
      if let reason = refusal(of: path) { throw LineError("the path `\(path)` \(reason)") }
    }
    for (path, next) in zip(paths, paths.dropFirst()) where path == next {
      throw LineError("the path `\(path)` is there twice")
    }
    let whole = Set(paths)
    for path in paths where folders(above: path).contains(where: whole.contains) {
      throw LineError("the path `\(path)` lies in a file")
    }
    return BenchProgram(
      set: set,
      id: wire.id,
      kind: wire.kind ?? "",
      files: wire.files,
      tests: wire.tests,
      heldOut: wire.heldOut
    )
  }

  /// What is wrong with the path of a file; nil when it may be written and given to a test runner.
  private static func refusal(of path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    if path.hasPrefix("/") || parts.contains("..") { return "leaves the folder" }
    if parts.contains("") || parts.contains(".") { return "has an empty part" }
    if path.utf8.count > 1000 || parts.contains(where: { $0.utf8.count > 200 }) {
      return "is too long"
    }
    if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return "holds control characters"
    }
    // The test runner would take these for something else than a file.
    if path.hasPrefix("-") || path.hasPrefix("@") || path.contains("::") {
      return "is no path for a test runner"
    }
    if parts.contains(where: { BenchFolder.caches.contains(String($0)) }) { return "is a cache's" }
    return nil
  }

  private static func folders(above path: String) -> [String] {
    let parts = path.split(separator: "/")
    return (1..<max(1, parts.count)).map { parts[..<$0].joined(separator: "/") }
  }

  private static func wrong(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "`\(key.stringValue)` is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "`\(context.codingPath.map(\.stringValue).joined(separator: "."))` has the wrong type"
    default: "it is not JSON"
    }
  }

  private struct LineError: Error {
    var message: String
    init(_ message: String) { self.message = message }
  }

  private struct Wire: Decodable {
    var id: String
    var kind: String?
    var files: [String: String]
    var tests: [String: String]
    var heldOut: [String: String]

    enum CodingKeys: String, CodingKey {
      case id, kind, files, tests
      case heldOut = "held_out"
    }
  }
}

private func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0D].contains(byte) }

/// The programs of several sets in an order drawn by the seed, the first `limit` of them.
///
/// The order is that of Python's `random.Random(seed).shuffle`, so that a sample is the same one
/// that the scripts in `Benchmarks` take.
///
/// - Parameters:
///   - sets: The sets.
///   - seed: The seed.
///   - limit: How many; nil for all.
/// - Returns: The programs.
func sample(of sets: [RepairSet], seed: UInt64, limit: Int?) -> [BenchProgram] {
  var programs = sets.flatMap(\.programs)
  var generator = MersenneTwister(seed: seed)
  generator.shuffle(&programs)
  return Array(programs.prefix(limit ?? programs.count))
}
