import HealingModel
import Patching

/// Why each line of the repaired program differs from the program as it was found.
///
/// Patches are made one after the other, each on the state that the one before left; the edits of
/// the whole repair are told apart only at the end, and then each must say why it is there.
struct Reasons: Sendable {
  private var reasons: [(text: String, finding: String?)] = []
  /// For each line, the reasons that made it what it is, by file.
  private var lines: [String: [Set<Int>]] = [:]

  /// Notes a patch.
  mutating func note(_ patch: Patch, from before: Sources, to after: Sources) {
    for path in after.changes(since: before).paths {
      let old = Patching.lines(of: before[path] ?? "")
      let new = Patching.lines(of: after[path] ?? "")
      let known = lines[path] ?? Array(repeating: [], count: old.count + 1)
      var result: [Set<Int>] = []
      var position = 0
      for hunk in hunks(from: old, to: new) {
        result += known[position..<hunk.old.lowerBound]
        var here = known[hunk.old].reduce(into: Set()) { $0.formUnion($1) }
        let edits = patch.edits.filter { $0.path == path }
        let near = edits.filter { touches($0, hunk) }
        // Among equal lines the difference may name others than the edit did.
        for edit in near.isEmpty ? edits : near { here.insert(index(of: edit)) }
        result += Array(repeating: here, count: hunk.new.count)
        position = hunk.old.upperBound
        if hunk.new.isEmpty { lines[path + "\u{0}deleted", default: []].append(here) }
      }
      lines[path] = result + known[position...]
    }
  }

  /// Moves the reasons with their lines when some of the changes are taken back.
  mutating func forget(from before: Sources, to after: Sources) {
    let deleted = lines.filter { $0.key.hasSuffix("\u{0}deleted") }
    note(Patch(), from: before, to: after)
    lines.merge(deleted) { $1 }
  }

  /// The sentence and the finding's rule for a run of changed lines.
  func reason(path: String, hunk: Hunk) -> (text: String, finding: String?) {
    let known = lines[path] ?? []
    var found = known[hunk.new.clamped(to: 0..<known.count)].reduce(into: Set()) {
      $0.formUnion($1)
    }
    if found.isEmpty {
      found = (lines[path + "\u{0}deleted"] ?? []).reduce(into: Set()) { $0.formUnion($1) }
    }
    // The whole repair's difference may be cut differently from those of its steps.
    if found.isEmpty { found = known.reduce(into: Set()) { $0.formUnion($1) } }
    let named = found.sorted().map { reasons[$0] }
    return (
      named.map(\.text).filter { !$0.isEmpty }.joined(separator: "; "),
      named.compactMap(\.finding).first
    )
  }

  private mutating func index(of edit: Edit) -> Int {
    if let index = reasons.firstIndex(where: { $0.text == edit.reason }) { return index }
    reasons.append((edit.reason, edit.finding))
    return reasons.count - 1
  }
}

private func touches(_ edit: Edit, _ hunk: Hunk) -> Bool {
  let first = edit.range.start.line - 1
  let last = edit.range.end.line - 1
  return first <= hunk.old.upperBound && last >= hunk.old.lowerBound - 1
}
