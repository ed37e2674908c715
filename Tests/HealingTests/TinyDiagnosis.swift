import HealingModel
import Patching

/// The findings of the tiny language: unknown names that look like known ones, texts used as
/// numbers, and packages that are not there.
func tinyFindings(_ sources: Sources, _ seen: Observation?, given: Set<String>) -> [Finding] {
  let program = TinyProgram(sources)
  let known = program.definedNames.union(given)
  var findings = program.errors.map { error in
    finding(.syntax, "syntax/parse", error.path, error.line, "this line does not parse", .parse, [])
  }
  for line in program.lines {
    let expression: TinyExpression
    switch line.statement {
    case .define(_, let value), .show(let value): expression = value
    case .blank, .exit, .command: continue
    }
    for name in expression.names where !known.contains(name) {
      let fixes = known.sorted().filter { isNear(name, $0) }.compactMap { similar in
        replacement(
          of: name,
          by: similar,
          at: line,
          sources,
          "name/undefined",
          "`\(name)` is not defined here"
        )
      }
      var undefined = finding(
        .name,
        "name/undefined",
        line.path,
        line.number,
        "`\(name)` is not defined here",
        .static,
        fixes
      )
      undefined.range = tokenRange(name, at: line, sources) ?? undefined.range
      findings.append(undefined)
    }
  }
  return findings + raisedFindings(program, sources, seen)
}

private func raisedFindings(
  _ program: TinyProgram,
  _ sources: Sources,
  _ seen: Observation?
) -> [Finding] {
  guard let exception = seen?.exception, let frame = exception.frames.last else { return [] }
  switch exception.type {
  case "TypeError":
    // Any quoted number that the program has may be the one that met a number.
    let fixes = program.lines.flatMap { line in
      tokens(of: text(of: line, sources)).map(\.text).filter(isQuotedNumber).compactMap { word in
        replacement(
          of: word,
          by: String(word.dropFirst().dropLast()),
          at: line,
          sources,
          "type/text-as-number",
          "a text is used as a number"
        )
      }
    }
    return [
      finding(
        .type,
        "type/text-as-number",
        frame.path,
        frame.line,
        "a text is used as a number",
        .runtime,
        fixes
      )
    ]
  case "ModuleNotFoundError":
    return [
      finding(
        .resource,
        "environment/missing-package",
        frame.path,
        frame.line,
        "the package \(exception.message) is not installed",
        .runtime,
        []
      )
    ]
  default: return []
  }
}

/// A finding on a whole line.
func finding(
  _ category: HealingModel.Category,
  _ rule: String,
  _ path: String,
  _ line: Int,
  _ message: String,
  _ source: Evidence.Source,
  _ fixes: [Fix],
  confidence: Confidence = .high
) -> Finding {
  Finding(
    category: category,
    rule: rule,
    path: path,
    range: TextRange(
      start: TextPosition(line: line, column: 1),
      end: TextPosition(line: line, column: 2)
    ),
    message: message,
    hint: "install or mend it",
    evidence: [Evidence(source: source, text: message)],
    confidence: confidence,
    fixes: fixes
  )
}

/// The replacement of whole lines, counted from 1, by a text; an empty range inserts.
func replacing(
  _ lines: Range<Int>,
  by text: String,
  in path: String = "main",
  because reason: String
) -> Edit {
  Edit(
    path: path,
    range: TextRange(
      start: TextPosition(line: lines.lowerBound, column: 1),
      end: TextPosition(line: lines.upperBound, column: 1)
    ),
    new: text,
    reason: reason
  )
}

private func replacement(
  of word: String,
  by new: String,
  at line: TinyProgram.Line,
  _ sources: Sources,
  _ rule: String,
  _ reason: String
) -> Fix? {
  guard let range = tokenRange(word, at: line, sources) else { return nil }
  let edit = Edit(
    path: line.path,
    range: range,
    new: new,
    reason: "\(reason): `\(new)` for `\(word)`",
    finding: rule
  )
  return Fix(edits: [edit], confidence: .high)
}

private func tokenRange(
  _ word: String,
  at line: TinyProgram.Line,
  _ sources: Sources
) -> TextRange? {
  guard let token = tokens(of: text(of: line, sources)).last(where: { $0.text == word }) else {
    return nil
  }
  return TextRange(
    start: TextPosition(line: line.number, column: token.column),
    end: TextPosition(line: line.number, column: token.column + word.unicodeScalars.count)
  )
}

private func text(of line: TinyProgram.Line, _ sources: Sources) -> String {
  withoutLineEnd(Patching.lines(of: sources[line.path] ?? "")[line.number - 1])
}

private func isQuotedNumber(_ word: String) -> Bool {
  word.hasPrefix("'") && word.hasSuffix("'") && Int(word.dropFirst().dropLast()) != nil
}

/// Whether two names of one length differ in one letter.
private func isNear(_ lhs: String, _ rhs: String) -> Bool {
  lhs.count == rhs.count && zip(lhs, rhs).count { $0 != $1 } == 1
}

/// Repairs of the lines that do not parse: `:` stands for `=`, and `?` for any operator.
func tinyRepairs(_ sources: Sources, limit: Int) -> [Fix] {
  var repairs: [[Edit]] = [[]]
  for error in TinyProgram(sources).errors {
    let line = withoutLineEnd(Patching.lines(of: sources[error.path] ?? "")[error.line - 1])
    let choices = tokens(of: line).flatMap { token -> [Edit] in
      let new = token.text == ":" ? ["="] : token.text == "?" ? ["+", "-", "*"] : []
      return new.map { sign in
        Edit(
          path: error.path,
          range: TextRange(
            start: TextPosition(line: error.line, column: token.column),
            end: TextPosition(line: error.line, column: token.column + 1)
          ),
          new: sign,
          reason: "this line does not parse: `\(sign)` is missing",
          finding: "syntax/parse"
        )
      }
    }
    guard !choices.isEmpty else { return [] }
    repairs = repairs.flatMap { repair in choices.map { repair + [$0] } }
  }
  return repairs.prefix(limit).map { Fix(edits: $0, confidence: .high) }
}
