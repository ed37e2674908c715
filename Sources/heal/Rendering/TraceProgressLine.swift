import Healing
import Synchronization

/// An exploration as it happens: one line on the terminal that is redrawn; without a screen nothing.
final class TraceProgressLine: Sendable {
  private struct State {
    var turn = 0
    var isDrawn = false
  }

  private let screen: Screen?
  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// Begins to show progress on the console's screen.
  init(console: Console) {
    screen = console.screen
    write = console.err
  }

  /// Shows how far it is.
  func show(_ progress: TraceProgress) {
    guard let screen else { return }
    state.withLock { state in
      let spinner = Array("|/-\\")
      state.turn += 1
      let parts = [
        "\(spinner[state.turn % spinner.count]) \(progress.activity)",
        counted(progress.schedules, "schedule"), "\(Int(progress.secondsLeft.rounded())) s left",
      ]
      let line = clipped(parts.joined(separator: " · "), to: screen.width - 1)
      write("\r\u{1B}[2K" + screen.style.cyan(line))
      state.isDrawn = true
    }
  }

  /// Wipes the line.
  func end() {
    state.withLock { state in
      if state.isDrawn { write("\r\u{1B}[2K") }
      state.isDrawn = false
    }
  }
}
