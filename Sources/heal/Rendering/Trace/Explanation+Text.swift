import HealingModel
import Scheduling

extension Explanation {
  /// The explanation for a person at a terminal.
  ///
  /// - Parameters:
  ///   - style: How it is coloured.
  ///   - width: The number of columns.
  /// - Returns: Lines, each with its end.
  func text(style: Style, width: Int) -> String {
    let parts = [
      verdict(style, width), timeline(style, width), waitLines(style), passingText(style, width),
      raceLines(style), orderLines(style), limitLines(style),
    ]
    return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  private func verdict(_ style: Style, _ width: Int) -> [String] {
    let at = place.shown.isEmpty ? "" : "\(style.bold(place.shown)): "
    var lines = ["\(at)\(style.red(kind.title)): \(printable(failure))"]
    lines += wrapped(printable(account), to: max(40, width - 2)).map { "  \($0)" }
    lines.append("  Under this interpreter's global lock: \(gil.words).")
    return lines
  }

  private func timeline(_ style: Style, _ width: Int) -> [String] {
    guard !rows.isEmpty else { return [] }
    let text = TimelineText(
      threads: threads,
      rows: rows,
      switches: shownSwitches,
      style: style,
      width: width
    )
    let which = isMinimal ? "it needs each of them" : "not minimised"
    let marked = switches.isEmpty ? "" : "; ⇄ marks switches of threads, \(which)"
    let title =
      style.bold("What happened") + style.dim(" (\(counted(rows.count, "event"))\(marked))")
    guard width >= 100, let columns = text.columns else { return [title] + text.list }
    return [title] + text.list + ["", style.bold("The same, thread by thread")] + columns
  }

  /// Of a run that was not minimised, those that have to do with the bug.
  private var shownSwitches: [Int: ThreadSwitch] {
    let shown = switches.filter { isMinimal || rows[$0.row].isNotable }
    return Dictionary(shown.map { ($0.row, $0) }) { first, _ in first }
  }

  private func waitLines(_ style: Style) -> [String] {
    guard !waits.isEmpty else { return [] }
    return [style.bold("Who waits")] + waits.map { "  " + printable(line($0)) }
  }

  private func line(_ wait: ThreadWait) -> String {
    let holds = wait.holds.map { held in
      held.lock + (held.place.map { " (\($0.shown))" } ?? "")
    }
    var text =
      "\(name(wait.thread)) holds \(holds.isEmpty ? "nothing" : holds.joined(separator: ", "))"
    text += wait.kind == .join ? ", waits for the end of \(wait.wants)" : ", wants \(wait.wants)"
    if !wait.place.shown.isEmpty { text += " at \(wait.place.shown)" }
    if wait.kind != .join, let holder = wait.holder { text += ", held by \(name(holder))" }
    return text + (cycle.contains(wait.thread) ? "  ⚠ in the circle" : "")
  }

  private func passingText(_ style: Style, _ width: Int) -> [String] {
    guard let passing, !passing.rows.isEmpty else { return [] }
    let text = TimelineText(threads: threads, rows: passing.rows, style: style, width: width)
    return [style.bold("The nearest schedule that passes")] + text.list
  }

  private func raceLines(_ style: Style) -> [String] {
    guard !races.isEmpty else { return [] }
    let lines = races.prefix(10).map { race in
      let parts = race.rows.map { row in
        "\(rows[row].kind.rawValue) by \(name(rows[row].thread)) at \(rows[row].place.shown)"
      }
      return "  " + printable("\(race.subject): \(parts.joined(separator: " and "))")
    }
    let more = races.count > 10 ? ["  and \(races.count - 10) more"] : []
    return [style.bold("Accesses that nothing orders")] + lines + more
  }

  private func orderLines(_ style: Style) -> [String] {
    guard !potentialDeadlocks.isEmpty else { return [] }
    let lines = potentialDeadlocks.map { circle in
      "  " + circle.map { printable(line($0)) }.joined(separator: "; ")
    }
    return [style.bold("Locks taken in a circle, which can block in another schedule")] + lines
  }

  private func limitLines(_ style: Style) -> [String] {
    guard !limits.isEmpty else { return [] }
    return [style.bold("Not controlled in this run")] + limits.map { "  " + printable($0) }
  }

  func name(_ thread: Int) -> String {
    threads.indices.contains(thread) ? threads[thread] : "thread \(thread)"
  }
}
