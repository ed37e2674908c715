import Foundation

/// A terminal that can redraw a line.
struct Screen: Sendable, Hashable {
  /// The number of columns.
  var width: Int
  /// How it is coloured.
  var style: Style

  /// Makes a screen.
  init(width: Int, style: Style) {
    self.width = width
    self.style = style
  }

  /// The screen behind a descriptor; nil when there is none that can redraw a line.
  init?(descriptor: Int32, environment: [String: String]) {
    guard isatty(descriptor) == 1, environment["TERM", default: "dumb"] != "dumb" else {
      return nil
    }
    var size = winsize()
    let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = known ? Int(size.ws_col) : environment["COLUMNS"].flatMap { Int($0) } ?? 80
    style = Style(colours: Style.wantsColours(environment))
  }
}

/// Colours, or none.
struct Style: Sendable, Hashable {
  /// Whether anything is coloured.
  var colours: Bool

  /// Whether the user's environment lets a terminal be coloured: see no-color.org.
  static func wantsColours(_ environment: [String: String]) -> Bool {
    environment["NO_COLOR", default: ""].isEmpty && environment["TERM", default: "dumb"] != "dumb"
  }

  func bold(_ text: String) -> String { paint(text, "1") }
  func dim(_ text: String) -> String { paint(text, "2") }
  func red(_ text: String) -> String { paint(text, "31") }
  func green(_ text: String) -> String { paint(text, "32") }
  func yellow(_ text: String) -> String { paint(text, "33") }
  func cyan(_ text: String) -> String { paint(text, "36") }

  private func paint(_ text: String, _ code: String) -> String {
    guard colours, !text.isEmpty else { return text }
    guard text.hasSuffix("\n") else { return "\u{1B}[\(code)m\(text)\u{1B}[0m" }
    return paint(String(text.dropLast()), code) + "\n"
  }
}

/// A text from outside with control characters made visible, so that it cannot drive the terminal.
///
/// - Parameters:
///   - text: The text.
///   - keepingLines: Whether line ends and tabs stay as they are.
/// - Returns: The text, safe to print.
func printable(_ text: String, keepingLines: Bool = false) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n" where keepingLines, "\t" where keepingLines: result.append(scalar)
    case "\n": result.append(contentsOf: "\\n".unicodeScalars)
    case "\t": result.append(contentsOf: "\\t".unicodeScalars)
    case "\r": result.append(contentsOf: (keepingLines ? "" : "\\r").unicodeScalars)
    case _
    where scalar.properties.generalCategory == .control
      || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value):
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    default: result.append(scalar)
    }
  }
  return String(result)
}
