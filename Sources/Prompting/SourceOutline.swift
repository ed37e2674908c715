/// A function or type that a text defines.
struct Definition: Hashable {
  /// Its name.
  var name: String
  /// The names of the definitions around it, outermost first.
  var owners: [String]
  /// Whether it is a type rather than a function.
  var isType: Bool
  /// Its lines, counted from 0, decorators included.
  var lines: Range<Int>
  /// The line with its name.
  var header: Int
  /// The columns before its header.
  var indentation: Int

  /// Its name with those around it, such as `Account.withdraw`.
  var qualifiedName: String { (owners + [name]).joined(separator: ".") }
}

/// The definitions of a text and the lines between them.
struct SourceOutline {
  /// The lines, without their ends.
  let lines: [String]
  /// The definitions in the order of their headers.
  private(set) var definitions: [Definition] = []
  /// Whether a line begins a statement, comment or nothing rather than going on with one.
  private(set) var begins: [Bool] = []

  private let language: SourceLanguage

  init(_ lines: [String], _ language: SourceLanguage) {
    self.lines = lines
    self.language = language
    var scanner = LineScanner(language: language)
    begins = lines.map { scanner.begins($0) }
    if scanner.isInText {
      // A quote that nothing closes: believe none.
      scanner = LineScanner(language: language, ignoresTexts: true)
      begins = lines.map { scanner.begins($0) }
    }
    findDefinitions()
  }

  /// The definitions that lie in no other one.
  var outermost: [Definition] { definitions.filter(\.owners.isEmpty) }

  /// The definitions directly in `owner`.
  func members(of owner: Definition) -> [Definition] {
    definitions.filter {
      $0.owners == owner.owners + [owner.name] && owner.lines.contains($0.header)
    }
  }

  /// The lines of statements outside of all definitions, counted from 0.
  var looseLines: [Int] {
    let inside = outermost.map(\.lines)
    return lines.indices.filter { index in
      isStatement(index) && !inside.contains { $0.contains(index) }
    }
  }

  /// Whether a line holds more than white space and comments.
  func isStatement(_ index: Int) -> Bool {
    let text = lines[index].drop(while: \.isWhitespace)
    return !text.isEmpty && !(begins[index] && text.hasPrefix(language.comment))
  }

  /// Whether a line begins an import.
  func isImport(_ index: Int) -> Bool {
    begins[index] && language.importWords.contains(firstWords(lines[index], 1).first ?? "")
  }

  // MARK: Finding

  private mutating func findDefinitions() {
    var open: [Definition] = []
    var first: Int?
    for index in lines.indices where begins[index] && isStatement(index) {
      let indentation = Self.indentation(of: lines[index])
      close(&open, downTo: indentation, at: first ?? index)
      let text = lines[index].drop(while: \.isWhitespace)
      if text.hasPrefix(language.decorator) {
        first = first ?? index
        continue
      }
      if let (name, isType) = header(lines[index]) {
        open.append(
          Definition(
            name: name,
            owners: open.map(\.name),
            isType: isType,
            lines: (first ?? index)..<index + 1,
            header: index,
            indentation: indentation
          )
        )
      }
      first = nil
    }
    close(&open, downTo: -1, at: lines.count)
    definitions.sort { $0.header < $1.header }
  }

  private mutating func close(_ open: inout [Definition], downTo indentation: Int, at end: Int) {
    while var last = open.last, last.indentation >= indentation {
      open.removeLast()
      var stop = end
      while stop > last.header + 1, !endsBody(stop - 1, of: last) { stop -= 1 }
      last.lines = last.lines.lowerBound..<stop
      definitions.append(last)
    }
  }

  /// Blank lines and less indented comments after a body are not part of it.
  private func endsBody(_ index: Int, of definition: Definition) -> Bool {
    if isStatement(index) { return true }
    let isBlank = lines[index].allSatisfy(\.isWhitespace)
    return !isBlank && Self.indentation(of: lines[index]) > definition.indentation
  }

  /// The name that a line defines, and whether it is that of a type.
  private func header(_ line: String) -> (name: String, isType: Bool)? {
    var words = firstWords(line, 3)[...]
    while let word = words.first, language.modifiers.contains(word) { words.removeFirst() }
    guard words.count >= 2, let word = words.first else { return nil }
    let isType = language.typeWords.contains(word)
    guard isType || language.functionWords.contains(word) else { return nil }
    return (words[words.startIndex + 1], isType)
  }

  /// The columns of white space before a line's text; a tab goes to the next multiple of eight.
  static func indentation(of line: String) -> Int {
    var columns = 0
    for character in line.unicodeScalars {
      if character == " " {
        columns += 1
      } else if character == "\t" {
        columns += 8 - columns % 8
      } else {
        break
      }
    }
    return columns
  }
}

/// The text of one definition, as far left as it goes.
///
/// - Parameters:
///   - name: Its name with those of the definitions around it, such as `["TestCart", "test_total"]`.
///   - text: The file.
///   - language: The file's language.
/// - Returns: Its lines; nil when the file does not define it.
public func definitionText(
  of name: [String],
  in text: String,
  language: SourceLanguage
) -> String? {
  let outline = SourceOutline(splitLines(text), language)
  let found = outline.definitions.last { $0.owners + [$0.name] == name }
  return found.map { definition in
    definition.lines.map { index in
      let line = outline.lines[index]
      let isBlank = line.allSatisfy(\.isWhitespace)
      let indentation = isBlank ? line.count : SourceOutline.indentation(of: line)
      return String(line.dropFirst(min(indentation, definition.indentation)))
    }.joined(separator: "\n")
  }
}

/// The first words of a line: letters, digits and underscores.
func firstWords(_ line: String, _ count: Int) -> [String] {
  var words: [String] = []
  var word = ""
  for character in line.drop(while: \.isWhitespace) {
    if character.isLetter || character.isNumber || character == "_" {
      word.append(character)
    } else {
      if !word.isEmpty { words.append(word) }
      word = ""
      if words.count == count || !character.isWhitespace { break }
    }
  }
  if !word.isEmpty, words.count < count { words.append(word) }
  return words
}
