/// A place in a source text: line and column, both counted from 1, columns in Unicode scalars.
public struct TextPosition: Sendable, Hashable, Codable, Comparable {
  /// The line, counted from 1; lines end at `\n`, `\r\n` or `\r`.
  public var line: Int
  /// The column, counted from 1, in Unicode scalars.
  public var column: Int

  /// Makes a position from a line and a column, both counted from 1.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// Whether `lhs` stands before `rhs` in the text.
  public static func < (lhs: TextPosition, rhs: TextPosition) -> Bool {
    (lhs.line, lhs.column) < (rhs.line, rhs.column)
  }
}

/// A half-open range of a source text.
public struct TextRange: Sendable, Hashable, Codable {
  /// Where the range begins.
  public var start: TextPosition
  /// Where the range ends; this position is not part of it.
  public var end: TextPosition

  /// Makes a range; `end` must not stand before `start`.
  public init(start: TextPosition, end: TextPosition) {
    self.start = start
    self.end = max(start, end)
  }

  /// Whether the two ranges share a place, or touch at one where either is empty.
  public func overlaps(_ other: TextRange) -> Bool {
    if start == end || other.start == other.end {
      return start <= other.end && other.start <= end
    }
    return start < other.end && other.start < end
  }

  /// Whether some line belongs to both ranges.
  public func sharesLine(with other: TextRange) -> Bool {
    start.line <= other.end.line && other.start.line <= end.line
  }
}
