import HealingModel

/// One token of a source text.
struct SourceToken: Hashable {
  enum Kind: Hashable {
    /// A word that means the same in every program.
    case word
    case name, attribute, text, number
    /// An operator, a bracket or what else there is.
    case mark
  }
  var kind: Kind
  var text: String
  /// What stands between it and the token before it; comments too.
  var space: String
  var start: TextPosition
  var end: TextPosition
}

/// A statement, or the head of one: a line with those that it goes on in.
struct LogicalLine: Hashable {
  var indentation: String
  /// The first and last of its lines, counted from 0.
  var lines: ClosedRange<Int>
  var tokens: [SourceToken]
}

/// A source text in tokens; what does not parse has some as well.
struct SourceTokens {
  /// The lines without their ends; after a last line end there is an empty one.
  let lines: [[Unicode.Scalar]]
  /// The lines that hold more than comments.
  let logical: [LogicalLine]
  /// What one step of indentation is made of.
  let step: String

  init(_ text: String, _ rules: TokenRules) {
    lines = scalarLines(text)
    var scanner = TokenScanner(lines: lines, rules: rules)
    logical = scanner.logicalLines()
    step =
      zip(logical, logical.dropFirst()).lazy.compactMap { upper, lower -> String? in
        guard lower.indentation.utf8.count > upper.indentation.utf8.count,
          lower.indentation.hasPrefix(upper.indentation)
        else { return nil }
        return String(lower.indentation.dropFirst(upper.indentation.count))
      }.first ?? "    "
  }

  /// The steps by which a line is indented more than another; nil when it is no number of them.
  func level(of indentation: String, from base: String) -> Int? {
    if indentation.hasPrefix(base) { return steps(in: indentation.dropFirst(base.count)) }
    if base.hasPrefix(indentation) {
      return steps(in: base.dropFirst(indentation.count)).map { -$0 }
    }
    return nil
  }

  /// The indentation of a line that is indented by some steps more than another.
  func indentation(_ base: String, plus level: Int) -> String? {
    guard level < 0 else { return base + String(repeating: step, count: level) }
    let less = String(repeating: step, count: -level)
    return base.hasSuffix(less) ? String(base.dropLast(less.count)) : nil
  }

  private func steps(in text: Substring) -> Int? {
    let count = text.count / step.count
    return text == String(repeating: step, count: count) ? count : nil
  }

  /// The keywords of the statements around a logical line, the innermost first.
  func enclosing(_ index: Int, _ rules: TokenRules) -> [String] {
    var words: [String] = []
    var indentation = logical[index].indentation
    for line in logical[..<index].reversed() where words.count < 4 {
      guard line.indentation.count < indentation.count else { continue }
      indentation = line.indentation
      if let word = line.tokens.first?.text, rules.blockWords.contains(word) { words.append(word) }
    }
    return words
  }
}

/// The lines of a text without their ends.
func scalarLines(_ text: String) -> [[Unicode.Scalar]] {
  var lines: [[Unicode.Scalar]] = [[]]
  var previous: Unicode.Scalar?
  for scalar in text.unicodeScalars {
    defer { previous = scalar }
    if scalar == "\n", previous == "\r" { continue }
    if scalar == "\n" || scalar == "\r" {
      lines.append([])
    } else {
      lines[lines.count - 1].append(scalar)
    }
  }
  return lines
}

/// A text of scalars.
func joined(_ scalars: some Sequence<Unicode.Scalar>) -> String {
  var view = String.UnicodeScalarView()
  view.append(contentsOf: scalars)
  return String(view)
}
