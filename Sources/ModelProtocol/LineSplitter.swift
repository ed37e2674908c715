/// Cuts bytes that come in pieces into lines.
public struct LineSplitter: Sendable {
  private var pending: [UInt8] = []
  private var isSkipping = false
  private let longest: Int

  /// Makes a splitter.
  ///
  /// - Parameter longest: A longer line, in bytes, is given as nil, and its bytes are not kept.
  public init(longest: Int = longestModelMessage) { self.longest = longest }

  /// Takes a piece.
  ///
  /// - Parameter bytes: What came.
  /// - Returns: The lines that it ends, without their ends; nil for one that is too long.
  public mutating func feed(_ bytes: some Collection<UInt8>) -> [[UInt8]?] {
    var lines: [[UInt8]?] = []
    for part in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
      if part.offset > 0 {
        lines.append(isSkipping ? nil : pending)
        pending.removeAll(keepingCapacity: true)
        isSkipping = false
      }
      guard !isSkipping else { continue }
      if pending.count + part.element.count > longest {
        pending.removeAll()
        isSkipping = true
      } else {
        pending += part.element
      }
    }
    return lines
  }
}
