import HealingModel

/// The findings of tests that say themselves what is wrong: those that did not end by themselves,
/// and files that could not be collected, whether a repair may touch them or not.
///
/// - Parameter judgement: What a suite said.
/// - Returns: One finding for each place.
func testFindings(_ judgement: Judgement) -> [Finding] {
  var known: Set<String> = []
  return judgement.tests.compactMap(finding).filter { finding in
    known.insert("\(finding.rule) \(finding.path) \(finding.range.start.line)").inserted
  }
}

private func finding(of test: TestResult) -> Finding? {
  guard [.failed, .error].contains(test.outcome) else { return nil }
  if test.stop == .killed { return ended(test) }
  let isOutOfMemory = test.exception?.type == "MemoryError"
  if let words = capWords(for: test.stop ?? (isOutOfMemory ? .memory : .finished)) {
    let seen = "\(test.id) was stopped after \(tenths(test.seconds)) s"
    return finding(test, .resource, "resource/" + words.rule, words.message, words.hint, seen)
  }
  return uncollected(test)
}

private func ended(_ test: TestResult) -> Finding {
  let how = test.exception?.message ?? "its process ended"
  return finding(
    test,
    .semantic,
    "semantic/process-ended",
    "\(test.id) did not come to its end: \(how)",
    "Look for a call of os._exit or os.kill, or for a crash in an extension module.",
    how
  )
}

private func uncollected(_ test: TestResult) -> Finding? {
  guard test.outcome == .error, !test.id.contains("::"), let error = test.exception else {
    return nil
  }
  let isSyntax = ["SyntaxError", "IndentationError", "TabError"].contains(error.type)
  let what = error.message.isEmpty ? error.type : "\(error.type): \(error.message)"
  let first = what.split(whereSeparator: \.isNewline).first.map(String.init) ?? what
  return finding(
    test,
    isSyntax ? .syntax : .semantic,
    isSyntax ? "syntax/parse" : "semantic/collection",
    "the tests of \(test.id) cannot be collected: \(first)",
    "Mend this place first: until then none of these tests runs.",
    what
  )
}

private func finding(
  _ test: TestResult,
  _ category: Category,
  _ rule: String,
  _ message: String,
  _ hint: String,
  _ evidence: String
) -> Finding {
  let own = test.exception?.frames.filter { !$0.path.hasPrefix("/") && !$0.path.hasPrefix("<") }
  let place = own?.last { $0.line > 0 }
  let file = test.id.split(separator: ":", maxSplits: 1).first.map(String.init) ?? test.id
  let start = TextPosition(line: place?.line ?? 1, column: 1)
  return Finding(
    category: category,
    rule: rule,
    path: place?.path ?? file,
    range: TextRange(start: start, end: start),
    message: message,
    hint: hint,
    evidence: [Evidence(source: .runtime, text: evidence)],
    confidence: .high
  )
}
