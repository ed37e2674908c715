import Foundation
import Synchronization

/// Ends the tool when the user says so: first by cancelling the work, then at once.
///
/// SIGINT, SIGTERM and SIGHUP cancel the root task. What has not come back after ``patience`` is
/// cut off, after the session was stored as interrupted; a second signal cuts it off immediately.
final class Interruption: Sendable {
  /// Seconds between the first signal and the forced end; the promise is one second in all.
  static let patience = 0.7

  private struct State {
    var signals = 0
    var cancel: (@Sendable () -> Void)?
    var lastWords: (@Sendable () async -> Void)?
    var sources: [any DispatchSourceSignal] = []
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "heal.interruption", qos: .userInitiated)
  private let end: @Sendable () -> Void

  /// Makes one.
  ///
  /// - Parameter end: Ends the process with the status of an interruption.
  init(end: @escaping @Sendable () -> Void = { _exit(ExitStatus.interrupted.rawValue) }) {
    self.end = end
  }

  /// Whether a signal came.
  var isInterrupted: Bool { state.withLock { $0.signals > 0 } }

  /// The signals that end the tool.
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Lets signals wait until there is a listener: setting them to be ignored meanwhile would also
  /// throw away the one that came already.
  ///
  /// To be called before there is a second thread: those that start later inherit it.
  static func holdSignals() {
    var held = sigset_t()
    sigemptyset(&held)
    for number in signals { sigaddset(&held, number) }
    pthread_sigmask(SIG_BLOCK, &held, nil)
  }

  /// Begins to listen.
  ///
  /// - Parameter cancel: Cancels the work.
  func install(cancel: @escaping @Sendable () -> Void) {
    signal(SIGPIPE, SIG_IGN)
    onCancel(cancel)
    state.withLock { state in
      for number in Interruption.signals {
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { [self] in receive() }
        source.resume()
        state.sources.append(source)
      }
    }
  }

  /// Sets what the first signal cancels.
  func onCancel(_ cancel: @escaping @Sendable () -> Void) {
    state.withLock { $0.cancel = cancel }
  }

  /// Sets what must still be done when the work does not come back; nil when nothing must.
  func setLastWords(_ body: (@Sendable () async -> Void)?) {
    state.withLock { $0.lastWords = body }
  }

  /// Acts on one signal.
  func receive() {
    let (count, cancel) = state.withLock { state in
      state.signals += 1
      return (state.signals, state.cancel)
    }
    guard count == 1 else { return end() }
    cancel?()
    queue.asyncAfter(deadline: .now() + Interruption.patience) { [self] in cutOff() }
  }

  private func cutOff() {
    let words = state.withLock { $0.lastWords }
    queue.asyncAfter(deadline: .now() + 0.2) { [end] in end() }
    Task { [end] in
      await words?()
      end()
    }
  }
}
