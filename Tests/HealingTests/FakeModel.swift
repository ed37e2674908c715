import Healing
import HealingModel
import Prompting
import Synchronization

/// A model that answers what a test gave it, one text a question, and then nothing.
final class FakeModel: LanguageModel {
  private let state: Mutex<(left: [String], questions: [ModelQuestion])>
  private let silence: String?

  /// Makes a model.
  ///
  /// - Parameters:
  ///   - answers: Its answers, in order.
  ///   - silence: Why it says nothing after the last one; nil for an answer without code.
  init(_ answers: [String], silence: String? = nil) {
    state = Mutex((answers, []))
    self.silence = silence
  }

  /// What it was asked.
  var questions: [ModelQuestion] { state.withLock { $0.questions } }

  /// What it was asked, as text.
  var prompts: [String] { questions.map { $0.messages.map(\.content).joined(separator: "\n") } }

  func reply(to question: ModelQuestion) async -> ModelReply {
    let next = state.withLock { state -> String? in
      state.questions.append(question)
      return state.left.isEmpty ? nil : state.left.removeFirst()
    }
    let use = ModelUse(name: "fake", requests: 1, promptTokens: 100, completionTokens: 10)
    if let next { return ModelReply(answers: [.init(next)], use: use) }
    if let silence { return ModelReply(answers: [], use: use, silence: silence) }
    return ModelReply(answers: [.init("I cannot tell.")], use: use)
  }
}

extension SourceLanguage {
  /// The language of the tests.
  static let tiny = SourceLanguage(
    name: "Tiny",
    tags: ["tiny"],
    endings: [""],
    functionWords: ["def"],
    typeWords: [],
    decorator: "@",
    comment: "#",
    longQuotes: []
  )
}
