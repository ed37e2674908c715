import HealingModel
import Patching
import Search

/// The search for edits that make the failing tests pass: every single edit first, then beams over
/// several that keep what already passes.
struct SearchDriver {
  /// The sizes and shares that steer it.
  struct Settings: Sendable {
    /// Evaluations after the first plausible candidate, to gather its rivals.
    var rivalEvaluations = 1_500
    /// Candidates in one request.
    var batch = 200
    /// Bases that one level of the beam continues from.
    var width = 8
    /// Edits from the state that the search was opened on.
    var depth = 3
    /// Edits enumerated at one base.
    var enumerated = 8_000
  }

  let space: any SearchSpace
  let sources: Sources
  let settings: Settings
  let order = EditOrder()
  /// Whether the search may go on after this many evaluations.
  let mayContinue: (_ evaluations: Int) -> Bool
  let tell: (_ evaluations: Int, _ plausible: Int) -> Void

  private(set) var trials: [Trial] = []
  private(set) var evaluations = 0
  private(set) var statesByBase: [Int: Sources] = [:]
  /// Why the state of a base differs from what the search was opened on.
  private(set) var reasonsByBase: [Int: String] = [:]
  private var suspicion: [String: [Int: Double]] = [:]
  private var firstPlausible: Int?

  init(
    space: any SearchSpace,
    sources: Sources,
    settings: Settings = Settings(),
    mayContinue: @escaping (_ evaluations: Int) -> Bool,
    tell: @escaping (_ evaluations: Int, _ plausible: Int) -> Void
  ) {
    self.space = space
    self.sources = sources
    self.settings = settings
    self.mayContinue = mayContinue
    self.tell = tell
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

  private var mayGoOn: Bool {
    guard mayContinue(evaluations) else { return false }
    return firstPlausible.map { evaluations < $0 + settings.rivalEvaluations } ?? true
  }

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
      let part = sorted[start..<min(start + settings.batch, sorted.count)]
      start += part.count
      let results = try await space.evaluate(
        base: base.number,
        candidates: part.map { [$0.edit.id] },
        options: EvaluationOptions()
      )
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
      reasonsByBase[number] = ([reasonsByBase[trial.base.number] ?? ""] + edits.map(\.reason))
        .filter { !$0.isEmpty }.joined(separator: "; ")
      try await space.define(base: number, sources: state.changes(since: sources))
      try await exhaust(
        SearchBase(number: number, depth: trial.depth, passing: trial.evaluation.passing.count),
        places: moved(suspicion, from: sources, to: state)
      )
    }
    return Array(trials[before...])
  }

  private mutating func record(_ new: [Trial]) {
    evaluations += new.count { $0.evaluation.status != .duplicate }
    trials += new.filter { [.passed, .partial, .impure].contains($0.evaluation.status) }
    if firstPlausible == nil, new.contains(where: { $0.evaluation.status == .passed }) {
      firstPlausible = evaluations
    }
    tell(evaluations, trials.count { $0.evaluation.status == .passed })
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
