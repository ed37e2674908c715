import HealingModel
import Patching

/// A language small enough to be run by value: definitions `name = expression`, which are worked
/// out when somebody asks for the name, and statements.
///
/// `show expression` prints, `exit 3` ends the program, `spawn` starts a thread, `fetch host` and
/// `ask host` use the network (the second one catches the failure and goes on), `use package` needs
/// a package. `skip id`, `xfail id`, `drop id` and `add id` are what a repair that tampers with a
/// suite would write. Tokens are separated by one space.
struct TinyProgram {
  /// What one line says.
  enum Statement: Hashable {
    case blank
    case define(name: String, value: TinyExpression)
    case show(TinyExpression)
    case exit(Int)
    case command(word: String, operand: String)
  }

  /// One line with its place.
  struct Line: Hashable {
    var path: String
    var number: Int
    var statement: Statement
  }

  /// The lines that parse, file by file.
  var lines: [Line] = []
  /// The places of those that do not.
  var errors: [(path: String, line: Int)] = []

  init(_ sources: Sources) {
    for path in sources.paths {
      for (index, text) in Patching.lines(of: sources[path] ?? "").enumerated() {
        if let statement = parse(withoutLineEnd(text)) {
          lines.append(Line(path: path, number: index + 1, statement: statement))
        } else {
          errors.append((path, index + 1))
        }
      }
    }
  }

  /// The names that the program defines.
  var definedNames: Set<String> {
    Set(
      lines.compactMap { line in
        if case .define(let name, _) = line.statement { name } else { nil }
      }
    )
  }

  /// The operands of a command.
  func operands(of word: String) -> [String] {
    lines.compactMap { line in
      guard case .command(word, let operand) = line.statement else { return nil }
      return operand
    }
  }

  private func parse(_ text: String) -> Statement? {
    let tokens = tokens(of: text).map(\.text)
    guard let first = tokens.first, first != "#" else { return .blank }
    if tokens.count > 2, isName(first), tokens[1] == "=" {
      return TinyExpression(tokens[2...]).map { .define(name: first, value: $0) }
    }
    switch first {
    case "show": return TinyExpression(tokens.dropFirst()).map { .show($0) }
    case "exit": return tokens.count == 2 ? Int(tokens[1]).map { .exit($0) } : nil
    case "spawn": return tokens.count == 1 ? .command(word: first, operand: "") : nil
    case "fetch", "ask", "use", "skip", "xfail", "drop", "add":
      return tokens.count == 2 ? .command(word: first, operand: tokens[1]) : nil
    default: return nil
    }
  }
}

/// The words of a line with the columns at which they begin, counted from 1.
func tokens(of text: String) -> [(text: String, column: Int)] {
  var column = 1
  return text.split(separator: " ", omittingEmptySubsequences: false).compactMap { word in
    defer { column += word.unicodeScalars.count + 1 }
    return word.isEmpty ? nil : (String(word), column)
  }
}

/// Whether a word is a name and no keyword.
func isName(_ word: String) -> Bool {
  let keywords = ["show", "exit", "spawn", "fetch", "ask", "use", "skip", "xfail", "drop", "add"]
  return !word.isEmpty && !keywords.contains(word)
    && word.allSatisfy { ("a"..."z").contains($0) || $0 == "_" }
}

/// A value of the language.
enum TinyValue: Hashable, Sendable, CustomStringConvertible {
  case number(Int)
  case text(String)

  var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .text(let value): value
    }
  }
}

/// An expression: numbers, texts in quotes and names, joined by operators.
indirect enum TinyExpression: Hashable {
  case value(TinyValue)
  case name(String)
  case binary(String, TinyExpression, TinyExpression)

  init?(_ tokens: ArraySlice<String>) {
    guard tokens.count % 2 == 1 else { return nil }
    // Products bind more tightly than sums, so the last sum is the root.
    for operators in [["+", "-"], ["*", "/"]] {
      if let index = tokens.lastIndex(where: operators.contains) {
        guard let left = TinyExpression(tokens[..<index]),
          let right = TinyExpression(tokens[(index + 1)...])
        else { return nil }
        self = .binary(tokens[index], left, right)
        return
      }
    }
    guard tokens.count == 1, let word = tokens.first else { return nil }
    if let number = Int(word) {
      self = .value(.number(number))
    } else if word.hasPrefix("'"), word.hasSuffix("'"), word.count > 1 {
      self = .value(.text(String(word.dropFirst().dropLast())))
    } else if isName(word) {
      self = .name(word)
    } else {
      return nil
    }
  }

  /// The names that it refers to.
  var names: [String] {
    switch self {
    case .value: []
    case .name(let name): [name]
    case .binary(_, let left, let right): left.names + right.names
    }
  }
}
