public import HealingModel

/// Why a patch does not apply.
public enum PatchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The program has no such file.
  case noSuchFile(path: String)
  /// An edit's range lies outside the file.
  case outOfRange(path: String, range: TextRange)
  /// Two edits replace the same place.
  case overlap(path: String, line: Int)

  /// What happened, in a sentence.
  public var description: String {
    switch self {
    case .noSuchFile(let path): "the patch changes \(path), which is not there"
    case .outOfRange(let path, let range):
      "the patch changes line \(range.start.line) of \(path), which has no such place"
    case .overlap(let path, let line): "two edits change the same place: \(path):\(line)"
    }
  }
}

extension Patch {
  /// The sources after the patch.
  ///
  /// Edits are independent of their order; the new text takes each file's own line end.
  ///
  /// - Parameter sources: The program's sources.
  /// - Returns: The changed sources.
  /// - Throws: ``PatchError`` when an edit has no place or two share one; nothing is changed then.
  public func applied(to sources: Sources) throws(PatchError) -> Sources {
    var result = sources
    for path in paths {
      guard let text = sources[path] else { throw .noSuchFile(path: path) }
      result[path] = try apply(edits.filter { $0.path == path }, to: text, path: path)
    }
    return result
  }
}

private func apply(_ edits: [Edit], to text: String, path: String) throws(PatchError) -> String {
  let sorted = edits.enumerated().sorted {
    ($0.element.range.start, $0.element.range.end, $0.offset)
      < ($1.element.range.start, $1.element.range.end, $1.offset)
  }.map(\.element)
  let scalars = Array(text.unicodeScalars)
  let starts = lineStarts(of: scalars)
  let lineEnd = dominantLineEnd(of: text)
  var result = String.UnicodeScalarView()
  var done = 0
  for edit in sorted {
    guard let start = offset(of: edit.range.start, starts: starts, count: scalars.count),
      let end = offset(of: edit.range.end, starts: starts, count: scalars.count)
    else { throw .outOfRange(path: path, range: edit.range) }
    guard start >= done else { throw .overlap(path: path, line: edit.range.start.line) }
    result.append(contentsOf: scalars[done..<start])
    let ends = lines(of: String(String.UnicodeScalarView(scalars[start..<end]))).map(ownLineEnd)
    result.append(contentsOf: withLineEnds(ends, else: lineEnd, edit.new).unicodeScalars)
    done = end
  }
  result.append(contentsOf: scalars[done...])
  return String(result)
}

/// Each new line takes the end of the line in whose place it stands, those beyond that of the file.
private func withLineEnds(_ ends: [String], else other: String, _ text: String) -> String {
  lines(of: text).enumerated().map { index, line in
    guard line.unicodeScalars.last == "\n" else { return line }
    let end = index < ends.count && !ends[index].isEmpty ? ends[index] : other
    return withoutLineEnd(line) + end
  }.joined()
}

private func ownLineEnd(_ line: String) -> String {
  String(line.unicodeScalars.dropFirst(withoutLineEnd(line).unicodeScalars.count))
}

/// The offsets at which lines begin; one past the last line's end counts as a line of its own.
private func lineStarts(of scalars: [Unicode.Scalar]) -> [Int] {
  var starts = [0]
  for (index, scalar) in scalars.enumerated() {
    let endsLine =
      scalar == "\n"
      || scalar == "\r" && (index + 1 == scalars.count || scalars[index + 1] != "\n")
    if endsLine { starts.append(index + 1) }
  }
  return starts
}

private func offset(of position: TextPosition, starts: [Int], count: Int) -> Int? {
  guard position.line >= 1, position.column >= 1, position.line <= starts.count else { return nil }
  let offset = starts[position.line - 1] + position.column - 1
  let limit = position.line < starts.count ? starts[position.line] : count
  return offset <= limit ? offset : nil
}
