/// Where lines stand in a text, and how they are indented there.
struct TextPlace: Hashable {
  /// The first line, counted from 0.
  var start: Int
  /// How the lines that were looked for have to be moved to be those of the text.
  var shift: Shift
  /// Whether that is so for the first line alone, whose white space was lost.
  var isFirstOnly = false

  /// New lines moved like those that they replace.
  func moved(_ lines: [String]) -> [String]? {
    guard isFirstOnly else { return shift(lines) }
    guard let first = lines.first, first.leadingSpace.isEmpty else { return lines }
    return (shift([first]) ?? [first]) + lines.dropFirst()
  }
}

/// The places of lines in a text: as they are but for white space at their ends; else moved as a
/// whole; else with the white space of the first line lost.
///
/// - Parameters:
///   - wanted: The lines; none has no place.
///   - own: The text.
///   - text: The text's lines without white space around them.
///   - isTolerant: Whether lines may at last be indented in any way, where only one place has them.
/// - Returns: All places of the first of these kinds that has any.
func places(
  of wanted: [String],
  in own: [String],
  trimmed text: [String],
  isTolerant: Bool = false
) -> [TextPlace] {
  guard let first = wanted.first, wanted.count <= own.count else { return [] }
  let plain = wanted.map(\.trimmed)
  let starts = (0...own.count - wanted.count).filter { start in
    text[start..<start + wanted.count].elementsEqual(plain)
  }
  guard !starts.isEmpty, plain.contains(where: { !$0.isEmpty }) else { return [] }
  let exact = starts.filter { isEqual(wanted, own, at: $0) }
  if !exact.isEmpty { return exact.map { TextPlace(start: $0, shift: .none) } }
  let anchor = wanted.firstIndex { !$0.isBlank } ?? 0
  let moved = starts.compactMap { start -> TextPlace? in
    let spaces = (wanted[anchor].leadingSpace, own[start + anchor].leadingSpace)
    guard let shift = Shift(from: spaces.0, to: spaces.1), let lines = shift(wanted),
      isEqual(lines, own, at: start)
    else { return nil }
    return TextPlace(start: start, shift: shift)
  }
  if !moved.isEmpty { return moved }
  let cut = starts.compactMap { start -> TextPlace? in
    let space = own[start].leadingSpace
    guard wanted.count > 1, first.leadingSpace.isEmpty,
      isEqual([space + first] + wanted.dropFirst(), own, at: start)
    else { return nil }
    return TextPlace(start: start, shift: .add(space), isFirstOnly: true)
  }
  if !cut.isEmpty { return cut }
  guard isTolerant, starts.count == 1 else { return [] }
  let spaces = (wanted[anchor].leadingSpace, own[starts[0] + anchor].leadingSpace)
  return [TextPlace(start: starts[0], shift: Shift(from: spaces.0, to: spaces.1) ?? .none)]
}

private func isEqual(_ lines: [String], _ own: [String], at start: Int) -> Bool {
  zip(lines, own[start...]).allSatisfy { $0.trimmedEnd == $1.trimmedEnd }
}
