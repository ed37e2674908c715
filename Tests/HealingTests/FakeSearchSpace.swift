import Healing
import HealingModel
import Patching
import Search

/// One edit of a search: its text with what the search is told of it.
struct TinyEdit: Sendable, Hashable {
  var kind: String
  var edit: Edit
  /// The number of the edit that it makes elsewhere too.
  var twinOf: Int?
}

/// The edits of the tiny language, evaluated by value.
actor FakeSearchSpace: SearchSpace {
  nonisolated let baseline: Judgement
  nonisolated let coverage: [[String: [Int]]]
  nonisolated var isCheap: Bool { true }
  private let adapter: FakeAdapter
  private let opened: Sources
  private var bases: [Int: Sources]
  private var enumerations: [Int: [TinyEdit]] = [:]
  private var seen: Set<Sources> = []

  init(on sources: Sources, adapter: FakeAdapter) {
    (baseline, coverage) = adapter.run(sources, by: .search)
    self.adapter = adapter
    opened = sources
    bases = [0: sources]
    seen = [sources]
  }

  func define(base number: Int, sources: Sources, progress: Int) {
    var state = opened
    for path in sources.paths { state[path] = sources[path] }
    bases[number] = state
  }

  func edits(base: Int, places: [String: [Int: Double]], limit: Int) async throws -> [SearchEdit] {
    try await adapter.note(.edits(base: base, places: places))
    guard let sources = bases[base] else { return [] }
    var edits = adapter.script.searchEdits(sources)
    if adapter.script.hasOperators { edits += operatorEdits(sources, places) }
    enumerations[base] = Array(edits.prefix(limit))
    return edits.prefix(limit).enumerated().map { id, item in
      SearchEdit(
        id: id,
        kind: item.kind,
        path: item.edit.path,
        range: item.edit.range,
        size: 1,
        twinOf: item.twinOf
      )
    }
  }

  func evaluate(
    base: Int,
    candidates: [[Int]],
    options: EvaluationOptions
  ) async throws -> [Evaluation] {
    try await adapter.note(
      .evaluate(base: base, count: candidates.count),
      cost: adapter.script.candidateCost * Double(candidates.count)
    )
    return try candidates.map { ids in
      guard let sources = bases[base] else { return Evaluation(status: .invalid, progress: 0) }
      return evaluation(of: try Patch(edits: chosen(ids, base)).applied(to: sources))
    }
  }

  func render(base: Int, candidate: [Int]) async throws -> Rendering {
    try await adapter.note(.render)
    let edits = chosen(candidate, base)
    return Rendering(edits: edits, sentences: edits.map(\.reason))
  }

  func compare(_ versions: [Sources], within seconds: Double) async throws -> Comparison {
    try await adapter.note(.compare(versions.count))
    return adapter.script.compared(versions)
  }

  func close() async { try? await adapter.note(.closeSearch) }

  private func chosen(_ ids: [Int], _ base: Int) -> [Edit] {
    ids.compactMap { enumerations[base]?[$0].edit }
  }

  private func evaluation(of sources: Sources) -> Evaluation {
    guard seen.insert(sources).inserted else { return Evaluation(status: .duplicate, progress: 0) }
    guard TinyProgram(sources).errors.isEmpty else {
      return Evaluation(status: .invalid, progress: 0)
    }
    let (judgement, _) = adapter.run(sources, by: .search)
    let passing = judgement.tests.indices.filter { judgement.tests[$0].outcome == .passed }
    let before = baseline.tests.indices.filter { baseline.tests[$0].outcome == .passed }
    let lost = adapter.script.seesRegressions ? before.filter { !passing.contains($0) } : []
    let gained = Set(passing).subtracting(before)
    let all = judgement.tests.count == baseline.tests.count && passing.count == baseline.tests.count
    return Evaluation(
      status: all ? .passed : gained.isEmpty ? .failed : .partial,
      progress: 4 * (gained.count - lost.count) + adapter.script.nearness(sources),
      passing: passing,
      regressed: lost
    )
  }
}

/// Every operator by another one, every number by its neighbours, every name by another one.
private func operatorEdits(_ sources: Sources, _ places: [String: [Int: Double]]) -> [TinyEdit] {
  let names = TinyProgram(sources).definedNames.sorted()
  var edits: [TinyEdit] = []
  for path in places.keys.sorted() {
    for (index, line) in Patching.lines(of: sources[path] ?? "").enumerated()
    where places[path]?[index + 1] != nil {
      for token in tokens(of: withoutLineEnd(line)).dropFirst(2) {
        for (kind, new) in replacements(of: token.text, names: names) {
          let start = TextPosition(line: index + 1, column: token.column)
          let end = TextPosition(line: index + 1, column: token.column + token.text.count)
          let edit = Edit(
            path: path,
            range: TextRange(start: start, end: end),
            new: new,
            reason: "`\(new)` for `\(token.text)`"
          )
          edits.append(TinyEdit(kind: kind, edit: edit))
        }
      }
    }
  }
  return edits
}

private func replacements(of word: String, names: [String]) -> [(kind: String, new: String)] {
  if let number = Int(word) {
    return [("constant", "\(number + 1)"), ("constant", "\(number - 1)")]
  }
  let signs = ["+", "-", "*", "/"]
  if signs.contains(word) { return signs.filter { $0 != word }.map { ("arithmetic", $0) } }
  if isName(word) { return names.filter { $0 != word }.map { ("variable", $0) } }
  return []
}
