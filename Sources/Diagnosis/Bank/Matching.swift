import HealingModel

/// A token, or the beginning of a line, of a text in which a template is looked for.
struct PlacedToken {
  /// The token; nil for the beginning of a line.
  var token: SourceToken?
  var level = 0
  var start: TextPosition
  var end: TextPosition
}

extension RepairTemplate {
  /// The edit that it makes of the statements from one on; nil where it does not fit.
  ///
  /// - Parameters:
  ///   - index: The first statement.
  ///   - text: The text.
  ///   - path: Its file.
  /// - Returns: An edit that lies within the statements.
  func edit(at index: Int, of text: SourceTokens, path: String) -> Edit? {
    let count = before.count(where: \.isLine)
    guard index + count <= text.logical.count else { return nil }
    let lines = text.logical[index..<index + count]
    guard let base = lines.first?.indentation, let placed = text.placed(lines, from: base),
      let bound = bindings(to: placed[...])
    else { return nil }
    return edit(placed[...], bound, base: base, of: text, path: path)
  }

  /// What the holes stand for where the tokens are those of the template.
  func bindings(to placed: ArraySlice<PlacedToken>) -> [String]? {
    guard placed.count == before.count else { return nil }
    var bound: [String?] = Array(repeating: nil, count: holes.count)
    for (wanted, found) in zip(before, placed) {
      switch wanted.content {
      case .line(let level): guard found.token == nil, found.level == level else { return nil }
      case .text(let text): guard found.token?.text == text else { return nil }
      case .hole(let number):
        guard let token = found.token, holes.indices.contains(number) else { return nil }
        guard bound[number] == nil else {
          guard bound[number] == token.text else { return nil }
          continue
        }
        guard holes[number] == token.kind.hole else { return nil }
        bound[number] = token.text
      }
    }
    let known = bound.compactMap { $0 }
    return known.count == bound.count ? known : nil
  }

  /// Writes what the template has anew, and leaves what it has in common with what stands there.
  ///
  /// The space at either side of a change stays the program's own where the repair left it alone.
  func edit(
    _ placed: ArraySlice<PlacedToken>,
    _ bound: [String],
    base: String,
    of text: SourceTokens,
    path: String
  ) -> Edit? {
    let (prefix, suffix) = common
    let placed = Array(placed)
    let (kept, written) = (placed.count - suffix, after.count - suffix)
    let keepsFirst =
      prefix < min(kept, written) && placed[prefix].token != nil && !after[prefix].isLine
      && before[prefix].space == after[prefix].space
    guard
      var new = rendered(
        prefix..<written,
        bound,
        in: text,
        base: base,
        bare: prefix == 0 || keepsFirst
      )
    else { return nil }
    var start = prefix == 0 || keepsFirst ? placed[prefix].start : placed[prefix - 1].end
    var end = kept == 0 ? start : placed[kept - 1].end
    if suffix > 0, placed[kept].token != nil, before[kept].space != after[written].space {
      new += after[written].space
      end = placed[kept].start
    }
    let endsLine = suffix == 0 || placed[kept].token == nil
    if prefix == kept, prefix > 0, endsLine, prefix < written, after[prefix].isLine {
      // A new line begins behind the comment of the one before it.
      start.column = text.lines[start.line - 1].count + 1
      end = start
    }
    guard start <= end else { return nil }
    return Edit(path: path, range: TextRange(start: start, end: end), new: new, reason: "")
  }

  /// The text of tokens that are written; the first one without the space before it where it is bare.
  private func rendered(
    _ tokens: Range<Int>,
    _ bound: [String],
    in text: SourceTokens,
    base: String,
    bare: Bool
  ) -> String? {
    var result = ""
    for index in tokens {
      let isBare = bare && index == tokens.lowerBound
      let space = isBare ? "" : after[index].space
      switch after[index].content {
      case .line(let level):
        guard let indentation = text.indentation(base, plus: level) else { return nil }
        result += isBare ? indentation : space + "\n" + indentation
      case .hole(let number):
        guard bound.indices.contains(number) else { return nil }
        result += space + bound[number]
      case .text(let text): result += space + text
      }
    }
    return result
  }
}

extension TemplateToken {
  /// Whether it is the beginning of a line.
  var isLine: Bool { if case .line = content { true } else { false } }
}

extension SourceTokens {
  /// The tokens of statements with their places; nil when they are not indented by whole steps.
  func placed(_ lines: ArraySlice<LogicalLine>, from base: String) -> [PlacedToken]? {
    var result: [PlacedToken] = []
    for line in lines {
      guard let level = level(of: line.indentation, from: base), let first = line.tokens.first
      else { return nil }
      let start =
        result.last?.end ?? TextPosition(line: line.lines.lowerBound + 1, column: 1)
      result.append(PlacedToken(level: level, start: start, end: first.start))
      result += line.tokens.map { PlacedToken(token: $0, start: $0.start, end: $0.end) }
    }
    return result
  }
}

extension SourceToken.Kind {
  /// The kind of hole that stands for such a token.
  fileprivate var hole: RepairTemplate.HoleKind? {
    switch self {
    case .name: .name
    case .attribute: .attribute
    case .text: .text
    case .number: .number
    case .word, .mark: nil
    }
  }
}

/// The lines of a text after an edit; nil when it has no place there.
func replacing(_ edit: Edit, in lines: [[Unicode.Scalar]]) -> [[Unicode.Scalar]]? {
  let (start, end) = (edit.range.start, edit.range.end)
  guard (1...lines.count).contains(start.line), (1...lines.count).contains(end.line),
    start.column >= 1, end.column >= 1, start.column - 1 <= lines[start.line - 1].count,
    end.column - 1 <= lines[end.line - 1].count, start <= end
  else { return nil }
  var middle = scalarLines(edit.new)
  middle[0] = lines[start.line - 1][..<(start.column - 1)] + middle[0]
  middle[middle.count - 1] += lines[end.line - 1][(end.column - 1)...]
  return lines[..<(start.line - 1)] + middle + lines[end.line...]
}
