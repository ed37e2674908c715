import HealingModel

/// Numbered hints of everything that is known of a failing program.
///
/// Findings of one bug become one hint, which counts their sources; findings that say the same of
/// several lines become one as well. Order: confidence, weight of evidence, suspicion of the line,
/// then file and line.
///
/// - Parameters:
///   - facts: What is known.
///   - budget: About how many tokens the list may take, as ``estimatedTokens(_:)`` counts them.
///     What does not fit is left out from the weakest on; no hint is cut.
/// - Returns: The hints and how many were left out.
public func hints(from facts: HintFacts, budget: Int) -> HintList {
  let wording = HintWording(facts: facts)
  let drafts =
    findingDrafts(facts, wording) + failureDrafts(facts, wording) + searchDrafts(facts, wording)
  // The note of what is left out takes some tokens as well.
  var left = budget - 12
  var kept: [Hint] = []
  var isFull = false
  var known: Set<String> = []
  let different = drafts.sorted { $0.isBefore($1) }.filter { known.insert($0.text).inserted }
  for draft in different {
    let hint = draft.hint(number: kept.count + 1)
    let cost = estimatedTokens(hint.item + "\n")
    // One that no list could hold makes no room for weaker ones, nor takes it from them.
    if cost > budget - 12 { continue }
    isFull = isFull || cost > left
    if isFull { continue }
    left -= cost
    kept.append(hint)
  }
  return HintList(hints: kept, dropped: different.count - kept.count)
}

/// A hint without its number, with what decides on its place.
struct HintDraft {
  var subject: Hint.Subject
  var path: String
  var line: Int
  var confidence: Confidence
  var weight: Int
  var suspicion = 0.0
  var sources = 1
  var text: String

  func hint(number: Int) -> Hint {
    Hint(number: number, subject: subject, path: path, line: line, sources: sources, text: text)
  }

  func isBefore(_ other: HintDraft) -> Bool {
    if confidence != other.confidence { return confidence > other.confidence }
    if weight != other.weight { return weight > other.weight }
    if suspicion != other.suspicion { return suspicion > other.suspicion }
    return (path, line, text) < (other.path, other.line, other.text)
  }
}

// MARK: Findings

private func findingDrafts(_ facts: HintFacts, _ wording: HintWording) -> [HintDraft] {
  var groups: [[Finding]] = []
  for finding in rebank(facts.findings) {
    let index = groups.firstIndex { group in
      group.first.map {
        ($0.path, $0.rule, $0.message) == (finding.path, finding.rule, finding.message)
      } ?? false
    }
    if let index { groups[index].append(finding) } else { groups.append([finding]) }
  }
  return groups.compactMap { group in
    guard let first = group.first else { return nil }
    let sources = Set(group.flatMap(\.evidence).map(\.source)).count
    return HintDraft(
      subject: .finding(first.category),
      path: first.path,
      line: first.range.start.line,
      confidence: first.confidence,
      weight: weight(first),
      suspicion: suspicion(of: first, in: facts),
      sources: sources,
      text: wording.text(of: group, sources: sources)
    )
  }
}

private func suspicion(of finding: Finding, in facts: HintFacts) -> Double {
  let lines = facts.suspicion[finding.path] ?? [:]
  let range = finding.range.start.line...finding.range.end.line
  return lines.filter { range.contains($0.key) }.map(\.value).max() ?? 0
}

// MARK: Failures

/// What weighs as much as one observation that a check agrees with.
private let observed = 5

/// Places of failures that are told; most programs fail at one or two.
private let mostFailures = 4

private func failureDrafts(_ facts: HintFacts, _ wording: HintWording) -> [HintDraft] {
  let told = Set(
    facts.findings.flatMap { finding in
      (finding.range.start.line...finding.range.end.line).map { "\(finding.path):\($0)" }
    }
  )
  var places: [String: (exception: ObservedException, frame: Frame, tests: Int)] = [:]
  for exception in wording.exceptions {
    guard let frame = wording.innermost(exception) else { continue }
    let key = "\(frame.path):\(frame.line)"
    if told.contains(key) { continue }
    places[key, default: (exception, frame, 0)].tests += 1
  }
  let sorted = places.sorted { ($1.value.tests, $0.key) < ($0.value.tests, $1.key) }
  return sorted.prefix(mostFailures).map { _, place in
    HintDraft(
      subject: .failure,
      path: place.frame.path,
      line: place.frame.line,
      confidence: .medium,
      weight: observed,
      suspicion: facts.suspicion[place.frame.path]?[place.frame.line] ?? 0,
      text: wording.text(of: place.exception, at: place.frame)
    )
  }
}

// MARK: Search

private func searchDrafts(_ facts: HintFacts, _ wording: HintWording) -> [HintDraft] {
  var drafts = facts.search.partial.prefix(2).enumerated().map { index, repair in
    HintDraft(
      subject: .partial,
      path: repair.patch.edits.first?.path ?? "",
      line: repair.patch.edits.first?.range.start.line ?? 0,
      confidence: .medium,
      weight: index == 0 ? observed : observed - 1,
      text: wording.text(of: repair)
    )
  }
  if let text = wording.suspiciousText() {
    drafts.append(
      HintDraft(subject: .suspicious, path: "", line: 0, confidence: .low, weight: 3, text: text)
    )
  }
  if let text = wording.clearedText() {
    drafts.append(
      HintDraft(subject: .cleared, path: "", line: 0, confidence: .low, weight: 0, text: text)
    )
  }
  return drafts
}
