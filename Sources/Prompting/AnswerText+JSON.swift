extension AnswerText {
  /// The parts of an answer in JSON; nil when it is in another form.
  func jsonPieces(_ blocks: [FencedBlock]) -> [AnswerPiece]? {
    for block in blocks where block.tag.isEmpty || block.tag == "json" {
      let text = block.lines.joined(separator: "\n")
      if let found = pieces(ofJSON: ArraySlice(text.utf8)) { return found }
    }
    guard blocks.isEmpty || text.trimmed.hasPrefix("{") || text.trimmed.hasPrefix("[") else {
      return nil
    }
    let bytes = Array(text.utf8)
    let brackets = bytes.indices.filter {
      [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(bytes[$0])
    }
    // Brackets in prose are few; those of a long answer that is no JSON are not worth the time.
    return brackets.prefix(8).lazy.compactMap { pieces(ofJSON: bytes[$0...]) }.first
  }

  private func pieces(ofJSON bytes: ArraySlice<UInt8>) -> [AnswerPiece]? {
    let first = bytes.first { $0 > 0x20 }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
      let (value, _) = LenientJSON.parse(bytes)
    else { return nil }
    if case .array(let items) = value {
      let found = items.compactMap { edit($0) ?? function($0) ?? file($0) }
      return found.isEmpty ? nil : found
    }
    var found = (value.objects("edits", "changes", "replacements") ?? []).compactMap(edit)
    found += (value.objects("functions") ?? []).compactMap(function)
    found += (value.objects("files") ?? []).compactMap(file)
    if found.isEmpty, let one = edit(value) ?? file(value) { found = [one] }
    if found.isEmpty, let diff = value.text("diff", "patch") {
      found = diffPieces(in: splitLines(diff), path: value.text("path", "file"))
    }
    return found.isEmpty ? nil : found
  }

  private func edit(_ value: LenientJSON) -> AnswerPiece? {
    guard let new = value.text("replace", "new", "replacement", "after") else { return nil }
    let path = value.text("path", "file", "filename")
    let line = value.number("line", "start", "start_line")
    let lines = code(new)
    if let old = value.text("search", "old", "find", "before", "original"), !old.isBlank {
      return AnswerPiece(path: path, content: .replacement(old: code(old), new: lines, line: line))
    }
    guard let line, line > 0 else { return nil }
    let end = max(line, value.number("end", "end_line") ?? line)
    return AnswerPiece(path: path, content: .lines(line...end, lines))
  }

  private func function(_ value: LenientJSON) -> AnswerPiece? {
    guard let text = value.text("code", "content", "body"),
      let name = value.text("name", "function")
    else { return nil }
    let path = value.text("path", "file", "filename")
    return AnswerPiece(path: path, content: .named(name, code(text)))
  }

  private func file(_ value: LenientJSON) -> AnswerPiece? {
    guard let text = value.text("content", "code", "fixed_code", "program") else { return nil }
    let path = value.text("path", "file", "filename", "name")
    return AnswerPiece(path: path, content: .code(code(text), isWhole: true))
  }

  /// The lines of code in a text of JSON, which may be fenced once more.
  private func code(_ text: String) -> [String] {
    let lines = withoutBlankEnds(splitLines(text))
    guard lines.count > 2, lines[0].hasPrefix("```"), lines[lines.count - 1].hasPrefix("```") else {
      return lines
    }
    return withoutBlankEnds(Array(lines[1..<lines.count - 1]))
  }
}
