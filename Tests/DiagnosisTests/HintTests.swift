import Diagnosis
import HealingModel
import Testing

private let program = Sources([
  "bank.py": """
  class Account:
      def withdraw(self, amount):
          if self.balence > amount:
              self.balance -= amount
      def ratio(self, days):
          return self.balance / len(days)

  """
])

private func range(_ line: Int, _ columns: Range<Int>) -> TextRange {
  TextRange(
    start: TextPosition(line: line, column: columns.lowerBound),
    end: TextPosition(line: line, column: columns.upperBound)
  )
}

private func finding(
  _ category: Category,
  line: Int,
  _ message: String,
  hint: String = "",
  rule: String? = nil,
  columns: Range<Int> = 1..<4,
  source: Evidence.Source = .static,
  confidence: Confidence = .medium,
  new: String? = nil
) -> Finding {
  let edit = new.map {
    Edit(path: "bank.py", range: range(line, columns), new: $0, reason: "r")
  }
  return Finding(
    category: category,
    rule: rule ?? "\(category.rawValue)/rule",
    path: "bank.py",
    range: range(line, columns),
    message: message,
    hint: hint,
    evidence: [Evidence(source: source, text: message)],
    confidence: confidence,
    fixes: edit.map { [Fix(edits: [$0], confidence: .high)] } ?? []
  )
}

@Test("a hint says what is wrong, where, what to do, and what was seen")
func saysAll() {
  let frame = Frame(
    path: "bank.py",
    line: 3,
    function: "withdraw",
    locals: [
      "amount": ObservedValue(type: "int", repr: "70"), "zebra": .init(type: "int", repr: "1"),
    ]
  )
  let raised = ObservedException(
    type: "AttributeError",
    message: "no attribute 'balence'",
    frames: [frame]
  )
  let facts = HintFacts(
    findings: [
      finding(
        .name,
        line: 3,
        "'Account' has no attribute 'balence'",
        hint: "Line 3: write 'balance'",
        columns: 17..<24,
        source: .runtime,
        confidence: .high,
        new: "balance"
      )
    ],
    sources: program,
    observation: Observation(exit: .code(1), exception: raised)
  )
  #expect(
    hints(from: facts, budget: 1000).text == """
      1. WRONG NAME at bank.py line 3: `if self.balence > amount:`
         What is wrong: 'Account' has no attribute 'balence'.
         What to do: Write 'balance'. Line 3 should be `if self.balance > amount:`.
         Seen: this line raises AttributeError: no attribute 'balence'; amount = 70; zebra = 1.
      """
  )
}

@Test("every category has words of its own", arguments: Category.allCases)
func templates(category: Category) {
  let facts = HintFacts(findings: [finding(category, line: 4, "m")], sources: program)
  let text = hints(from: facts, budget: 1000).text
  #expect(text.contains("at bank.py line 4: `self.balance -= amount`"))
  #expect(text.contains("What is wrong: m."))
  for other in Category.allCases where other != category {
    let facts = HintFacts(findings: [finding(other, line: 4, "m")], sources: program)
    #expect(hints(from: facts, budget: 1000).text != text)
  }
}

@Test("what several sources say is one hint that counts them, and the surer hint stands first")
func mergesAndOrders() {
  let list = hints(
    from: HintFacts(
      findings: [
        finding(.logic, line: 6, "may divide by zero", confidence: .low),
        finding(.name, line: 3, "ruff says so", columns: 17..<24, source: .ruff),
        finding(.type, line: 3, "ty says so", columns: 17..<24, source: .ty),
        finding(.logic, line: 4, "later", source: .runtime),
        finding(.logic, line: 2, "earlier", source: .runtime),
      ],
      sources: program
    ),
    budget: 1000
  )
  #expect(list.hints.map(\.line) == [3, 2, 4, 6])
  #expect(list.hints.map(\.number) == [1, 2, 3, 4])
  #expect(list.hints.first?.sources == 2)
  #expect(list.hints.first?.text.contains("2 independent checks agree") == true)
  #expect(list.hints.last?.text.hasPrefix("POSSIBLE WRONG LOGIC") == true)
  #expect(list.bugs == 4)
}

@Test("the order of the findings does not matter", arguments: 0..<20 as Range<UInt64>)
func orderIndependent(seed: UInt64) {
  var random = SeededGenerator(seed: seed)
  let findings = (0..<12).map { number in
    finding(
      Category.allCases[number % 7],
      line: number % 6 + 1,
      "message \(number)",
      source: number % 2 == 0 ? .static : .runtime,
      confidence: Confidence.allCases[number % 3]
    )
  }
  let facts = HintFacts(findings: findings, sources: program)
  var other = facts
  other.findings.shuffle(using: &random)
  #expect(hints(from: facts, budget: 5000) == hints(from: other, budget: 5000))
}

@Test("what a schedule showed is told as what happens, and what to do is said beside it")
func scheduleAccount() {
  let found = finding(
    .concurrency,
    line: 4,
    "lost update: AssertionError",
    hint: "Thread-1 read 100 and Thread-2 wrote 50 before it wrote",
    source: .schedule,
    confidence: .high
  )
  let text = hints(from: HintFacts(findings: [found], sources: program), budget: 1000).text
  #expect(text.contains("What happens: Thread-1 read 100 and Thread-2 wrote 50 before it wrote."))
  #expect(text.contains("What to do: Hold one lock"))
}

@Test("one message at several lines is one hint that names them")
func sameMessage() {
  let list = hints(
    from: HintFacts(
      findings: [1, 4, 6].map { finding(.name, line: $0, "'Cl0ck' is not defined") },
      sources: program
    ),
    budget: 1000
  )
  #expect(list.hints.count == 1)
  #expect(list.text.contains("The same at line 4, 6."))
}

@Test("a failure that no finding explains is a hint; one that a finding explains is not")
func failures() {
  let frames = [
    Frame(path: "bank.py", line: 5, function: "ratio"),
    Frame(
      path: "bank.py",
      line: 6,
      function: "ratio",
      locals: ["days": ObservedValue(type: "list", repr: "[]")]
    ),
    Frame(path: "/usr/lib/x.py", line: 9, function: "inner"),
  ]
  let raised = ObservedException(
    type: "ZeroDivisionError",
    message: "division by zero",
    frames: frames
  )
  var facts = HintFacts(
    sources: program,
    tests: [TestResult(id: "t", outcome: .failed, exception: raised)]
  )
  let text = hints(from: facts, budget: 1000).text
  #expect(text.contains("FAILURE at bank.py line 6: `return self.balance / len(days)`"))
  #expect(text.contains("this line raises ZeroDivisionError: division by zero."))
  #expect(text.contains("days = []"))
  #expect(text.contains("called from line 5: `def ratio(self, days):`"))
  #expect(!text.contains("/usr"))
  facts.findings = [finding(.logic, line: 6, "the list can be empty")]
  let explained = hints(from: facts, budget: 1000)
  #expect(explained.hints.count == 1)
  #expect(explained.text.contains("the list can be empty"))
  #expect(explained.text.contains("days = []"))
}

@Test("what the search found out is told: a change that helps, suspicious lines, cleared lines")
func searchFacts() {
  let edit = Edit(path: "bank.py", range: range(3, 25..<26), new: ">=", reason: "r")
  let facts = HintFacts(
    sources: program,
    suspicion: ["bank.py": [3: 1, 4: 0.8, 6: 0.2]],
    search: SearchFacts(
      cleared: ["bank.py": [5, 6, 2]],
      partial: [PartialRepair(patch: Patch(edits: [edit]), passing: 5, total: 7, broken: 1)]
    )
  )
  #expect(
    hints(from: facts, budget: 1000).text == """
      1. A CHANGE THAT MENDS A PART: with it 5 of 7 tests pass, and 1 that passed before fail. Find \
      what mends the rest as well:
         - bank.py line 3: `if self.balence > amount:` becomes `if self.balence >= amount:`
      2. SUSPICIOUS LINES, which failing tests run and passing ones seldom:
         - bank.py line 3: `if self.balence > amount:` (100 %)
         - bank.py line 4: `self.balance -= amount` (80 %)
      3. PROBABLY CORRECT LINES, of which no single change made a test pass:
         - bank.py: 2, 5-6
      """
  )
}

@Test("the budget holds whole hints, the strongest, and says how many it left out")
func budget() {
  let findings = (0..<40).map { number in
    finding(
      .logic,
      line: number % 6 + 1,
      "message \(number) " + String(repeating: "x", count: number * 7),
      rule: "logic/\(number)",
      columns: number + 1..<number + 2,
      confidence: Confidence.allCases[number % 3]
    )
  }
  let facts = HintFacts(findings: findings, sources: program)
  let all = hints(from: facts, budget: 100_000)
  #expect(all.hints.count == 40 && all.dropped == 0)
  for budget in stride(from: 300, through: 3000, by: 100) {
    let list = hints(from: facts, budget: budget)
    #expect(estimatedTokens(list.text) <= budget)
    #expect(list.hints == Array(all.hints.prefix(list.hints.count)))
    #expect(list.dropped == 40 - list.hints.count)
    if list.dropped > 0 { #expect(list.text.contains("\(list.dropped) weaker hint")) }
  }
}

@Test("the estimate of tokens lies between a quarter of the characters and the bytes")
func tokens() {
  for text in [
    "", "a", "x = 1024", "return x", "größer → 日本語", String(repeating: "ab ", count: 99),
  ] {
    let estimate = estimatedTokens(text)
    #expect(estimate * 4 >= text.unicodeScalars.count)
    #expect(estimate <= text.utf8.count)
    #expect(estimatedTokens(text + text) <= 2 * estimate)
  }
}
