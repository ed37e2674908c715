import Diagnosis
import HealingModel

/// The text of a program as a prompt shows it: whole where there is room, else the parts that
/// matter and of the rest the first lines of definitions.
struct ProgramListing {
  let sources: Sources
  let language: SourceLanguage
  /// Whether lines carry their numbers.
  let isNumbered: Bool
  /// How much lines matter, by file, counted from 1.
  let weights: [String: [Int: Double]]

  /// The listing within a budget of tokens, as far as the shortest form of it allows.
  func text(within budget: Int) -> String {
    let whole = sources.paths.map { path in
      let lines = splitLines(sources[path] ?? "")
      return section(path, lines, Array(lines.indices))
    }.joined(separator: "\n")
    if estimatedTokens(whole) <= budget { return whole }
    return parts(within: budget)
  }

  // MARK: Parts

  private struct Part {
    var path: String
    var lines: Range<Int>
    var weight: Double
  }

  /// Functions that matter, those that matter most first; then the first lines of definitions, and
  /// what else has room.
  private func parts(within budget: Int) -> String {
    var texts: [String: [String]] = [:]
    var found: [Part] = []
    var headers: [Part] = []
    for path in sources.paths {
      let lines = splitLines(sources[path] ?? "")
      let outline = SourceOutline(lines, language)
      texts[path] = lines
      found += regions(of: outline, path: path)
      headers += outline.definitions.map {
        Part(path: path, lines: $0.header..<$0.header + 1, weight: 0)
      }
    }
    let sorted = found.sorted {
      ($1.weight, $0.path, $0.lines.lowerBound) < ($0.weight, $1.path, $1.lines.lowerBound)
    }
    var shown: [String: Set<Int>] = [:]
    var left = budget
    for part in sorted.filter({ $0.weight > 0 }) + headers + sorted where left > 0 {
      let lines = texts[part.path] ?? []
      // The heading of a file, its fences, and a note of what is not shown.
      left -= (shown[part.path] == nil ? 20 : 0) + (isNumbered ? 2 : 12)
      for index in nearest(part, lines.count) where shown[part.path]?.contains(index) != true {
        // A number and a line end come to a few tokens of their own.
        let cost = estimatedTokens(lines[index]) + (isNumbered ? 5 : 1)
        guard cost <= left else { break }
        left -= cost
        shown[part.path, default: []].insert(index)
      }
    }
    return rendered(texts, shown)
  }

  /// The lines of a part, from the one that matters most outwards.
  private func nearest(_ part: Part, _ count: Int) -> [Int] {
    let all = weights[part.path] ?? [:]
    let center =
      part.lines.max { (all[$0 + 1] ?? 0, $1) < (all[$1 + 1] ?? 0, $0) } ?? part.lines.lowerBound
    return part.lines.filter { $0 < count }.sorted {
      (abs($0 - center), $0) < (abs($1 - center), $1)
    }
  }

  /// The functions of a file, and the lines that belong to none.
  private func regions(of outline: SourceOutline, path: String) -> [Part] {
    let all = weights[path] ?? [:]
    let inner = outline.definitions.filter { one in
      !one.isType
        && !outline.definitions.contains {
          !$0.isType && $0.header != one.header && $0.lines.contains(one.header)
        }
    }
    var parts = inner.map(\.lines)
    var start = 0
    for lines in parts.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if lines.lowerBound > start { parts.append(start..<lines.lowerBound) }
      start = max(start, lines.upperBound)
    }
    if start < outline.lines.count { parts.append(start..<outline.lines.count) }
    return parts.map { lines in
      Part(path: path, lines: lines, weight: lines.map { all[$0 + 1] ?? 0 }.max() ?? 0)
    }
  }

  // MARK: Text

  private func rendered(_ texts: [String: [String]], _ shown: [String: Set<Int>]) -> String {
    shown.keys.sorted().map { path in
      section(path, texts[path] ?? [], (shown[path] ?? []).sorted())
    }.joined(separator: "\n")
  }

  private func section(_ path: String, _ lines: [String], _ shown: [Int]) -> String {
    let width = String(lines.count).count
    let fence = fence(around: lines)
    var rows = ["File \(path):", fence + (language.tags.first ?? "")]
    var next = 0
    for index in shown {
      if index > next { rows.append(gap(next, index)) }
      rows.append(row(index, lines[index], width))
      next = index + 1
    }
    if next < lines.count { rows.append(gap(next, lines.count)) }
    return (rows + [fence]).joined(separator: "\n")
  }

  private func row(_ index: Int, _ line: String, _ width: Int) -> String {
    guard isNumbered else { return line }
    let number = String(index + 1)
    return String(repeating: " ", count: width - number.count) + number + "| " + line
  }

  /// The numbers of lines tell what is left out, where there are any.
  private func gap(_ first: Int, _ end: Int) -> String {
    if isNumbered { return "…" }
    let lines = end - first == 1 ? "line \(end)" : "lines \(first + 1) to \(end)"
    return "\(language.comment) … \(lines) not shown …"
  }
}

/// A fence that no line of the text closes.
func fence(around lines: [String]) -> String {
  let longest = lines.map { line in line.trimmed.prefix { $0 == "`" }.count }.max() ?? 0
  return String(repeating: "`", count: max(3, longest + 1))
}
