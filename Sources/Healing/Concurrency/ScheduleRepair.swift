public import HealingModel

/// A candidate that may mend what a failing schedule shows: a whole repair, to be tried alone.
public struct ScheduleRepair: Sendable, Hashable {
  /// The kind of repair, such as `lock` or `order`.
  public var kind: String
  /// Why it is made, in a sentence.
  public var reason: String
  /// Lines that change.
  public var lines: Int
  /// Lines that change in more than their indentation.
  public var size: Int
  /// The edits.
  public var edits: [Edit]

  /// Makes a candidate.
  public init(kind: String, reason: String, lines: Int, size: Int, edits: [Edit]) {
    self.kind = kind
    self.reason = reason
    self.lines = lines
    self.size = size
    self.edits = edits
  }
}
