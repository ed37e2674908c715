public import HealingModel

/// What is known of the bugs for which a bank is asked.
public struct RepairClues: Sendable, Hashable {
  /// What was found.
  public var findings: [Finding]
  /// The type of the exception that the program fails with.
  public var exception: String?
  /// The lines that may be repaired, by file, counted from 1; nil for all.
  public var places: [String: Set<Int>]?

  /// Makes clues.
  public init(findings: [Finding], exception: String?, places: [String: Set<Int>]? = nil) {
    self.findings = findings
    self.exception = exception
    self.places = places
  }

  /// How much of what was known of an earlier bug is known of these: the rule of a finding says most,
  /// then the kind of bug, then the exception.
  func likeness(to repair: BankedRepair) -> Int {
    repair.contexts.map { context in
      let isNamed = findings.contains { $0.rule == context.rule }
      // Whatever is no other kind of bug is one of logic.
      let isLike =
        context.category != .logic && findings.contains { $0.category == context.category }
      let failsAlike = exception != nil && exception == context.exception
      return (isNamed ? 3 : isLike ? 1 : 0) + (failsAlike ? 1 : 0)
    }.max() ?? 0
  }
}

/// A banked repair at a place of a program.
public struct RecalledRepair: Sendable, Hashable {
  /// The repair's name.
  public var id: String
  /// What it would do there.
  public var edit: Edit
}

/// What banked repairs would do in a program, the likeliest first.
///
/// Whole statements that are as they were before a repair come first; then, where more is alike, the
/// tokens around a change. Then what more is known of, what uses no name that the program lacks, and
/// what was verified more often. Where no statement fits, nothing comes.
///
/// - Parameters:
///   - bank: The repairs.
///   - sources: The program.
///   - clues: What is known of its bugs.
///   - rules: Its language.
///   - limit: How many at most.
/// - Returns: One edit each.
public func recall(
  _ bank: [BankedRepair],
  in sources: Sources,
  clues: RepairClues,
  rules: TokenRules,
  limit: Int
) -> [RecalledRepair] {
  let usable = bank.filter { $0.isCandidate && $0.language == rules.language }
  guard !usable.isEmpty, limit > 0 else { return [] }
  let memories = usable.compactMap { Recollection($0, likeness: clues.likeness(to: $0)) }
  var found: [Recalled] = []
  for path in sources.paths where clues.places.map({ $0[path] != nil }) ?? true {
    let text = SourceTokens(sources[path] ?? "", rules)
    let places = clues.places.map { $0[path] ?? [] }
    let named = Set(clues.findings.filter { $0.path == path }.map(\.range.start.line))
    let words = Set(text.logical.flatMap { $0.tokens.map(\.text) })
    for index in text.logical.indices {
      let line = text.logical[index]
      let numbers = line.lines.lowerBound + 1...line.lines.upperBound + 1
      let placed = line.tokens.map { PlacedToken(token: $0, start: $0.start, end: $0.end) }
      for memory in memories {
        for (edit, isWhole) in memory.edits(at: index, placed, of: text, path: path)
        where places.map({ !$0.isDisjoint(with: edit.lines) }) ?? true {
          var recalled = Recalled(memory: memory, edit: edit, isWhole: isWhole)
          recalled.likeness = memory.likeness + (named.isDisjoint(with: numbers) ? 0 : 1)
          recalled.isKnown = memory.brought.isSubset(of: words)
          found.append(recalled)
        }
      }
    }
  }
  var seen: Set<Edit> = []
  return found.sorted { $0.precedes($1) }.filter { seen.insert($0.edit).inserted }.prefix(limit)
    .map { RecalledRepair(id: $0.memory.id, edit: $0.edit) }
}

/// The repairs that are worth showing beside bugs, the most like first.
///
/// - Parameters:
///   - bank: The repairs; what was not verified here is left out.
///   - clues: What is known of the bugs.
///   - language: The program's language.
///   - limit: How many at most.
/// - Returns: The repairs.
public func precedents(
  _ bank: [BankedRepair],
  clues: RepairClues,
  language: String,
  limit: Int
) -> [BankedRepair] {
  bank.filter { $0.isTrusted && $0.language == language }
    .map { (repair: $0, id: $0.id, likeness: clues.likeness(to: $0)) }
    .filter { $0.likeness > 0 }
    .sorted { ($1.likeness, $1.repair.verified, $0.id) < ($0.likeness, $0.repair.verified, $1.id) }
    .prefix(limit).map(\.repair)
}

/// A banked repair made ready to be looked for.
private struct Recollection {
  let id: String
  let verified: Int
  let likeness: Int
  private let template: RepairTemplate
  private let window: RepairTemplate?
  /// How many statements it replaces.
  private let statements: Int
  /// The words that it brings along.
  let brought: Set<String>

  init?(_ repair: BankedRepair, likeness: Int) {
    guard let template = repair.template, template.defect == nil, !template.onlyDeletesLines
    else { return nil }
    id = repair.id
    verified = repair.verified
    self.likeness = likeness
    self.template = template
    statements = template.before.count(where: \.isLine)
    // Of a few tokens alone nothing is believed that the bugs do not say as well.
    window = likeness > 0 ? template.window : nil
    let texts = [template.before, template.after].map { tokens in
      Set(tokens.compactMap { if case .text(let text) = $0.content { text } else { nil } })
    }
    brought = texts[1].subtracting(texts[0]).filter { $0.first?.isLetter == true }
  }

  func edits(
    at index: Int,
    _ placed: [PlacedToken],
    of text: SourceTokens,
    path: String
  ) -> [(Edit, isWhole: Bool)] {
    var result: [(Edit, isWhole: Bool)] = []
    let lines = text.logical[index...].prefix(statements)
    // Most do not fit for their length alone.
    if lines.reduce(lines.count, { $0 + $1.tokens.count }) == template.before.count,
      let edit = template.edit(at: index, of: text, path: path)
    {
      result.append((edit, true))
    }
    guard let window, placed.count >= window.before.count else { return result }
    for start in 0...placed.count - window.before.count {
      let part = placed[start..<start + window.before.count]
      guard let bound = window.bindings(to: part),
        let edit = window.edit(part, bound, base: "", of: text, path: path)
      else { continue }
      result.append((edit, false))
    }
    return result
  }
}

extension RepairTemplate {
  /// Whether it takes lines away and writes nothing: elsewhere that says little.
  fileprivate var onlyDeletesLines: Bool {
    let (prefix, suffix) = common
    return prefix + suffix == after.count
      && before[prefix..<before.count - suffix].contains { $0.isLine }
  }

  /// What changes with a token at either side; nil when that is more than a part of a line, or
  /// says too little.
  fileprivate var window: RepairTemplate? {
    let (prefix, suffix) = common
    let end = before.count - suffix
    let ahead = prefix > 0 && !before[prefix - 1].isLine ? 1 : 0
    let behind = end < before.count && !before[end].isLine ? 1 : 0
    let old = Array(before[(prefix - ahead)..<(end + behind)])
    let new = Array(after[(prefix - ahead)..<(after.count - suffix + behind)])
    guard old.count >= 3, !old.contains(where: \.isLine), !new.contains(where: \.isLine) else {
      return nil
    }
    // A window has holes of its own: those of the rest of the line are bound to nothing in it.
    var numbers: [Int: Int] = [:]
    for hole in Set(old.compactMap(\.hole)).sorted() { numbers[hole] = numbers.count }
    guard new.compactMap(\.hole).allSatisfy({ numbers[$0] != nil }) else { return nil }
    return RepairTemplate(
      holes: numbers.keys.sorted().map { holes[$0] },
      before: old.map { $0.renumbered(numbers) },
      after: new.map { $0.renumbered(numbers) }
    )
  }
}

extension TemplateToken {
  // Where this is part of a loop, the optimiser of Swift 6.3.1 ends with "Found ownership error".
  @inline(never)
  fileprivate var hole: Int? { if case .hole(let number) = content { number } else { nil } }

  fileprivate func renumbered(_ numbers: [Int: Int]) -> TemplateToken {
    hole.flatMap { numbers[$0] }.map { TemplateToken(.hole($0), space: space) } ?? self
  }
}

/// A banked repair at a place, with what speaks for it.
private struct Recalled {
  var memory: Recollection
  var edit: Edit
  var isWhole: Bool
  var likeness = 0
  var isKnown = true

  init(memory: Recollection, edit: Edit, isWhole: Bool) {
    self.memory = memory
    self.edit = edit
    self.isWhole = isWhole
  }

  func precedes(_ other: Recalled) -> Bool {
    if isWhole != other.isWhole { return isWhole }
    if likeness != other.likeness { return likeness > other.likeness }
    if isKnown != other.isKnown { return isKnown }
    if memory.verified != other.memory.verified { return memory.verified > other.memory.verified }
    if memory.id != other.memory.id { return memory.id < other.memory.id }
    if edit.path != other.edit.path { return edit.path < other.edit.path }
    return edit.range.start < other.edit.range.start
  }
}

extension Edit {
  fileprivate var lines: ClosedRange<Int> {
    range.start.line...max(range.start.line, range.end.line)
  }
}
