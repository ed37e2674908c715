/// A conversation that a model is asked to go on with.
public struct ChatRequest: Sendable, Hashable, Codable {
  /// The models that may answer, cheap ones first.
  public var models: [ModelReference]
  /// Places in ``models`` of those that the caller is done with.
  public var exhausted: [Int]
  /// Whether the conversation may be sent to another machine.
  public var mayLeave: Bool
  /// What was said so far.
  public var messages: [ChatMessage]
  /// The sampling temperature.
  public var temperature: Double
  /// The most tokens of each answer.
  public var maxTokens: Int
  /// How many answers are wanted.
  public var samples: Int
  /// Seconds until the request ends, whatever came by then.
  public var seconds: Double
  /// A JSON schema of the answer, as JSON text; nil for free text.
  public var schema: String?
  /// The seed of the sampling, where the server has one; answers asked for one by one count up from it.
  public var seed: Int?

  /// Makes a request.
  public init(
    models: [ModelReference],
    messages: [ChatMessage],
    temperature: Double,
    maxTokens: Int,
    seconds: Double
  ) {
    self.models = models
    self.messages = messages
    self.temperature = temperature
    self.maxTokens = maxTokens
    self.seconds = seconds
    (exhausted, mayLeave, samples) = ([], false, 1)
  }
}

/// One message of a conversation.
public struct ChatMessage: Sendable, Hashable, Codable {
  /// Who speaks.
  public enum Role: String, Sendable, Codable {
    /// The rules of the conversation.
    case system
    /// Who asks.
    case user
    /// The model.
    case assistant
  }

  /// Who speaks.
  public var role: Role
  /// What is said.
  public var content: String

  /// Makes a message.
  public init(_ role: Role, _ content: String) {
    self.role = role
    self.content = content
  }
}

/// What a model answered.
public struct ChatAnswer: Sendable, Hashable, Codable {
  /// One answer of those that were wanted.
  public struct Sample: Sendable, Hashable, Codable {
    /// The text.
    public var text: String
    /// Why it ends.
    public var finish: Finish

    /// Makes a sample.
    public init(text: String, finish: Finish) {
      self.text = text
      self.finish = finish
    }
  }

  /// Why an answer ends.
  public enum Finish: String, Sendable, Codable {
    /// The model had no more to say.
    case stop
    /// The most tokens had come.
    case length
  }

  /// Who answered.
  public var model: ModelReference
  /// The answers, at least one.
  public var samples: [Sample]
  /// What it used up, failed tries with it.
  public var usage: ModelUsage

  /// Makes an answer.
  public init(model: ModelReference, samples: [Sample], usage: ModelUsage) {
    self.model = model
    self.samples = samples
    self.usage = usage
  }
}

/// What requests used up.
public struct ModelUsage: Sendable, Hashable, Codable {
  /// Requests that were sent.
  public var requests: Int
  /// Tokens that were read.
  public var promptTokens: Int
  /// Tokens that were generated.
  public var completionTokens: Int
  /// Whether a server did not count, so that some of it is an estimate.
  public var isEstimated: Bool

  /// Makes a usage.
  public init(
    requests: Int = 0,
    promptTokens: Int = 0,
    completionTokens: Int = 0,
    isEstimated: Bool = false
  ) {
    self.requests = requests
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.isEstimated = isEstimated
  }

  /// Adds what other requests used up.
  public static func += (total: inout ModelUsage, more: ModelUsage) {
    total.requests += more.requests
    total.promptTokens += more.promptTokens
    total.completionTokens += more.completionTokens
    total.isEstimated = total.isEstimated || more.isEstimated
  }

  /// About how many tokens a text is; code has some three and a half bytes in each.
  public static func estimatedTokens(in text: String) -> Int { (text.utf8.count * 2 + 6) / 7 }
}
