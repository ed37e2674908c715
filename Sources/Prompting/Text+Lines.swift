import Patching

/// The lines of a text without their ends; a last line end begins no further line.
func splitLines(_ text: String) -> [String] { lines(of: text).map(withoutLineEnd) }

extension StringProtocol {
  /// The text without white space at its end.
  var trimmedEnd: String {
    lastIndex { !$0.isWhitespace }.map { String(self[...$0]) } ?? ""
  }

  /// The text without white space around it.
  var trimmed: String { String(drop(while: \.isWhitespace)).trimmedEnd }

  /// Whether it holds nothing but white space.
  var isBlank: Bool { allSatisfy(\.isWhitespace) }

  /// The text without a beginning.
  func dropPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : String(self)
  }

  /// The white space that it begins with.
  var leadingSpace: String { String(prefix { $0 == " " || $0 == "\t" }) }
}

/// Lines without the blank ones at both ends.
func withoutBlankEnds(_ lines: [String]) -> [String] {
  guard let first = lines.firstIndex(where: { !$0.isBlank }),
    let last = lines.lastIndex(where: { !$0.isBlank })
  else { return [] }
  return Array(lines[first...last])
}

/// How lines are moved to another indentation as a whole.
enum Shift: Hashable {
  case none
  /// This much white space is put before each line.
  case add(String)
  /// This much white space is taken from each line.
  case remove(String)

  /// The shift that turns one indentation into another; nil when neither begins with the other.
  init?(from old: String, to new: String) {
    if old == new {
      self = .none
    } else if new.hasSuffix(old) {
      self = .add(String(new.dropLast(old.count)))
    } else if old.hasSuffix(new) {
      self = .remove(String(old.dropLast(new.count)))
    } else {
      return nil
    }
  }

  /// The shifted lines; nil when a line has not the white space that is to go.
  func callAsFunction(_ lines: [String]) -> [String]? {
    var result: [String] = []
    for line in lines {
      switch self {
      case .none: result.append(line)
      case .add(let space): result.append(line.isBlank ? line : space + line)
      case .remove(let space):
        guard line.isBlank || line.hasPrefix(space) else { return nil }
        result.append(line.isBlank ? "" : String(line.dropFirst(space.count)))
      }
    }
    return result
  }
}
