import Diagnosis
import HealingModel
import Prompting

extension HealingSession {
  /// Everything that is known of the best state, for a prompt.
  ///
  /// - Parameters:
  ///   - findings: What is wrong with it.
  ///   - judgement: What the oracle said of it.
  ///   - hintTokens: How many tokens the hints may take.
  ///   - talk: What was said before, in which language.
  /// - Returns: The facts.
  /// - Throws: What the adapter throws.
  func promptFacts(
    _ findings: [Finding],
    _ judgement: Judgement,
    hintTokens: Int,
    _ talk: ModelTalk
  ) async throws -> PromptFacts {
    let learnt = learnt.flatMap { $0.sources == current ? $0 : nil }
    let known = HintFacts(
      findings: findings,
      sources: current,
      observation: judgement.observation,
      tests: judgement.tests,
      suspicion: learnt?.suspicion ?? [:],
      search: learnt?.search ?? SearchFacts()
    )
    return PromptFacts(
      sources: current,
      root: program.root,
      hints: hints(from: known, budget: hintTokens),
      suspicion: learnt?.suspicion ?? [:],
      outcomes: outcomes(judgement),
      failures: try await failures(judgement, in: talk.access.language),
      precedents: precedents(findings, judgement, for: talk.access),
      tried: talk.tried
    )
  }

  /// What should come out, against what does: of examples the first that fails is the one observed.
  private func outcomes(_ judgement: Judgement) -> [Prompting.Outcome] {
    guard case .examples(let cases) = oracle else { return [] }
    let failing = Set(judgement.tests.filter { $0.outcome != .passed }.map(\.id))
    guard let first = cases.first(where: { failing.contains($0.name) }) ?? cases.first else {
      return []
    }
    let seen = judgement.observation
    return [
      Prompting.Outcome(
        name: cases.count > 1 ? first.name : "",
        input: first.input.isEmpty ? nil : String(decoding: first.input, as: UTF8.self),
        expected: first.expected,
        actual: seen.stdout.text,
        failure: seen.exception.map { "\($0.type): \($0.message)" } ?? stopped(seen.stop)
      )
    ]
  }

  private func stopped(_ stop: Stop) -> String? {
    switch stop {
    case .finished: nil
    case .endlessLoop: "it was stopped in a loop that does not end"
    case .hang: "it waited for something that did not come"
    case .memory: "it reached the memory cap"
    case .output: "it wrote without end"
    case .processes: "it started too many processes"
    case .killed: "it was ended from outside"
    }
  }

  /// The tests that fail, each text once.
  private func failures(
    _ judgement: Judgement,
    in language: SourceLanguage
  ) async throws -> [TestFailure] {
    guard case .suite = oracle else { return [] }
    let files = try await adapter.decidingSources()
    var shown: Set<[String]> = []
    return judgement.tests.filter { [.failed, .error].contains($0.outcome) && $0.target }.map {
      let said = $0.exception.map { "\($0.type): \($0.message)" }
      // As in `tests/test_cart.py::TestCart::test_total[3-4]`.
      let id = $0.id.prefix { $0 != "[" }
      let parts = id.split(separator: "::", omittingEmptySubsequences: true).map(String.init)
      let text = parts.first.flatMap { files[$0] }
      return TestFailure(
        id: $0.id,
        message: said ?? $0.stop.flatMap(stopped) ?? "it fails",
        source: text.flatMap { text in
          guard shown.insert(parts).inserted else { return nil }
          return definitionText(of: Array(parts.dropFirst()), in: text, language: language)
        }
      )
    }
  }
}
