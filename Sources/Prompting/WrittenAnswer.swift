public import HealingModel
import Patching

/// The answer of a model that would turn one state of a program into another one.
///
/// - Parameters:
///   - before: The files that may be changed.
///   - after: The same files as they should be.
///   - form: The form in which the answer is asked for.
///   - language: The program's language.
/// - Returns: The answer; nil where this form cannot say it. ``parseAnswer(_:in:)`` makes exactly
///   `after` of what is returned.
public func writtenAnswer(
  from before: Sources,
  to after: Sources,
  form: AnswerForm,
  language: SourceLanguage
) -> String? {
  let changed = after.changes(since: before).paths
  guard !changed.isEmpty, before.paths == after.paths else { return nil }
  let text: String?
  switch form {
  case .wholeFile:
    text = before.paths.count == 1 ? fenced(splitLines(after[changed[0]] ?? ""), language) : nil
  case .functions:
    text = before.paths.count == 1 ? functions(changed[0], before, after, language) : nil
  case .edits:
    var blocks: [String] = []
    for path in changed {
      guard let found = editBlocks(path, before, after) else { return nil }
      blocks += found
    }
    text = blocks.joined(separator: "\n")
  }
  let context = AnswerContext(sources: before, language: language, form: form)
  guard let text, let read = try? parseAnswer(text, in: context) else { return nil }
  return read.sources == after ? text : nil
}

private func fenced(_ lines: [String], _ language: SourceLanguage) -> String {
  (["```\(language.tags.first ?? "")"] + lines + ["```"]).joined(separator: "\n")
}

/// The imports that are new, and every definition that differs, methods below their type's line.
private func functions(
  _ path: String,
  _ before: Sources,
  _ after: Sources,
  _ language: SourceLanguage
) -> String? {
  let old = SourceOutline(splitLines(before[path] ?? ""), language)
  let new = SourceOutline(splitLines(after[path] ?? ""), language)
  func isChanged(_ definition: Definition) -> Bool {
    let same = old.definitions.filter { $0.qualifiedName == definition.qualifiedName }
    return same.count != 1 || Array(old.lines[same[0].lines]) != Array(new.lines[definition.lines])
  }
  let known = Set(old.looseLines.map { old.lines[$0] })
  var parts: [[String]] = []
  let imports = new.looseLines.filter { new.isImport($0) && !known.contains(new.lines[$0]) }
  if !imports.isEmpty { parts.append(imports.map { new.lines[$0] }) }
  for definition in new.outermost where isChanged(definition) {
    let members = new.members(of: definition).filter { !$0.isType && isChanged($0) }
    guard definition.isType, !members.isEmpty, new.lines[definition.header].hasSuffix(":") else {
      parts.append(Array(new.lines[definition.lines]))
      continue
    }
    let texts = members.map { new.lines[$0.lines].joined(separator: "\n") }
    parts.append([new.lines[definition.header], texts.joined(separator: "\n\n")])
  }
  guard !parts.isEmpty else { return nil }
  return fenced([parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n\n")], language)
}

/// Blocks of search and replace, each with as few lines around the change as make its place clear.
private func editBlocks(_ path: String, _ before: Sources, _ after: Sources) -> [String]? {
  let change = LineChange(splitLines(before[path] ?? ""), splitLines(after[path] ?? ""))
  var blocks: [LineChange.Block] = []
  var next = 0
  while next < change.hunks.count {
    var block = change.block(of: next...next)
    repeat {
      // Two blocks must not share a line.
      while let last = blocks.last, last.meets(block) {
        blocks.removeLast()
        block = last.joined(to: block)
      }
      guard let wider = change.widened(block) else { return nil }
      block = wider
    } while blocks.last?.meets(block) ?? false
    blocks.append(block)
    next = block.hunks.upperBound + 1
  }
  return blocks.map { block in
    ([path, "<<<<<<< SEARCH"] + change.old[block.lines] + ["======="]
      + change.new[change.newLines(of: block)] + [">>>>>>> REPLACE"]).joined(separator: "\n")
  }
}

/// The change of a text, line by line.
private struct LineChange {
  let old: [String]
  let new: [String]
  let hunks: [Hunk]
  private let trimmed: [String]

  /// Hunks in a row with lines around them.
  struct Block {
    /// The numbers of the hunks.
    var hunks: ClosedRange<Int>
    /// The lines of the old text.
    var lines: Range<Int>

    func meets(_ next: Block) -> Bool {
      hunks.upperBound >= next.hunks.lowerBound || lines.upperBound > next.lines.lowerBound
    }

    func joined(to next: Block) -> Block {
      Block(
        hunks: min(
          hunks.lowerBound,
          next.hunks.lowerBound
        )...max(hunks.upperBound, next.hunks.upperBound),
        lines: min(
          lines.lowerBound,
          next.lines.lowerBound
        )..<max(lines.upperBound, next.lines.upperBound)
      )
    }
  }

  init(_ old: [String], _ new: [String]) {
    (self.old, self.new) = (old, new)
    hunks = Patching.hunks(from: old, to: new)
    trimmed = old.map(\.trimmed)
  }

  func block(of numbers: ClosedRange<Int>) -> Block {
    Block(
      hunks: numbers,
      lines: hunks[numbers.lowerBound].old.lowerBound..<hunks[numbers.upperBound].old.upperBound
    )
  }

  /// The lines of the new text that stand in the place of a block.
  func newLines(of block: Block) -> Range<Int> {
    func shift(_ hunks: some Sequence<Hunk>) -> Int {
      hunks.reduce(0) { $0 + $1.new.count - $1.old.count }
    }
    let before = shift(hunks[..<block.hunks.lowerBound])
    let inside = shift(hunks[block.hunks])
    return block.lines.lowerBound + before..<block.lines.upperBound + before + inside
  }

  /// A block with lines around it until it stands at one place and no end of it is blank; nil when
  /// the whole text is not enough.
  func widened(_ block: Block) -> Block? {
    var block = block
    while !isClear(block) {
      guard grow(&block) else { return nil }
    }
    return block
  }

  private func isClear(_ block: Block) -> Bool {
    let gone: [String] = Array(old[block.lines])
    let come: [String] = Array(new[newLines(of: block)])
    guard !gone.isEmpty else { return false }
    return [gone, come].allSatisfy { $0.first?.isBlank != true && $0.last?.isBlank != true }
      && places(of: gone, in: old, trimmed: trimmed).count == 1
  }

  /// Takes one line more at each end, or the hunk that begins there; false when there is neither.
  private func grow(_ block: inout Block) -> Bool {
    var (numbers, lines) = (block.hunks, block.lines)
    let (before, behind) = (numbers.lowerBound - 1, numbers.upperBound + 1)
    if before >= 0, hunks[before].old.upperBound == lines.lowerBound {
      numbers = before...numbers.upperBound
      lines = hunks[before].old.lowerBound..<lines.upperBound
    } else if lines.lowerBound > 0 {
      lines = lines.lowerBound - 1..<lines.upperBound
    }
    if behind < hunks.count, hunks[behind].old.lowerBound == lines.upperBound {
      numbers = numbers.lowerBound...behind
      lines = lines.lowerBound..<hunks[behind].old.upperBound
    } else if lines.upperBound < old.count {
      lines = lines.lowerBound..<lines.upperBound + 1
    }
    defer { block = Block(hunks: numbers, lines: lines) }
    return numbers != block.hunks || lines != block.lines
  }
}
