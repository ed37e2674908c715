/// One part of an answer, as it was written.
struct AnswerPiece: Hashable {
  /// What a part holds.
  enum Content: Hashable {
    /// Code without a place; whole unless it was cut off.
    case code([String], isWhole: Bool)
    /// The code of one definition, by its name.
    case named(String, [String])
    /// A text, what to put in its place, and the line at which it begins where that is said.
    case replacement(old: [String], new: [String], line: Int?)
    /// Lines, counted from 1, and what to put in their place.
    case lines(ClosedRange<Int>, [String])
    /// A part of a unified diff.
    case hunk(DiffHunk)
  }
  /// The file, as the answer names it; nil where it names none.
  var path: String?
  var content: Content
}

/// A part of a unified diff; the counts in its heading are not believed.
struct DiffHunk: Hashable {
  /// What becomes of a line.
  enum Mark: Hashable {
    case kept
    case removed
    case added
  }
  var marks: [Mark] = []
  var lines: [String] = []
  /// The line of the old text at which it begins, counted from 1, where that is said.
  var start: Int?

  /// The lines that the old text must have.
  var old: [String] { zip(marks, lines).filter { $0.0 != .added }.map(\.1) }

  var changes: Bool { marks.contains { $0 != .kept } }

  mutating func append(_ mark: Mark, _ line: String) {
    marks.append(mark)
    lines.append(line)
  }
}
