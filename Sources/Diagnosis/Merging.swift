public import HealingModel

/// One list of findings from those of several analyzers: findings about one bug become one, the
/// most certain first.
///
/// Two findings are about one bug when they have a category family in common and their places
/// overlap.
///
/// - Parameter findings: What the analyzers found, in any order.
/// - Returns: The merged findings, by confidence, then by weight of evidence, then by place.
public func rebank(_ findings: [Finding]) -> [Finding] {
  var merged: [Finding] = []
  for finding in findings.sorted(by: isStronger) {
    if let index = merged.firstIndex(where: { describeOneBug($0, finding) }) {
      merged[index] = merging(merged[index], finding)
    } else {
      merged.append(finding)
    }
  }
  return merged.sorted(by: isStronger)
}

/// Whether `lhs` is to be shown and tried before `rhs`; a total order, so that ranking is stable.
func isStronger(_ lhs: Finding, _ rhs: Finding) -> Bool {
  if lhs.confidence != rhs.confidence { return lhs.confidence > rhs.confidence }
  if weight(lhs) != weight(rhs) { return weight(lhs) > weight(rhs) }
  if lhs.path != rhs.path { return lhs.path < rhs.path }
  if lhs.range.start != rhs.range.start { return lhs.range.start < rhs.range.start }
  return (lhs.rule, lhs.message) < (rhs.rule, rhs.message)
}

/// How much the evidence weighs: what was seen to happen counts more than what a text suggests.
func weight(_ finding: Finding) -> Int {
  let sources = Set(finding.evidence.map(\.source))
  return sources.reduce(finding.fixes.isEmpty ? 0 : 2) { sum, source in
    switch source {
    case .parse, .compile, .runtime, .schedule: sum + 4
    case .search: sum + 3
    case .ruff, .ty: sum + 2
    case .static: sum + 1
    }
  }
}

private func describeOneBug(_ lhs: Finding, _ rhs: Finding) -> Bool {
  guard lhs.path == rhs.path, family(lhs) == family(rhs) else { return false }
  return lhs.range.overlaps(rhs.range)
}

/// Tools disagree on whether an unknown attribute is a matter of names or of types.
func family(_ finding: Finding) -> String {
  switch finding.category {
  case .name, .type: "name and type"
  case .syntax, .logic, .semantic, .resource, .concurrency: finding.category.rawValue
  }
}

private func merging(_ first: Finding, _ second: Finding) -> Finding {
  var result = first
  for evidence in second.evidence where !result.evidence.contains(evidence) {
    result.evidence.append(evidence)
  }
  for fix in second.fixes where !result.fixes.contains(where: { $0.edits == fix.edits }) {
    result.fixes.append(fix)
  }
  let independent = Set(result.evidence.map(\.source)).count > 1
  if independent, result.confidence == .medium { result.confidence = .high }
  return result
}
