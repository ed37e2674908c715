/// A repair of a few lines with its names and literals taken out: what stood there, and what stands
/// there now.
public struct RepairTemplate: Sendable, Hashable, Codable {
  /// What a hole stands for.
  public enum HoleKind: String, Sendable, Hashable, Codable {
    /// A name.
    case name
    /// The name of an attribute.
    case attribute
    /// A text in quotes.
    case text
    /// A number.
    case number
  }
  /// What each hole stands for, by its number.
  public var holes: [HoleKind]
  /// The lines that are replaced; space between their tokens matters to no match, and is kept where
  /// the change begins and ends.
  public var before: [TemplateToken]
  /// The lines that take their place; space is kept where it is written anew.
  public var after: [TemplateToken]

  /// Makes a template.
  public init(holes: [HoleKind], before: [TemplateToken], after: [TemplateToken]) {
    self.holes = holes
    self.before = before
    self.after = after
  }

  /// How many tokens both have in common at their beginning, and how many after those at their end:
  /// a repair leaves these as they are.
  public var common: (prefix: Int, suffix: Int) {
    let most = min(before.count, after.count)
    var prefix = 0
    while prefix < most, before[prefix].content == after[prefix].content { prefix += 1 }
    var suffix = 0
    while prefix + suffix < most,
      before[before.count - 1 - suffix].content == after[after.count - 1 - suffix].content
    {
      suffix += 1
    }
    return (prefix, suffix)
  }

  /// Why it is no template; nil when it is one.
  ///
  /// It may come from outside, so that nothing is taken for granted.
  public var defect: String? {
    guard (2...Self.mostTokens).contains(before.count), (1...Self.mostTokens).contains(after.count)
    else { return "a side has no token or more than \(Self.mostTokens)" }
    guard before[0].content == .line(0) else { return "it does not begin with a line" }
    guard case .line = after[0].content else { return "what takes its place begins with no line" }
    let (bound, used) = (Self.holes(in: before), Self.holes(in: after))
    guard Set(bound) == Set(holes.indices) else { return "its holes are not those that it names" }
    guard used.allSatisfy(bound.contains) else { return "it writes a hole that it never read" }
    guard before.map(\.content) != after.map(\.content) else { return "it changes nothing" }
    return (before + after).lazy.compactMap(\.defect).first
  }

  /// The most tokens of one side.
  public static let mostTokens = 240

  private static func holes(in tokens: [TemplateToken]) -> [Int] {
    tokens.compactMap { if case .hole(let number) = $0.content { number } else { nil } }
  }
}

/// One token of a template.
///
/// Its text form is the space before it, a mark and what it is: `/0` for a line, `$1` for a hole,
/// `=for` for a text.
public struct TemplateToken: Sendable, Hashable, Codable, RawRepresentable {
  /// What stands there.
  public enum Content: Sendable, Hashable {
    /// The beginning of a line, with the steps by which it is indented more than the first one.
    case line(Int)
    /// Whatever the hole of this number stands for.
    case hole(Int)
    /// This very text.
    case text(String)
  }
  /// What stands before it and is no token, where it is written.
  public var space: String
  /// What stands there.
  public var content: Content

  /// Makes a token.
  public init(_ content: Content, space: String = "") {
    self.space = space
    self.content = content
  }

  /// Reads the text form.
  public init?(rawValue: String) {
    let scalars = rawValue.unicodeScalars
    let space = scalars.prefix(while: Self.isSpace)
    let rest = scalars.dropFirst(space.count)
    let body = String(rest.dropFirst())
    switch rest.first {
    case "/":
      guard let level = Int(body) else { return nil }
      content = .line(level)
    case "$":
      guard let number = Int(body), number >= 0 else { return nil }
      content = .hole(number)
    case "=": content = .text(body)
    default: return nil
    }
    self.space = String(space)
  }

  /// The text form.
  public var rawValue: String {
    switch content {
    case .line(let level): "\(space)/\(level)"
    case .hole(let number): "\(space)$\(number)"
    case .text(let text): "\(space)=\(text)"
    }
  }

  /// Whether a character may stand between tokens; one before the end of a line goes on with it.
  public static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    [" ", "\t", "\n", "\\", "\u{c}"].contains(scalar)
  }

  /// Why it is no token of a template; nil when it is one.
  var defect: String? {
    if space.utf8.count > 200 || !space.unicodeScalars.allSatisfy(Self.isSpace) {
      return "the space before a token is none"
    }
    switch content {
    case .line(let level): return !(-50...50).contains(level) ? "a line is indented too far" : nil
    case .hole(let number): return number > RepairTemplate.mostTokens ? "a hole is too many" : nil
    case .text(let text):
      return text.isEmpty || text.utf8.count > 400 ? "a token is empty or too long" : nil
    }
  }
}
