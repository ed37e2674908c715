import HealingModel
import Patching
import Search

/// The search for edits that make the failing tests pass: every single edit first, then combinations
/// of those that get further, then two edits together in turns with states that get further.
struct SearchDriver {
  /// The sizes and shares that steer it.
  struct Settings: Sendable {
    /// Candidates after the first plausible one, to gather its rivals.
    var rivals = 500
    /// The share of the time left that gathering them may take.
    var rivalShare = 0.12
    /// Candidates in the first request and in the largest one.
    var batch = 24...400
    /// Seconds that one request should take: the clock is looked at between two.
    var requestSeconds = 0.3
    /// First edits of pairs that get further by themselves, and those that do not but are likely.
    var firsts = (advancing: 40, likely: 60)
    /// States that have their turn together, candidates that each is tried with, pairs between two
    /// turns, and those of one first edit: to list the edits of a state costs as much as many
    /// candidates.
    var turn = (states: 2, state: 800, pairs: 2_400, pair: 200)
    /// The shares of the time left that single edits and then states that get further may take.
    ///
    /// Where a candidate costs a process, singles are not exhausted in time, and what the first of
    /// them reached is worth more.
    var share = (singles: 0.5, expanding: 0.9)
    /// The factor on a state that an edit led to which can hide a failure: what leaves early soon
    /// mends some tests, and nothing mends the others from there.
    var hiding = 0.4
    /// States of partial progress that are told.
    var width = 4
    /// After how many single edits it is looked whether some mend everything between them, how many
    /// are considered of those that mend the same, and the most sets that are tried then.
    var together = (every: 400, alike: 4, most: 32)
    /// Combinations that one level keeps, the edits that each may take up, how many of these are
    /// chosen of one line in each order, and the most edits of one combination.
    var combinations = (width: 6, pool: 90, perLine: 3, edits: 8)
    /// Edits from the state that the search was opened on.
    var depth = 6
    /// Edits enumerated at one base.
    var enumerated = 8_000
    /// What is left out, to measure what it contributes.
    var ablation = Ablation()
    /// How many verified repairs of the user's own each kind of edit was part of.
    var repairs: [String: Int] = [:]

    /// Makes settings without what is left out.
    init(ablation: Ablation = Ablation(), repairs: [String: Int] = [:]) {
      self.ablation = ablation
      self.repairs = repairs
      if !ablation.uses(.rivals) { rivals = 0 }
    }
  }

  /// A patch with the state that it leads to.
  typealias Step = (patch: Patch, sources: Sources)
  /// An edit with how promising it is at its base.
  typealias Scored = (edit: SearchEdit, score: Double)

  let space: any SearchSpace
  let sources: Sources
  let settings: Settings
  let order: EditOrder
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
  /// Whether the clock ended a phase, so that a slower machine would have found less.
  private(set) var wasCutByClock = false
  /// Whether every single edit was tried at the state that the search was opened on.
  private(set) var hasAllSingles = false
  /// The bases that have a number.
  var bases = 1
  var statesByBase: [Int: Sources] = [:]
  /// The edits that lead from what the search was opened on to the state of a base.
  var stepsByBase: [Int: [Step]] = [:]
  private(set) var suspicion: [String: [Int: Double]] = [:]
  /// The codes that were tried at each base.
  private var codes: [Int: Set<String>] = [:]
  private var firstPlausible: Int?
  /// When gathering rivals ends: a candidate at hand is worth more than a better one too late.
  private var rivalsEnd: Double?
  /// When the phase at work ends.
  var phaseEnd: Double
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
    order = EditOrder(ablation: settings.ablation, learningFrom: settings.repairs)
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
  ///
  /// - Parameter mending: Whether only those count under which one more test passes.
  /// - Returns: The trials, the most advanced first.
  func partial(mending: Bool) -> [Trial] {
    beam(
      trials.filter { !mending || $0.evaluation.status == .partial },
      width: settings.width
    )
  }

  /// Whether something passed.
  var isPlausible: Bool { firstPlausible != nil }

  /// Runs the search to its end: exhausted, out of budget, or enough rivals gathered.
  mutating func run() async throws {
    suspicion = settings.ablation.localised(places())
    guard !suspicion.isEmpty else { return }
    statesByBase[0] = sources
    let edits = try await listed(0, at: suspicion, of: space, order, settings)
    let unchanged = try await space.evaluate(
      base: 0,
      candidates: [[]],
      options: EvaluationOptions()
    )
    let root = SearchBase(number: 0, depth: 0, progress: unchanged.first?.progress ?? 0)
    phaseEnd = share(settings.share.singles)
    let done = try await exhaustTogether(root, edits)
    hasAllSingles = done == edits.count
    try await evaluateTwins(root, edits)
    guard !isPlausible else { return }
    phaseEnd = clockEnd
    if settings.ablation.uses(.combine) { try await combine(root) }
    guard !isPlausible else { return }
    phaseEnd = share(settings.share.expanding)
    try await expand(root, pairing: edits)
    guard !isPlausible else { return }
    phaseEnd = clockEnd
    let rest = try await exhaust(root, Array(edits.dropFirst(done)))
    hasAllSingles = done + rest == edits.count
    try await evaluateTwins(root, edits)
  }

  /// The end of a phase that may take this share of the time left.
  func share(_ share: Double) -> Double { now() + share * max(0, clockEnd - now()) }

  /// Where to edit: suspicious lines, or, when not even an import succeeds, all lines.
  private func places() -> [String: [Int: Double]] {
    // What fails for reasons that nobody asks about, or at times, says nothing of these bugs.
    let telling = zip(space.baseline.tests, space.coverage).filter { test, _ in
      ![.failed, .error].contains(test.outcome) || test.target && test.flaky != true
    }
    let failing = telling.map { [.failed, .error].contains($0.0.outcome) }
    let found = ochiai(failing: failing, coverage: telling.map(\.1)).filter {
      sources[$0.key] != nil
    }
    guard found.isEmpty else {
      return sharpened(found, by: telling.compactMap(\.0.exception))
    }
    guard failing.contains(true), sources.texts.count <= 20 else { return [:] }
    return sources.texts.mapValues { text in
      let count = Patching.lines(of: text).count
      return Dictionary(uniqueKeysWithValues: (0..<count).map { ($0 + 1, 0.5) })
    }
  }

  /// The number of candidates after which the search ends, whatever the clock says.
  private var end: Int {
    min(allowance, firstPlausible.map { $0 + settings.rivals } ?? Int.max)
  }

  /// Seconds until the phase at work ends by the clock.
  var secondsLeft: Double { min(rivalsEnd ?? phaseEnd, phaseEnd) - now() }

  var mayGoOn: Bool {
    tried < end && secondsLeft > 0 && !Task.isCancelled
  }

  // MARK: Phases

  /// Evaluates every single edit at one base, the most promising first; how many were.
  @discardableResult
  mutating func exhaust(_ base: SearchBase, _ edits: [Scored]) async throws -> Int {
    try await evaluate(edits.map { ([$0.edit], $0.score) }, at: base)
  }

  /// Evaluates the twins of the likeliest repair, though the search might end before them.
  private mutating func evaluateTwins(_ base: SearchBase, _ edits: [Scored]) async throws {
    guard let likeliest = ranked(trials).first, likeliest.base == base,
      let best = likeliest.edits.first
    else { return }
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

  // MARK: Evaluation

  /// Evaluates candidates in their order; how many of them were.
  @discardableResult
  mutating func evaluate(
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
        options: EvaluationOptions(seconds: max(0.05, secondsLeft))
      )
      adapt(to: now() - begin)
      for (item, evaluation) in zip(part, results) {
        record(Trial(base: base, edits: item.edits, score: item.score, evaluation: evaluation))
      }
      tell(tried, trials.count { $0.evaluation.status == .passed })
      if let first = results.firstIndex(where: { $0.status == .notRun }) {
        wasCutByClock = true
        return start - part.count + first
      }
    }
    if start < candidates.count, secondsLeft <= 0 { wasCutByClock = true }
    return start
  }

  /// Takes down what came of the single edits that a state was tried with.
  mutating func record(
    _ results: [(item: Scored, evaluation: Evaluation)],
    at base: SearchBase
  ) {
    for (item, evaluation) in results {
      record(Trial(base: base, edits: [item.edit], score: item.score, evaluation: evaluation))
    }
    if results.contains(where: { $0.evaluation.status == .notRun }) { wasCutByClock = true }
    tell(tried, trials.count { $0.evaluation.status == .passed })
  }

  private mutating func adapt(to seconds: Double) {
    let wanted = seconds < settings.requestSeconds ? batch * 2 : batch / 2
    batch = min(max(wanted, 8), settings.batch.upperBound)
  }

  /// Counts one by one, so that where the search ends does not depend on the size of requests.
  private mutating func record(_ trial: Trial) {
    var trial = trial
    if trial.evaluation.status == .failed, !settings.ablation.uses(.closeness) {
      trial.evaluation.progress = min(trial.evaluation.progress, trial.base.progress)
    }
    guard tried < end, trial.evaluation.status != .notRun else { return }
    tried += 1
    let digest = trial.evaluation.digest
    // One agent does not know what another one tried, nor what was tried in an earlier request.
    let isNew = digest.isEmpty || codes[trial.base.number, default: []].insert(digest).inserted
    guard isNew else { return }
    let ran = ![.duplicate, .invalid].contains(trial.evaluation.status)
    if ran, !trial.evaluation.isRemembered { evaluated += 1 }
    if trial.evaluation.status == .passed || trial.advances { trials.append(trial) }
    if firstPlausible == nil, trial.evaluation.status == .passed {
      firstPlausible = tried
      rivalsEnd = share(settings.rivalShare)
    }
  }
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
