import HealingModel

/// What `heal bank` answers.
struct BankAnswer {
  /// The repairs that were asked for.
  var repairs: [BankedRepair] = []
  /// How many were removed.
  var forgotten = 0
  /// How many came in that were not there, and how many were.
  var imported = 0
  var known = 0
  /// The lines that were refused, with the reason.
  var refused: [(line: Int, reason: String)] = []

  /// Everything as JSON.
  var json: JSON { json(nil) }

  /// What a failure looks like.
  static func failure(_ error: CommandError) -> JSON { BankAnswer().json(error) }

  private func json(_ error: CommandError?) -> JSON {
    [
      "schema": 1,
      "repairs": .array(repairs.map(\.json)),
      "forgotten": .integer(forgotten),
      "imported": .integer(imported),
      "known": .integer(known),
      "refused": .array(
        refused.map { ["line": .integer($0.line), "reason": .string($0.reason)] }
      ),
      "error": error?.json ?? .null,
    ]
  }

  /// What came of an import, for a person.
  var importText: String {
    let parts = [
      "\(imported) new \(imported == 1 ? "repair" : "repairs")",
      known == 0 ? nil : "\(known) that \(known == 1 ? "was" : "were") there already",
      refused.isEmpty ? nil : "\(refused.count) refused",
    ]
    return parts.compactMap { $0 }.joined(separator: ", ") + "\n"
  }
}

extension BankedRepair {
  /// A line of the list.
  func line(style: Style) -> String {
    let last = sources.map(\.time).max() ?? 0
    let kind = contexts.first.map { $0.rule.isEmpty ? $0.category.rawValue : $0.rule } ?? ""
    let times = isTrusted ? "\(verified)×" : "imported"
    return "\(style.yellow(id))  \(localTime(last))  \(padded(times, to: 8))  "
      + printable("\(padded(kind, to: 18))  \(summary)") + "\n"
  }

  /// Everything for a person.
  func text(style: Style) -> String {
    var rows = ["repair \(style.yellow(id)) of \(printable(language)), \(standing)", ""]
    rows += lines(of: example.before).map { style.red("- " + printable(String($0))) }
    rows += lines(of: example.after).map { style.green("+ " + printable(String($0))) }
    if let template {
      rows += ["", style.bold("In general")]
      rows += template.lines(template.before).map { "- " + printable($0) }
      rows += template.lines(template.after).map { "+ " + printable($0) }
    } else {
      rows += ["", "it is too particular to be tried elsewhere"]
    }
    rows += ["", style.bold("Mended")]
    rows += contexts.map { context in
      let parts = [
        context.rule.isEmpty ? context.category.rawValue : context.rule, context.exception,
        context.enclosing.isEmpty ? nil : "in " + context.enclosing.joined(separator: " in "),
      ]
      return "  " + printable(parts.compactMap { $0 }.joined(separator: ", "))
    }
    rows += ["", style.bold("Verified")]
    rows += origins.map { "  " + printable($0.text) }
    rows += imported.map { "  elsewhere: " + printable($0.text) }
    return rows.map { $0 + "\n" }.joined()
  }

  private var standing: String {
    func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
    let tried = recalled == 0 ? "" : ", tried again \(times(recalled))"
    return (isTrusted ? "verified \(times(verified))" : "imported, not verified here") + tried
  }

  private func lines(of text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  /// The repair as JSON.
  var json: JSON {
    [
      "id": .string(id),
      "language": .string(language),
      "summary": .string(summary),
      "before": .string(example.before),
      "after": .string(example.after),
      "template": template.map { template in
        [
          "before": .array(template.lines(template.before).map(JSON.string)),
          "after": .array(template.lines(template.after).map(JSON.string)),
        ]
      } ?? .null,
      "contexts": .array(contexts.map(\.json)),
      "verified": .integer(verified),
      "recalled": .integer(recalled),
      "trusted": .bool(isTrusted),
      "origins": .array(
        origins.map { $0.json(isHere: true) } + imported.map { $0.json(isHere: false) }
      ),
    ]
  }
}

extension RepairTemplate {
  /// One side as lines, the holes as `‹name 1›`.
  func lines(_ tokens: [TemplateToken]) -> [String] {
    var lines: [String] = []
    for token in tokens {
      if case .line(let level) = token.content {
        lines.append(String(repeating: "    ", count: max(0, level)))
        continue
      }
      let text =
        switch token.content {
        case .line: ""
        case .hole(let number):
          "‹\(holes.indices.contains(number) ? holes[number].rawValue : "") \(number + 1)›"
        case .text(let text): text
        }
      guard let line = lines.last else { continue }
      let isFirst = line.allSatisfy { $0 == " " }
      lines[lines.count - 1] += (isFirst ? "" : " ") + text
    }
    return lines
  }
}

extension RepairContext {
  fileprivate var json: JSON {
    [
      "category": .string(category.rawValue),
      "rule": .string(rule),
      "exception": .optional(exception),
      "enclosing": .array(enclosing.map(JSON.string)),
    ]
  }
}

extension RepairOrigin {
  fileprivate var text: String {
    "session \(session) of \(localTime(time)), \(program): \(evidence.rawValue) by \(oracle) "
      + "(strength \(strength.rawValue)), \(edits) \(edits == 1 ? "edit" : "edits"), "
      + "made by \(source.rawValue), " + (applied ? "written" : "not written")
  }

  fileprivate func json(isHere: Bool) -> JSON {
    [
      "session": .string(session),
      "time": .string(utcTime(time)),
      "version": .string(version),
      "program": .string(program),
      "oracle": .string(oracle),
      "oracleStrength": .string(strength.rawValue),
      "evidence": .string(evidence.rawValue),
      "source": .string(source.rawValue),
      "kinds": .array(kinds.map(JSON.string)),
      "edits": .integer(edits),
      "applied": .bool(applied),
      "here": .bool(isHere),
    ]
  }
}
