/// Why an answer of a model cannot be used; its description is fed back to the model.
public enum AnswerRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no code in it.
  case noCode
  /// The model does not want to.
  case declined
  /// It ends in the middle, before anything that can be used.
  case truncated
  /// It is larger than any repair.
  case tooLarge(bytes: Int, limit: Int)
  /// Its code changes nothing.
  case nothingChanged
  /// It comes to what an earlier answer came to.
  case repeated
  /// A text to search for is not in the file; `nearest` is the line that is most like its first.
  case noSuchText(path: String, text: String, nearest: Int?)
  /// A text to search for is in the file several times, at these lines.
  case ambiguous(path: String, text: String, lines: [Int])
  /// It names a line that the file does not have.
  case noSuchLine(path: String, line: Int)
  /// It names a file that the program does not have, or that may not be changed.
  case unknownFile(path: String, known: [String])
  /// It names no file, and there are several.
  case unnamedFile(known: [String])
  /// It changes a file that no repair may change, such as a test.
  case protected(path: String)
  /// It names a file outside of the program.
  case outside(path: String)
  /// It gives a function that the file defines nowhere, or several times, at these lines.
  case unclearDefinition(path: String, name: String, lines: [Int])
  /// It gives a type without these of its functions, and other parts than functions.
  case incompleteType(path: String, name: String, missing: [String])
  /// It is a part of the file, and does not say of which place.
  case noPlace(path: String)
  /// Two of its edits change the same line.
  case conflicting(path: String, line: Int)

  /// What was wrong and what to do, in a sentence or two.
  public var description: String {
    switch self {
    case .noCode, .declined, .truncated, .tooLarge, .nothingChanged, .repeated: ofWhole
    case .noSuchText, .ambiguous, .noSuchLine, .noPlace, .conflicting: ofPlace
    case .unknownFile, .unnamedFile, .protected, .outside: ofFile
    case .unclearDefinition, .incompleteType: ofDefinition
    }
  }

  private var ofWhole: String {
    switch self {
    case .noCode: "your answer held no code. Answer with code in the format that is asked for."
    case .declined: "you gave no repair. Answer with the corrected code only."
    case .truncated: "your answer ended in the middle. Write less: only the code that changes."
    case .tooLarge(let bytes, let limit):
      "your answer has \(bytes) bytes; at most \(limit) are read. Write only the code that changes."
    case .nothingChanged: "your code is the same as the program. Change the lines that are wrong."
    default: "you gave this answer before and it does not work. Give a different one."
    }
  }

  private var ofPlace: String {
    switch self {
    case .noSuchText(let path, let text, let nearest):
      "\(path) has no such text: `\(shown(text))`. Copy the lines of the program exactly."
        + (nearest.map { " The nearest is line \($0)." } ?? "")
    case .ambiguous(let path, let text, let lines):
      "\(path) has the text `\(shown(text))` several times (found at lines \(list(lines))). "
        + "Search for more lines around it."
    case .noSuchLine(let path, let line): "\(path) has no line \(line)."
    case .noPlace(let path):
      "it is not clear which lines of \(path) your code replaces. "
        + "Give whole functions, or the text to search for."
    case .conflicting(let path, let line): "two of your edits change line \(line) of \(path)."
    default: ""
    }
  }

  private var ofFile: String {
    switch self {
    case .unknownFile(let path, let known):
      "there is no file \(shown(path)) to change. The program's files: \(files(known))."
    case .unnamedFile(let known):
      "say which file each change belongs to. The program's files: \(files(known))."
    case .protected(let path): "\(path) may not be changed: change the program, not its tests."
    case .outside(let path): "\(shown(path)) is outside of the program and may not be changed."
    default: ""
    }
  }

  private var ofDefinition: String {
    switch self {
    case .unclearDefinition(let path, let name, let lines) where lines.isEmpty:
      "\(path) defines no \(name). Give the functions of the program under their own names."
    case .unclearDefinition(let path, let name, let lines):
      "\(path) defines \(name) several times (at lines \(list(lines))). "
        + "Give the whole type that it belongs to."
    case .incompleteType(let path, let name, let missing):
      "your \(name) of \(path) lacks \(missing.joined(separator: ", ")). "
        + "Give the type whole, or only its changed functions."
    default: ""
    }
  }

  private func list(_ lines: [Int]) -> String { lines.map(String.init).joined(separator: ", ") }

  private func files(_ known: [String]) -> String { known.prefix(20).joined(separator: ", ") }

  private func shown(_ text: String) -> String {
    let first = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) }
    let line = first.map(String.init) ?? text
    return line.count > 80 ? line.prefix(79) + "…" : line
  }
}
