import HealingModel
import Patching
import Search

/// The search for edits that make the failing tests pass: every single edit first, then beams over
/// several that keep what already passes.
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
    /// Bases that one level of the beam continues from.
    var width = 8
    /// Edits from the state that the search was opened on.
    var depth = 3
    /// Edits enumerated at one base.
    var enumerated = 8_000
  }

  /// A patch with the state that it leads to.
  typealias Step = (patch: Patch, sources: Sources)

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
    self.tell = tell
    batch = settings.batch.lowerBound
  }

  /// The plausible trials, the likeliest first.
  var plausible: [Trial] { ranked(trials) }

  /// The most advanced trials that are not plausible.
  var partial: [Trial] { beam(trials, width: settings.width) }

  /// Runs the search to its end: exhausted, out of budget, or enough rivals gathered.
  mutating func run() async throws {
    let failing = space.baseline.tests.map { [.failed, .error].contains($0.outcome) }
    let exceptions = space.baseline.tests.compactMap(\.exception)
    suspicion = sharpened(
      ochiai(failing: failing, coverage: space.coverage).filter { sources[$0.key] != nil },
      by: exceptions
    )
    guard !suspicion.isEmpty else { return }
    statesByBase[0] = sources
    let root = SearchBase(number: 0, depth: 0, passing: failing.count { !$0 })
    try await exhaust(root, places: suspicion)
    var level = partial
    while !level.isEmpty, mayGoOn, level[0].depth < settings.depth {
      let next = try await deepen(level)
      level = beam(next, width: settings.width)
    }
  }

  /// The number of candidates after which the search ends, whatever the clock says.
  private var end: Int {
    min(allowance, firstPlausible.map { $0 + settings.rivals } ?? Int.max)
  }

  private var mayGoOn: Bool { tried < end && now() < (rivalsEnd ?? clockEnd) && !Task.isCancelled }

  /// Evaluates every single edit at one base, the most promising first.
  private mutating func exhaust(
    _ base: SearchBase,
    places: [String: [Int: Double]]
  ) async throws {
    let edits = try await space.edits(
      base: base.number,
      places: places,
      limit: settings.enumerated
    )
    let sorted = order.sorted(edits, suspicion: places)
    var start = 0
    while start < sorted.count, mayGoOn {
      let part = sorted[start..<min(start + batch, sorted.count)]
      start += part.count
      let begin = now()
      let results = try await space.evaluate(
        base: base.number,
        candidates: part.map { [$0.edit.id] },
        options: EvaluationOptions()
      )
      adapt(to: now() - begin)
      record(
        zip(part, results).map { item, evaluation in
          Trial(
            base: base,
            ids: [item.edit.id],
            kinds: [item.edit.kind],
            score: item.score,
            evaluation: evaluation
          )
        }
      )
    }
  }

  private mutating func adapt(to seconds: Double) {
    let wanted = seconds < settings.requestSeconds ? batch * 2 : batch / 2
    batch = min(max(wanted, 8), settings.batch.upperBound)
  }

  /// Tries single edits on top of each trial of a level; the trials of the next level.
  private mutating func deepen(_ level: [Trial]) async throws -> [Trial] {
    let before = trials.count
    for trial in level where mayGoOn {
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
        SearchBase(number: number, depth: trial.depth, passing: trial.evaluation.passing.count),
        places: moved(suspicion, from: sources, to: state)
      )
    }
    return Array(trials[before...])
  }

  /// Counts one by one, so that where the search ends does not depend on the size of requests.
  private mutating func record(_ new: [Trial]) {
    for trial in new where tried < end {
      tried += 1
      if ![.duplicate, .invalid].contains(trial.evaluation.status) { evaluated += 1 }
      if [.passed, .partial].contains(trial.evaluation.status) { trials.append(trial) }
      if firstPlausible == nil, trial.evaluation.status == .passed {
        firstPlausible = tried
        rivalsEnd = min(clockEnd, now() + settings.rivalShare * max(0, clockEnd - now()))
      }
    }
    tell(tried, trials.count { $0.evaluation.status == .passed })
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
