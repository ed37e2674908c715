import Diagnosis
import HealingModel
import Prompting
import Testing

private func finding(_ category: Category, _ line: Int, _ message: String, _ hint: String)
  -> Finding
{
  let place = TextPosition(line: line, column: 1)
  return Finding(
    category: category,
    rule: "\(category.rawValue)/rule",
    path: "bank.py",
    range: TextRange(start: place, end: place),
    message: message,
    hint: hint,
    evidence: [Evidence(source: .runtime, text: "")],
    confidence: .medium
  )
}

private let known = hints(
  from: HintFacts(
    findings: [
      finding(.logic, 16, "the last of the balance cannot be taken", "Line 16: compare with >="),
      finding(.logic, 25, "the sum counts down", "Add each balance."),
    ],
    sources: Sources(["bank.py": bank])
  ),
  budget: 1000
)

private let facts = PromptFacts(
  sources: Sources(["bank.py": bank]),
  root: "/srv/ann/project",
  hints: known,
  outcomes: [Outcome(expected: "Total: 20\n", actual: "Total: -30\n")]
)

private let race = PromptTrace(
  summary: "An update is lost: the balance is 50 where 0 was expected.",
  events: [
    TraceLine(time: "0.0000s", thread: "Thread-1", kind: "START", subject: "withdraw(100)"),
    TraceLine(
      time: "0.0001s",
      thread: "Thread-1",
      kind: "READ",
      subject: "account.balance=100",
      place: "bank.py:14"
    ),
    TraceLine(time: "0.0002s", thread: "Thread-2", kind: "START", subject: "withdraw(50)"),
    TraceLine(
      time: "0.0003s",
      thread: "Thread-2",
      kind: "READ",
      subject: "account.balance=100",
      place: "bank.py:14",
      mark: "same value read before the write at t=0.0004s"
    ),
    TraceLine(
      time: "0.0004s",
      thread: "Thread-1",
      kind: "WRITE",
      subject: "account.balance=0",
      place: "bank.py:15"
    ),
    TraceLine(
      time: "0.0005s",
      thread: "Thread-2",
      kind: "WRITE",
      subject: "account.balance=50",
      place: "bank.py:15",
      mark: "lost update"
    ),
  ]
)

private func text(_ prompt: ChatPrompt) -> String {
  prompt.messages.map { "=== \($0.role.rawValue) ===\n\($0.content)\n" }.joined(separator: "\n")
}

private func prompt(_ facts: PromptFacts, _ form: AnswerForm, tokens: Int = 6000) -> ChatPrompt {
  ChatPrompt(of: facts, options: PromptOptions(language: .test, form: form, tokens: tokens))
}

/// A program with many functions, and a line of one of them.
private func longProgram(_ count: Int) -> String {
  (0..<count).map { number in
    "def function_\(number)(value):\n    first = value + \(number)\n    return first * 2\n\n\n"
  }.joined()
}

@Suite("Prompts")
struct PromptTests {
  @Test("a prompt for functions, with hints and the difference of the outputs")
  func functions() throws {
    try expectSnapshot(text(prompt(facts, .functions)), "functions")
  }

  @Test("a prompt for edits, with failing tests and what was tried")
  func edits() throws {
    var facts = facts
    facts.outcomes = []
    facts.failures = [
      TestFailure(
        id: "tests/test_bank.py::test_total",
        message: "AssertionError: assert -30 == 20\nin /srv/ann/project/bank.py, line 25",
        source: "def test_total():\n    assert total([Account('a', 20)]) == 20"
      )
    ]
    facts.tried = [
      TriedAnswer(
        diff: "--- a/bank.py\n+++ b/bank.py\n@@ -1 +1 @@\n-a\n+b\n",
        failure: "1 of 2 tests pass."
      ),
      TriedAnswer(diff: "", failure: "your answer held no code."),
      TriedAnswer(
        diff: "--- a/bank.py\n+++ b/bank.py\n@@ -1 +1 @@\n-a\n+b\n",
        failure: "1 of 2 tests pass."
      ),
    ]
    try expectSnapshot(text(prompt(facts, .edits)), "edits")
  }

  @Test("a prompt with a trace of threads and the five steps")
  func threads() throws {
    var facts = facts
    facts.trace = race
    try expectSnapshot(text(prompt(facts, .wholeFile)), "threads")
  }

  @Test(
    "two prompts of one form begin with the same bytes, past the rules",
    arguments: AnswerForm.allCases
  )
  func stablePrefix(form: AnswerForm) {
    var other = PromptFacts(sources: Sources(["shop.py": "x = 1\n"]))
    other.trace = race
    for asksForJSON in [false, true] {
      let options = PromptOptions(language: .test, form: form, asksForJSON: asksForJSON)
      let first = ChatPrompt(of: facts, options: options)
      let second = ChatPrompt(of: other, options: options)
      let common = zip(text(first).utf8, text(second).utf8).prefix { $0 == $1 }.count
      #expect(first.messages.first?.role == .system)
      #expect(common >= (first.messages.first?.content.utf8.count ?? 0) + 20)
      #expect(first.messages.count == 2)
      #expect((first.schema == nil) == !asksForJSON)
    }
  }

  @Test("examples stand between the rules and the question, as far as they have room")
  func examples() {
    var options = PromptOptions(language: .test, form: .edits)
    options.examples = [
      PromptExample(question: "q1", answer: "a1"),
      PromptExample(question: String(repeating: "long ", count: 5000), answer: "a2"),
    ]
    let prompt = ChatPrompt(of: facts, options: options)
    #expect(prompt.messages.map(\.role) == [.system, .user, .assistant, .user])
    #expect(prompt.messages[1].content == "q1")
  }

  @Test("a prompt keeps within its tokens, whatever it has to tell", arguments: [2500, 4000, 8000])
  func budget(tokens: Int) {
    let long = (0..<400).map { "line \($0) of an output that goes on\n" }.joined()
    let facts = PromptFacts(
      sources: Sources(["long.py": longProgram(200), "bank.py": bank]),
      hints: hints(
        from: HintFacts(
          findings: (1...33).map { finding(.logic, $0, "bug \($0) " + long.prefix(300), "h") },
          sources: Sources(["bank.py": bank])
        ),
        budget: PromptOptions(language: .test, tokens: tokens).hintTokens
      ),
      outcomes: [
        Outcome(expected: long, actual: long + "more"), Outcome(expected: long, actual: ""),
      ],
      failures: (0..<12).map { TestFailure(id: "t\($0)", message: long, source: long) },
      trace: PromptTrace(
        summary: "s",
        events: (0..<600).map {
          TraceLine(
            time: "\($0)s",
            thread: "T",
            kind: "READ",
            subject: "x=\($0)",
            mark: $0 == 299 ? "here" : ""
          )
        }
      ),
      tried: (0..<50).map {
        TriedAnswer(diff: "+\($0)\n", failure: "no \($0), " + long.prefix(200))
      }
    )
    for form in AnswerForm.allCases {
      let prompt = prompt(facts, form, tokens: tokens)
      #expect(prompt.estimatedTokens <= tokens, "\(form)")
      let text = text(prompt)
      #expect(text.contains("⚠ here"))
      #expect(text.contains("no 49,") && !text.contains("no 0,"))
    }
  }

  @Test("of a long program the suspicious functions are shown whole, of the others the headers")
  func longFiles() throws {
    let program = longProgram(300)
    var facts = PromptFacts(sources: Sources(["long.py": program]))
    facts.suspicion = ["long.py": [5 * 150 + 2: 1]]
    let user = try #require(prompt(facts, .edits, tokens: 6000).messages.last?.content)
    #expect(
      user.contains(
        "751| def function_150(value):\n 752|     first = value + 150\n 753|     return first * 2"
      )
    )
    #expect(user.contains("def function_299(value):\n…\n"))
    #expect(!user.contains("first = value + 299"))
  }

  @Test(
    "no path of the machine is told",
    arguments: [
      ("in /srv/ann/project/bank.py, line 3", "in bank.py, line 3"),
      ("cd /srv/ann/project", "cd …/project"),
      ("open('/home/ann/keys.txt')", "open('…/keys.txt')"),
      ("~/notes/secret.txt is missing", "…/secret.txt is missing"),
      ("a / b and 1/2 and http://x.org/a/b", "a / b and 1/2 and http://x.org/a/b"),
    ]
  )
  func paths(message: String, shown: String) throws {
    var facts = facts
    facts.failures = [TestFailure(id: "t", message: message)]
    let user = try #require(prompt(facts, .functions).messages.last?.content)
    #expect(user.contains("- t: \(shown)\n"))
  }

  @Test("short programs are answered whole, longer ones by function, others by edits")
  func fitting() {
    func form(_ lines: Int, files: Int = 1, answer: Int = 5000) -> AnswerForm {
      let text = String(repeating: "x = 1\n", count: lines)
      let names = (0..<files).map { "f\($0).py" }
      let sources = Sources(Dictionary(uniqueKeysWithValues: names.map { ($0, text) }))
      return AnswerForm.fitting(sources, answerTokens: answer)
    }
    #expect(form(AnswerForm.mostLinesWhole - 1) == .wholeFile)
    #expect(form(AnswerForm.mostLinesWhole) == .functions)
    #expect(form(30, answer: 50) == .functions)
    #expect(form(AnswerForm.mostLinesByFunction) == .edits)
    #expect(form(10, files: 2) == .edits)
  }
}
