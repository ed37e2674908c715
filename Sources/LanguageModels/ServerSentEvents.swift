/// Cuts a stream of server-sent events, which comes in pieces of any size, into the data of each.
///
/// From the HTML standard, section "Server-sent events": lines end with CR, LF or CRLF, a blank line
/// ends an event, lines that begin with a colon are comments, several data lines are one text.
struct ServerSentEvents: Sendable {
  private var line: [UInt8] = []
  private var data: [UInt8]?
  private var endedWithReturn = false

  /// Takes a piece of the stream.
  ///
  /// - Parameter bytes: What came.
  /// - Returns: The data of the events that it ends.
  mutating func feed(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
    var events: [[UInt8]] = []
    for byte in bytes {
      let isSecondHalf = byte == UInt8(ascii: "\n") && endedWithReturn
      endedWithReturn = byte == UInt8(ascii: "\r")
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if !isSecondHalf, let event = endLine() { events.append(event) }
      default: line.append(byte)
      }
    }
    return events
  }

  /// Takes the end of the stream; a last event without its blank line counts where its line ended.
  ///
  /// - Returns: The data of that event.
  mutating func finish() -> [UInt8]? {
    line.removeAll()
    defer { data = nil }
    return data
  }

  private mutating func endLine() -> [UInt8]? {
    defer { line.removeAll(keepingCapacity: true) }
    if line.isEmpty {
      defer { data = nil }
      return data
    }
    let name = line.prefix { $0 != UInt8(ascii: ":") }
    guard name.elementsEqual("data".utf8) else { return nil }
    var value = line.dropFirst(name.count + 1)
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    if data == nil {
      data = Array(value)
    } else {
      // In place: an event may have very many lines.
      data?.append(UInt8(ascii: "\n"))
      data?.append(contentsOf: value)
    }
    return nil
  }
}
