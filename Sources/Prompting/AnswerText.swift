import HealingModel

/// The text of an answer and the parts that can be read in it.
struct AnswerText {
  let text: String
  let lines: [String]

  init(_ text: String) {
    self.lines = splitLines(text)
    self.text = text
  }

  /// The parts, by the most exact form that there is.
  func pieces(for context: AnswerContext) -> [AnswerPiece] {
    let blocks = fencedBlocks(in: lines, language: context.language)
    if let found = jsonPieces(blocks), !found.isEmpty { return found }
    let replacements = searchReplacePieces(in: lines, context: context)
    if !replacements.isEmpty { return replacements }
    let fenced = blocks.flatMap { pieces(of: $0, context: context) }
    if !fenced.isEmpty { return fenced }
    if !blocks.isEmpty, blocks.allSatisfy({ $0.isForeign(context.language) }) { return [] }
    let diff = diffPieces(in: lines, path: nil)
    if !diff.isEmpty { return diff }
    let numbered = numberedPieces(in: lines)
    if !numbered.isEmpty { return numbered }
    return bareCode(context)
  }

  // MARK: Fenced blocks

  private func pieces(of block: FencedBlock, context: AnswerContext) -> [AnswerPiece] {
    let language = context.language
    guard !block.isForeign(language) else { return [] }
    var code = withoutBlankEnds(block.lines)
    guard !code.isEmpty else { return [] }
    let looksLikeDiff =
      code.contains { $0.hasPrefix("@@") }
      || code.contains { $0.hasPrefix("+++ ") } && code.contains { $0.hasPrefix("--- ") }
    if looksLikeDiff || ["diff", "patch"].contains(block.tag) {
      let path = block.path ?? named(before: block.start, language)
      let found = diffPieces(in: code, path: path, isDiff: true)
      if !found.isEmpty { return found }
    }
    var path = block.path
    if path == nil, let name = nameInComment(code[0], language) {
      path = name
      code = withoutBlankEnds(Array(code.dropFirst()))
    }
    path = path ?? named(before: block.start, language)
    guard !code.isEmpty else { return [] }
    if let (numbers, plain) = withoutNumbers(code),
      SourceOutline(plain, language).definitions.isEmpty, isConsecutive(numbers)
    {
      let range = numbers[0]...numbers[numbers.count - 1]
      return [AnswerPiece(path: path, content: .lines(range, plain))]
    }
    return [AnswerPiece(path: path, content: .code(code, isWhole: block.isClosed))]
  }

  /// The file's name on the line before a block, when that line holds little else.
  private func named(before line: Int, _ language: SourceLanguage) -> String? {
    guard let above = lines[..<line].last(where: { !$0.isBlank }) else { return nil }
    return fileName(in: above, language)
  }

  // MARK: Code without a fence

  /// The answer from its first line of code on, when it defines something or has much of the
  /// program in it.
  private func bareCode(_ context: AnswerContext) -> [AnswerPiece] {
    let language = context.language
    let outline = SourceOutline(lines, language)
    let own = context.sources.texts.values.flatMap(splitLines)
    let known = Set(own.map(\.trimmed)).subtracting([""])
    let isCode = lines.indices.map { index in
      known.contains(lines[index].trimmed) || outline.isImport(index)
        || outline.definitions.contains { $0.lines.contains(index) && isHeader($0, outline) }
    }
    let count = isCode.count { $0 }
    guard let first = isCode.firstIndex(of: true), 2 * count >= lines[first...].count else {
      return []
    }
    let defines = outline.definitions.contains { isHeader($0, outline) }
    guard defines || 2 * count >= known.count else { return [] }
    let code = withoutBlankEnds(Array(lines[first...]))
    return [AnswerPiece(path: nil, content: .code(code, isWhole: !context.isTruncated))]
  }

  /// Whether a header is one, and not a sentence that begins with the word.
  private func isHeader(_ definition: Definition, _ outline: SourceOutline) -> Bool {
    let text = outline.lines[definition.header]
    return text.contains("(") || text.trimmedEnd.hasSuffix(":")
  }
}

// MARK: - Names of files

/// The name of a file on a line that holds little else, such as `**bank.py**:` or `# file: bank.py`.
func fileName(in line: String, _ language: SourceLanguage) -> String? {
  let separators: Set<Character> = [" ", "\t", "*", "`", "#", ":", "\"", "'", "(", ")", "[", "]"]
  let words = line.split { separators.contains($0) }.map(String.init)
  let labels: Set<String> = ["file", "filename", "path", "in", "the", "title=", "name="]
  let rest = words.filter { !labels.contains($0.lowercased()) }
  guard rest.count == 1, let name = rest.first, isFileName(name, language) else { return nil }
  return name
}

private func isFileName(_ word: String, _ language: SourceLanguage) -> Bool {
  language.endings.contains { word.hasSuffix(".\($0)") && word.count > $0.count + 1 }
}

/// The name of a file in a comment of its own.
func nameInComment(_ line: String, _ language: SourceLanguage) -> String? {
  let text = line.drop(while: \.isWhitespace)
  guard text.hasPrefix(language.comment) else { return nil }
  return fileName(in: String(text), language)
}

// MARK: - Line numbers

/// The numbers before lines and the lines without them; nil unless all lines carry one.
func withoutNumbers(_ lines: [String]) -> (numbers: [Int], lines: [String])? {
  var numbers: [Int] = []
  var plain: [String] = []
  for line in lines {
    if line.isBlank {
      numbers.append((numbers.last ?? 0) + 1)
      plain.append("")
      continue
    }
    guard let (number, rest) = numbered(line) else { return nil }
    numbers.append(number)
    plain.append(rest)
  }
  guard lines.contains(where: { !$0.isBlank }) else { return nil }
  // Entries of a table begin with numbers and colons as well: only a run of them counts lines.
  let hasBars = lines.allSatisfy { $0.isBlank || $0.contains("|") }
  return hasBars || isConsecutive(numbers) ? (numbers, plain) : nil
}

func isConsecutive(_ numbers: [Int]) -> Bool {
  zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 } && numbers.first ?? 0 > 0
}

/// A line as `14| code` or `14: code`.
private func numbered(_ line: String) -> (Int, String)? {
  let text = line.drop { $0 == " " || $0 == "\t" }
  let digits = text.prefix { $0.isASCII && $0.isNumber }
  guard !digits.isEmpty, digits.count < 7, let number = Int(digits) else { return nil }
  let mark = text.dropFirst(digits.count).drop { $0 == " " }
  guard mark.first == "|" || mark.first == ":" else { return nil }
  let rest = mark.dropFirst()
  return (number, String(rest.first == " " ? rest.dropFirst() : rest))
}

/// Edits as `Line 14: code` among prose, and lines as `14| code`.
func numberedPieces(in lines: [String]) -> [AnswerPiece] {
  lines.compactMap { line in
    let text = line.drop { " \t-*".contains($0) }
    let lower = text.lowercased()
    if lower.hasPrefix("line ") {
      let told = text.dropFirst(5).replacing(" should be `", with: ": `", maxReplacements: 1)
      guard let (number, rest) = numbered(String(told)), let code = unquoted(rest) else {
        return nil
      }
      return AnswerPiece(path: nil, content: .lines(number...number, [code]))
    }
    guard let (number, rest) = numbered(line), line.contains("|") else { return nil }
    return AnswerPiece(path: nil, content: .lines(number...number, [rest]))
  }
}

/// The code between backquotes; nil of a sentence.
private func unquoted(_ text: String) -> String? {
  var plain = text.trimmed[...]
  if plain.hasSuffix("`.") { plain = plain.dropLast() }
  let code = plain.dropFirst().dropLast()
  guard plain.hasPrefix("`"), plain.hasSuffix("`"), !code.isEmpty, !code.contains("`") else {
    return nil
  }
  return String(code)
}
