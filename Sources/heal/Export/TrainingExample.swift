import Diagnosis
import Healing
import HealingModel
import Prompting
import SessionStore

/// One verified repair as a conversation with a model that answers right.
struct TrainingExample: Sendable, Hashable {
  /// Rules, question and answer.
  var messages: [ChatMessage]

  /// Why a session gives no example.
  enum Omission: String, Sendable, Hashable, CaseIterable {
    case altered = "were altered in the store"
    case masked = "hold masked inputs or arguments"
    case crashOnly = "rest on nothing but a crash that is gone"
    case withoutSources = "hold no program that was changed"
    case undecodable = "are not in UTF-8"
    case unwritable = "fit no form of an answer"
    case repeated = "say what another one says"
  }

  /// Makes an example of a session that was healed.
  ///
  /// The question is the one that a model would have been asked about the program as it was found;
  /// the answer is read back before it is believed.
  ///
  /// - Parameters:
  ///   - stored: The session.
  ///   - masker: Hides what must not leave the machine, in question and answer alike.
  ///   - language: The program's language.
  /// - Throws: Why there is none.
  init(
    of stored: SessionRecord,
    masking masker: SecretMasker,
    language: SourceLanguage
  ) throws(Omission) {
    guard !stored.isMasked else { throw .masked }
    guard let report = stored.report, !report.isTrace, !report.files.isEmpty else {
      throw .withoutSources
    }
    guard report.strength != .crashOnly else { throw .crashOnly }
    let before = try Self.sources(report.files.map { ($0.path, $0.before) }, masker)
    let after = try Self.sources(report.files.map { ($0.path, $0.after) }, masker)
    var options = PromptOptions(language: language)
    options.answerTokens = ModelAllowance.answerTokens(
      bugs: max(1, stored.firstFindings.count),
      withTraces: false
    )
    let facts = Self.facts(of: stored, before, hintTokens: options.hintTokens)
    let fitting = AnswerForm.fitting(before, answerTokens: options.answerTokens)
    for form in [fitting, .edits] {
      guard
        let answer = writtenAnswer(from: before, to: after, form: form, language: language)
      else { continue }
      options.form = form
      messages = ChatPrompt(of: facts, options: options).messages
      messages.append(ChatMessage(role: .assistant, content: answer))
      // What was observed is masked in the store, by the secrets of that day.
      for index in messages.indices { messages[index].content = masker(messages[index].content) }
      return
    }
    throw .unwritable
  }

  private static func sources(
    _ files: [(path: String, bytes: [UInt8])],
    _ masker: SecretMasker
  ) throws(Omission) -> Sources {
    var sources = Sources()
    for file in files {
      let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
      let bytes = file.bytes.starts(with: mark) ? Array(file.bytes.dropFirst(3)) : file.bytes
      guard let text = String(validating: bytes, as: UTF8.self) else { throw .undecodable }
      sources[file.path] = masker(text)
    }
    return sources
  }

  private static func facts(
    of stored: SessionRecord,
    _ sources: Sources,
    hintTokens: Int
  ) -> PromptFacts {
    let findings = stored.firstFindings.filter { sources[$0.path] != nil }
    let known = HintFacts(
      findings: findings,
      sources: sources,
      observation: stored.baseline?.observation,
      tests: stored.baseline?.tests ?? []
    )
    var facts = PromptFacts(
      sources: sources,
      root: stored.program.root,
      hints: hints(from: known, budget: hintTokens)
    )
    guard let baseline = stored.baseline else { return facts }
    facts.outcomes = baseline.outcomes(of: stored.oracle)
    if case .suite = stored.oracle {
      let failing = baseline.tests.filter { $0.target && [.failed, .error].contains($0.outcome) }
      facts.failures = failing.map { TestFailure(id: $0.id, message: $0.failure) }
    }
    return facts
  }

  /// The example as one line of JSON.
  var json: JSON {
    [
      "messages": .array(
        messages.map { ["role": .string($0.role.rawValue), "content": .string($0.content)] }
      )
    ]
  }
}

extension TrainingExample.Omission: Error {}
