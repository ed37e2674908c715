import ModelProtocol
import Synchronization

/// Keeps count of a session's tokens, so that requests under way at the same time cannot together be
/// granted more than is left.
final class TokenLedger: Sendable {
  /// What one request may use.
  struct Grant: Sendable, Hashable {
    /// How many answers it may ask for.
    var samples: Int
    /// The most tokens of each.
    var tokensEach: Int
    /// The tokens of its prompt, as estimated.
    var promptTokens: Int
  }

  private struct State {
    var session = ModelSession()
    var used = ModelUsage()
    var grantedCompletion = 0
    var grantedPrompt = 0
  }

  private let state = Mutex(State())

  /// Sets the bounds; what was used before counts.
  func configure(_ session: ModelSession) { state.withLock { $0.session = session } }

  /// What the session used up so far.
  var used: ModelUsage { state.withLock { $0.used } }

  /// Sets tokens aside for a request.
  ///
  /// - Parameters:
  ///   - samples: How many answers are wanted.
  ///   - tokensEach: The most tokens of each that are wanted.
  ///   - promptTokens: The tokens of the prompt, as estimated.
  /// - Returns: What it may use; nil when nothing is left.
  func grant(samples: Int, tokensEach: Int, promptTokens: Int) -> Grant? {
    state.withLock { state in
      var grant = Grant(samples: samples, tokensEach: tokensEach, promptTokens: promptTokens)
      if let cap = state.session.promptTokens {
        let left = cap - state.used.promptTokens - state.grantedPrompt
        guard promptTokens <= left else { return nil }
      }
      if let cap = state.session.completionTokens {
        let left = cap - state.used.completionTokens - state.grantedCompletion
        guard left > 0 else { return nil }
        grant.samples = min(samples, left)
        grant.tokensEach = min(tokensEach, left / grant.samples)
      }
      state.grantedCompletion += grant.samples * grant.tokensEach
      state.grantedPrompt += grant.promptTokens
      return grant
    }
  }

  /// Gives back what a request was granted, and counts what it used.
  func settle(_ grant: Grant, _ usage: ModelUsage) {
    state.withLock { state in
      state.grantedCompletion -= grant.samples * grant.tokensEach
      state.grantedPrompt -= grant.promptTokens
      state.used += usage
    }
  }
}
