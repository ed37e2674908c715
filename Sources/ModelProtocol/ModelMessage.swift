/// What `heal` asks of `heal-model`, with the number by which answers name it.
public struct ModelRequest: Sendable, Hashable {
  /// What is asked.
  public enum Operation: Sendable, Hashable {
    /// Sets the bounds of the session.
    case configure(ModelSession)
    /// Lists servers and their models: those at the addresses, or on the usual local ports.
    case list(addresses: [ModelAddress], seconds: Double)
    /// Asks a model.
    case chat(ChatRequest)
    /// Ends the request of this number.
    case cancel
  }

  /// The number; that of a cancellation is the number of what is ended.
  public var id: Int
  /// What is asked.
  public var operation: Operation

  /// Makes a request.
  public init(id: Int, _ operation: Operation) {
    self.id = id
    self.operation = operation
  }
}

/// The bounds of a session.
public struct ModelSession: Sendable, Hashable, Codable {
  /// The most tokens that models may generate in it; nil for no bound.
  public var completionTokens: Int?
  /// The most tokens that models may read in it; nil for no bound.
  public var promptTokens: Int?
  /// The seed of everything random, such as how long to wait before a retry.
  public var seed: UInt64

  /// Makes bounds.
  public init(completionTokens: Int? = nil, promptTokens: Int? = nil, seed: UInt64 = 0) {
    self.completionTokens = completionTokens
    self.promptTokens = promptTokens
    self.seed = seed
  }
}

/// What `heal-model` says of a request.
public struct ModelEvent: Sendable, Hashable {
  /// What is said.
  public enum Content: Sendable, Hashable {
    /// More of an answer, counted from 0.
    case text(sample: Int, String)
    /// What came of these answers is void: they are asked for again, and why.
    case restart(samples: [Int], String)
    /// The request was done, and there is nothing to tell.
    case configured
    /// The servers that were found.
    case servers([ModelServer])
    /// The whole answer.
    case answer(ChatAnswer)
    /// There is none.
    case failure(ModelFailure)
  }

  /// The number of the request; nil when it could not be read.
  public var id: Int?
  /// What is said.
  public var content: Content

  /// Makes an event.
  public init(id: Int?, _ content: Content) {
    self.id = id
    self.content = content
  }

  /// Whether nothing more is said of the request.
  public var isLast: Bool {
    switch content {
    case .text, .restart: false
    case .configured, .servers, .answer, .failure: true
    }
  }
}
