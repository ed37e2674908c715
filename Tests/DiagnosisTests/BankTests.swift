import Diagnosis
import HealingModel
import Patching
import Testing

/// A language of blocks by indentation.
private let rules = TokenRules(
  language: "Test",
  fixedWords: ["def", "for", "if", "in", "len", "range", "return", "self", "while", "print"],
  fixedAttributes: ["append"],
  statementWords: ["def", "return"],
  blockWords: ["def", "for", "if", "while"],
  textPrefixes: ["f"],
  operators: ["<=", ">=", "==", "+="],
  comment: "#"
)

/// The edits of a change, one for each run of changed lines, as a session's report has them.
private func edits(from before: String, to after: String) -> [Edit] {
  Patch(from: Sources(["a": before]), to: Sources(["a": after])) { _, _ in "" }.edits
}

private func general(_ before: String, _ after: String) throws -> GeneralRepair {
  generalise(try #require(edits(from: before, to: after).first), in: before, rules)
}

private func banked(
  _ general: GeneralRepair,
  rule: String = "",
  exception: String? = nil,
  source: Candidate.Origin = .search,
  times: Int = 1
) throws -> BankedRepair {
  BankedRepair(
    language: rules.language,
    template: general.template,
    example: try #require(general.example),
    contexts: [
      RepairContext(
        category: .logic,
        rule: rule,
        exception: exception,
        enclosing: general.enclosing
      )
    ],
    origins: (0..<times).map { number in
      RepairOrigin(
        session: "0123456789ab",
        time: 1,
        version: "1",
        program: "a",
        oracle: "suite",
        strength: .suite,
        evidence: .tested,
        source: source,
        kinds: [],
        edits: 1,
        digest: "\(number)"
      )
    }
  )
}

private let noClues = RepairClues(findings: [], exception: nil)

/// What repairs of the bank make of a program, each alone.
private func recalled(
  _ bank: [BankedRepair],
  in text: String,
  _ clues: RepairClues = noClues,
  limit: Int = 40
) throws -> [String] {
  try recall(bank, in: Sources(["a": text]), clues: clues, rules: rules, limit: limit).map {
    let sources = try Patch(edits: [$0.edit]).applied(to: Sources(["a": text]))
    return try #require(sources["a"])
  }
}

@Suite("repairs in general")
struct GeneralisingTests {
  @Test(
    "what is particular to a program becomes a hole, what the repair is about stays",
    arguments: [
      ("if low < high:\n", "if low <= high:\n", "/0 =if $0 =< $1 =:", "/0 =if $0 =<= $1 =:"),
      ("x = y + 7\n", "x = y + 7 + 7\n", "/0 $0 == $1 =+ $2", "/0 $0 == $1 =+ $2 =+ $2"),
      ("a = tota(b)\n", "a = total(b)\n", "/0 $0 == =tota =( $1 =)", "/0 $0 == =total =( $1 =)"),
      (
        "xs.append(x)\n", "xs.append(y)\n", "/0 $0 =. =append =( =x =)", "/0 $0 =. =append =( =y =)"
      ),
    ]
  )
  func holes(before: String, after: String, read: String, wrote: String) throws {
    let template = try #require(try general(before, after).template)
    func text(_ tokens: [TemplateToken]) -> String {
      tokens.map { TemplateToken($0.content).rawValue }.joined(separator: " ")
    }
    #expect(text(template.before) == read)
    #expect(text(template.after) == wrote)
  }

  @Test("a repair is made again in another program, with its names, steps and line ends")
  func carriesOver() throws {
    let repair = try banked(
      general(
        "def f(xs):\n    for i in range(len(xs) - 1):\n        total += xs[i]\n",
        "def f(xs):\n    for i in range(len(xs)):\n        total += xs[i]\n"
      )
    )
    let other = "if ready:\r\n\tfor  n in range(len(rows)-1):  # all\r\n\t\tshow(rows[n])\r\n"
    #expect(
      try recalled([repair], in: other) == [
        "if ready:\r\n\tfor  n in range(len(rows)):  # all\r\n\t\tshow(rows[n])\r\n"
      ]
    )
    #expect(repair.contexts[0].enclosing == ["def"])
  }

  @Test("lines that are put in are indented as their new program is")
  func insertion() throws {
    let repair = try banked(
      general(
        "while a < b:\n    c = a + b\n    if c:\n        b = c\n",
        "while a < b:\n    c = a + b\n    if c:\n        b = c\n        a += 1\n"
      )
    )
    let other = "def g():\n  while k < m:\n    if k:\n      m = z  # why\n  return k\n"
    #expect(
      try recalled([repair], in: other).contains(
        "def g():\n  while k < m:\n    if k:\n      m = z  # why\n      a += 1\n  return k\n"
      )
    )
  }

  @Test("statements over several lines are taken whole, and texts with them")
  func severalLines() throws {
    let before =
      "def f():\n    show(\n        1,\n        \"\"\"a\n  b < c\"\"\" + x,\n    )\n    go()\n"
    let after = before.replacing("+ x", with: "+ x + 3")
    let template = try #require(try general(before, after).template)
    #expect(template.before.contains { $0.rawValue == "=show" } == false)
    #expect(template.before.count { if case .line = $0.content { true } else { false } } == 1)
    #expect(try recalled([try banked(general(before, after))], in: before).contains(after))
  }

  @Test("an edit of many lines is an example only, and of comments nothing at all")
  func limits() throws {
    let long = (0..<20).map { "x\($0) = \($0)\n" }.joined()
    let other = long.replacing("=", with: "+=")
    let many = generalise(
      Edit(
        path: "a",
        range: TextRange(
          start: TextPosition(line: 1, column: 1),
          end: TextPosition(line: 21, column: 1)
        ),
        new: other,
        reason: ""
      ),
      in: long,
      rules
    )
    #expect(many.template == nil)
    #expect(many.example != nil)
    #expect(try general("a = 1  # one\n", "a = 1  # two\n").template == nil)
  }

  @Test("a place that is not in the text gives nothing")
  func outside() {
    let range = TextRange(
      start: TextPosition(line: 9, column: 1),
      end: TextPosition(line: 9, column: 2)
    )
    let edit = Edit(path: "a", range: range, new: "x", reason: "")
    #expect(generalise(edit, in: "a = 1\n", rules).example == nil)
  }
}

@Suite("recalling repairs")
struct RecallingTests {
  @Test("made of its own program a repair is what it was", arguments: 0..<300)
  func ownProgram(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let before = RandomProgram(&random).text
    let after = RandomProgram.changed(before, &random)
    for edit in edits(from: before, to: after) {
      let general = generalise(edit, in: before, rules)
      guard let template = general.template, !takesLines(template) else { continue }
      #expect(template.defect == nil)
      let repaired = try Patch(edits: [edit]).applied(to: Sources(["a": before]))["a"]
      let found = try recalled([try banked(general)], in: before, limit: 1000)
      #expect(found.contains(try #require(repaired)))
    }
  }

  /// What only takes lines away is told and not tried.
  private func takesLines(_ template: RepairTemplate) -> Bool {
    let (prefix, suffix) = template.common
    return prefix + suffix == template.after.count
      && template.before[prefix..<template.before.count - suffix].contains {
        if case .line = $0.content { true } else { false }
      }
  }

  @Test("most small edits have a template")
  func share() throws {
    var (all, with) = (0, 0)
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let before = RandomProgram(&random).text
      for edit in edits(from: before, to: RandomProgram.changed(before, &random)) {
        all += 1
        with += generalise(edit, in: before, rules).template == nil ? 0 : 1
      }
    }
    #expect(all > 150)
    #expect(with * 10 >= all * 8, "\(with) of \(all)")
  }

  @Test("whatever the texts, edits lie at the places that were asked for", arguments: 0..<200)
  func places(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let before = RandomProgram(&random).text
    let bank = try edits(from: before, to: RandomProgram.changed(before, &random)).compactMap {
      let general = generalise($0, in: before, rules)
      return general.template == nil ? nil : try banked(general)
    }
    let text = RandomProgram.broken(before, &random)
    let line = Int.random(in: 1...max(1, lines(of: text).count), using: &random)
    for place in [nil, ["a": Set([line])]] {
      let clues = RepairClues(findings: [], exception: nil, places: place)
      let found = recall(
        bank,
        in: Sources(["a": text]),
        clues: clues,
        rules: rules,
        limit: 1000
      )
      for item in found {
        let range = item.edit.range
        _ = try Patch(edits: [item.edit]).applied(to: Sources(["a": text]))
        #expect(place == nil || (range.start.line...range.end.line).contains(line))
      }
    }
  }

  @Test("findings' own fixes, other languages and what only deletes are not tried")
  func leftOut() throws {
    let change = try general("if a < b:\n", "if a <= b:\n")
    let text = "if c < d:\n"
    #expect(try recalled([banked(change)], in: text) == ["if c <= d:\n"])
    #expect(try recalled([banked(change, source: .finding)], in: text) == [])
    var foreign = try banked(change)
    foreign.language = "Other"
    #expect(try recalled([foreign], in: text) == [])
    let deletion = try banked(general("a = b\na = c\n", "a = b\n"))
    #expect(deletion.template != nil)
    #expect(try recalled([deletion], in: "x = y\nx = z\n") == [])
  }

  @Test("tokens around a change are believed only where more of the bug is alike")
  func windows() throws {
    let repair = try banked(
      general("if a < b:\n", "if a <= b:\n"),
      rule: "logic/limit",
      exception: "Late"
    )
    let text = "while go and x < y:\n"
    #expect(try recalled([repair], in: text) == [])
    let alike = RepairClues(findings: [], exception: "Late")
    #expect(try recalled([repair], in: text, alike) == ["while go and x <= y:\n"])
  }

  @Test("the likeliest come first, and no more than asked for")
  func order() throws {
    let rare = try banked(general("if a < b:\n", "if a <= b:\n"))
    let common = try banked(general("if a < b:\n", "if a >= b:\n"), times: 3)
    let named = try banked(general("if a < b:\n", "if a == b:\n"), rule: "logic/limit")
    let bank = [rare, common, named]
    let text = "if c < d:\n"
    #expect(try recalled(bank, in: text).first == "if c >= d:\n")
    let place = TextRange(
      start: TextPosition(line: 1, column: 1),
      end: TextPosition(line: 1, column: 2)
    )
    let finding = Finding(
      category: .logic,
      rule: "logic/limit",
      path: "a",
      range: place,
      message: "",
      hint: "",
      evidence: [],
      confidence: .medium
    )
    let clues = RepairClues(findings: [finding], exception: nil)
    #expect(try recalled(bank, in: text, clues).first == "if c == d:\n")
    #expect(try recalled(bank, in: text, clues, limit: 2).count == 2)
    #expect(try recalled(bank.reversed(), in: text, clues) == recalled(bank, in: text, clues))
    #expect(precedents(bank, clues: clues, language: "Test", limit: 1) == [named])
    let strange = RepairClues(findings: [], exception: "Other")
    #expect(precedents(bank, clues: strange, language: "Test", limit: 3) == [])
  }
}

/// Programs of random statements.
private struct RandomProgram {
  var text = ""

  init(_ random: inout SeededGenerator) {
    var depth = 0
    let step = Bool.random(using: &random) ? "    " : "\t"
    for _ in 0..<Int.random(in: 1..<12, using: &random) {
      let line = Self.statements.randomElement(using: &random) ?? ""
      text += String(repeating: step, count: depth)
      text += Self.filled(line, &random) + "\n"
      if line.hasSuffix(":") {
        depth += 1
      } else if depth > 0, Bool.random(using: &random) {
        depth -= 1
      }
      if Int.random(in: 0..<8, using: &random) == 0 { text += "\n" }
    }
  }

  private static let statements = [
    "N = N + 7", "if N < N:", "while N <= len(N):", "N.append(N)", "return N", "N += N[0]",
    "print('T', N)  # said", "self.N = N.N", "for N in range(3):", "N = [1,\n  N,\n  9]",
    "N = f'{N}' + \"\"\"two\n lines\"\"\"",
  ]

  private static func filled(_ line: String, _ random: inout SeededGenerator) -> String {
    line.map { letter in
      let names = letter == "N" ? ["a", "bee", "cat", "dog"] : ["\(letter)"]
      return names.randomElement(using: &random) ?? ""
    }.joined()
  }

  /// The program with a few tokens, or a line, changed.
  static func changed(_ text: String, _ random: inout SeededGenerator) -> String {
    let changes: [(String, String)] = [
      ("<", "<="), ("7", "8"), ("+", "-"), ("a", "cat"), ("[0]", "[1]"), ("print", "show"),
      ("\n", "\n\n"), ("return", "return not"), ("(3)", "(3 + 1)"), ("bee", "bee.a"),
    ]
    let (old, new) = changes.randomElement(using: &random) ?? ("a", "b")
    var rows = lines(of: text)
    let hits = rows.indices.filter { rows[$0].contains(old) }
    guard let hit = hits.randomElement(using: &random) else {
      let at = Int.random(in: 0..<rows.count, using: &random)
      let margin = rows[at].prefix { $0 == " " || $0 == "\t" }
      rows.insert("\(margin)cat = bee\n", at: at)
      return rows.joined()
    }
    rows[hit] = rows[hit].replacing(old, with: new, maxReplacements: 1)
    return rows.joined()
  }

  /// The program with characters put in, taken out and replaced.
  static func broken(_ text: String, _ random: inout SeededGenerator) -> String {
    var scalars = Array(text.unicodeScalars)
    let strange: [Unicode.Scalar] = [
      "(", "]", "\"", "'", "\\", "\r", "\n", "#", "\u{301}", "𝄞", ".",
    ]
    for _ in 0..<Int.random(in: 0..<6, using: &random) where !scalars.isEmpty {
      let at = Int.random(in: scalars.indices, using: &random)
      let new = strange.randomElement(using: &random) ?? "."
      switch Int.random(in: 0..<3, using: &random) {
      case 0: scalars.insert(new, at: at)
      case 1: scalars.remove(at: at)
      default: scalars[at] = new
      }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
