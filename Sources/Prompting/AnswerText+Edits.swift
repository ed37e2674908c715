/// The blocks of search and replace in a text, in whatever fences.
///
/// - Parameters:
///   - lines: The lines of the answer.
///   - context: The program.
/// - Returns: One piece for each block that is whole. A last one without its end counts where the
///   model stopped by itself.
func searchReplacePieces(in lines: [String], context: AnswerContext) -> [AnswerPiece] {
  var pieces: [AnswerPiece] = []
  var path: String?
  var index = 0
  while index < lines.count {
    guard lines[index].trimmed.hasPrefix("<<<<<<<") else {
      if let name = nameOfFile(lines[index], context.language) { path = name }
      index += 1
      continue
    }
    guard let middle = lines[index...].firstIndex(where: isDivider) else { break }
    let rest = lines[(middle + 1)...]
    let end = rest.firstIndex { $0.trimmed.hasPrefix(">>>>>>>") || $0.trimmed.hasPrefix("<<<<<<<") }
    if end == nil, context.isTruncated { break }
    let stop = end ?? rest.firstIndex { $0.trimmed.hasPrefix("```") } ?? lines.count
    let content = AnswerPiece.Content.replacement(
      old: withoutBlankEnds(Array(lines[index + 1..<middle])),
      new: withoutBlankEnds(Array(lines[middle + 1..<stop])),
      line: nil
    )
    pieces.append(AnswerPiece(path: path, content: content))
    let isEnd = stop < lines.count && !lines[stop].trimmed.hasPrefix("<<<<<<<")
    index = isEnd ? stop + 1 : stop
  }
  return pieces
}

private func isDivider(_ line: String) -> Bool {
  let text = line.trimmed
  return text.count >= 5 && text.allSatisfy { $0 == "=" }
}

/// The file that a line between blocks names: alone, after a fence's tag, or after a label.
private func nameOfFile(_ line: String, _ language: SourceLanguage) -> String? {
  var text = line.trimmed
  if text.hasPrefix("```") {
    text = text.dropPrefix("```")
    for tag in language.tags where text.hasPrefix(tag) { text = text.dropPrefix(tag) }
  }
  return fileName(in: text, language)
}

/// The hunks of unified diffs in a text.
///
/// - Parameters:
///   - lines: The lines; prose before the first heading is left out.
///   - path: The file where the diff names none.
///   - isDiff: Whether they are known to be a diff, even without a heading.
/// - Returns: One piece for each hunk that changes something.
func diffPieces(in lines: [String], path: String?, isDiff: Bool = false) -> [AnswerPiece] {
  var pieces: [AnswerPiece] = []
  var name = path
  var hunk: DiffHunk?
  let isBare = isDiff && !lines.contains { $0.hasPrefix("@@") || $0.hasPrefix("+++ ") }
  func finish() {
    if let done = hunk, done.changes {
      pieces.append(AnswerPiece(path: name, content: .hunk(done)))
    }
    hunk = nil
  }
  for (index, line) in lines.enumerated() {
    let next = index + 1 < lines.count ? lines[index + 1] : ""
    let previous = index > 0 ? lines[index - 1] : ""
    if line.hasPrefix("--- "), next.hasPrefix("+++ ") {
      finish()
      name = diffPath(line) ?? name
    } else if line.hasPrefix("+++ "), previous.hasPrefix("--- ") {
      name = diffPath(line) ?? name
      hunk = DiffHunk()
    } else if line.hasPrefix("@@") {
      finish()
      hunk = DiffHunk(start: oldStart(of: line))
    } else if line.hasPrefix("diff --git ") || line.hasPrefix("index ") || line.hasPrefix("```") {
      finish()
    } else if line.trimmed == "..." {
      // What a model leaves out between two places.
      finish()
      hunk = DiffHunk()
    } else if !line.hasPrefix("\\ No newline") {
      // A diff without any heading, in a block that is called one.
      if hunk == nil, pieces.isEmpty, isBare, isChange(line) { hunk = DiffHunk() }
      hunk?.append(line)
    }
  }
  finish()
  return pieces
}

extension DiffHunk {
  fileprivate mutating func append(_ line: String) {
    switch line.first {
    case "+": append(.added, String(line.dropFirst()))
    case "-": append(.removed, String(line.dropFirst()))
    case " ": append(.kept, String(line.dropFirst()))
    default: append(.kept, line)
    }
  }
}

private func isChange(_ line: String) -> Bool { line.hasPrefix("+") || line.hasPrefix("-") }

/// The file of a line such as `+++ b/bank.py`.
private func diffPath(_ line: String) -> String? {
  let text = line.dropFirst(4).prefix { $0 != "\t" }.trimmed
  return text.isEmpty || text == "/dev/null" ? nil : text
}

private func oldStart(of heading: String) -> Int? {
  guard let minus = heading.firstIndex(of: "-") else { return nil }
  let digits = heading[heading.index(after: minus)...].prefix { $0.isASCII && $0.isNumber }
  return digits.count < 7 ? Int(digits) : nil
}
