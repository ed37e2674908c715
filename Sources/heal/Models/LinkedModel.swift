import Healing
import HealingModel
import ModelProtocol
import Prompting

/// Language models, asked over `heal-model`: the first until it has said what it could, then the next.
struct LinkedModel: LanguageModel {
  /// The connection.
  var link: ModelLink
  /// The models, in the order in which they are asked.
  var models: [ModelReference]
  /// Whether one may be shown the program that is not on this machine.
  var mayLeave: Bool
  /// Whether all of them run on this machine.
  var isOnThisMachine: Bool { models.allSatisfy(\.address.isLoopback) }

  func reply(to question: ModelQuestion) async -> ModelReply {
    var request = ChatRequest(
      models: models,
      messages: question.messages.map { ModelProtocol.ChatMessage(.init($0.role), $0.content) },
      temperature: question.temperature,
      maxTokens: question.maxTokens,
      seconds: question.seconds
    )
    request.mayLeave = mayLeave
    request.exhausted = Array(0..<exhausted(at: question.share))
    request.schema = question.schema
    request.seed = question.seed
    for await content in link.send(.chat(request)) {
      switch content {
      case .answer(let answer):
        return ModelReply(
          answers: answer.samples.map { .init($0.text, isTruncated: $0.finish == .length) },
          use: use(answer.usage, of: answer.model)
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

  /// How many of the models have had their share of the questions; the last one has no end.
  private func exhausted(at share: Double) -> Int {
    max(0, min(models.count - 1, Int(share * Double(models.count))))
  }

  private func use(_ usage: ModelUsage, of model: ModelReference? = nil) -> ModelUse {
    ModelUse(
      name: (model ?? models.first)?.name ?? "",
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
