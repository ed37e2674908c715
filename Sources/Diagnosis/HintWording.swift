import HealingModel

/// The words of hints: what is wrong, where, what to do, and what was seen.
struct HintWording {
  let facts: HintFacts
  /// The exceptions of the failing run and of the failing tests.
  let exceptions: [ObservedException]
  private let lines: [String: [Substring]]

  init(facts: HintFacts) {
    self.facts = facts
    self.lines = facts.sources.texts.mapValues { text in
      text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    }
    let failed = facts.tests.filter { [.failed, .error].contains($0.outcome) }
    let all = [facts.observation?.exception] + failed.map(\.exception)
    var known: Set<ObservedException> = []
    self.exceptions = all.compactMap { $0 }.filter { known.insert($0).inserted }
  }

  // MARK: Findings

  /// The hint of findings that say the same of one or several lines.
  func text(of group: [Finding], sources: Int) -> String {
    guard let finding = group.first else { return "" }
    let words = template(of: finding.category)
    let title = finding.confidence == .low ? "POSSIBLE \(words.title)" : words.title
    let start = finding.range.start.line
    var text = "\(title) at \(place(finding.path, start))"
    text += "\nWhat is wrong: \(sentence(finding.message))"
    // What a schedule showed is told as an account, which says what happened and not what to do.
    let isAccount = finding.evidence.contains { $0.source == .schedule } && !finding.hint.isEmpty
    if isAccount { text += "\nWhat happens: \(sentence(finding.hint))" }
    let own = isAccount ? nil : advice(of: finding)
    text += "\nWhat to do: \(own ?? words.advice)"
    let others = Set(group.dropFirst().map(\.range.start.line)).subtracting([start]).sorted()
    if !others.isEmpty {
      text += "\nThe same at line \(others.map(String.init).joined(separator: ", "))."
    }
    var seen = evidence(of: group)
    if sources > 1 { seen.append("\(sources) independent checks agree") }
    return seen.isEmpty ? text : text + "\nSeen: \(seen.joined(separator: "; "))."
  }

  /// What to do, from the finding's own fix or hint.
  private func advice(of finding: Finding) -> String? {
    var parts: [String] = []
    let hint = sentence(withoutPlace(finding.hint))
    if hint != sentence(finding.message), !hint.isEmpty { parts.append(hint) }
    if let fix = finding.fixes.first, fix.confidence > .low,
      let line = mended(fix.edits, in: finding.path)
    {
      parts.append("Line \(line.number) should be `\(line.text)`.")
    }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  /// The line that edits make, when it is one line.
  private func mended(_ edits: [Edit], in path: String) -> (number: Int, text: String)? {
    guard let number = edits.first?.range.start.line else { return nil }
    let isOneLine = edits.allSatisfy {
      $0.path == path && !$0.new.contains(where: \.isNewline)
        && $0.range.start.line == number && $0.range.end.line == number
    }
    guard isOneLine, let old = sourceLine(path, number) else { return nil }
    var scalars = Array(old.unicodeScalars)
    for edit in edits.sorted(by: { $0.range.start > $1.range.start }) {
      let range = edit.range.start.column - 1..<edit.range.end.column - 1
      guard range.lowerBound >= 0, range.upperBound <= scalars.count else { return nil }
      scalars.replaceSubrange(range, with: edit.new.unicodeScalars)
    }
    let new = String(String.UnicodeScalarView(scalars))
    return new == old ? nil : (number, clipped(trimmed(new)))
  }

  private func evidence(of group: [Finding]) -> [String] {
    guard let finding = group.first else { return [] }
    var seen: [String] = []
    for exception in exceptions {
      let frames = exception.frames.filter { frame in
        frame.path == finding.path
          && (finding.range.start.line...finding.range.end.line).contains(frame.line)
      }
      guard let frame = frames.last else { continue }
      let here = innermost(exception) == frame ? "raises" : "leads to"
      seen = ["this line \(here) \(name(of: exception))"] + values(in: frame)
      break
    }
    let said = finding.evidence.map(\.text).filter { text in
      !text.isEmpty && text != finding.message && text != finding.hint
        && !seen.contains { $0.contains(text) }
    }
    return seen + said.prefix(2).map { clipped(oneLine($0)) }
  }

  // MARK: Failures

  /// The last level of a traceback that lies in the program's own sources.
  func innermost(_ exception: ObservedException) -> Frame? {
    exception.frames.last { facts.sources[$0.path] != nil && $0.line > 0 }
  }

  /// The hint of an exception whose place no finding explains.
  func text(of exception: ObservedException, at frame: Frame) -> String {
    var text = "FAILURE at \(place(frame.path, frame.line))"
    text += "\nWhat is wrong: this line raises \(sentence(name(of: exception)))"
    text += "\nWhat to do: find where the wrong value comes from and correct that place; "
    text += "do not hide the error."
    let callers = exception.frames.filter { facts.sources[$0.path] != nil && $0 != frame }
    var seen = values(in: frame)
    if let caller = callers.last {
      seen.append("called from line \(caller.line): `\(source(caller.path, caller.line))`")
    }
    return seen.isEmpty ? text : text + "\nSeen: \(seen.joined(separator: "; "))."
  }

  private func name(of exception: ObservedException) -> String {
    exception.message.isEmpty
      ? exception.type : "\(exception.type): \(clipped(oneLine(exception.message)))"
  }

  /// The variables of a frame, those that its line names first.
  private func values(in frame: Frame) -> [String] {
    let line = source(frame.path, frame.line)
    let words = Set(line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    let sorted = frame.locals.sorted { lhs, rhs in
      let (left, right) = (words.contains(lhs.key) ? 0 : 1, words.contains(rhs.key) ? 0 : 1)
      return (left, lhs.key) < (right, rhs.key)
    }
    return sorted.prefix(5).map { "\($0.key) = \(clipped(oneLine($0.value.repr), to: 80))" }
  }

  // MARK: Search

  /// The hint of a change that helps in part.
  func text(of repair: PartialRepair) -> String {
    var text = "A CHANGE THAT MENDS A PART: with it \(repair.passing) of \(repair.total) tests pass"
    text += repair.broken > 0 ? ", and \(repair.broken) that passed before fail" : ""
    text += ". Find what mends the rest as well:"
    for edit in repair.patch.edits {
      let number = edit.range.start.line
      let same = repair.patch.edits.filter {
        $0.path == edit.path && $0.range.start.line == number
      }
      if same.first != edit { continue }
      let new = mended(same, in: edit.path)?.text ?? clipped(oneLine(edit.new))
      let old = source(edit.path, number)
      text += "\n- \(edit.path) line \(number): `\(old)` becomes `\(new)`"
    }
    return text
  }

  /// The hint of the most suspicious lines; nil when no line stands out.
  func suspiciousText() -> String? {
    let all = facts.suspicion.flatMap { path, lines in
      lines.map { (path: path, line: $0.key, score: $0.value) }
    }.filter { $0.score > 0 && sourceLine($0.path, $0.line)?.isEmpty == false }
    let sorted = all.sorted { ($1.score, $0.path, $0.line) < ($0.score, $1.path, $1.line) }
    guard let most = sorted.first?.score, sorted.last?.score != most else { return nil }
    let shown = sorted.prefix { $0.score > most / 2 }.prefix(5).map { place in
      "\n- \(self.place(place.path, place.line)) (\(Int((place.score * 100).rounded())) %)"
    }
    return "SUSPICIOUS LINES, which failing tests run and passing ones seldom:" + shown.joined()
  }

  /// The hint of the lines that cannot be the only bug; nil when there are none.
  func clearedText() -> String? {
    let files = facts.search.cleared.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
    guard !files.isEmpty else { return nil }
    let shown = files.map { path, lines in "\n- \(path): \(ranges(of: lines))" }
    return "PROBABLY CORRECT LINES, of which no single change made a test pass:" + shown.joined()
  }

  // MARK: Places and texts

  private func place(_ path: String, _ line: Int) -> String {
    let text = source(path, line)
    return "\(path) line \(line)" + (text.isEmpty ? "" : ": `\(text)`")
  }

  private func source(_ path: String, _ line: Int) -> String {
    clipped(trimmed(sourceLine(path, line) ?? ""))
  }

  private func sourceLine(_ path: String, _ line: Int) -> String? {
    guard let all = lines[path], all.indices.contains(line - 1) else { return nil }
    return String(all[line - 1])
  }
}
