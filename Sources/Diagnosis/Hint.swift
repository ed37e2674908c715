public import HealingModel

/// One thing that is known of a failing program, worded for a model or a person.
public struct Hint: Sendable, Hashable {
  /// What a hint is about.
  public enum Subject: Sendable, Hashable {
    /// A finding of this category.
    case finding(Category)
    /// The place at which a run fails and that no finding explains.
    case failure
    /// A change with which more tests pass.
    case partial
    /// Lines that failing tests run rather than passing ones.
    case suspicious
    /// Lines of which no single change helps.
    case cleared
  }
  /// Its number in the list, counted from 1.
  public var number: Int
  /// What it is about.
  public var subject: Subject
  /// The file, relative to the program's root; empty when it is about several.
  public var path: String
  /// The line, counted from 1; 0 when it is about several.
  public var line: Int
  /// How many independent sources say so.
  public var sources: Int
  /// What is wrong, where, what to do, and why it is believed; several lines.
  public var text: String

  /// The hint as an item of a numbered list.
  public var item: String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return "\(number). " + lines.joined(separator: "\n   ")
  }
}

/// The hints of a program, strongest evidence first.
public struct HintList: Sendable, Hashable {
  /// The hints, numbered from 1.
  public var hints: [Hint]
  /// How many weaker ones had no room.
  public var dropped: Int

  /// Makes a list.
  public init(hints: [Hint] = [], dropped: Int = 0) {
    self.hints = hints
    self.dropped = dropped
  }

  /// How many of them name a bug of their own.
  public var bugs: Int {
    hints.count {
      switch $0.subject {
      case .finding, .failure: true
      case .partial, .suspicious, .cleared: false
      }
    }
  }

  /// The numbered list, with a note of what was left out.
  public var text: String {
    var items = hints.map(\.item)
    if dropped > 0 {
      items.append("(\(dropped) weaker \(dropped == 1 ? "hint is" : "hints are") left out.)")
    }
    return items.joined(separator: "\n")
  }
}
