import HealingModel
import Patching
import Search

/// Repairs of several edits: combinations of edits that each get further.
extension SearchDriver {
  /// Evaluates every single edit, and now and then those together that mend different tests: bugs that
  /// stand far apart need not wait until nothing is left to try.
  ///
  /// - Returns: How many single edits were evaluated.
  mutating func exhaustTogether(_ base: SearchBase, _ edits: [Scored]) async throws -> Int {
    var done = 0
    var known = 0
    var tried = Set<Set<Int>>()
    while done < edits.count, mayGoOn {
      let part = Array(edits[done..<min(done + settings.together.every, edits.count)])
      let count = try await exhaust(base, part)
      done += count
      guard count == part.count else { break }
      guard !isPlausible, trials.count > known, settings.ablation.uses(.combine) else { continue }
      known = trials.count
      let sets = covers().filter { tried.insert(Set($0.edits.map(\.id))).inserted }
      try await evaluate(sets, at: base)
    }
    return done
  }

  /// Sets of single edits that mend between them all that single edits mend, the most promising
  /// first.
  private func covers() -> [(edits: [SearchEdit], score: Double)] {
    let broken = Set(
      space.baseline.tests.indices.filter {
        let test = space.baseline.tests[$0]
        return test.target && test.flaky != true && [.failed, .error].contains(test.outcome)
      }
    )
    let mending = trials.filter {
      $0.edits.count == 1 && $0.evaluation.status == .partial && $0.evaluation.regressed.isEmpty
    }
    let groups = Dictionary(grouping: mending) { broken.intersection($0.evaluation.passing) }
    var left = broken
    var chosen: [[Trial]] = []
    while !left.isEmpty {
      let best = groups.max { lhs, rhs in
        let (less, more) = (left.intersection(lhs.key).count, left.intersection(rhs.key).count)
        return less == more
          ? lhs.key.sorted().lexicographicallyPrecedes(rhs.key.sorted()) : less < more
      }
      // What is left may need several of them at once.
      guard let best, !left.isDisjoint(with: best.key) else { break }
      left.subtract(best.key)
      chosen.append(
        Array(best.value.sorted { $0.precedes($1) }.prefix(settings.together.alike))
      )
    }
    var sets: [(edits: [SearchEdit], score: Double)] = [([], 1)]
    for group in chosen {
      let grown = sets.flatMap { set in
        group.filter { areCompatible(set.edits, $0.edits) }.map { trial in
          (edits: set.edits + trial.edits, score: set.score * trial.score)
        }
      }
      sets = Array(grown.sorted { $0.score > $1.score }.prefix(settings.together.most))
    }
    return sets.filter { $0.edits.count > 1 }
  }

  /// Edits that each get further, put together: several bugs at once are mended by several edits.
  ///
  /// A beam over sets of edits. Each level adds one edit to the sets that got furthest; those whose
  /// parts promise most together are tried first. A set goes on to the next level when it gets
  /// further than each set of one edit less, so that every edit of it has its share.
  mutating func combine(_ base: SearchBase) async throws {
    let pool = combinationPool()
    guard pool.count > 1 else { return }
    var gains = Dictionary(pool.map { (Set($0.ids), $0.gain) }, uniquingKeysWith: max)
    var level = Array(pool.prefix(settings.combinations.width))
    for _ in 1..<settings.combinations.edits where !level.isEmpty && !isPlausible && mayGoOn {
      let sets = grown(level, by: pool, known: gains)
      let before = trials.count
      try await evaluate(sets.map { ($0.edits, $0.score) }, at: base)
      let reached = trials[before...].filter { $0.advances }
      for set in sets { gains[Set(set.edits.map(\.id))] = Int.min }
      for trial in reached { gains[Set(trial.ids)] = trial.gain }
      let useful = reached.filter { trial in
        trial.ids.allSatisfy { id in
          gains[Set(trial.ids).subtracting([id])].map { $0 < trial.gain } ?? true
        }
      }
      level = beam(useful, width: settings.combinations.width, alike: 2)
    }
    try await improve(from: pool, at: base)
  }

  /// The single edits that combinations are made of: of each line those that promise most, by what
  /// they gain and by what they are.
  ///
  /// Several bugs stand at several places, and what gains most by itself is often many edits of one
  /// of them; a right edit may show little before the others are made.
  private func combinationPool() -> [Trial] {
    let single = trials.filter { $0.edits.count == 1 && $0.advances }
    let places = Dictionary(grouping: single) { trial in
      trial.edits.map { "\($0.path):\($0.range.start.line)" }
    }
    var ranks: [Int: Int] = [:]
    for here in places.values {
      for order in [here.sorted { promise($0) > promise($1) }, here.sorted { $0.precedes($1) }] {
        for (rank, trial) in order.prefix(settings.combinations.perLine).enumerated() {
          ranks[trial.ids[0]] = min(rank, ranks[trial.ids[0]] ?? rank)
        }
      }
    }
    let chosen = single.filter { ranks[$0.ids[0]] != nil }.sorted { lhs, rhs in
      let (left, right) = (ranks[lhs.ids[0]] ?? 0, ranks[rhs.ids[0]] ?? 0)
      return left == right ? promise(lhs) > promise(rhs) : left < right
    }
    return Array(chosen.prefix(settings.combinations.pool))
  }

  /// What a single edit promises to a combination; no two promise the same.
  private func promise(_ trial: Trial) -> (Double, Int) {
    let prior = trial.kinds.first.map(order.prior) ?? 0
    return (Double(trial.gain) * prior, -(trial.ids.first ?? 0))
  }

  /// Puts likelier edits in the place of single ones of the likeliest combination that passes.
  private mutating func improve(from pool: [Trial], at base: SearchBase) async throws {
    guard let best = plausible.first, best.edits.count > 1 else { return }
    let scores = Dictionary(
      pool.map { ($0.ids[0], $0.score) },
      uniquingKeysWith: { first, _ in first }
    )
    var sets: [(edits: [SearchEdit], score: Double)] = []
    for (index, edit) in best.edits.enumerated() {
      guard let score = scores[edit.id], score > 0 else { continue }
      var others = best.edits
      others.remove(at: index)
      sets += pool.filter { $0.score > score && areCompatible($0.edits, others) }.map {
        (others + $0.edits, best.score / score * $0.score)
      }
    }
    try await evaluate(sets.sorted { $0.score > $1.score }, at: base)
  }

  /// Each set of a level with one more edit of the pool, those whose parts gain most first.
  private func grown(
    _ level: [Trial],
    by pool: [Trial],
    known: [Set<Int>: Int]
  ) -> [(edits: [SearchEdit], score: Double)] {
    var seen = Set<Set<Int>>()
    var sets: [(edits: [SearchEdit], score: Double, gain: Int)] = []
    for trial in level {
      for addition in pool where areCompatible(trial.edits, addition.edits) {
        let ids = Set(trial.ids + addition.ids)
        guard known[ids] == nil, seen.insert(ids).inserted else { continue }
        sets.append(
          (trial.edits + addition.edits, trial.score * addition.score, trial.gain + addition.gain)
        )
      }
    }
    return sets.enumerated().sorted { lhs, rhs in
      let (left, right) = (lhs.element, rhs.element)
      if left.gain != right.gain { return left.gain > right.gain }
      return left.score == right.score ? lhs.offset < rhs.offset : left.score > right.score
    }.map { ($0.element.edits, $0.element.score) }
  }
}

/// Whether edits can be made together; those of one place cannot.
func areCompatible(_ lhs: [SearchEdit], _ rhs: [SearchEdit]) -> Bool {
  lhs.allSatisfy { left in
    rhs.allSatisfy { right in
      left.id != right.id && (left.path != right.path || !left.range.overlaps(right.range))
    }
  }
}
