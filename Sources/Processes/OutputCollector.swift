import HealingModel

/// Keeps the beginning and the end of an output, and counts the rest.
struct OutputCollector: Sendable {
  /// How much of each end is kept, in bytes.
  static let share = 64 * 1024

  private(set) var total = 0
  private var head: [UInt8] = []
  private var ring: [UInt8] = []
  private var next = 0

  /// Takes what came next.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    total += bytes.count
    let toHead = min(bytes.count, Self.share - head.count)
    head.append(contentsOf: bytes.prefix(toHead))
    // Of one large piece only the last part can survive in the ring.
    for byte in bytes.dropFirst(toHead).suffix(Self.share) {
      if ring.count < Self.share {
        ring.append(byte)
      } else {
        ring[next] = byte
        next = (next + 1) % Self.share
      }
    }
  }

  /// The bytes after the head, oldest first.
  private var tail: [UInt8] { Array(ring[next...] + ring[..<next]) }

  /// The output as text; bytes that are not UTF-8 are replaced.
  var text: BoundedText {
    if total == head.count + ring.count {
      return BoundedText(head: String(decoding: head + tail, as: UTF8.self), total: total)
    }
    return BoundedText(
      head: String(decoding: head.dropLast(unfinished(head)), as: UTF8.self),
      tail: String(decoding: tail.drop { $0 & 0xC0 == 0x80 }, as: UTF8.self),
      total: total
    )
  }

  /// The length of a scalar at the end whose last bytes are cut off.
  private func unfinished(_ bytes: [UInt8]) -> Int {
    for back in 1...4 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte & 0xC0 == 0x80 { continue }
      let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      return length > back ? back : 0
    }
    return 0
  }
}
