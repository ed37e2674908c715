/// The replacement of one text range.
public struct Edit: Sendable, Hashable, Codable {
  /// The file, relative to the program's root.
  public var path: String
  /// The text that is replaced; empty for an insertion.
  public var range: TextRange
  /// The new text, with `\n` as the line end; applying it takes the file's own.
  public var new: String
  /// Why, in one sentence.
  public var reason: String
  /// The rule of the finding that asked for it, when there is one.
  public var finding: String?

  /// Makes an edit.
  public init(path: String, range: TextRange, new: String, reason: String, finding: String? = nil) {
    self.path = path
    self.range = range
    self.new = new
    self.reason = reason
    self.finding = finding
  }
}

/// A set of edits that belong together.
public struct Patch: Sendable, Hashable, Codable {
  /// The edits; those of one file do not overlap.
  public var edits: [Edit]

  /// Makes a patch.
  public init(edits: [Edit] = []) { self.edits = edits }

  /// Whether it changes nothing.
  public var isEmpty: Bool { edits.isEmpty }

  /// The files that it changes, sorted.
  public var paths: [String] { Set(edits.map(\.path)).sorted() }
}
