import Diagnosis
import HealingModel
import Testing

private func finding(
  _ category: Category,
  _ rule: String,
  line: Int,
  columns: Range<Int>,
  _ source: Evidence.Source,
  _ confidence: Confidence
) -> Finding {
  Finding(
    category: category,
    rule: rule,
    path: "a.py",
    range: TextRange(
      start: TextPosition(line: line, column: columns.lowerBound),
      end: TextPosition(line: line, column: columns.upperBound)
    ),
    message: "m",
    hint: "h",
    evidence: [Evidence(source: source, text: rule)],
    confidence: confidence
  )
}

@Test("what several tools say of one name is one finding with all their evidence")
func mergesOneBug() {
  let merged = rebank([
    finding(.name, "name/undefined", line: 3, columns: 5..<10, .ruff, .medium),
    finding(.type, "type/unresolved", line: 3, columns: 5..<10, .ty, .medium),
    finding(.name, "name/look-alike", line: 3, columns: 5..<10, .runtime, .high),
  ])
  #expect(merged.count == 1)
  #expect(merged.first?.rule == "name/look-alike")
  #expect(Set(merged.first?.evidence.map(\.source) ?? []) == [.ruff, .ty, .runtime])
}

@Test("two bugs on one line stay two")
func keepsTwoBugs() {
  let merged = rebank([
    finding(.name, "name/undefined", line: 3, columns: 5..<10, .ruff, .medium),
    finding(.name, "name/undefined", line: 3, columns: 15..<20, .ruff, .medium),
    finding(.logic, "logic/x", line: 3, columns: 5..<10, .static, .low),
  ])
  #expect(merged.count == 3)
}

@Test("independent evidence makes a finding certain; the order of the input does not matter")
func ranksByEvidence() {
  let seen = finding(.name, "name/attribute", line: 9, columns: 1..<4, .runtime, .medium)
  let read = finding(.name, "name/attribute", line: 9, columns: 1..<4, .static, .medium)
  let guess = finding(.logic, "logic/x", line: 1, columns: 1..<4, .static, .low)
  let merged = rebank([guess, read, seen])
  #expect(merged.map(\.confidence) == [.high, .low])
  #expect(rebank([seen, guess, read]) == merged)
}
