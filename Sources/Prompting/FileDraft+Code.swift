/// Code that has to find its place in a file: the whole file, or definitions of it.
extension FileDraft {
  /// Puts code where it belongs.
  ///
  /// - Parameters:
  ///   - written: The lines as the model wrote them.
  ///   - isCut: Whether it ends in the middle.
  ///   - context: The program.
  /// - Returns: What was left out, each in a sentence.
  /// - Throws: ``AnswerRefusal`` when a part has no place or several.
  mutating func put(
    _ written: [String],
    isCut: Bool,
    context: AnswerContext
  ) throws(AnswerRefusal) -> [String] {
    let outline = SourceOutline(normalized(written), context.language)
    let mine = SourceOutline(own, context.language)
    let isWhole = covers(outline, mine, context)
    if isWhole, !isCut {
      guard elision(in: outline, context.language) == nil else { throw .noPlace(path: path) }
      let (lines, left) = withoutTrials(outline, mine)
      try putWhole(lines)
      return left > 0 ? [note(left)] : []
    }
    var definitions = outline.outermost
    if isCut { definitions = Array(definitions.dropLast()) }
    guard !definitions.isEmpty else {
      if isCut { throw .truncated }
      throw .noPlace(path: path)
    }
    var added: [Definition] = []
    var first: Int?
    for definition in definitions {
      if let start = try put(definition, of: outline, among: mine, context.language) {
        first = first ?? start
      } else {
        added.append(definition)
      }
    }
    guard let first else {
      throw .unclearDefinition(path: path, name: definitions[0].name, lines: [])
    }
    for definition in added {
      try set(first..<first, Array(outline.lines[definition.lines]) + ["", ""])
    }
    return try putLoose(outline, mine, isCut: isCut)
  }

  /// Puts the code of one definition in the place of the one of that name.
  mutating func put(
    _ written: [String],
    named name: String,
    context: AnswerContext
  ) throws(AnswerRefusal) {
    let outline = SourceOutline(normalized(written), context.language)
    let mine = SourceOutline(own, context.language)
    let place = mine.definitions.filter { $0.qualifiedName == name }
    if let only = place.first, place.count == 1, outline.outermost.count == 1,
      let definition = outline.outermost.first, definition.name == only.name
    {
      _ = try put(definition, of: outline, at: only, in: mine, context.language)
    } else {
      _ = try put(written, isCut: false, context: context)
    }
  }

  // MARK: The whole file

  /// Without line numbers, and without white space that stands before all lines.
  private func normalized(_ written: [String]) -> [String] {
    let lines = withoutBlankEnds(withoutNumbers(written)?.lines ?? written)
    let spaces = lines.filter { !$0.isBlank }.map(\.leadingSpace)
    guard let least = spaces.min(by: { $0.count < $1.count }) else { return lines }
    return Shift(from: least, to: "")?(lines) ?? lines
  }

  /// Whether code stands for the whole file rather than for parts of it.
  private func covers(
    _ code: SourceOutline,
    _ mine: SourceOutline,
    _ context: AnswerContext
  ) -> Bool {
    let names = mine.outermost.map(\.name)
    let loose = mine.looseLines.filter { !mine.isImport($0) }.count
    let newLoose = code.looseLines.filter { !code.isImport($0) }.count
    guard !names.isEmpty else {
      // A script without definitions: most of its lines, or some of them in more.
      let known = Set(own.map(\.trimmed)).subtracting([""])
      let common = Set(code.lines.map(\.trimmed)).intersection(known).count
      return 2 * common >= known.count
        || context.form == .wholeFile && 2 * code.lines.count >= own.count
    }
    let imports = { (outline: SourceOutline) in
      outline.looseLines.contains { outline.isImport($0) }
    }
    if imports(mine), !imports(code) { return false }
    let newNames = Set(code.outermost.map(\.name))
    let same = names.count { newNames.contains($0) }
    return code.outermost.count >= names.count && 2 * same >= names.count
      && 2 * newLoose >= loose
  }

  /// Without calls at the end, by which models like to show a function at work, where the file has
  /// nothing but definitions.
  private func withoutTrials(
    _ code: SourceOutline,
    _ mine: SourceOutline
  ) -> (lines: [String], left: Int) {
    guard !mine.outermost.isEmpty, mine.looseLines.allSatisfy({ mine.isImport($0) }),
      let end = code.outermost.map(\.lines.upperBound).max()
    else { return (code.lines, 0) }
    return (Array(code.lines[..<end]), code.looseLines.count { $0 >= end })
  }

  private mutating func putWhole(_ code: [String]) throws(AnswerRefusal) {
    let first = own.firstIndex { !$0.isBlank } ?? own.count
    let last = own.lastIndex { !$0.isBlank }.map { $0 + 1 } ?? first
    try set(first..<last, code)
  }

  /// A comment in the place of code that the model did not want to repeat.
  private func elision(in code: SourceOutline, _ language: SourceLanguage) -> String? {
    let known = Set(own.map(\.trimmed))
    let words = ["...", "…", "rest of", "unchanged", "existing code", "same as before", "remains"]
    return code.lines.first { line in
      let text = line.trimmed
      guard text.hasPrefix(language.comment), !known.contains(text) else { return false }
      let lower = text.lowercased()
      return words.contains { lower.contains($0) }
    }
  }

  // MARK: Definitions

  /// Puts a definition in its place; its first line there, or nil when the file has none like it.
  private mutating func put(
    _ new: Definition,
    of code: SourceOutline,
    among mine: SourceOutline,
    _ language: SourceLanguage
  ) throws(AnswerRefusal) -> Int? {
    var found = mine.definitions.filter { $0.name == new.name && $0.isType == new.isType }
    if found.count > 1 {
      let outermost = found.filter { $0.owners == new.owners }
      if !outermost.isEmpty { found = outermost }
    }
    if found.count > 1 {
      let decorators = { (outline: SourceOutline, one: Definition) in
        outline.lines[one.lines.lowerBound..<one.header].map(\.trimmed)
      }
      let wanted = decorators(code, new)
      found = found.filter { decorators(mine, $0) == wanted }
    }
    guard let place = found.first else { return nil }
    guard found.count == 1 else {
      throw .unclearDefinition(path: path, name: new.name, lines: found.map { $0.header + 1 })
    }
    return try put(new, of: code, at: place, in: mine, language)
  }

  private mutating func put(
    _ new: Definition,
    of code: SourceOutline,
    at place: Definition,
    in mine: SourceOutline,
    _ language: SourceLanguage
  ) throws(AnswerRefusal) -> Int {
    let names = Set(code.members(of: new).map(\.name))
    let missing = mine.members(of: place).map(\.name).filter { !names.contains($0) }
    if new.isType, !missing.isEmpty {
      try putMembers(of: new, code, into: place, mine, missing: missing, language)
      return place.lines.lowerBound
    }
    let part = SourceOutline(Array(code.lines[new.lines]), language)
    guard elision(in: part, language) == nil else { throw .noPlace(path: path) }
    let keepsDecorators = new.lines.lowerBound == new.header
    let start = keepsDecorators ? place.header : place.lines.lowerBound
    try set(start..<place.lines.upperBound, moved(new, code, to: place))
    return place.lines.lowerBound
  }

  /// The lines of a definition, indented like the one whose place they take.
  private func moved(_ new: Definition, _ code: SourceOutline, to place: Definition) -> [String] {
    let lines = Array(code.lines[new.lines])
    let from = code.lines[new.header].leadingSpace
    let to = own[place.header].leadingSpace
    guard from != to, let shift = Shift(from: from, to: to) else { return lines }
    // When only the header lost its white space, the body stands where the old one does.
    let count = new.header - new.lines.lowerBound + 1
    let body = leastIndentation(of: lines.dropFirst(count))
    let old = leastIndentation(of: own[place.header + 1..<place.lines.upperBound])
    if from.isEmpty, body == old, body > place.indentation {
      return (shift(Array(lines.prefix(count))) ?? []) + lines.dropFirst(count)
    }
    return shift(lines) ?? lines
  }

  private func leastIndentation(of lines: ArraySlice<String>) -> Int {
    lines.filter { !$0.isBlank }.map { SourceOutline.indentation(of: $0) }.min() ?? 0
  }

  /// Puts the functions of a type, given without its other ones, in their places.
  private mutating func putMembers(
    of new: Definition,
    _ code: SourceOutline,
    into place: Definition,
    _ mine: SourceOutline,
    missing: [String],
    _ language: SourceLanguage
  ) throws(AnswerRefusal) {
    let members = code.members(of: new)
    let known = Set(own[place.lines].map(\.trimmed))
    let others = new.lines.filter { index in
      index > new.header && code.isStatement(index)
        && !members.contains { $0.lines.contains(index) }
        && !known.contains(code.lines[index].trimmed)
    }
    guard others.isEmpty, !members.isEmpty else {
      throw .incompleteType(path: path, name: new.name, missing: missing)
    }
    let old = mine.members(of: place)
    for member in members {
      let same = old.filter { $0.name == member.name }
      guard same.count <= 1 else {
        throw .unclearDefinition(path: path, name: member.name, lines: same.map { $0.header + 1 })
      }
      if let one = same.first {
        _ = try put(member, of: code, at: one, in: mine, language)
      } else if let model = old.last {
        let end = place.lines.upperBound
        try set(end..<end, [""] + moved(member, code, to: model))
      }
    }
  }

  // MARK: Other statements

  /// Adds imports that the file lacks; other statements beside definitions are left out.
  private mutating func putLoose(
    _ code: SourceOutline,
    _ mine: SourceOutline,
    isCut: Bool
  ) throws(AnswerRefusal) -> [String] {
    let known = Set(own.map(\.trimmed))
    let loose = code.looseLines.filter { !known.contains(code.lines[$0].trimmed) }
    let imports = loose.filter { code.isImport($0) }.map { code.lines[$0] }
      .filter { $0.leadingSpace.isEmpty && !$0.contains("(") }
    if !imports.isEmpty {
      let line = lineForImports(mine)
      try set(line..<line, imports)
    }
    let left = loose.count - imports.count
    guard left > 0, !isCut else { return [] }
    return [note(left)]
  }

  private func note(_ count: Int) -> String {
    "\(count) \(count == 1 ? "line" : "lines") outside of functions left out"
  }

  private func lineForImports(_ mine: SourceOutline) -> Int {
    let inside = mine.outermost.map(\.lines)
    let last = own.indices.last { index in
      mine.isImport(index) && own[index].leadingSpace.isEmpty
        && !inside.contains { $0.contains(index) }
    }
    let first = own.indices.first { mine.isStatement($0) } ?? 0
    guard let last else {
      // A text at the top says what the file is, and stays there.
      guard let mark = own.dropFirst(first).first?.first, "\"'".contains(mark) else { return first }
      return own.indices.first { $0 > first && mine.begins[$0] } ?? own.count
    }
    return own.indices.first { $0 > last && mine.begins[$0] } ?? own.count
  }
}
