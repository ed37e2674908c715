import HealingModel
import Scheduling

/// The rows of a run as lines of text, one event a line, oldest first.
struct TimelineText {
  let threads: [String]
  let rows: [TimelineRow]
  /// Switches by the first row after them.
  var switches: [Int: ThreadSwitch] = [:]
  let style: Style
  /// The number of columns that a line may take.
  let width: Int

  /// Rows that are shown before some are left out.
  private static let most = 60
  /// Rows that are shown around each that is part of the bug.
  private static let around = 2

  /// One event a line, as `t=0.0001s | Thread-1 | READ    | account.balance=100   bank.py:14   ⚠ …`.
  var list: [String] {
    let name = shownNames.map(\.count).max() ?? 0
    let subject = min(max(26, longestSubject), max(26, width - 50 - name))
    let place = min(30, shownRows.map { rows[$0].place.shown.count }.max() ?? 0)
    return lines { row in
      let what = clipped(self.subject(row), to: subject)
      let at = row.place.shown
      var line = "t=\(row.time) | \(padded(shortName(row.thread), to: name)) | "
      line += "\(paint(padded(row.kind.rawValue, to: 7), row)) | "
      let marks = row.marks.map { "⚠ \(printable($0))" }.joined(separator: "; ")
      if at.isEmpty, marks.isEmpty { return [line + what] }
      line += padded(what, to: subject + 1) + style.dim(at)
      if !marks.isEmpty {
        line += String(repeating: " ", count: max(0, place - at.count) + 3) + style.yellow(marks)
      }
      return [line]
    }
  }

  /// One column a thread; nil when the columns would be too narrow to read.
  var columns: [String]? {
    let shown = shownThreads
    guard !shown.isEmpty else { return nil }
    let each = (width - 9) / shown.count - 3
    guard each >= 24 else { return nil }
    let head = [String(repeating: " ", count: 8)] + shown.map { shortName($0) }
    let title = zip(head, [8] + shown.map { _ in each }).map { padded(clipped($0, to: $1), to: $1) }
    let rule = ["────────"] + shown.map { _ in String(repeating: "─", count: each) }
    let body = lines { row in
      cell(row, each).enumerated().map { index, text in
        let time = index == 0 ? row.time : ""
        let cells = shown.map { $0 == row.thread ? text : "" }
        let all = [padded(time, to: 8)] + cells.map { padded($0, to: each) }
        return paintLine(all.joined(separator: " │ "), row, isMark: index > 0)
      }
    }
    return [style.bold(title.joined(separator: " │ ")), rule.joined(separator: "─┼─")] + body
  }

  // MARK: Which rows

  private func lines(_ render: (TimelineRow) -> [String]) -> [String] {
    var found: [String] = []
    var left = 0
    let shown = shownRows
    for (index, row) in rows.enumerated() {
      guard shown.contains(index) else {
        left += 1
        continue
      }
      if left > 0 { found.append(style.dim("         … \(counted(left, "event"))")) }
      left = 0
      if let one = switches[index] { found.append(style.cyan(text(one))) }
      found += render(row)
    }
    if left > 0 { found.append(style.dim("         … \(counted(left, "event"))")) }
    return found.map { line in
      var line = line[...]
      while line.last == " " { line.removeLast() }
      return String(line)
    }
  }

  private var shownRows: Set<Int> {
    guard rows.count > Self.most else { return Set(rows.indices) }
    var shown: Set<Int> = []
    for (index, row) in rows.enumerated() where row.isNotable || !row.marks.isEmpty {
      let first = max(0, index - Self.around)
      shown.formUnion(first...min(rows.count - 1, index + Self.around))
    }
    return shown
  }

  private var shownThreads: [Int] {
    let shown = shownRows
    return Set(shown.map { rows[$0].thread }).sorted()
  }

  // MARK: Words

  private func text(_ one: ThreadSwitch) -> String {
    let from = "⇄ \(shortName(one.from)) → \(shortName(one.to))"
    let (after, before) = (one.after.shown, one.before?.shown ?? "")
    guard !after.isEmpty || !before.isEmpty else { return "         \(from)" }
    if before.isEmpty { return "         \(from) (\(shortName(one.from)) stops after \(after))" }
    if after.isEmpty { return "         \(from) (\(shortName(one.from)) stops before \(before))" }
    return "         \(from) (\(shortName(one.from)) stops between \(after) and \(before))"
  }

  private func cell(_ row: TimelineRow, _ width: Int) -> [String] {
    let text = "\(row.kind.rawValue) \(subject(row))"
    let whole = row.place.shown
    // In a narrow column the line's number says enough: the list has the file.
    let place =
      text.count + 1 + whole.count > width && row.place.line > 0 ? ":\(row.place.line)" : whole
    let room = width - (place.isEmpty ? 0 : place.count + 1)
    let first = padded(clipped(text, to: room), to: room) + (place.isEmpty ? "" : " \(place)")
    return [first] + row.marks.flatMap { wrapped("⚠ \(printable($0))", to: width) }
  }

  private func paint(_ text: String, _ row: TimelineRow) -> String {
    switch row.kind {
    case .raise, .block: style.red(text)
    default: row.isNotable ? style.bold(text) : text
    }
  }

  private func paintLine(_ text: String, _ row: TimelineRow, isMark: Bool) -> String {
    isMark ? style.yellow(text) : paint(text, row)
  }

  private func subject(_ row: TimelineRow) -> String {
    let value = row.value.map { "=\(printable($0))" } ?? ""
    return printable(row.subject) + value
  }

  private var longestSubject: Int {
    shownRows.map { subject(rows[$0]).count }.max() ?? 0
  }

  private var shownNames: [String] { shownThreads.map(shortName) }

  private func shortName(_ thread: Int) -> String {
    let whole = threads.indices.contains(thread) ? threads[thread] : "thread \(thread)"
    return clipped(printable(ThreadName(whole).short), to: 24)
  }
}

/// A text in lines of at most so many characters, broken at white space where there is some.
func wrapped(_ text: String, to width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += line.isEmpty ? String(word) : " \(word)"
    while line.count > width {
      lines.append(String(line.prefix(width)))
      line = String(line.dropFirst(width))
    }
  }
  return line.isEmpty ? lines : lines + [line]
}

extension SourcePlace {
  /// The place as `file:line`, the folders left out; empty where it is not known.
  var shown: String {
    let file = printable(path.split(separator: "/").last.map(String.init) ?? path)
    return line > 0 ? "\(file):\(line)" : file
  }
}
