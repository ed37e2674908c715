import Foundation
import Synchronization

/// The rows of one configuration, and their file when they are stored.
final class BenchLog: Sendable {
  /// What the rows depend on.
  let header: BenchHeader
  private let path: String?
  private let rows: Mutex<[BenchKey: BenchRow]>

  /// Opens the rows of a configuration.
  ///
  /// - Parameters:
  ///   - header: What the rows depend on.
  ///   - folder: The folder of the file; nil stores nothing.
  ///   - resumes: Whether rows that are there are gone on from.
  /// - Throws: `CommandError.usage` when there are rows that may not be gone on from.
  init(_ header: BenchHeader, in folder: String?, resumes: Bool) throws {
    self.header = header
    path = folder.map { "\($0)/\(header.configuration.fileName).jsonl" }
    guard let path else {
      rows = Mutex([:])
      return
    }
    guard FileKind(of: path) != .missing else {
      rows = Mutex([:])
      try Self.append(try Self.line(HeaderLine(header: header)), to: path)
      return
    }
    guard resumes else {
      throw CommandError.usage("\(path) holds rows: go on with --resume, or name another folder")
    }
    rows = Mutex(try Self.stored(at: path, of: header))
  }

  /// The rows so far.
  var all: [BenchKey: BenchRow] { rows.withLock { $0 } }

  /// Whether a program's row is there; one that told nothing is made again.
  func has(_ key: BenchKey) -> Bool { rows.withLock { $0[key].map { $0.error == nil } ?? false } }

  /// Takes a row, and stores it before anything else is done.
  func add(_ row: BenchRow) throws {
    try rows.withLock { rows in
      if let path { try Self.append(try Self.line(row), to: path) }
      rows[row.key] = row
    }
  }

  // MARK: The file

  private struct HeaderLine: Codable { var header: BenchHeader }

  private static func line(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }

  private static func append(_ line: Data, to path: String) throws {
    let number = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard number >= 0 else {
      throw CommandError.environment(
        message: "\(path) cannot be written: \(String(cString: strerror(errno)))",
        remedy: "name another folder with --out"
      )
    }
    try FileHandle(fileDescriptor: number, closeOnDealloc: true).write(contentsOf: line)
  }

  /// The rows of a file, after a check that they belong to `header`; the last line may be cut off.
  private static func stored(
    at path: String,
    of header: BenchHeader
  ) throws -> [BenchKey: BenchRow] {
    let bytes = try readFile(path, atMost: 1_000_000_000)
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let lines = bytes[..<whole].split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first,
      let stored = try? JSONDecoder().decode(HeaderLine.self, from: Data(first)).header
    else { throw CommandError.usage("\(path) does not begin as rows of a measurement do") }
    let differences = header.differences(from: stored)
    guard differences.isEmpty else {
      throw CommandError.usage(
        "\(path) was measured otherwise (\(differences.joined(separator: ", "))); "
          + "name another folder with --out"
      )
    }
    var rows: [BenchKey: BenchRow] = [:]
    for (index, line) in lines.enumerated().dropFirst() {
      guard let row = try? JSONDecoder().decode(BenchRow.self, from: Data(line)) else {
        throw CommandError.usage("\(path), line \(index + 1): it is no row")
      }
      rows[row.key] = row
    }
    if whole < bytes.count, truncate(path, off_t(whole)) != 0 {
      throw CommandError.environment(
        message: "\(path) cannot be written: \(String(cString: strerror(errno)))",
        remedy: "name another folder with --out"
      )
    }
    return rows
  }
}
