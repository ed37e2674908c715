public import HealingModel

/// The unified diff between two states of a program, as `patch -p1` and `git apply` read it.
///
/// - Parameters:
///   - before: The old sources.
///   - after: The new sources, of the same files.
///   - context: The number of unchanged lines around each change.
/// - Returns: The diff; empty when nothing differs.
public func unifiedDiff(from before: Sources, to after: Sources, context: Int = 3) -> String {
  after.changes(since: before).paths.map { path in
    fileDiff(
      path: path,
      old: lines(of: before[path] ?? ""),
      new: lines(of: after[path] ?? ""),
      context: context
    )
  }.joined()
}

private func fileDiff(path: String, old: [String], new: [String], context: Int) -> String {
  var groups: [[Hunk]] = []
  for hunk in hunks(from: old, to: new) {
    if let last = groups.last?.last, hunk.old.lowerBound - last.old.upperBound <= 2 * context {
      groups[groups.count - 1].append(hunk)
    } else {
      groups.append([hunk])
    }
  }
  let body = groups.map { section(of: $0, old: old, new: new, context: context) }
  return "--- a/\(path)\n+++ b/\(path)\n" + body.joined()
}

private func section(of group: [Hunk], old: [String], new: [String], context: Int) -> String {
  guard let first = group.first, let last = group.last else { return "" }
  let before = min(context, first.old.lowerBound)
  let after = min(context, old.count - last.old.upperBound)
  let oldRange = first.old.lowerBound - before..<last.old.upperBound + after
  let newRange = first.new.lowerBound - before..<last.new.upperBound + after
  var text = "@@ -\(span(oldRange)) +\(span(newRange)) @@\n"
  var position = oldRange.lowerBound
  for hunk in group {
    text += old[position..<hunk.old.lowerBound].map { row(" ", $0) }.joined()
    text += old[hunk.old].map { row("-", $0) }.joined()
    text += new[hunk.new].map { row("+", $0) }.joined()
    position = hunk.old.upperBound
  }
  return text + old[position..<oldRange.upperBound].map { row(" ", $0) }.joined()
}

private func span(_ range: Range<Int>) -> String {
  let start = range.isEmpty ? range.lowerBound : range.lowerBound + 1
  return range.count == 1 ? "\(start)" : "\(start),\(range.count)"
}

private func row(_ mark: String, _ line: String) -> String {
  line.unicodeScalars.last == "\n" ? mark + line : "\(mark)\(line)\n\\ No newline at end of file\n"
}
