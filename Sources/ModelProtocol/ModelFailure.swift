/// Why there is no answer, worded for a person; no text in it holds a key.
public struct ModelFailure: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// What happened.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Nobody listens, or the name is unknown.
    case unreachable
    /// The connection ended before the answer did.
    case connectionLost
    /// The time was over.
    case timedOut
    /// The caller wanted no answer any more.
    case cancelled
    /// The key is missing or wrong.
    case unauthorized
    /// The server has no such model or no such path.
    case notFound
    /// The server wants fewer requests.
    case rateLimited
    /// The server failed.
    case serverError
    /// The server does not take the request.
    case refusedRequest
    /// The server sends elsewhere; nothing is followed.
    case redirected
    /// What came is no answer of a model.
    case unreadable
    /// The answer holds no text.
    case emptyAnswer
    /// The model declined to answer.
    case refusal
    /// The answer is larger than the cap.
    case tooLarge
    /// The session's tokens are used up.
    case tokenCap
    /// Only a model on another machine is left, and code may not leave this one.
    case needsPermission
    /// Every model of the list is exhausted, or there is none.
    case exhausted
    /// The request, the key or a setting makes no sense.
    case invalid
  }

  /// What happened.
  public var kind: Kind
  /// What happened, to what, in one sentence without an end mark.
  public var message: String
  /// What to do about it.
  public var remedy: String
  /// The answers as far as they had come; empty when nothing had.
  public var partial: [String]
  /// What was used up.
  public var usage: ModelUsage

  /// Makes a failure.
  public init(
    _ kind: Kind,
    _ message: String,
    remedy: String,
    partial: [String] = [],
    usage: ModelUsage = ModelUsage()
  ) {
    self.kind = kind
    self.message = message
    self.remedy = remedy
    self.partial = partial
    self.usage = usage
  }

  /// What happened and what to do.
  public var description: String { "\(message); \(remedy)" }
}
