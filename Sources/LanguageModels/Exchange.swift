import AsyncHTTPClient
import ModelProtocol
import NIOCore
import Synchronization

/// One request and its answer as far as it came.
///
/// It outlives the task that reads, so that what came is known although that was cancelled.
final class Exchange: Sendable {
  private let reader: Mutex<AnswerReader>
  private let drainSeconds: Double

  /// Makes an exchange.
  ///
  /// - Parameters:
  ///   - grant: What the answer may use.
  ///   - maxBytes: A body that goes on after so many is refused.
  ///   - drainSeconds: How long a server that said its last word may take to end its answer.
  init(_ grant: TokenLedger.Grant, maxBytes: Int, drainSeconds: Double) {
    reader = Mutex(
      AnswerReader(wanted: grant.samples, maxTokens: grant.tokensEach, maxBytes: maxBytes)
    )
    self.drainSeconds = drainSeconds
  }

  /// What came.
  var state: AnswerReader { reader.withLock { $0 } }

  private enum End: Sendable {
    case read(Result<Void, Setback>)
    case waited
  }

  /// Reads the body to its end, or until the model's last word and a moment more: to read the end is
  /// what lets the connection be kept.
  ///
  /// - Parameters:
  ///   - body: The body.
  ///   - pieces: Takes the texts as they come.
  /// - Throws: Why the answer cannot be used.
  func read(
    _ body: HTTPClientResponse.Body,
    _ pieces: @escaping @Sendable (AnswerReader.Piece) -> Void
  ) async throws(Setback) {
    let (lastWord, signal) = AsyncStream<Void>.makeStream()
    let result = await withTaskGroup(of: End.self) { group in
      group.addTask {
        defer { signal.finish() }
        do throws(Setback) {
          try await self.readAll(body, pieces) { signal.yield() }
          return .read(.success(()))
        } catch {
          return .read(.failure(error))
        }
      }
      group.addTask { [drainSeconds] in
        for await _ in lastWord {
          try? await Task.sleep(for: .seconds(drainSeconds))
          break
        }
        return .waited
      }
      defer { group.cancelAll() }
      for await end in group {
        if case .read(let result) = end { return result }
        if self.state.isDone { return .success(()) }
      }
      return .success(())
    }
    try result.get()
  }

  private func readAll(
    _ body: HTTPClientResponse.Body,
    _ pieces: @Sendable (AnswerReader.Piece) -> Void,
    lastWord: () -> Void
  ) async throws(Setback) {
    do {
      for try await buffer in body {
        let (new, isDone, wasCut) = try reader.withLock { reader in
          (try reader.feed(buffer.readableBytesView), reader.isDone, reader.wasCut)
        }
        new.forEach(pieces)
        if wasCut { return }
        if isDone { lastWord() }
      }
      if Task.isCancelled { throw Setback.cancelled }
      try reader.withLock { reader in try reader.finish() }.forEach(pieces)
    } catch {
      // What came after the last word does not matter, nor how it ended.
      if state.isDone, (error as? Setback)?.failure.kind != .tooLarge { return }
      throw HTTPTransport.setback(error)
    }
  }
}
