/// A block of code between fences.
struct FencedBlock {
  /// The first word after the fence, in small letters.
  var tag: String
  /// The file that the fence names.
  var path: String?
  var lines: [String]
  /// The line of the opening fence, counted from 0.
  var start: Int
  /// Whether there is a closing fence.
  var isClosed: Bool

  /// Whether it holds something else than code of the language: commands, output, prose.
  func isForeign(_ language: SourceLanguage) -> Bool {
    !(tag.isEmpty || language.tags.contains(tag) || language.endings.contains(tag)
      || ["diff", "patch", "json", "code"].contains(tag))
  }
}

private struct Fence {
  var mark: Character
  var length: Int
  var info: String

  init?(_ line: String) {
    let text = line.drop { $0 == " " || $0 == "\t" || $0 == ">" }
    guard let mark = text.first, mark == "`" || mark == "~" else { return nil }
    length = text.prefix { $0 == mark }.count
    self.mark = mark
    info = text.dropFirst(length).trimmed
    // Three quotes and more on one line are code in a sentence.
    guard length >= 3, !info.contains("`") else { return nil }
  }

  func closes(_ open: Fence) -> Bool {
    mark == open.mark && length >= open.length && info.isEmpty
  }
}

/// The fenced blocks of a text, as CommonMark has them, and what models make of them: fences in
/// texts of the code are part of it, and a block may lack its end.
func fencedBlocks(in lines: [String], language: SourceLanguage) -> [FencedBlock] {
  var blocks: [FencedBlock] = []
  var index = 0
  while index < lines.count {
    guard let fence = Fence(lines[index]) else {
      index += 1
      continue
    }
    let end = endOfBlock(fence, from: index + 1, in: lines, language)
    var block = block(fence, language)
    block.start = index
    block.lines = Array(lines[index + 1..<end.content])
    block.isClosed = end.isClosed
    blocks.append(block)
    index = end.next
  }
  return blocks
}

private func block(_ fence: Fence, _ language: SourceLanguage) -> FencedBlock {
  let separators: Set<Character> = [" ", ":", "{", "}", ",", "="]
  let words = fence.info.split { separators.contains($0) }.map(String.init)
  var block = FencedBlock(tag: "", lines: [], start: 0, isClosed: false)
  for word in words {
    if let name = fileName(in: word, language) {
      block.path = name
    } else if block.tag.isEmpty, block.path == nil {
      block.tag = word.lowercased()
    }
  }
  return block
}

/// Where a block's content ends and where to read on.
private func endOfBlock(
  _ fence: Fence,
  from start: Int,
  in lines: [String],
  _ language: SourceLanguage
) -> (content: Int, next: Int, isClosed: Bool) {
  var scanner = LineScanner(language: language)
  var inText: (content: Int, next: Int, isClosed: Bool)?
  for index in start..<max(start, lines.count) {
    if let other = Fence(lines[index]) {
      let closes = other.closes(fence)
      if closes, !scanner.isInText { return (index, index + 1, true) }
      if closes, inText == nil { inText = (index, index + 1, true) }
      // A new block begins where the end of this one was forgotten.
      let begins = other.mark == fence.mark && !other.info.isEmpty
      if begins, !scanner.isInText { return (index, index, false) }
    }
    _ = scanner.begins(lines[index])
  }
  // The quote that seemed open was none, or a mistake: the first fence was the end.
  return inText ?? (lines.count, lines.count, false)
}
