public import HealingModel

/// An edit in general, with the lines that show it.
public struct GeneralRepair: Sendable, Hashable {
  /// The edit with names and literals taken out; nil when it is too large or too particular.
  public var template: RepairTemplate?
  /// The lines before and after; nil when they are too many.
  public var example: RepairExample?
  /// The keywords of the statements around them, the innermost first.
  public var enclosing: [String]
}

/// Takes out of an edit what is particular to its program.
///
/// A name or literal that stands before and after the edit, or only around what it changes, becomes a
/// hole; what the edit brings in, and what it takes out to bring something else in, stays as it is. A
/// template is given only when it makes the very same edit of the program that it comes from.
///
/// - Parameters:
///   - edit: The edit.
///   - text: The text that it changes.
///   - rules: The language of the text.
/// - Returns: The edit in general.
public func generalise(_ edit: Edit, in text: String, _ rules: TokenRules) -> GeneralRepair {
  let old = SourceTokens(text, rules)
  var general = GeneralRepair(template: nil, example: nil, enclosing: [])
  guard let changed = replacing(edit, in: old.lines), changed != old.lines else { return general }
  let new = SourceTokens(joined(changed.joined(separator: ["\n"])), rules)
  let differing = ChangedLines(old, new)
  let spans = differing.spans(old, new)
  let shown = spans.first ?? differing.span
  general.example = example(shown, old, new)
  let first = old.logical.firstIndex { $0.lines.lowerBound >= shown.old.lowerBound }
  general.enclosing = first.map { old.enclosing($0, rules) } ?? []
  for span in spans {
    guard let template = template(span, old, new, rules), template.defect == nil,
      let index = old.logical.firstIndex(where: { $0.lines.lowerBound >= span.old.lowerBound }),
      let again = template.edit(at: index, of: old, path: edit.path),
      replacing(again, in: old.lines) == changed
    else { continue }
    general.template = template
    general.example = example(span, old, new) ?? general.example
    general.enclosing = old.enclosing(index, rules)
    break
  }
  return general
}

/// The lines in which two texts differ: those of one take the place of those of the other.
private struct Span: Hashable {
  var old: Range<Int>
  var new: Range<Int>
}

/// Lines before which, and lines after which, two texts are the same.
private struct ChangedLines {
  private(set) var span: Span

  init(_ old: SourceTokens, _ new: SourceTokens) {
    let most = min(old.lines.count, new.lines.count)
    var first = 0
    while first < most, old.lines[first] == new.lines[first] { first += 1 }
    var left = 0
    while first + left < most,
      old.lines[old.lines.count - 1 - left] == new.lines[new.lines.count - 1 - left]
    { left += 1 }
    span = Span(old: first..<old.lines.count - left, new: first..<new.lines.count - left)
  }

  /// Whole statements that hold what differs, the best first; none when they are too long.
  func spans(_ old: SourceTokens, _ new: SourceTokens) -> [Span] {
    let whole = widened(span, old, new)
    guard old.logical(in: whole.old).isEmpty || new.logical(in: whole.new).isEmpty else {
      return [whole].filter(isShort)
    }
    // An insertion is known by the statement before it, or else by that after it.
    var result: [Span] = []
    if let line = old.logical.last(where: { $0.lines.upperBound < whole.old.lowerBound }) {
      let first = line.lines.lowerBound
      result.append(
        Span(old: first..<whole.old.upperBound, new: first..<whole.new.upperBound)
      )
    }
    if let line = old.logical.first(where: { $0.lines.lowerBound >= whole.old.upperBound }) {
      let more = line.lines.upperBound + 1 - whole.old.upperBound
      result.append(
        Span(
          old: whole.old.lowerBound..<whole.old.upperBound + more,
          new: whole.new.lowerBound..<whole.new.upperBound + more
        )
      )
    }
    return result.map { widened($0, old, new) }.filter(isShort)
  }

  private func isShort(_ span: Span) -> Bool {
    max(span.old.count, span.new.count) <= Self.mostLines
  }

  /// The most lines of a repair that is looked at.
  private static let mostLines = 8

  /// The span with the rest of every statement that it cuts through.
  private func widened(_ span: Span, _ old: SourceTokens, _ new: SourceTokens) -> Span {
    var (first, oldEnd, newEnd) = (span.old.lowerBound, span.old.upperBound, span.new.upperBound)
    while true {
      let starts = [old, new].compactMap { $0.statement(across: first)?.lines.lowerBound }
      if let start = starts.min() {
        first = start
        continue
      }
      let ends = [
        old.statement(across: oldEnd).map { $0.lines.upperBound + 1 - oldEnd },
        new.statement(across: newEnd).map { $0.lines.upperBound + 1 - newEnd },
      ]
      guard let more = ends.compactMap({ $0 }).max() else { break }
      oldEnd += more
      newEnd += more
    }
    return Span(
      old: first..<min(oldEnd, old.lines.count),
      new: first..<min(newEnd, new.lines.count)
    )
  }
}

extension SourceTokens {
  /// The statement that begins before a line, counted from 0, and goes on in it.
  fileprivate func statement(across line: Int) -> LogicalLine? {
    logical.first { $0.lines.lowerBound < line && $0.lines.upperBound >= line }
  }

  /// The statements that lie in a range of lines.
  fileprivate func logical(in range: Range<Int>) -> ArraySlice<LogicalLine> {
    let first = logical.firstIndex { $0.lines.lowerBound >= range.lowerBound } ?? logical.count
    let end = logical[first...].firstIndex { $0.lines.upperBound >= range.upperBound }
    return logical[first..<(end ?? logical.count)]
  }
}

private func example(_ span: Span, _ old: SourceTokens, _ new: SourceTokens) -> RepairExample? {
  let (before, after) = (old.lines[span.old], new.lines[span.new])
  let filled = (before + after).filter { !$0.isEmpty }
  let margin = filled.map { $0.prefix { $0 == " " || $0 == "\t" }.count }.min() ?? 0
  func text(_ lines: ArraySlice<[Unicode.Scalar]>) -> String {
    lines.map { joined($0.dropFirst(margin)) }.joined(separator: "\n")
  }
  let example = RepairExample(before: text(before), after: text(after))
  let length = max(example.before.utf8.count, example.after.utf8.count)
  return length <= RepairExample.longest && example.before != example.after ? example : nil
}

// MARK: Templates

/// A token, or the beginning of a line, of lines that are made general.
private struct Piece {
  var token: SourceToken?
  var level = 0
  var space: String

  func isSame(as other: Piece) -> Bool {
    token?.text == other.token?.text && (token != nil || level == other.level)
  }
}

private func template(
  _ span: Span,
  _ old: SourceTokens,
  _ new: SourceTokens,
  _ rules: TokenRules
) -> RepairTemplate? {
  guard let base = old.logical(in: span.old).first?.indentation,
    let before = pieces(span.old, of: old, from: base),
    let after = pieces(span.new, of: new, from: base), !after.isEmpty
  else { return nil }
  let most = min(before.count, after.count)
  var prefix = 0
  while prefix < most, before[prefix].isSame(as: after[prefix]) { prefix += 1 }
  var suffix = 0
  while prefix + suffix < most,
    before[before.count - 1 - suffix].isSame(as: after[after.count - 1 - suffix])
  { suffix += 1 }
  let removed = prefix..<before.count - suffix
  let added = prefix..<after.count - suffix
  // A comment belongs to its program.
  let ends = [removed.lowerBound, removed.upperBound].filter(before.indices.contains)
  let written = after[added] + after[added.upperBound...].prefix(1) + ends.map { before[$0] }
  guard written.allSatisfy({ $0.space.unicodeScalars.allSatisfy(TemplateToken.isSpace) }) else {
    return nil
  }
  var holes = Holes(before: before, after: after, removed: removed, added: added)
  let read = before.enumerated().map { index, piece in
    let keeps = index == removed.lowerBound || index == removed.upperBound
    return holes.token(of: piece, space: keeps ? piece.space : "")
  }
  let wrote = after.enumerated().map { index, piece in
    let keeps = added.contains(index) || index == added.upperBound
    return holes.token(of: piece, space: keeps ? piece.space : "", isNew: true)
  }
  return RepairTemplate(holes: holes.kinds, before: read, after: wrote)
}

private func pieces(_ span: Range<Int>, of text: SourceTokens, from base: String) -> [Piece]? {
  var result: [Piece] = []
  var end: TextPosition?
  for line in text.logical(in: span) {
    guard let level = text.level(of: line.indentation, from: base) else { return nil }
    result.append(Piece(level: level, space: end.map { text.gap(from: $0, to: line) } ?? ""))
    result += line.tokens.enumerated().map { index, token in
      Piece(token: token, space: index == 0 ? "" : token.space)
    }
    end = line.tokens.last?.end
  }
  return result
}

extension SourceTokens {
  /// What stands between the end of a statement and the line of the next, without that line's end.
  fileprivate func gap(from end: TextPosition, to next: LogicalLine) -> String {
    let rows = end.line - 1..<next.lines.lowerBound
    return rows.map { row in
      joined(row == end.line - 1 ? lines[row].dropFirst(end.column - 1) : lines[row][...])
    }.joined(separator: "\n")
  }
}

/// Which tokens become holes.
private struct Holes {
  private(set) var kinds: [RepairTemplate.HoleKind] = []
  private var numbers: [String: Int] = [:]
  private var kept: Set<String>

  init(before: [Piece], after: [Piece], removed: Range<Int>, added: Range<Int>) {
    func texts(_ pieces: some Sequence<Piece>) -> Set<String> {
      Set(pieces.filter { holeKind(of: $0) != nil }.compactMap(\.token?.text))
    }
    let brought = texts(after[added]).subtracting(texts(before))
    kept = brought
    guard !brought.isEmpty else { return }
    // What goes so that something else may come is what the repair is about.
    let around = texts(before[..<removed.lowerBound] + before[removed.upperBound...])
    kept.formUnion(texts(before[removed]).subtracting(texts(after)).subtracting(around))
  }

  mutating func token(of piece: Piece, space: String = "", isNew: Bool = false) -> TemplateToken {
    guard let token = piece.token else { return TemplateToken(.line(piece.level), space: space) }
    guard let kind = holeKind(of: piece), !kept.contains(token.text) else {
      return TemplateToken(.text(token.text), space: space)
    }
    if let number = numbers[token.text] { return TemplateToken(.hole(number), space: space) }
    guard !isNew else { return TemplateToken(.text(token.text), space: space) }
    numbers[token.text] = kinds.count
    kinds.append(kind)
    return TemplateToken(.hole(kinds.count - 1), space: space)
  }
}

/// What a hole for a token would stand for; nil for what is kept.
private func holeKind(of piece: Piece) -> RepairTemplate.HoleKind? {
  guard let token = piece.token else { return nil }
  switch token.kind {
  case .name: return .name
  case .attribute: return .attribute
  // Small numbers and empty texts are a matter of how a program is built, not of what it is about.
  case .number: return ["0", "1", "2"].contains(token.text) ? nil : .number
  case .text: return token.text.utf8.count == 2 ? nil : .text
  case .word, .mark: return nil
  }
}
