public import HealingModel

/// A run of lines that differs between two texts.
public struct Hunk: Sendable, Hashable {
  /// The lines of the old text that go, counted from 0.
  public var old: Range<Int>
  /// The lines of the new text that come, counted from 0.
  public var new: Range<Int>
}

/// The runs of lines in which two texts differ, in order.
///
/// Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, as the standard library has it.
///
/// - Parameters:
///   - old: The lines of the old text.
///   - new: The lines of the new text.
/// - Returns: The hunks; between two of them the texts are equal.
public func hunks(from old: [String], to new: [String]) -> [Hunk] {
  let difference = new.difference(from: old)
  let removed = Set(difference.removals.map(offset))
  let inserted = Set(difference.insertions.map(offset))
  var result: [Hunk] = []
  var (left, right) = (0, 0)
  while left < old.count || right < new.count {
    let (startLeft, startRight) = (left, right)
    while removed.contains(left) { left += 1 }
    while inserted.contains(right) { right += 1 }
    if left > startLeft || right > startRight {
      result.append(Hunk(old: startLeft..<left, new: startRight..<right))
    } else {
      left += 1
      right += 1
    }
  }
  return result
}

private func offset(of change: CollectionDifference<String>.Change) -> Int {
  switch change {
  case .insert(let offset, _, _), .remove(let offset, _, _): offset
  }
}

extension Patch {
  /// The patch that turns `before` into `after`, one edit for each run of changed lines.
  ///
  /// - Parameters:
  ///   - before: The old sources.
  ///   - after: The new sources, of the same files.
  ///   - reason: Says why the lines of a hunk changed.
  public init(
    from before: Sources,
    to after: Sources,
    reason: (_ path: String, _ hunk: Hunk) -> String
  ) {
    self.init()
    for path in after.changes(since: before).paths {
      let old = lines(of: before[path] ?? "")
      let new = lines(of: after[path] ?? "")
      for hunk in hunks(from: old, to: new) {
        let range = TextRange(
          start: position(ofLine: hunk.old.lowerBound, in: old),
          end: position(ofLine: hunk.old.upperBound, in: old)
        )
        let text = new[hunk.new].map { line in
          line == withoutLineEnd(line) ? line : withoutLineEnd(line) + "\n"
        }.joined()
        edits.append(Edit(path: path, range: range, new: text, reason: reason(path, hunk)))
      }
    }
  }
}

/// The start of line `index`, or the end of the text when there is no such line.
private func position(ofLine index: Int, in lines: [String]) -> TextPosition {
  guard index == lines.count, let last = lines.last, last == withoutLineEnd(last) else {
    return TextPosition(line: index + 1, column: 1)
  }
  return TextPosition(line: index, column: last.unicodeScalars.count + 1)
}
