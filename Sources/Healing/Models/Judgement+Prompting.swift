public import HealingModel
public import Prompting

extension Judgement {
  /// What should come out, against what does: of examples the first that fails is the one observed.
  ///
  /// - Parameter oracle: What decides.
  /// - Returns: One outcome of examples, else none.
  public func outcomes(of oracle: Oracle) -> [Prompting.Outcome] {
    guard case .examples(let cases) = oracle else { return [] }
    let failing = Set(tests.filter { $0.outcome != .passed }.map(\.id))
    guard let first = cases.first(where: { failing.contains($0.name) }) ?? cases.first else {
      return []
    }
    return [
      Prompting.Outcome(
        name: cases.count > 1 ? first.name : "",
        input: first.input.isEmpty ? nil : String(decoding: first.input, as: UTF8.self),
        expected: first.expected,
        actual: observation.stdout.text,
        failure: observation.exception.map { "\($0.type): \($0.message)" }
          ?? sentence(of: observation.stop)
      )
    ]
  }
}

extension TestResult {
  /// How it fails, in a few words.
  public var failure: String {
    exception.map { "\($0.type): \($0.message)" } ?? stop.flatMap(sentence) ?? "it fails"
  }
}

private func sentence(of stop: Stop) -> String? {
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
