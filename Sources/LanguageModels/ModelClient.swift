import HealingModel
public import ModelProtocol
import Synchronization

/// Talks to OpenAI-compatible servers: one pool of connections, retries, bounds of tokens, bytes and
/// time, several models in order.
///
/// Whatever a server does, a call ends within its time with a value or with a failure worded for a
/// person, and leaves the client as good as new.
public final class ModelClient: Sendable {
  /// What a client may be told.
  public struct Options: Sendable {
    /// Seconds that making a connection may take.
    public var connectSeconds = 5.0
    /// The largest answer, in bytes as they travel.
    public var maxAnswerBytes = 16 << 20
    /// The largest list of models, in bytes.
    public var maxListBytes = 1 << 20
    /// Seconds that a server which said its last word may take to end its answer.
    public var drainSeconds = 0.2
    /// Seconds that a server's words about a failure may take to come.
    public var wordsSeconds = 2.0
    var retry = RetryPolicy()
    /// Waits before a retry.
    var sleep: @Sendable (_ seconds: Double) async throws -> Void = { seconds in
      try await Task.sleep(for: .seconds(seconds))
    }
    /// Seconds since 1970, for dates that servers name.
    var now: @Sendable () -> Double

    /// Makes options.
    ///
    /// - Parameter now: Seconds since 1970.
    public init(now: @escaping @Sendable () -> Double) { self.now = now }
  }

  let options: Options
  let transport: HTTPTransport
  let ledger = TokenLedger()
  private let key: APIKey?
  private let generator: Mutex<SeededGenerator>
  private let lacking = Mutex<[ModelReference: Set<ServerFeature>]>([:])

  /// Makes a client.
  ///
  /// - Parameters:
  ///   - options: Its bounds.
  ///   - key: The key for servers that the user named.
  public init(options: Options, key: APIKey?) {
    self.options = options
    self.key = key
    transport = HTTPTransport(connectSeconds: options.connectSeconds)
    generator = Mutex(SeededGenerator(seed: 0))
  }

  /// Ends all connections; the client cannot be used afterwards.
  public func close() async { await transport.close() }

  /// Sets the bounds of the session.
  public func configure(_ session: ModelSession) {
    ledger.configure(session)
    generator.withLock { $0 = SeededGenerator(seed: session.seed) }
  }

  /// What the session used up so far, failed tries with it.
  public var used: ModelUsage { ledger.used }

  /// The header that carries the key, where it may be sent.
  func authorization(for address: ModelAddress) -> String? {
    APIKey.maySend(to: address) ? key?.header : nil
  }

  /// Whether there is a key that must not be sent there.
  func isWithheld(from address: ModelAddress) -> Bool {
    key != nil && !APIKey.maySend(to: address)
  }

  /// A server's words without the key.
  func masked(_ text: String) -> String { key?.masked(in: text) ?? text }

  /// The seconds before a retry.
  func seconds(beforeRetry number: Int, wanted: Double?) -> Double {
    generator.withLock {
      options.retry.seconds(beforeRetry: number, wanted: wanted, using: &$0)
    }
  }

  /// What the server of a model is known to lack.
  func lackingFeatures(of model: ModelReference) -> Set<ServerFeature> {
    lacking.withLock { $0[model] ?? [] }
  }

  /// Keeps what the server of a model lacks.
  func learn(_ features: Set<ServerFeature>, of model: ModelReference) {
    lacking.withLock { $0[model, default: []].formUnion(features) }
  }
}
