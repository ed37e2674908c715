import Healing
import HealingModel
import ModelProtocol
import Prompting

/// A language model, asked over `heal-model`.
struct LinkedModel: LanguageModel {
  /// The connection.
  var link: ModelLink
  /// The model.
  var model: ModelReference
  /// Whether it may be shown the program when it is not on this machine.
  var mayLeave: Bool
  /// Whether it runs on this machine.
  var isOnThisMachine: Bool { model.address.isLoopback }

  func reply(to question: ModelQuestion) async -> ModelReply {
    var request = ChatRequest(
      models: [model],
      messages: question.messages.map { ModelProtocol.ChatMessage(.init($0.role), $0.content) },
      temperature: question.temperature,
      maxTokens: question.maxTokens,
      seconds: question.seconds
    )
    request.mayLeave = mayLeave
    request.schema = question.schema
    request.seed = question.seed
    for await content in link.send(.chat(request)) {
      switch content {
      case .answer(let answer):
        return ModelReply(
          answers: answer.samples.map { .init($0.text, isTruncated: $0.finish == .length) },
          use: use(answer.usage)
        )
      case .failure(let failure): return silence(failure)
      case .text, .restart, .configured, .servers: continue
      }
    }
    // The question was given up, or `heal-model` ended: the server may have worked on it.
    return ModelReply(
      answers: [],
      use: use(ModelUsage(requests: 1)),
      silence: "the question was given up"
    )
  }

  /// What came before a failure is an answer that was cut off.
  ///
  /// A model that answered badly, or not to the end, may do better; else it is not asked again.
  private func silence(_ failure: ModelFailure) -> ModelReply {
    let partial = failure.partial.filter { !$0.isEmpty }
    let mayDoBetter =
      switch failure.kind {
      case .emptyAnswer, .refusal, .tooLarge: true
      case .timedOut: !partial.isEmpty
      default: false
      }
    return ModelReply(
      answers: partial.map { .init($0, isTruncated: true) },
      use: use(failure.usage),
      silence: mayDoBetter ? nil : "\(failure.message) (\(failure.remedy))"
    )
  }

  private func use(_ usage: ModelUsage) -> ModelUse {
    ModelUse(
      name: model.name,
      requests: usage.requests,
      promptTokens: usage.promptTokens,
      completionTokens: usage.completionTokens
    )
  }
}

extension ModelProtocol.ChatMessage.Role {
  fileprivate init(_ role: Prompting.ChatMessage.Role) {
    switch role {
    case .system: self = .system
    case .user: self = .user
    case .assistant: self = .assistant
    }
  }
}
