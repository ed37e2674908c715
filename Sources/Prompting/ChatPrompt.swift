import Diagnosis

/// One message of a conversation with a model.
public struct ChatMessage: Sendable, Hashable, Codable {
  /// Who speaks.
  public enum Role: String, Sendable, Hashable, Codable {
    /// The rules of the conversation.
    case system
    /// The one who asks.
    case user
    /// The model.
    case assistant
  }
  /// Who speaks.
  public var role: Role
  /// What is said.
  public var content: String

  /// Makes a message.
  public init(role: Role, content: String) {
    self.role = role
    self.content = content
  }
}

/// A question and its right answer, shown to the model before its own question.
public struct PromptExample: Sendable, Hashable, Codable {
  /// The question.
  public var question: String
  /// The answer, in the form that is asked for.
  public var answer: String

  /// Makes an example.
  public init(question: String, answer: String) {
    self.question = question
    self.answer = answer
  }
}

/// A request for a repair, as a conversation.
public struct ChatPrompt: Sendable, Hashable {
  /// The messages: the system's, which is the same for every request of one form and language,
  /// examples, and the user's.
  public var messages: [ChatMessage]
  /// The form of the answer.
  public var form: AnswerForm
  /// The schema of the answer, as JSON, where it is asked for as JSON.
  public var schema: String?

  /// About how many tokens the messages take.
  public var estimatedTokens: Int {
    // Each message has some tokens around it that say whose it is.
    messages.reduce(0) { $0 + Diagnosis.estimatedTokens($1.content) + 8 }
  }
}
