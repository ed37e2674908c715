import Foundation

/// What stands on standard input, recorded once and replayed to every run.
struct RecordedInput: Sendable, Hashable {
  /// The bytes.
  var bytes: [UInt8] = []
  /// A sentence for the reader, when something is special about it.
  var note: String?

  /// The most that is recorded.
  static let limit = 8 * 1024 * 1024
  /// How long the first byte of a pipe is waited for, in milliseconds.
  ///
  /// A tool that is started by another often inherits a pipe that nobody ever writes to; waiting
  /// for its end would hang. A producer that needs longer can write to a file first.
  static let patience: Int32 = 200

  /// Records what stands on `descriptor`.
  ///
  /// - Parameter descriptor: The open file, usually 0.
  /// - Returns: The input; a terminal gives an empty one with a note.
  /// - Throws: `CommandError.usage` when there is more than ``limit``.
  static func record(from descriptor: Int32) throws(CommandError) -> RecordedInput {
    guard isatty(descriptor) == 0 else {
      return RecordedInput(
        note: "standard input is a terminal; the program gets an end of file instead"
      )
    }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return RecordedInput() }
    let kind = info.st_mode & S_IFMT
    if kind == S_IFIFO || kind == S_IFSOCK, !isReadable(descriptor, within: patience) {
      return RecordedInput(
        note: "nothing came on standard input within 0.2 s; the program gets an end of file "
          + "(for a slow producer: write to a file and use `< FILE`)"
      )
    }
    return RecordedInput(bytes: try readToEnd(descriptor))
  }

  private static func isReadable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, milliseconds) > 0
  }

  /// A producer that stays silent for this long, in milliseconds, is taken to be stuck.
  private static let idleLimit: Int32 = 30_000

  private static func readToEnd(_ descriptor: Int32) throws(CommandError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var idle: Int32 = 0
    while !Task.isCancelled {
      guard isReadable(descriptor, within: 100) else {
        idle += 100
        guard idle < idleLimit else {
          throw .usage("standard input stays open and silent; nothing came for 30 s")
        }
        continue
      }
      idle = 0
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
      guard bytes.count <= limit else {
        throw .usage("standard input holds more than 8 MB, which is the most that is recorded")
      }
    }
    throw .interrupted
  }
}
