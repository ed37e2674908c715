import ModelProtocol
import Synchronization

@testable import LanguageModels

/// Seconds that nothing takes which goes right, on whatever machine.
let patience = 300.0

/// A client that does not really wait before a retry, and remembers how long it would have.
final class TestClient: Sendable {
  let client: ModelClient
  private let waited: Waits

  private final class Waits: Sendable {
    let seconds = Mutex<[Double]>([])
  }

  init(
    key: String? = nil,
    change: (inout ModelClient.Options) -> Void = { _ in }
  ) {
    let waited = Waits()
    var options = ModelClient.Options { 1000 }
    options.maxAnswerBytes = 1 << 18
    options.drainSeconds = 0.05
    // Machines that run tests may stand still for long: only what is about time is short.
    options.connectSeconds = patience
    options.wordsSeconds = patience
    options.sleep = { seconds in
      waited.seconds.withLock { $0.append(seconds) }
      try Task.checkCancellation()
    }
    change(&options)
    client = ModelClient(options: options, key: key.flatMap(APIKey.init))
    self.waited = waited
  }

  /// The seconds between tries so far.
  var waits: [Double] { waited.seconds.withLock { $0 } }

  func chat(_ request: ChatRequest) async -> Result<ChatAnswer, ModelFailure> {
    await client.chat(request)
  }
}

/// Runs a body with a client that is closed afterwards.
func withClient(
  key: String? = nil,
  change: (inout ModelClient.Options) -> Void = { _ in },
  _ body: (TestClient) async throws -> Void
) async rethrows {
  let client = TestClient(key: key, change: change)
  do {
    try await body(client)
  } catch {
    await client.client.close()
    throw error
  }
  await client.client.close()
}

extension ChatRequest {
  /// A small request to one server.
  static func small(to server: FaultServer, model: String = "fault") -> ChatRequest {
    small(to: [server], model: model)
  }

  /// A small request to the first server that answers.
  static func small(to servers: [FaultServer], model: String = "fault") -> ChatRequest {
    ChatRequest(
      models: servers.map {
        ModelReference(name: model, address: ModelAddress(localPort: $0.port))
      },
      messages: [ChatMessage(.system, "You mend programs."), ChatMessage(.user, "Mend this.")],
      temperature: 0.4,
      maxTokens: 8,
      seconds: patience
    )
  }
}

extension Result<ChatAnswer, ModelFailure> {
  /// The answers' texts; nil when there are none.
  var texts: [String]? { (try? get())?.samples.map(\.text) }

  /// The failure; nil when there is an answer.
  var failure: ModelFailure? {
    guard case .failure(let failure) = self else { return nil }
    return failure
  }
}
