import Healing
import HealingModel
import Synchronization

/// The healing as it happens, on a terminal: findings as they come, and one line that is redrawn.
///
/// Without a screen it writes nothing.
final class LiveProgress: Sendable {
  private struct State {
    var attempt = 0
    var progress: Progress?
    var heardAt = 0.0
    var drawnAt = -1.0
    var turn = 0
    var shown: Set<String> = []
    var isDrawn = false
    var isOver = false
  }

  private let screen: Screen?
  private let write: @Sendable (String) -> Void
  private let now: @Sendable () -> Double
  private let state = Mutex(State())
  private let ticker = Mutex<Task<Void, Never>?>(nil)

  /// Begins to show progress on the console's screen.
  init(console: Console, now: @escaping @Sendable () -> Double, ticks: Bool = true) {
    screen = console.screen
    write = console.err
    self.now = now
    guard ticks, screen != nil else { return }
    // The seconds that are left go down although nothing happens.
    let task = Task { [weak self] in
      while (try? await Task.sleep(for: .milliseconds(100))) != nil { self?.tick() }
    }
    ticker.withLock { $0 = task }
  }

  deinit { ticker.withLock { $0?.cancel() } }

  /// Shows what happened.
  func handle(_ event: HealingEvent) {
    guard let screen else { return }
    state.withLock { state in
      guard !state.isOver else { return }
      switch event {
      case .attempt(let number): state.attempt = number
      case .trying(let progress):
        state.progress = progress
        state.heardAt = now()
      case .found(let findings):
        for finding in findings where state.shown.insert(finding.identity).inserted {
          print(line(for: finding, on: screen), &state)
        }
      case .note(let text): print(screen.style.yellow("note: ") + printable(text), &state)
      case .began, .judged, .observed, .candidate, .tally, .finished: return
      }
      draw(on: screen, &state)
    }
  }

  /// Wipes the status line and falls silent.
  func end() {
    ticker.withLock { $0?.cancel() }
    state.withLock { state in
      if state.isDrawn { write("\r\u{1B}[2K") }
      state.isDrawn = false
      state.isOver = true
    }
  }

  private func tick() {
    guard let screen else { return }
    state.withLock { state in
      guard !state.isOver else { return }
      draw(on: screen, &state)
    }
  }

  /// At most ten times a second, however many events come.
  private func draw(on screen: Screen, _ state: inout State) {
    let time = now()
    guard state.progress != nil || state.attempt > 0, time - state.drawnAt >= 0.1 else { return }
    state.drawnAt = time
    state.turn += 1
    let spinner = "|/-\\"
    let mark = spinner[spinner.index(spinner.startIndex, offsetBy: state.turn % spinner.count)]
    let delay = time - state.heardAt
    let text = "\(mark) " + LiveProgress.status(state.attempt, state.progress, after: delay)
    write("\r\u{1B}[2K" + screen.style.cyan(clipped(text, to: screen.width - 1)))
    state.isDrawn = true
  }

  private func print(_ line: String, _ state: inout State) {
    write((state.isDrawn ? "\r\u{1B}[2K" : "") + line + "\n")
    state.isDrawn = false
    state.drawnAt = -1
  }

  private func line(for finding: Finding, on screen: Screen) -> String {
    let place = "\(printable(finding.path)):\(finding.range.start.line)"
    let text = clipped(
      "\(place): \(finding.category.rawValue): \(printable(finding.message))",
      to: screen.width - 3
    )
    return screen.style.red("x ") + text
  }

  /// What is being tried, in words.
  static func status(_ attempt: Int, _ progress: Progress?, after delay: Double) -> String {
    var parts = attempt > 0 ? ["attempt \(attempt)"] : []
    guard let progress else { return parts.joined() }
    parts.append(printable(progress.activity))
    if progress.candidates > 0 { parts.append("\(progress.candidates) candidates") }
    if let passing = progress.passing, let tests = progress.tests {
      parts.append("\(passing)/\(tests) tests pass")
    }
    parts.append("\(Int(max(0, progress.secondsLeft - delay).rounded())) s left")
    return parts.joined(separator: " · ")
  }
}

/// A text cut to a number of columns.
func clipped(_ text: String, to width: Int) -> String {
  guard width > 1, text.count > width else { return width > 0 ? text : "" }
  return String(text.prefix(width - 1)) + "…"
}

extension Finding {
  /// What makes two findings the same for a reader.
  var identity: String { "\(path):\(range.start.line):\(range.start.column):\(rule)" }
}
