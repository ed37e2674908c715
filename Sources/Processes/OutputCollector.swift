import HealingModel

/// Keeps the beginning and the end of an output, and counts the rest.
struct OutputCollector: Sendable {
  /// How much of each end is kept, in bytes.
  static let share = 64 * 1024

  private(set) var total = 0
  private var head: [UInt8] = []
  /// What came after the head: its last `kept` bytes matter, the front part is reused.
  private var recent: [UInt8] = []
  private var kept = 0

  /// Takes what came next.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    total += bytes.count
    let toHead = min(bytes.count, Self.share - head.count)
    head.append(contentsOf: bytes[..<toHead])
    let fresh = bytes[toHead...].suffix(Self.share)
    guard !fresh.isEmpty else { return }
    if recent.isEmpty { recent = [UInt8](repeating: 0, count: 4 * Self.share) }
    let capacity = recent.count
    recent.withUnsafeMutableBytes { buffer in
      if kept + fresh.count > capacity {
        // Moving whole blocks keeps the cost per byte small, however long the output is.
        let last = UnsafeRawBufferPointer(rebasing: buffer[(kept - Self.share)..<kept])
        buffer.copyMemory(from: last)
        kept = Self.share
      }
      UnsafeMutableRawBufferPointer(rebasing: buffer[kept...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: fresh))
    }
    kept += fresh.count
  }

  /// The bytes after the head that are kept, oldest first.
  private var tail: [UInt8] { Array(recent[..<kept].suffix(Self.share)) }

  /// The output as text; bytes that are not UTF-8 are replaced.
  var text: BoundedText {
    if total <= head.count + tail.count {
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
