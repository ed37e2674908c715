import Diagnosis
import HealingModel

extension ChatPrompt {
  /// The request for a repair of a program.
  ///
  /// Order: rules and form of the answer, the same bytes in every request of one form, so that
  /// servers keep what they made of them; examples; the program; hints; what should come out; how
  /// tests fail; like repairs; what threads did; what was tried. Each has a share of the tokens.
  ///
  /// - Parameters:
  ///   - facts: What is known.
  ///   - options: The form, the language and how long the prompt may be.
  public init(of facts: PromptFacts, options: PromptOptions) {
    let form =
      options.form ?? AnswerForm.fitting(facts.sources, answerTokens: options.answerTokens)
    let system = rules(for: form, asksForJSON: options.asksForJSON, language: options.language)
    var messages = [ChatMessage(role: .system, content: system)]
    var left = options.tokens(PromptOptions.exampleShare)
    for example in options.examples {
      let cost = Diagnosis.estimatedTokens(example.question + example.answer) + 16
      guard cost <= left else { break }
      left -= cost
      messages.append(ChatMessage(role: .user, content: example.question))
      messages.append(ChatMessage(role: .assistant, content: example.answer))
    }
    let about = sections(of: facts, options)
    let end = closing(for: form, bugs: facts.hints.bugs, asksForJSON: options.asksForJSON)
    let taken =
      messages.map(\.content).reduce(0) { $0 + Diagnosis.estimatedTokens($1) + 8 }
      + Diagnosis.estimatedTokens(about + end) + 32
    let room = max(options.tokens(PromptOptions.programShare), options.tokens - taken)
    let listing = ProgramListing(
      sources: facts.sources,
      language: options.language,
      isNumbered: form == .edits,
      weights: weights(of: facts)
    ).text(within: room)
    let user = [heading("Program"), listing, about, end].filter { !$0.isEmpty }
    messages.append(ChatMessage(role: .user, content: user.joined(separator: "\n\n")))
    self.init(messages: messages, form: form, schema: options.asksForJSON ? form.schema : nil)
  }
}

private func heading(_ title: String) -> String { "## \(title)" }

/// What is said about the program, section by section.
private func sections(of facts: PromptFacts, _ options: PromptOptions) -> String {
  var sections: [String] = []
  func add(_ title: String, _ text: String?) {
    guard let text, !text.isEmpty else { return }
    sections.append(heading(title) + "\n\n" + withoutPaths(text, root: facts.root))
  }
  if !facts.hints.hints.isEmpty {
    let count = facts.hints.bugs
    add(count > 1 ? "Its \(count) bugs" : "What is known of its bug", facts.hints.text)
  }
  let outcomes = facts.outcomes.prefix(2)
  let share = options.tokens(PromptOptions.outcomeShare) / max(1, outcomes.count)
  add(
    "What should come out",
    outcomes.map { outcomeText($0, within: share) }.joined(separator: "\n\n")
  )
  add("Failing tests", failureText(facts.failures, options.tokens(PromptOptions.outcomeShare)))
  add(
    "Like bugs of other programs, and how they were mended",
    precedentText(facts.precedents, within: options.tokens(PromptOptions.precedentShare))
  )
  if let trace = facts.trace {
    add("What the threads did", traceText(trace, within: options.tokens(PromptOptions.traceShare)))
  }
  add(
    "Tried before, without success: do not answer so again",
    triedText(facts.tried, within: options.tokens(PromptOptions.triedShare))
  )
  return sections.joined(separator: "\n\n")
}

/// Failing tests with their messages, and their texts where there is room.
private func failureText(_ failures: [TestFailure], _ budget: Int) -> String {
  var rows: [String] = []
  var left = budget
  for (index, failure) in failures.enumerated() {
    let message = "- \(failure.id): \(shortened(failure.message, to: max(20, budget / 3)))"
    let cost = Diagnosis.estimatedTokens(message) + 1
    guard cost <= left else {
      rows.append("… and \(failures.count - index) more")
      break
    }
    left -= cost
    rows.append(message)
    guard let source = failure.source, Diagnosis.estimatedTokens(source) + 8 <= left else {
      continue
    }
    left -= Diagnosis.estimatedTokens(source) + 8
    rows.append(splitLines(source).map { "    " + $0 }.joined(separator: "\n"))
  }
  return rows.joined(separator: "\n")
}

/// How much lines matter: suspicion, and more where a hint names one.
private func weights(of facts: PromptFacts) -> [String: [Int: Double]] {
  var weights = facts.suspicion
  for hint in facts.hints.hints where hint.line > 0 {
    let weight = 2 - Double(hint.number) / Double(facts.hints.hints.count + 1)
    let known = weights[hint.path]?[hint.line] ?? 0
    weights[hint.path, default: [:]][hint.line] = max(known, weight)
  }
  return weights
}
