import Foundation
import ModelProtocol
import Processes
import Synchronization

extension ModelLink {
  /// Starts `heal-model`, which lies beside the running executable.
  ///
  /// - Parameter environment: What it sees; it takes the key from there.
  /// - Returns: The connection.
  /// - Throws: `CommandError.environment` when it was not built.
  static func live(_ environment: [String: String]) throws(CommandError) -> ModelLink {
    let found: LineProcess?
    do throws(SandboxError) {
      found = try .beside("heal-model", environment: environment)
    } catch {
      throw .environment(
        message: "heal-model, the part that talks to models, cannot be started (\(error))",
        remedy: "build it again with `scripts/build-release --model`"
      )
    }
    guard let process = found else {
      throw .environment(
        message: "heal-model, the part that talks to models, was not built",
        remedy: "build it with `scripts/build-release --model` (`./heal model` does so by itself)"
      )
    }
    return ModelLink(over: process)
  }

  /// Speaks over a process that is running.
  init(over process: LineProcess) {
    let exchange = ModelExchange(send: process.send)
    let pump = Task {
      for await bytes in process.output { exchange.take(bytes) }
      exchange.end()
    }
    self.init(
      send: exchange.request,
      close: {
        await process.close()
        await pump.value
      }
    )
  }
}

/// The requests that are under way over one connection.
final class ModelExchange: Sendable {
  private struct State {
    var next = 1
    var waiting: [Int: AsyncStream<ModelEvent.Content>.Continuation] = [:]
    var splitter = LineSplitter()
    var isOver = false
  }

  private let state = Mutex(State())
  private let send: @Sendable ([UInt8]) -> Void

  init(send: @escaping @Sendable ([UInt8]) -> Void) { self.send = send }

  /// Makes a request; when nobody listens to its events any more, it is cancelled.
  @Sendable func request(
    _ operation: ModelRequest.Operation
  ) -> AsyncStream<ModelEvent.Content> {
    AsyncStream { continuation in
      let id = state.withLock { state -> Int? in
        guard !state.isOver else { return nil }
        defer { state.next += 1 }
        state.waiting[state.next] = continuation
        return state.next
      }
      guard let id else {
        continuation.yield(.failure(Self.gone))
        continuation.finish()
        return
      }
      continuation.onTermination = { reason in
        let isOpen = self.state.withLock { $0.waiting.removeValue(forKey: id) != nil }
        if case .cancelled = reason, isOpen { self.send(ModelRequest(id: id, .cancel).line) }
      }
      send(ModelRequest(id: id, operation).line)
    }
  }

  /// Takes what came.
  func take(_ bytes: [UInt8]) {
    for line in state.withLock({ $0.splitter.feed(bytes) }) {
      // A line that is no event tells nothing; that of a request that ended is late.
      guard let line, let event = try? ModelEvent(line: line) else { continue }
      guard let id = event.id else {
        fail(event)
        continue
      }
      guard let waiting = state.withLock({ $0.waiting[id] }) else { continue }
      waiting.yield(event.content)
      if event.isLast { finish(id) }
    }
  }

  /// Nothing comes any more.
  func end() {
    let left = state.withLock { state in
      state.isOver = true
      return state.waiting
    }
    for (id, waiting) in left {
      waiting.yield(.failure(Self.gone))
      finish(id)
    }
  }

  /// A request could not be read, and nobody knows which: all that wait would wait for ever.
  private func fail(_ event: ModelEvent) {
    for (id, waiting) in state.withLock({ $0.waiting }) {
      waiting.yield(event.content)
      finish(id)
    }
  }

  private func finish(_ id: Int) {
    state.withLock { $0.waiting.removeValue(forKey: id) }?.finish()
  }

  private static let gone = ModelFailure(
    .connectionLost,
    "heal-model, the part that talks to models, has ended",
    remedy: "heal goes on without a model; please report it if it happens again"
  )
}
