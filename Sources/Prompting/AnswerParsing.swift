import HealingModel
import Patching

/// The repair that an answer of a model gives.
///
/// Lenient in form: JSON, fenced code, unified diffs, blocks of search and replace, edits by line
/// numbers, whole functions and whole files are read wherever they stand among prose. Strict in
/// effect: each part has exactly one place in the program, or the answer is refused.
///
/// - Parameters:
///   - text: What the model wrote.
///   - context: The program and what was asked.
/// - Returns: The repair.
/// - Throws: ``AnswerRefusal``, worded for the model.
public func parseAnswer(_ text: String, in context: AnswerContext) throws(AnswerRefusal) -> Answer {
  let size = text.utf8.count
  guard size <= context.limit else { throw .tooLarge(bytes: size, limit: context.limit) }
  guard !context.seen.contains(answerDigest(text)) else { throw .repeated }
  let answer = AnswerText(withoutThoughts(text))
  var draft = AnswerDraft(context: context)
  let pieces = answer.pieces(for: context)
  guard !pieces.isEmpty else {
    if context.isTruncated { throw .truncated }
    throw isDeclined(answer.text) ? .declined : .noCode
  }
  for piece in pieces { try draft.take(piece) }
  return try draft.answer()
}

/// Stands for the words of an answer, so that one that was refused is known when it comes again.
///
/// ``Answer/fingerprint`` stands for what an answer comes to; a session that puts both among those
/// that it has seen tries nothing twice.
public func answerDigest(_ text: String) -> String {
  sha256(text.utf8.filter { $0 > 0x20 })
}

/// The text after what a reasoning model thinks aloud.
private func withoutThoughts(_ text: String) -> String {
  guard let end = text.range(ofLast: "</think>") else { return text }
  return String(text[end.upperBound...])
}

private func isDeclined(_ text: String) -> Bool {
  let start = text.prefix(400).lowercased().replacing("’", with: "'")
  let phrases = [
    "i can't", "i cannot", "i'm sorry", "i am sorry", "i'm unable", "i am unable", "as an ai",
    "i won't", "i will not", "i'm not able", "i am not able",
  ]
  return phrases.contains { start.contains($0) }
}

extension String {
  /// Where a text stands last.
  func range(ofLast other: String) -> Range<String.Index>? {
    ranges(of: other).last
  }
}

/// A program in the making: parts of an answer are put in one after the other.
struct AnswerDraft {
  let context: AnswerContext
  /// The lines of each file that is changed, without their ends; indices are those of the program.
  private var files: [String: FileDraft] = [:]
  private(set) var notes: [String] = []

  init(context: AnswerContext) { self.context = context }

  mutating func take(_ piece: AnswerPiece) throws(AnswerRefusal) {
    let path = try resolved(piece.path, around: piece)
    let file = files[path] ?? FileDraft(path: path, text: context.sources[path] ?? "")
    var changed = file
    switch piece.content {
    case .code(let code, let isWhole):
      let isCut = !isWhole && context.isTruncated
      notes += try changed.put(code, isCut: isCut, context: context)
    case .named(let name, let code): try changed.put(code, named: name, context: context)
    case .replacement(let old, let new, let line):
      try changed.replace(old, by: new, near: line)
    case .lines(let lines, let new): try changed.replace(lines: lines, by: new)
    case .hunk(let hunk): try changed.apply(hunk)
    }
    files[path] = changed
  }

  func answer() throws(AnswerRefusal) -> Answer {
    var before = Sources()
    var after = Sources()
    for (path, file) in files {
      before[path] = file.original
      after[path] = try file.text()
    }
    let patch = Patch(from: before, to: after) { _, _ in "suggested by the model" }
    guard !patch.isEmpty else { throw .nothingChanged }
    let sources: Sources
    do {
      sources = try patch.applied(to: context.sources)
    } catch {
      throw .nothingChanged
    }
    guard !sources.changes(since: context.sources).texts.isEmpty else { throw .nothingChanged }
    let print = fingerprint(of: sources.changes(since: context.sources))
    guard !context.seen.contains(print) else { throw .repeated }
    return Answer(patch: patch, sources: sources, fingerprint: print, notes: notes)
  }

  // MARK: Files

  /// The file of the program that a name in an answer means.
  private func resolved(_ name: String?, around piece: AnswerPiece) throws(AnswerRefusal) -> String
  {
    let known = context.sources.paths
    // A word that is no file's name was copied from the description of the format.
    guard let name, name.contains(".") || name.contains("/") || known.contains(name) else {
      if known.count == 1 { return known[0] }
      if let path = pathByDefinition(piece) { return path }
      throw .unnamedFile(known: known)
    }
    for path in [name] + [name.dropPrefix("./"), name.dropPrefix("a/"), name.dropPrefix("b/")] {
      if context.sources[path] != nil, !context.protected.contains(path) { return path }
    }
    let plain = name.dropPrefix("./")
    if context.protected.contains(plain) { throw .protected(path: plain) }
    let parts = plain.split(separator: "/", omittingEmptySubsequences: false)
    if plain.hasPrefix("/") || plain.hasPrefix("~") || plain.contains(":") || parts.contains("..") {
      throw .outside(path: name)
    }
    let ofProtected = context.protected.filter { $0.hasSuffix("/" + plain) }
    let same = known.filter { $0.hasSuffix("/" + plain) || plain.hasSuffix("/" + $0) }
    if let only = same.first, same.count == 1, ofProtected.isEmpty { return only }
    if let path = ofProtected.min(), same.isEmpty { throw .protected(path: path) }
    throw .unknownFile(path: name, known: known)
  }

  /// The only file that defines what a piece without a file's name defines.
  private func pathByDefinition(_ piece: AnswerPiece) -> String? {
    let language = context.language
    let fitting = context.sources.paths.filter { path in
      let own = splitLines(context.sources[path] ?? "")
      switch piece.content {
      case .code(let code, _):
        let wanted = SourceOutline(code, language).outermost.map(\.name)
        let defined = Set(SourceOutline(own, language).definitions.map(\.name))
        return !wanted.isEmpty && wanted.allSatisfy(defined.contains)
      case .named(let name, _):
        return SourceOutline(own, language).definitions.contains { $0.qualifiedName == name }
      case .replacement(let old, _, _):
        return !places(of: old, in: own, trimmed: own.map(\.trimmed)).isEmpty
      case .lines, .hunk: return false
      }
    }
    return fitting.count == 1 ? fitting.first : nil
  }
}

/// Stands for what sources come to, whatever white space ends their lines.
private func fingerprint(of sources: Sources) -> String {
  var bytes: [UInt8] = []
  for path in sources.paths {
    bytes += Array(path.utf8) + [0]
    for line in splitLines(sources[path] ?? "") {
      let text = line.trimmedEnd
      if !text.isEmpty { bytes += Array(text.utf8) + [0x0A] }
    }
    bytes.append(0)
  }
  return sha256(bytes)
}
