import HealingModel
import Search

extension HealingSession {
  /// The space with what earlier sessions found out about the same program and tests.
  ///
  /// Where candidates cost a process, what they do may depend on more than their content.
  func remembering(_ space: any SearchSpace) async -> any SearchSpace {
    guard ablation.uses(.cache), space.isCheap, flaky.isEmpty,
      let content = await adapter.content(of: current)
    else { return space }
    return RememberingSpace(space, content: content, cache: memory.verdicts)
  }
}

/// Evaluates only what no earlier session found to mend nothing.
///
/// A candidate is named by the list of edits that it belongs to, which names the state of the
/// program too, and by its numbers in it.
actor RememberingSpace: SearchSpace {
  nonisolated var baseline: Judgement { space.baseline }
  nonisolated var coverage: [[String: [Int]]] { space.coverage }
  nonisolated var isCheap: Bool { space.isCheap }
  private nonisolated let space: any SearchSpace
  private let content: String
  private let cache: VerdictCache
  private var known: VerdictCache.Verdicts?
  private var new: VerdictCache.Verdicts = [:]
  /// The list of edits of each base, and how far the base gets.
  private var bases: [Int: Base] = [0: Base()]

  private struct Base {
    var state = UInt64(0)
    var list: UInt64?
    /// Edits whose text rests on what runs showed, and not on the program alone.
    var observed: Set<Int> = []
    var progress = 0
  }

  init(_ space: any SearchSpace, content: String, cache: VerdictCache) {
    self.space = space
    self.content = content
    self.cache = cache
  }

  func define(base number: Int, sources: Sources, progress: Int) async throws {
    var hash = StableHash()
    for path in sources.paths {
      hash.add(path)
      hash.add(sources[path] ?? "")
    }
    bases[number] = Base(state: hash.value, progress: progress)
    try await space.define(base: number, sources: sources, progress: progress)
  }

  func edits(base: Int, places: [String: [Int: Double]], limit: Int) async throws -> [SearchEdit] {
    let edits = try await space.edits(base: base, places: places, limit: limit)
    var hash = StableHash()
    hash.add(bases[base]?.state ?? 0)
    for edit in edits {
      hash.add(edit.kind)
      hash.add(edit.path)
      for number in [
        edit.id, edit.range.start.line, edit.range.start.column, edit.range.end.line,
        edit.range.end.column, edit.size, edit.twinOf ?? -1,
      ] { hash.add(UInt64(bitPattern: Int64(number))) }
    }
    bases[base]?.list = hash.value
    bases[base]?.observed = Set(edits.lazy.filter { EditOrder.isObserved($0.kind) }.map(\.id))
    return edits
  }

  func evaluate(
    base: Int,
    candidates: [[Int]],
    options: EvaluationOptions
  ) async throws -> [Evaluation] {
    let known = await remembered()
    let names = candidates.map { name(of: $0, at: base, options) }
    let progress = bases[base]?.progress ?? 0
    var results = names.map { name -> Evaluation? in
      switch name.flatMap({ known[$0] }) {
      case nil: nil
      case .cannotRun: Evaluation(status: .duplicate, progress: progress, isRemembered: true)
      case .reached(let reached):
        Evaluation(status: .failed, progress: Int(reached), isRemembered: true)
      }
    }
    let unknown = results.indices.filter { results[$0] == nil }
    if !unknown.isEmpty {
      let evaluated = try await space.evaluate(
        base: base,
        candidates: unknown.map { candidates[$0] },
        options: options
      )
      for (index, evaluation) in zip(unknown, evaluated) {
        results[index] = evaluation
        if let name = names[index] { remember(evaluation, as: name) }
      }
    }
    return results.compactMap { $0 }
  }

  func render(base: Int, candidate: [Int]) async throws -> Rendering {
    try await space.render(base: base, candidate: candidate)
  }

  func compare(_ versions: [Sources], within seconds: Double) async throws -> Comparison {
    try await space.compare(versions, within: seconds)
  }

  func close() async {
    if !new.isEmpty { await cache.add(content, new) }
    new = [:]
    await space.close()
  }

  private func remembered() async -> VerdictCache.Verdicts {
    if let known { return known }
    let known = await cache.known(content)
    self.known = known
    return known
  }

  /// The candidate's name; nil for one that content alone does not tell from others.
  private func name(of candidate: [Int], at base: Int, _ options: EvaluationOptions) -> UInt64? {
    guard let known = bases[base], let list = known.list, !candidate.isEmpty,
      known.observed.isDisjoint(with: candidate)
    else { return nil }
    var hash = StableHash()
    hash.add(list)
    hash.add(UInt64(options.fuel))
    hash.add(options.timeout.bitPattern)
    for id in candidate.sorted() { hash.add(UInt64(id)) }
    return hash.value
  }

  private func remember(_ evaluation: Evaluation, as name: UInt64) {
    switch evaluation.status {
    case .failed where evaluation.regressed.isEmpty:
      if let progress = Int32(exactly: evaluation.progress) { new[name] = .reached(progress) }
    case .invalid, .exhausted, .duplicate: new[name] = .cannotRun
    case .failed, .passed, .partial, .impure, .died, .notRun: break
    }
  }
}

/// A hash that is the same in every process (FNV-1a, Fowler, Noll and Vo 1991).
private struct StableHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte: byte) }
    add(byte: 0xff)
  }

  mutating func add(_ number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      add(byte: UInt8(truncatingIfNeeded: number >> UInt64(shift)))
    }
  }

  private mutating func add(byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
}
