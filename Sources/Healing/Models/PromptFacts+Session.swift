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
  ///   - tried: What was answered before.
  func promptFacts(
    _ findings: [Finding],
    _ judgement: Judgement,
    hintTokens: Int,
    tried: [TriedAnswer]
  ) -> PromptFacts {
    let known = HintFacts(
      findings: findings,
      sources: current,
      observation: judgement.observation,
      tests: judgement.tests
    )
    return PromptFacts(
      sources: current,
      root: program.root,
      hints: hints(from: known, budget: hintTokens),
      outcomes: outcomes(judgement),
      failures: failures(judgement),
      tried: tried
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

  /// The tests that fail.
  private func failures(_ judgement: Judgement) -> [TestFailure] {
    guard case .suite = oracle else { return [] }
    return judgement.tests.filter { [.failed, .error].contains($0.outcome) && $0.target }.map {
      let said = $0.exception.map { "\($0.type): \($0.message)" }
      return TestFailure(id: $0.id, message: said ?? $0.stop.flatMap(stopped) ?? "it fails")
    }
  }
}
