public import HealingModel
public import Prompting

/// Something that answers prompts; what it says is a candidate like every other.
public protocol LanguageModel: Sendable {
  /// Asks it.
  ///
  /// - Parameter question: What is asked.
  /// - Returns: What came; a model that does not answer says why, and is not asked again.
  func reply(to question: ModelQuestion) async -> ModelReply
}

/// What a model is asked.
public struct ModelQuestion: Sendable, Hashable {
  /// The conversation.
  public var messages: [ChatMessage]
  /// The schema of the answer, as JSON; nil for free text.
  public var schema: String?
  /// The sampling temperature.
  public var temperature: Double
  /// The most tokens of the answer.
  public var maxTokens: Int
  /// Seconds until the request ends, whatever came by then.
  public var seconds: Double
  /// The seed of the sampling, where the server has one.
  public var seed: Int
  /// The share of the session's questions that were asked before, from 0 to 1: of several models, the
  /// next is asked when the share of those before it is used up.
  public var share: Double

  /// Makes a question.
  public init(
    messages: [ChatMessage],
    schema: String? = nil,
    temperature: Double,
    maxTokens: Int,
    seconds: Double,
    seed: Int,
    share: Double = 0
  ) {
    self.messages = messages
    self.schema = schema
    self.temperature = temperature
    self.maxTokens = maxTokens
    self.seconds = seconds
    self.seed = seed
    self.share = share
  }
}

/// What came of a question.
public struct ModelReply: Sendable, Hashable {
  /// The answers; none when the model is silent.
  public var answers: [Text]
  /// What the question used up.
  public var use: ModelUse
  /// Why nothing came, in a sentence, with what to do; nil when something did.
  public var silence: String?

  /// One answer.
  public struct Text: Sendable, Hashable {
    /// What the model wrote.
    public var text: String
    /// Whether it was cut off rather than stopped by itself.
    public var isTruncated: Bool

    /// Makes an answer.
    public init(_ text: String, isTruncated: Bool = false) {
      self.text = text
      self.isTruncated = isTruncated
    }
  }

  /// Makes a reply.
  public init(answers: [Text], use: ModelUse, silence: String? = nil) {
    self.answers = answers
    self.use = use
    self.silence = silence
  }
}

/// A model with what is needed to ask it about a program.
public struct ModelAccess: Sendable {
  /// The model.
  public var model: any LanguageModel
  /// The program's language.
  public var language: SourceLanguage
  /// The seed of the sampling.
  public var seed: Int
  /// Whether it may be shown lines of other programs of the user's: one on this machine may.
  public var mayBeShownOthers: Bool

  /// Makes an access.
  public init(
    _ model: any LanguageModel,
    language: SourceLanguage,
    seed: Int = 0,
    mayBeShownOthers: Bool = false
  ) {
    self.model = model
    self.language = language
    self.seed = seed
    self.mayBeShownOthers = mayBeShownOthers
  }
}
