import HealingModel

/// The words that hints of one category have in common.
struct HintTemplate {
  /// The kind of bug, in capitals.
  var title: String
  /// What to do where nothing more exact is known.
  var advice: String
}

func template(of category: Category) -> HintTemplate {
  switch category {
  case .syntax:
    HintTemplate(
      title: "SYNTAX ERROR",
      advice: "Correct the syntax here; keep what the line means."
    )
  case .name:
    HintTemplate(
      title: "WRONG NAME",
      advice: "Use the name that exists, or define or import this one."
    )
  case .type:
    HintTemplate(
      title: "WRONG TYPE",
      advice: "Give the value the right type where it is made, or convert it here."
    )
  case .logic:
    HintTemplate(
      title: "WRONG LOGIC",
      advice: "Compare what this computes with what is expected, and correct it."
    )
  case .semantic:
    HintTemplate(
      title: "MISMATCH",
      advice: "Make all places agree on one name, key, unit and order."
    )
  case .resource:
    HintTemplate(
      title: "RESOURCE ERROR",
      advice: "Make sure that it ends, and that what is opened is closed on every path."
    )
  case .concurrency:
    HintTemplate(
      title: "THREAD ERROR",
      advice: "Hold one lock around the whole reading and writing of the shared state, "
        + "in every place that touches it, and take locks in one order."
    )
  }
}

/// A text on one line, with a full stop.
func sentence(_ text: String) -> String {
  let line = oneLine(text)
  guard let last = line.last else { return "" }
  return ".!?".contains(last) ? line : line + "."
}

/// A hint without the place that it begins with, as in `Line 3: write …`.
func withoutPlace(_ hint: String) -> String {
  guard hint.hasPrefix("Line "), let colon = hint.firstIndex(of: ":") else { return hint }
  let number = hint[hint.index(hint.startIndex, offsetBy: 5)..<colon]
  guard !number.isEmpty, number.allSatisfy(\.isNumber) else { return hint }
  let rest = trimmed(String(hint[hint.index(after: colon)...]))
  return rest.prefix(1).uppercased() + rest.dropFirst()
}

/// A text on one line.
func oneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).map { trimmed(String($0)) }.joined(separator: " ")
}

/// A text without white space around it.
func trimmed(_ text: String) -> String {
  guard let first = text.firstIndex(where: { !$0.isWhitespace }),
    let last = text.lastIndex(where: { !$0.isWhitespace })
  else { return "" }
  return String(text[first...last])
}

/// The beginning of a text that is too long for a line.
func clipped(_ text: String, to length: Int = 160) -> String {
  text.count > length ? text.prefix(length - 1) + "…" : text
}

/// Line numbers as ranges, such as `3, 7-9`.
func ranges(of lines: [Int]) -> String {
  var found: [ClosedRange<Int>] = []
  for line in Set(lines).sorted() {
    if let last = found.last, last.upperBound == line - 1 {
      found[found.count - 1] = last.lowerBound...line
    } else {
      found.append(line...line)
    }
  }
  return found.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    .joined(separator: ", ")
}
