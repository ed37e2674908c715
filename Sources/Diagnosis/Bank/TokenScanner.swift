import HealingModel

/// Splits lines into tokens.
struct TokenScanner {
  private let lines: [[Unicode.Scalar]]
  private let rules: TokenRules
  private let operators: [[Unicode.Scalar]]
  private let comment: [Unicode.Scalar]
  private var line = 0
  private var column = 0
  private var depth = 0
  private var goesOn = false
  private var space: [Unicode.Scalar] = []
  private var indentation: [Unicode.Scalar] = []
  private var firstLine = 0
  private var tokens: [SourceToken] = []
  private var result: [LogicalLine] = []

  init(lines: [[Unicode.Scalar]], rules: TokenRules) {
    self.lines = lines
    self.rules = rules
    operators = rules.operators.map { Array($0.unicodeScalars) }
    comment = Array(rules.comment.unicodeScalars)
  }

  mutating func logicalLines() -> [LogicalLine] {
    while line < lines.count {
      if !tokens.isEmpty, !goesOn, beginsStatement() { close(at: line - 1) }
      if tokens.isEmpty, !begins() {
        line += 1
        continue
      }
      while column < lines[line].count { scan() }
      if depth > 0 || goesOn {
        space.append("\n")
      } else {
        close(at: line)
      }
      line += 1
      column = 0
      goesOn = goesOn && line < lines.count && !lines[line].isEmpty
    }
    close(at: lines.count - 1)
    return result
  }

  /// Reads the indentation; false for a line that holds nothing but a comment.
  private mutating func begins() -> Bool {
    let text = lines[line]
    indentation = Array(text.prefix(while: isBlank))
    column = indentation.count
    firstLine = line
    space = []
    return column < text.count && !text[column...].starts(with: comment)
  }

  /// Whether a line that should go on with a statement begins one instead: a bracket was left open.
  private func beginsStatement() -> Bool {
    let word = lines[line].drop(while: isBlank).prefix(while: isOfName)
    return rules.statementWords.contains(joined(word))
  }

  private mutating func close(at last: Int) {
    if !tokens.isEmpty {
      result.append(
        LogicalLine(
          indentation: joined(indentation),
          lines: firstLine...max(firstLine, last),
          tokens: tokens
        )
      )
    }
    (tokens, space, depth, goesOn) = ([], [], 0, false)
  }

  // MARK: One token

  private mutating func scan() {
    let text = lines[line]
    let scalar = text[column]
    goesOn = false
    if isBlank(scalar) {
      space.append(scalar)
      column += 1
    } else if text[column...].starts(with: comment) {
      space += text[column...]
      column = text.count
    } else if scalar == "\\", column == text.count - 1 {
      space.append(scalar)
      column += 1
      goesOn = true
    } else if isQuote(scalar) {
      takeText(prefix: 0)
    } else if isDigit(scalar) || scalar == "." && text[(column + 1)...].first.map(isDigit) == true {
      take(.number, length: numberLength(text[column...]))
    } else if isOfName(scalar) {
      takeWord()
    } else {
      let known = operators.first { text[column...].starts(with: $0) }
      if "([{".unicodeScalars.contains(scalar) { depth += 1 }
      if ")]}".unicodeScalars.contains(scalar) { depth = max(0, depth - 1) }
      take(.mark, length: known?.count ?? 1)
    }
  }

  private mutating func takeWord() {
    let text = lines[line]
    let word = text[column...].prefix(while: isOfName)
    let name = joined(word)
    if word.endIndex < text.count, isQuote(text[word.endIndex]),
      rules.textPrefixes.contains(name.lowercased())
    {
      return takeText(prefix: word.count)
    }
    let isAttribute = tokens.last.map { $0.kind == .mark && $0.text == "." } ?? false
    if isAttribute {
      take(rules.fixedAttributes.contains(name) ? .word : .attribute, length: word.count)
    } else {
      take(rules.fixedWords.contains(name) ? .word : .name, length: word.count)
    }
  }

  private mutating func take(_ kind: SourceToken.Kind, length: Int) {
    let end = column + length
    add(kind, lines[line][column..<end], from: (line, column), to: (line, end))
  }

  /// Takes a text in quotes; one that nothing closes ends with its line, or with all lines.
  private mutating func takeText(prefix: Int) {
    let start = (line: line, column: column)
    var at = column + prefix
    let quote = lines[line][at]
    let isLong = lines[line][at...].prefix(3).elementsEqual([quote, quote, quote])
    at += isLong ? 3 : 1
    var row = line
    var content = Array(lines[line][column..<at])
    scanning: while true {
      let text = lines[row]
      while at < text.count {
        if text[at] == "\\" {
          content += text[at..<min(at + 2, text.count)]
          at = min(at + 2, text.count)
        } else if text[at] == quote, !isLong {
          content.append(quote)
          at += 1
          break scanning
        } else if isLong, text[at...].prefix(3).elementsEqual([quote, quote, quote]) {
          content += [quote, quote, quote]
          at += 3
          break scanning
        } else {
          content.append(text[at])
          at += 1
        }
      }
      let mayGoOn = isLong || text.last == "\\"
      guard mayGoOn, row + 1 < lines.count else { break }
      content.append("\n")
      row += 1
      at = 0
    }
    add(.text, content[...], from: start, to: (row, at))
  }

  private mutating func add(
    _ kind: SourceToken.Kind,
    _ content: ArraySlice<Unicode.Scalar>,
    from start: (line: Int, column: Int),
    to end: (line: Int, column: Int)
  ) {
    tokens.append(
      SourceToken(
        kind: kind,
        text: joined(content),
        space: joined(space),
        start: TextPosition(line: start.line + 1, column: start.column + 1),
        end: TextPosition(line: end.line + 1, column: end.column + 1)
      )
    )
    space = []
    (line, column) = end
  }
}

private func numberLength(_ text: ArraySlice<Unicode.Scalar>) -> Int {
  var count = 0
  let isHexadecimal = text.dropFirst().first.map { "xX".unicodeScalars.contains($0) } ?? false
  for scalar in text {
    let before = text[text.startIndex + max(0, count - 1)]
    let isSign = "+-".unicodeScalars.contains(scalar) && "eE".unicodeScalars.contains(before)
    guard isOfName(scalar) || scalar == "." || isSign && !isHexadecimal && count > 0 else { break }
    count += 1
  }
  return count
}

private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
  scalar == " " || scalar == "\t" || scalar == "\u{c}"
}

private func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "\"" || scalar == "'" }

private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

private func isOfName(_ scalar: Unicode.Scalar) -> Bool {
  scalar == "_" || scalar.properties.isXIDContinue
}
