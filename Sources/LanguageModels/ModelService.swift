public import ModelProtocol
import Synchronization

/// The other side of `heal`: reads requests line by line, and says of each what becomes of it.
public struct ModelService: Sendable {
  private let client: ModelClient
  private let keyFailure: ModelFailure?
  private let write: @Sendable ([UInt8]) -> Void

  /// Makes a service.
  ///
  /// - Parameters:
  ///   - client: Does the work.
  ///   - keyFailure: Why the key that the environment names cannot be used; what may need one is
  ///     refused with it.
  ///   - write: Takes whole lines, from any thread.
  public init(
    client: ModelClient,
    keyFailure: ModelFailure? = nil,
    write: @escaping @Sendable ([UInt8]) -> Void
  ) {
    (self.client, self.keyFailure, self.write) = (client, keyFailure, write)
  }

  /// Serves until the lines end; what is under way then is ended.
  ///
  /// - Parameter lines: The lines without their ends; nil for one that is too long.
  public func run(_ lines: AsyncStream<[UInt8]?>) async {
    let running = RunningRequests()
    await withTaskGroup(of: Void.self) { group in
      for await line in lines {
        let request: ModelRequest
        do throws(ModelMessageError) {
          guard let line else {
            throw ModelMessageError(description: "a message is too long")
          }
          request = try ModelRequest(line: line)
        } catch {
          refuse(error.id, error.description)
          continue
        }
        if request.operation == .cancel {
          running.cancel(request.id)
          continue
        }
        guard let cancelled = running.begin(request.id) else {
          refuse(request.id, "there is a request number \(request.id) already")
          continue
        }
        group.addTask {
          let last = await self.answer(request, until: cancelled)
          running.end(request.id)
          self.write(ModelEvent(id: request.id, last).line)
        }
      }
      group.cancelAll()
    }
  }

  private func refuse(_ id: Int?, _ what: String) {
    let failure = ModelFailure(.invalid, what, remedy: "this is a fault of heal: please report it")
    write(ModelEvent(id: id, .failure(failure)).line)
  }

  /// Does what is asked, and ends it when it is cancelled; what it then gives is its last word.
  private func answer(
    _ request: ModelRequest,
    until cancelled: AsyncStream<Void>
  ) async -> ModelEvent.Content {
    await withTaskGroup(of: ModelEvent.Content?.self) { group in
      group.addTask { await self.answer(request) }
      group.addTask {
        for await _ in cancelled {}
        return nil
      }
      var last: ModelEvent.Content?
      while last == nil, let ended = await group.next() {
        last = ended
        group.cancelAll()
      }
      return last ?? .configured
    }
  }

  private func answer(_ request: ModelRequest) async -> ModelEvent.Content {
    switch request.operation {
    case .configure(let session):
      client.configure(session)
      return .configured
    case .cancel: return .configured
    case .list(let addresses, let seconds):
      if let keyFailure, !addresses.isEmpty { return .failure(keyFailure) }
      return .servers(await client.servers(at: addresses, seconds: seconds))
    case .chat(let chat):
      if let keyFailure { return .failure(keyFailure) }
      let result = await client.chat(chat) { write(ModelEvent(id: request.id, $0).line) }
      switch result {
      case .success(let answer): return .answer(answer)
      case .failure(let failure): return .failure(failure)
      }
    }
  }
}

/// The requests under way, each with what ends it.
private final class RunningRequests: Sendable {
  private let signals = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])

  /// Takes a number; the stream ends when the request is cancelled, and nil is a number that is taken.
  func begin(_ id: Int) -> AsyncStream<Void>? {
    let (cancelled, signal) = AsyncStream<Void>.makeStream()
    return signals.withLock { signals in
      guard signals[id] == nil else { return nil }
      signals[id] = signal
      return cancelled
    }
  }

  func cancel(_ id: Int) { signals.withLock { $0[id] }?.finish() }

  func end(_ id: Int) { _ = signals.withLock { $0.removeValue(forKey: id) } }
}
