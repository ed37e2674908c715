/// Changes of one file, in the making.
struct FileDraft {
  let path: String
  /// The text with `\n` as its line ends.
  let original: String
  /// Its lines.
  let own: [String]
  /// Its lines without white space around them.
  private let plain: [String]
  private var edits: [LineEdit] = []

  /// New lines in the place of some of the program's, counted from 0.
  private struct LineEdit {
    var range: Range<Int>
    var new: [String]
  }

  init(path: String, text: String) {
    self.path = path
    self.own = splitLines(text)
    self.plain = own.map(\.trimmed)
    let endsLine = text.unicodeScalars.last == "\n" || text.unicodeScalars.last == "\r"
    self.original = own.joined(separator: "\n") + (endsLine ? "\n" : "")
  }

  /// The text with all changes.
  func text() throws(AnswerRefusal) -> String {
    var result: [String] = []
    var done = 0
    for edit in sorted {
      guard edit.range.lowerBound >= done else {
        throw .conflicting(path: path, line: edit.range.lowerBound + 1)
      }
      result += own[done..<edit.range.lowerBound]
      result += edit.new
      done = edit.range.upperBound
    }
    result += own[done...]
    let endsLine = original.isEmpty || original.unicodeScalars.last == "\n"
    return result.joined(separator: "\n") + (endsLine && !result.isEmpty ? "\n" : "")
  }

  private var sorted: [LineEdit] {
    edits.enumerated().sorted {
      ($0.element.range.lowerBound, $0.element.range.upperBound, $0.offset)
        < ($1.element.range.lowerBound, $1.element.range.upperBound, $1.offset)
    }.map(\.element)
  }

  /// Puts lines in the place of others.
  ///
  /// Of two that are for one place the last counts; one around others takes their place; a part of
  /// what is there already adds nothing.
  mutating func set(_ range: Range<Int>, _ new: [String]) throws(AnswerRefusal) {
    if Array(own[range]) == new { return }
    if !range.isEmpty {
      edits.removeAll { edit in
        range.lowerBound <= edit.range.lowerBound && edit.range.upperBound <= range.upperBound
          && !edit.range.isEmpty
      }
    }
    for edit in edits where edit.range.overlaps(range) {
      let isInside =
        edit.range.lowerBound <= range.lowerBound && range.upperBound <= edit.range.upperBound
      guard isInside, holds(edit.new, new) else {
        throw .conflicting(path: path, line: range.lowerBound + 1)
      }
      return
    }
    let edit = LineEdit(range: range, new: new)
    if range.isEmpty, edits.contains(where: { $0.range == range && $0.new == new }) { return }
    edits.append(edit)
  }

  /// What stands in the place of one line so far.
  func current(_ line: Int) -> [String] {
    edits.last { $0.range == line..<line + 1 }?.new ?? [own[line]]
  }

  private func holds(_ lines: [String], _ part: [String]) -> Bool {
    let wanted = part.map(\.trimmed)
    guard !wanted.isEmpty, wanted.count <= lines.count else { return false }
    let all = lines.map(\.trimmed)
    return (0...all.count - wanted.count).contains { start in
      all[start..<start + wanted.count].elementsEqual(wanted)
    }
  }
}

// MARK: - Lines and texts

extension FileDraft {
  /// Replaces lines, counted from 1.
  mutating func replace(lines: ClosedRange<Int>, by new: [String]) throws(AnswerRefusal) {
    guard lines.lowerBound >= 1, lines.upperBound <= own.count else {
      throw .noSuchLine(path: path, line: lines.upperBound)
    }
    let range = lines.lowerBound - 1..<lines.upperBound
    let old = own[range].first { !$0.isBlank }?.leadingSpace ?? ""
    let isFlush = new.contains { !$0.isBlank && $0.leadingSpace.isEmpty }
    // White space before a line is what models forget first.
    let shifted = isFlush ? Shift(from: "", to: old)?(new) : new
    try set(range, shifted ?? new)
  }

  /// Replaces a text that must be there once, or at the line that is said.
  mutating func replace(
    _ old: [String],
    by new: [String],
    near line: Int?
  ) throws(AnswerRefusal) {
    let wanted = withoutBlankEnds(old)
    guard let first = wanted.first else { throw .noPlace(path: path) }
    var found = places(of: wanted, in: own, trimmed: self.plain)
    var new = new
    if found.isEmpty, let (_, plain) = withoutNumbers(wanted) {
      found = places(of: plain, in: own, trimmed: self.plain)
      new = withoutNumbers(new)?.lines ?? new
    }
    if found.isEmpty, wanted.count == 1, new.count <= 1 {
      return try replace(part: first.trimmed, by: new.first?.trimmed ?? "", near: line)
    }
    let place = try only(found, of: wanted, near: line)
    guard let lines = place.moved(new) else {
      throw .noSuchText(path: path, text: first, nearest: place.start + 1)
    }
    try set(place.start..<place.start + wanted.count, lines)
  }

  /// Replaces a part of a line.
  private mutating func replace(
    part: String,
    by new: String,
    near line: Int?
  ) throws(AnswerRefusal) {
    var found: [Int] = []
    for (index, text) in own.enumerated() {
      found += Array(repeating: index, count: text.ranges(of: part).count)
    }
    if let line, found.count(where: { $0 == line - 1 }) == 1 { found = [line - 1] }
    guard let index = found.first else {
      throw .noSuchText(path: path, text: part, nearest: nearest(to: part))
    }
    guard found.count == 1 else {
      throw .ambiguous(path: path, text: part, lines: found.map { $0 + 1 })
    }
    let lines = current(index)
    guard lines.count == 1, lines[0].ranges(of: part).count == 1 else {
      throw .conflicting(path: path, line: index + 1)
    }
    try set(index..<index + 1, [lines[0].replacing(part, with: new).trimmedEnd])
  }

  /// The one place of a text, or the one that begins at the line that is said.
  func only(_ found: [TextPlace], of text: [String], near line: Int?) throws(AnswerRefusal)
    -> TextPlace
  {
    let first = text.first ?? ""
    guard let place = found.first else {
      throw .noSuchText(path: path, text: first, nearest: nearest(to: first))
    }
    if found.count == 1 { return place }
    if let line, let said = found.first(where: { $0.start == line - 1 }) { return said }
    throw .ambiguous(path: path, text: first, lines: found.map { $0.start + 1 })
  }

  /// The line, counted from 1, that is most like a text: that has the longest beginning of it.
  private func nearest(to text: String) -> Int? {
    let wanted = Array(text.trimmed.utf8)
    var best: (line: Int, length: Int)?
    for (index, line) in plain.enumerated() {
      let length = zip(line.utf8, wanted).prefix { $0 == $1 }.count
      if length > best?.length ?? 0 { best = (index + 1, length) }
    }
    guard let best, 2 * best.length >= wanted.count else { return nil }
    return best.line
  }

  /// Lines of wrong context that are left out; more are no mistake but another program.
  private static let mostContext = 12

  /// Applies a part of a diff: what it keeps and removes must stand together at one place.
  mutating func apply(_ hunk: DiffHunk) throws(AnswerRefusal) {
    var hunk = hunk
    for _ in 0...Self.mostContext {
      let found = places(of: hunk.old, in: own, trimmed: plain, isTolerant: true)
      if !found.isEmpty {
        return try put(hunk, at: only(found, of: hunk.old, near: hunk.start))
      }
      // Context that the model made up is left out from the ends on.
      guard hunk.dropContext() else { break }
    }
    let text = hunk.old.first { !$0.isBlank } ?? ""
    throw .noSuchText(path: path, text: text, nearest: nearest(to: text))
  }

  private mutating func put(_ hunk: DiffHunk, at place: TextPlace) throws(AnswerRefusal) {
    var line = place.start
    var range = line..<line
    var new: [String] = []
    func isChanging() -> Bool { !range.isEmpty || !new.isEmpty }
    for (mark, text) in zip(hunk.marks, hunk.lines) {
      switch mark {
      case .kept:
        if isChanging() { try set(range, new) }
        line += 1
        range = line..<line
        new = []
      case .removed:
        line += 1
        range = range.lowerBound..<line
      case .added: new += place.moved([text]) ?? [text]
      }
    }
    if isChanging() { try set(range, new) }
  }
}

extension DiffHunk {
  /// Leaves out one line of context at an end; false when there is none that can go.
  mutating func dropContext() -> Bool {
    let kept = marks.count { $0 == .kept }
    let removes = marks.contains(.removed)
    guard kept > (removes ? 0 : 1) else { return false }
    let before = marks.prefix { $0 == .kept }.count
    let after = marks.reversed().prefix { $0 == .kept }.count
    guard before + after > 0 else { return false }
    if before >= after {
      marks.removeFirst()
      lines.removeFirst()
      start = start.map { $0 + 1 }
    } else {
      marks.removeLast()
      lines.removeLast()
    }
    return true
  }
}
