import Diagnosis

/// Lines as they were and as they were mended, whole precedents as far as there is room.
func precedentText(_ precedents: [Precedent], within budget: Int) -> String {
  var rows: [String] = []
  var left = budget
  for precedent in precedents {
    let row = "Before:\n\(indented(precedent.before))\nAfter:\n\(indented(precedent.after))"
    let cost = Diagnosis.estimatedTokens(row) + 1
    guard cost <= left else { continue }
    left -= cost
    rows.append(row)
  }
  return rows.joined(separator: "\n")
}

private func indented(_ text: String) -> String {
  splitLines(text).map { "    " + $0 }.joined(separator: "\n")
}

/// What should come out against what does, with the first difference marked.
func outcomeText(_ outcome: Outcome, within budget: Int) -> String {
  // Labels and the lines of the difference take their part.
  let budget = max(60, budget - 60)
  var rows = [outcome.name.isEmpty ? "" : "Example \(outcome.name):"].filter { !$0.isEmpty }
  if let input = outcome.input, !input.isEmpty {
    rows.append("Input:\n\(shortened(input, to: budget / 4))")
  }
  if let expected = outcome.expected {
    rows.append("Expected output:\n\(shortened(expected, to: budget / 4))")
    let actual = outcome.actual.isBlank ? "(nothing)" : outcome.actual
    rows.append("Output now:\n\(shortened(actual, to: budget / 4))")
    if let difference = firstDifference(expected, outcome.actual) { rows.append(difference) }
  } else {
    rows.append("Expected: the program ends without an error.")
  }
  if let failure = outcome.failure { rows.append("It ends with: \(failure)") }
  return rows.joined(separator: "\n")
}

/// The first line in which two outputs differ, with a mark below the first character that does.
func firstDifference(_ expected: String, _ actual: String) -> String? {
  let (wanted, got) = (outputLines(expected), outputLines(actual))
  guard
    let index = (0..<max(wanted.count, got.count)).first(where: { index in
      index >= wanted.count || index >= got.count || wanted[index] != got[index]
    })
  else { return nil }
  guard index < got.count else {
    return "First difference: line \(index + 1) `\(clip(wanted[index]))` is missing."
  }
  guard index < wanted.count else {
    return "First difference: line \(index + 1) `\(clip(got[index]))` is too much."
  }
  let (left, right) = (wanted[index], got[index])
  let column = zip(left, right).prefix { $0 == $1 }.count
  guard column < 150 else { return "First difference: line \(index + 1), column \(column + 1)." }
  let mark = String(repeating: " ", count: column) + "^"
  return """
    First difference, in line \(index + 1):
      expected: \(clip(left))
      now:      \(clip(right))
                \(mark)
    """
}

private func outputLines(_ text: String) -> [String] {
  var lines = splitLines(text).map(\.trimmedEnd)
  while lines.last?.isEmpty == true { lines.removeLast() }
  return lines
}

private func clip(_ text: String) -> String {
  text.count > 160 ? text.prefix(159) + "…" : text
}

/// A text without its middle lines where it is too long.
func shortened(_ text: String, to budget: Int) -> String {
  let text = text.trimmedEnd
  guard estimatedTokens(text) > budget else { return text }
  let lines = splitLines(text).map(clip)
  var (head, tail) = ([String](), [String]())
  var left = budget
  for index in lines.indices {
    let fromEnd = index % 2 == 1
    let line = fromEnd ? lines[lines.count - 1 - index / 2] : lines[index / 2]
    left -= estimatedTokens(line) + 1
    guard left > 0 else { break }
    if fromEnd { tail.append(line) } else { head.append(line) }
  }
  let count = lines.count - head.count - tail.count
  let gap = count > 0 ? ["… \(count) lines left out …"] : []
  return (head + gap + tail.reversed()).joined(separator: "\n")
}

/// A trace in its own words, with the steps by which to read it.
func traceText(_ trace: PromptTrace, within budget: Int) -> String {
  let words = ([trace.summary] + trace.waits).joined(separator: "\n") + traceSteps
  let left = budget - estimatedTokens(words) - 8
  var rows = [trace.summary] + shownEvents(trace.events, within: left)
  if !trace.waits.isEmpty { rows += ["At the end:"] + trace.waits }
  return (rows + ["", traceSteps]).joined(separator: "\n")
}

/// The events that have room: those that are marked with what is around them, else the last ones.
private func shownEvents(_ events: [TraceLine], within budget: Int) -> [String] {
  let name = events.map(\.thread.count).max() ?? 0
  let subject = min(40, max(26, events.map(\.subject.count).max() ?? 0))
  let rows = events.map { event in
    var row = "t=\(event.time) | \(padded(event.thread, name)) | "
    row += "\(padded(event.kind, 7)) | \(padded(event.subject, subject)) \(event.place)"
    if !event.mark.isEmpty { row += "   ⚠ \(event.mark)" }
    return row.trimmedEnd
  }
  let marked = events.indices.filter { !events[$0].mark.isEmpty }
  let distance = { (index: Int) in marked.map { abs($0 - index) }.min() ?? events.count - index }
  var shown: Set<Int> = []
  var left = budget
  for index in rows.indices.sorted(by: { (distance($0), $0) < (distance($1), $1) }) {
    left -= estimatedTokens(rows[index]) + 1
    guard left > 0 else { break }
    shown.insert(index)
  }
  return rows.indices.flatMap { index in
    if shown.contains(index) { return [rows[index]] }
    return index == 0 || shown.contains(index - 1) ? ["         … events left out"] : []
  }
}

private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// What was tried and how it failed, each once, the newest last; the oldest give way.
func triedText(_ tried: [TriedAnswer], within budget: Int) -> String? {
  var different: [TriedAnswer] = []
  for answer in tried.reversed() where !different.contains(answer) { different.append(answer) }
  var shown: [String] = []
  var left = budget
  for answer in different {
    let change = answer.diff.isEmpty ? "" : "\n" + changes(in: answer.diff)
    let text = "- \(answer.failure)\(change)"
    let cost = estimatedTokens(text) + 1
    guard cost <= left else { break }
    left -= cost
    shown.append(text)
  }
  guard !shown.isEmpty else { return nil }
  return shown.reversed().joined(separator: "\n")
}

/// The changed lines of a diff alone.
private func changes(in diff: String) -> String {
  splitLines(diff).filter { line in
    (line.hasPrefix("+") || line.hasPrefix("-")) && !line.hasPrefix("+++ ")
      && !line.hasPrefix("--- ")
  }.map { "  \($0)" }.joined(separator: "\n")
}

/// A text without paths of the machine: those below the program's folder become relative to it,
/// of others the last part stays.
func withoutPaths(_ text: String, root: String) -> String {
  var text = text
  if root.count > 1 { text = text.replacing(root + "/", with: "") }
  guard text.contains("/") else { return text }
  var result = ""
  var rest = text[...]
  while let slash = rest.firstIndex(of: "/") {
    let before = slash == rest.startIndex ? result.last : rest[rest.index(before: slash)]
    result += rest[..<slash]
    let path = rest[slash...].prefix { $0 == "/" || isOfName($0) }
    let parts = path.split(separator: "/")
    let begins = before.map { !isOfName($0) && $0 != "/" && $0 != ":" } ?? true
    if begins || before == "~", parts.count > 1 {
      if before == "~" { result.removeLast() }
      result += "…/" + (parts.last ?? "")
    } else {
      result += path
    }
    rest = rest[path.endIndex...]
  }
  return result + rest
}

private func isOfName(_ character: Character) -> Bool {
  character.isLetter || character.isNumber || "._-+@".contains(character)
}
