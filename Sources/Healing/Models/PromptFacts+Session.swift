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
      hints: ablation.uses(.hints) ? hints(from: known, budget: hintTokens) : HintList(),
      suspicion: learnt?.suspicion ?? [:],
      outcomes: judgement.outcomes(of: oracle),
      failures: try await failures(judgement, in: talk.access.language),
      precedents: precedents(findings, judgement, for: talk.access),
      tried: talk.told
    )
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
      // As in `tests/test_cart.py::TestCart::test_total[3-4]`.
      let id = $0.id.prefix { $0 != "[" }
      let parts = id.split(separator: "::", omittingEmptySubsequences: true).map(String.init)
      let text = parts.first.flatMap { files[$0] }
      return TestFailure(
        id: $0.id,
        message: $0.failure,
        source: text.flatMap { text in
          guard shown.insert(parts).inserted else { return nil }
          return definitionText(of: Array(parts.dropFirst()), in: text, language: language)
        }
      )
    }
  }
}
