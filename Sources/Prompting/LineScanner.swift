/// Tells which lines begin a statement: brackets and long quotes may go on over several lines.
struct LineScanner {
  let language: SourceLanguage
  var ignoresTexts = false
  private var depth = 0
  private var quote: [UInt8]?

  init(language: SourceLanguage, ignoresTexts: Bool = false) {
    self.language = language
    self.ignoresTexts = ignoresTexts
  }

  var isInText: Bool { quote != nil }

  mutating func begins(_ line: String) -> Bool {
    // No bracket holds a definition: one that is open there was never closed.
    if quote == nil, depth > 0, startsDefinition(line) { depth = 0 }
    let result = quote == nil && depth == 0
    scan(Array(line.utf8))
    return result
  }

  private func startsDefinition(_ line: String) -> Bool {
    let words = firstWords(line, 2)
    let word = words.first { !language.modifiers.contains($0) } ?? ""
    return words.count == 2
      && (language.functionWords.contains(word) || language.typeWords.contains(word))
  }

  private mutating func scan(_ bytes: [UInt8]) {
    let comment = Array(language.comment.utf8)
    var index = 0
    while index < bytes.count {
      let rest = bytes[index...]
      if let open = quote {
        if bytes[index] == UInt8(ascii: "\\") {
          index += 2
        } else if rest.starts(with: open) {
          quote = nil
          index += open.count
        } else {
          index += 1
        }
        continue
      }
      if rest.starts(with: comment) { return }
      index += step(at: index, in: bytes)
    }
  }

  /// Takes what stands at a place outside of texts; the number of bytes that it took.
  private mutating func step(at index: Int, in bytes: [UInt8]) -> Int {
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let long = language.longQuotes.first { bytes[index...].starts(with: $0.utf8) }
      if let long {
        if !ignoresTexts { quote = Array(long.utf8) }
        return long.utf8.count
      }
      return endOfText(at: index, in: bytes) - index
    default: break
    }
    return 1
  }

  /// Where a quoted text of one line ends, or the line.
  private func endOfText(at start: Int, in bytes: [UInt8]) -> Int {
    var index = start + 1
    while index < bytes.count, bytes[index] != bytes[start] {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, bytes.count)
  }
}
