import HealingModel
import Patching
import Search

/// The search for edits that make the failing tests pass: every single edit first, then two edits
/// together, then beams over states that get further.
struct SearchDriver {
  /// The sizes and shares that steer it.
  struct Settings: Sendable {
    /// Candidates after the first plausible one, to gather its rivals.
    var rivals = 1_500
    /// The share of the time left that gathering them may take.
    var rivalShare = 0.2
    /// Candidates in the first request and in the largest one.
    var batch = 24...400
    /// Seconds that one request should take: the clock is looked at between two.
    var requestSeconds = 0.3
    /// First edits of pairs that get further by themselves, and those that do not but are likely.
    var firsts = (advancing: 40, likely: 60)
    /// Second edits that a first one is paired with in one turn.
    var turn = 200
    /// The shares of the time left that single edits and then pairs may take.
    ///
    /// Where a candidate costs a process, singles are not exhausted in time, and what the first of
    /// them reached is worth more.
    var share = (singles: 0.5, pairs: 0.6)
    /// Candidates in a second below which there are too few for pairs.
    var pairRate = 300.0
    /// States that one level of the beam continues from.
    var width = 4
    /// Combinations that grow, and the edits that each may take up.
    var combinations = (starts: 4, pool: 25)
    /// Edits from the state that the search was opened on.
    var depth = 4
    /// Edits enumerated at one base.
    var enumerated = 8_000
  }

  /// A patch with the state that it leads to.
  typealias Step = (patch: Patch, sources: Sources)
  /// An edit with how promising it is at its base.
  typealias Scored = (edit: SearchEdit, score: Double)

  let space: any SearchSpace
  let sources: Sources
  let settings: Settings
  let order = EditOrder()
  /// Seconds since the tool started.
  let now: () -> Double
  /// Candidates that may be tried.
  let allowance: Int
  /// When the search must end, in seconds since the tool started.
  let clockEnd: Double
  let tell: (_ tried: Int, _ plausible: Int) -> Void

  /// Trials that passed or got further.
  private(set) var trials: [Trial] = []
  /// Candidates that were tried, whatever came of them.
  private(set) var tried = 0
  /// Candidates of those that ran to a verdict.
  private(set) var evaluated = 0
  private(set) var statesByBase: [Int: Sources] = [:]
  /// The edits that lead from what the search was opened on to the state of a base.
  private(set) var stepsByBase: [Int: [Step]] = [:]
  private var suspicion: [String: [Int: Double]] = [:]
  private var firstPlausible: Int?
  /// When gathering rivals ends: a candidate at hand is worth more than a better one too late.
  private var rivalsEnd: Double?
  /// When the phase at work ends.
  private var phaseEnd: Double
  private var batch: Int

  init(
    space: any SearchSpace,
    sources: Sources,
    settings: Settings = Settings(),
    now: @escaping () -> Double,
    allowance: Int,
    end: Double,
    tell: @escaping (_ tried: Int, _ plausible: Int) -> Void
  ) {
    self.space = space
    self.sources = sources
    self.settings = settings
    self.now = now
    self.allowance = allowance
    clockEnd = end
    phaseEnd = end
    self.tell = tell
    batch = settings.batch.lowerBound
  }

  /// The plausible trials, the likeliest first.
  var plausible: [Trial] { ranked(trials) }

  /// The most advanced trials that are not plausible.
  var partial: [Trial] { beam(trials, width: settings.width) }

  /// Runs the search to its end: exhausted, out of budget, or enough rivals gathered.
  mutating func run() async throws {
    suspicion = places()
    guard !suspicion.isEmpty else { return }
    statesByBase[0] = sources
    let edits = try await enumerate(0, at: suspicion)
    let unchanged = try await space.evaluate(
      base: 0,
      candidates: [[]],
      options: EvaluationOptions()
    )
    let root = SearchBase(number: 0, depth: 0, progress: unchanged.first?.progress ?? 0)
    let begin = now()
    phaseEnd = share(settings.share.singles)
    let done = try await exhaust(root, edits)
    try await evaluateTwins(root, edits)
    guard firstPlausible == nil else { return }
    let rate = Double(tried) / max(0.001, now() - begin)
    phaseEnd = clockEnd
    try await combine(root)
    guard firstPlausible == nil else { return }
    if rate >= settings.pairRate {
      phaseEnd = share(settings.share.pairs)
      try await pairUp(root, edits)
    }
    try await climb()
    guard firstPlausible == nil else { return }
    try await exhaust(root, Array(edits.dropFirst(done)))
    try await evaluateTwins(root, edits)
  }

  /// Level by level from the states that get further, each with its share of the time left.
  private mutating func climb() async throws {
    phaseEnd = clockEnd
    var level = partial
    while firstPlausible == nil, let first = level.first, mayGoOn, first.depth < settings.depth {
      let levels = settings.depth - first.depth
      level = beam(try await deepen(level, share: 1 / Double(levels)), width: settings.width)
      phaseEnd = clockEnd
    }
  }

  /// The end of a phase that may take this share of the time left.
  private func share(_ share: Double) -> Double { now() + share * max(0, clockEnd - now()) }

  /// Where to edit: suspicious lines, or, when not even an import succeeds, all lines.
  private func places() -> [String: [Int: Double]] {
    let failing = space.baseline.tests.map { [.failed, .error].contains($0.outcome) }
    let found = ochiai(failing: failing, coverage: space.coverage).filter {
      sources[$0.key] != nil
    }
    guard found.isEmpty else {
      return sharpened(found, by: space.baseline.tests.compactMap(\.exception))
    }
    guard failing.contains(true), sources.texts.count <= 20 else { return [:] }
    return sources.texts.mapValues { text in
      let count = Patching.lines(of: text).count
      return Dictionary(uniqueKeysWithValues: (0..<count).map { ($0 + 1, 0.5) })
    }
  }

  private func enumerate(_ base: Int, at places: [String: [Int: Double]]) async throws -> [Scored] {
    order.sorted(
      try await space.edits(base: base, places: places, limit: settings.enumerated),
      suspicion: places
    )
  }

  /// The number of candidates after which the search ends, whatever the clock says.
  private var end: Int {
    min(allowance, firstPlausible.map { $0 + settings.rivals } ?? Int.max)
  }

  var mayGoOn: Bool {
    tried < end && now() < min(rivalsEnd ?? phaseEnd, phaseEnd) && !Task.isCancelled
  }

  // MARK: Phases

  /// Evaluates every single edit at one base, the most promising first; how many were.
  @discardableResult
  private mutating func exhaust(_ base: SearchBase, _ edits: [Scored]) async throws -> Int {
    try await evaluate(edits.map { ([$0.edit], $0.score) }, at: base)
  }

  /// Evaluates the twins of the likeliest repair, though the search might end before them.
  private mutating func evaluateTwins(_ base: SearchBase, _ edits: [Scored]) async throws {
    guard let best = ranked(trials).first?.edits.first else { return }
    let known = Set(trials.flatMap(\.ids))
    let twins = edits.filter { isTwin($0.edit, of: best) && !known.contains($0.edit.id) }.prefix(8)
    guard !twins.isEmpty else { return }
    let results = try await space.evaluate(
      base: base.number,
      candidates: twins.map { [$0.edit.id] },
      options: EvaluationOptions()
    )
    trials += zip(twins, results).filter { $1.status == .passed }.map { item, evaluation in
      Trial(base: base, edits: [item.edit], score: item.score, evaluation: evaluation)
    }
    tried += twins.count
  }

  /// Edits that each get further, put together: several bugs at once are mended by several edits.
  ///
  /// Steepest ascent from several starts: in each round a combination takes up the edit of the pool
  /// with which it gets furthest, as long as it gets further than without.
  private mutating func combine(_ base: SearchBase) async throws {
    let single = beam(trials.filter { $0.edits.count == 1 }, width: trials.count, alike: 2)
    let weighed = single.sorted { weight($0) > weight($1) }.prefix(settings.combinations.pool)
    // An edit may show little by itself and all in company, so the likely ones take part too.
    let likely = single.sorted { $0.score > $1.score }.prefix(settings.combinations.pool)
    let pool = weighed + likely.filter { !weighed.contains($0) }
    guard pool.count > 1 else { return }
    for start in pool.prefix(settings.combinations.starts) {
      var grown = start
      while firstPlausible == nil, mayGoOn {
        let additions = pool.filter { addition in
          addition.edits.allSatisfy { new in grown.edits.allSatisfy { compatible($0, new) } }
        }
        let before = trials.count
        try await evaluate(
          additions.map { (grown.edits + $0.edits, min(grown.score, $0.score)) },
          at: base
        )
        guard let best = trials[before...].max(by: { $0.gain < $1.gain }), best.gain > grown.gain
        else { break }
        grown = best
      }
    }
  }

  /// What a single edit promises to a combination.
  private func weight(_ trial: Trial) -> Double {
    Double(trial.gain) * (trial.kinds.first.map(order.prior) ?? 0)
  }

  /// Two edits together: the second ones in the order of promise for each first one, in turns, so
  /// that the best first edit is exhausted soon and no other starves.
  private mutating func pairUp(_ base: SearchBase, _ edits: [Scored]) async throws {
    let firsts = pairBases(edits)
    let best = max(1, firsts.map(\.gain).max() ?? 1)
    var positions = Array(repeating: 0, count: firsts.count)
    var done = Set<Pair>()
    var isExhausted = false
    while mayGoOn, !isExhausted {
      isExhausted = true
      for (index, first) in firsts.enumerated() where mayGoOn {
        let turn = settings.turn * (1 + 6 * max(0, first.gain) / best)
        let seconds = edits.dropFirst(positions[index]).prefix(turn)
        positions[index] += seconds.count
        guard !seconds.isEmpty else { continue }
        isExhausted = false
        let pairs = seconds.compactMap { second -> ([SearchEdit], Double)? in
          guard second.edit.id != first.edit.id, compatible(first.edit, second.edit),
            done.insert(Pair(first.edit.id, second.edit.id)).inserted
          else { return nil }
          return ([first.edit, second.edit], min(first.score, second.score))
        }
        try await evaluate(pairs, at: base)
      }
    }
  }

  /// First edits of pairs: those that get further by themselves, then the most promising others.
  private func pairBases(_ edits: [Scored]) -> [(edit: SearchEdit, score: Double, gain: Int)] {
    let advancing = beam(trials, width: settings.firsts.advancing).compactMap { trial in
      trial.edits.first.map { (edit: $0, score: trial.score, gain: max(1, trial.gain)) }
    }
    let known = Set(advancing.map(\.edit.id))
    let likely = edits.filter { !known.contains($0.edit.id) }.prefix(settings.firsts.likely)
    return advancing + likely.map { (edit: $0.edit, score: $0.score, gain: 0) }
  }

  /// Tries single edits on top of each trial of a level; the trials of the next level.
  private mutating func deepen(_ level: [Trial], share: Double) async throws -> [Trial] {
    let before = trials.count
    let levelEnd = self.share(share)
    for (index, trial) in level.enumerated() where firstPlausible == nil && now() < levelEnd {
      phaseEnd = now() + (levelEnd - now()) / Double(level.count - index)
      let edits = try await space.render(base: trial.base.number, candidate: trial.ids)
      guard let base = statesByBase[trial.base.number],
        let state = try? Patch(edits: edits).applied(to: base)
      else { continue }
      let number = statesByBase.count
      statesByBase[number] = state
      stepsByBase[number] =
        (stepsByBase[trial.base.number] ?? []) + [(Patch(edits: edits), state)]
      try await space.define(base: number, sources: state.changes(since: sources))
      try await exhaust(
        SearchBase(number: number, depth: trial.depth, progress: trial.evaluation.progress),
        try await enumerate(number, at: moved(suspicion, from: sources, to: state))
      )
    }
    return Array(trials[before...])
  }

  // MARK: Evaluation

  /// Evaluates candidates in their order; how many of them were.
  @discardableResult
  private mutating func evaluate(
    _ candidates: [(edits: [SearchEdit], score: Double)],
    at base: SearchBase
  ) async throws -> Int {
    var start = 0
    while start < candidates.count, mayGoOn {
      let part = candidates[start..<min(start + batch, candidates.count)]
      start += part.count
      let begin = now()
      let results = try await space.evaluate(
        base: base.number,
        candidates: part.map { $0.edits.map(\.id) },
        options: EvaluationOptions()
      )
      adapt(to: now() - begin)
      for (item, evaluation) in zip(part, results) {
        record(Trial(base: base, edits: item.edits, score: item.score, evaluation: evaluation))
      }
      tell(tried, trials.count { $0.evaluation.status == .passed })
    }
    return start
  }

  private mutating func adapt(to seconds: Double) {
    let wanted = seconds < settings.requestSeconds ? batch * 2 : batch / 2
    batch = min(max(wanted, 8), settings.batch.upperBound)
  }

  /// Counts one by one, so that where the search ends does not depend on the size of requests.
  private mutating func record(_ trial: Trial) {
    guard tried < end else { return }
    tried += 1
    if ![.duplicate, .invalid].contains(trial.evaluation.status) { evaluated += 1 }
    if trial.evaluation.status == .passed || trial.advances { trials.append(trial) }
    if firstPlausible == nil, trial.evaluation.status == .passed {
      firstPlausible = tried
      rivalsEnd = min(clockEnd, now() + settings.rivalShare * max(0, clockEnd - now()))
    }
  }
}

/// Two edits in any order.
private struct Pair: Hashable {
  let low: Int
  let high: Int

  init(_ one: Int, _ other: Int) {
    low = min(one, other)
    high = max(one, other)
  }
}

/// Whether two edits can be made together; those of one place cannot.
private func compatible(_ lhs: SearchEdit, _ rhs: SearchEdit) -> Bool {
  lhs.id != rhs.id && (lhs.path != rhs.path || !lhs.range.overlaps(rhs.range))
}

/// Suspicion by line after lines have moved; a new line has the greatest of its neighbours.
func moved(
  _ suspicion: [String: [Int: Double]],
  from before: Sources,
  to after: Sources
) -> [String: [Int: Double]] {
  var result = suspicion
  for path in after.changes(since: before).paths {
    guard let known = suspicion[path] else { continue }
    var lines: [Int: Double] = [:]
    var position = 0
    var shift = 0
    let old = Patching.lines(of: before[path] ?? "")
    for hunk in hunks(from: old, to: Patching.lines(of: after[path] ?? "")) {
      for line in position..<hunk.old.lowerBound { lines[line + 1 + shift] = known[line + 1] }
      let around = max(hunk.old.lowerBound, 1)...max(hunk.old.upperBound + 1, 1)
      let greatest = around.compactMap { known[$0] }.max()
      for line in hunk.new { lines[line + 1] = greatest }
      shift += hunk.new.count - hunk.old.count
      position = hunk.old.upperBound
    }
    for (line, value) in known where line > position { lines[line + shift] = value }
    result[path] = lines
  }
  return result
}
