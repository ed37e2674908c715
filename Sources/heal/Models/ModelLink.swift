import Foundation
import ModelProtocol
import Processes

/// The connection to `heal-model`, the program that talks to models.
///
/// It is a program of its own, so that nobody who uses no model builds or loads an HTTP client.
struct ModelLink: Sendable {
  /// Does what is asked.
  ///
  /// The last event, and no other, says how it ended. Who stops listening ends the request.
  var send: @Sendable (ModelRequest.Operation) -> AsyncStream<ModelEvent.Content>
  /// Ends it.
  var close: @Sendable () async -> Void
}

extension ModelLink {
  /// The servers at these addresses, or those found on the usual ports of this machine.
  func servers(at addresses: [ModelAddress], seconds: Double) async throws -> [ModelServer] {
    for await content in send(.list(addresses: addresses, seconds: seconds)) {
      switch content {
      case .servers(let servers): return servers
      case .failure(let failure): throw CommandError(failure)
      case .text, .restart, .configured, .answer: continue
      }
    }
    throw CancellationError()
  }
}

extension ModelLink {
  /// Sets the bounds of the session.
  func configure(_ session: ModelSession) async {
    for await content in send(.configure(session)) where content == .configured { return }
  }
}

extension CommandError {
  /// What a model's failure means for a command.
  init(_ failure: ModelFailure) {
    self = .environment(message: failure.message, remedy: failure.remedy)
  }
}
