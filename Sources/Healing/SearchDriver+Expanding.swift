import HealingModel
import Patching
import Search

/// Repairs of several edits where one changes what the others may be: states are continued from, the
/// most promising first, and each gets more candidates the longer nothing better comes.
extension SearchDriver {
  /// A state that edits are tried on.
  private struct Front {
    var trial: Trial
    /// Its base, once it was opened.
    var base: SearchBase?
    /// Its edits that were not tried yet, the most promising first.
    var left: ArraySlice<Scored> = []
    /// How many turns it had.
    var turns = 0
    /// How many states before it behave alike.
    var alike = 0
  }

  /// Best-first search over states, in turns with pairs of edits, which need no state of their own.
  ///
  /// A state is worth the more the further it gets and the fewer edits it took; each turn halves
  /// what it is worth, so that a state that leads nowhere gives way.
  mutating func expand(_ root: SearchBase, pairing edits: [Scored]) async throws {
    var pairs = PairTurns(firsts: pairBases(edits), seconds: edits)
    let usesPairs = space.isCheap && settings.ablation.uses(.pairs)
    var fronts: [Front] = []
    var seen = (trials: 0, behaviours: [Behaviour: Int]())
    while mayGoOn {
      for trial in trials[seen.trials...] where trial.advances && trial.depth < settings.depth {
        let alike = seen.behaviours[Behaviour(trial.evaluation), default: 0]
        seen.behaviours[Behaviour(trial.evaluation)] = alike + 1
        fronts.append(Front(trial: trial, alike: alike))
      }
      seen.trials = trials.count
      let best = settings.ablation.uses(.climb) ? mostPromising(fronts) : nil
      if let best { try await advance(&fronts[best]) }
      let next =
        usesPairs && mayGoOn ? pairs.next(settings.turn.pairs, each: settings.turn.pair) : nil
      if let next { try await evaluate(next, at: root) }
      guard best != nil || next != nil else { return }
    }
  }

  /// The state whose turn it is; nil when every one is exhausted.
  private func mostPromising(_ fronts: [Front]) -> Int? {
    let best = Double(max(1, fronts.map(\.trial.evaluation.progress).max() ?? 1))
    func worth(_ front: Front) -> Double {
      let reached = Double(max(0, front.trial.evaluation.progress)) / best
      let turns = Double(1 << min(front.turns, 40))
      let depth = Double(1 << min(front.trial.depth, 40))
      let hides = front.trial.suppresses ? settings.hiding : 1
      return (0.05 + reached * reached) * front.trial.likelihood * hides
        / (turns * depth * Double(1 + front.alike))
    }
    var chosen: (index: Int, worth: Double)?
    for (index, front) in fronts.enumerated() where front.base == nil || !front.left.isEmpty {
      let worth = worth(front)
      if worth > chosen?.worth ?? 0 { chosen = (index, worth) }
    }
    return chosen?.index
  }

  /// Gives a state its turn.
  private mutating func advance(_ front: inout Front) async throws {
    front.turns += 1
    if front.base == nil {
      let base = SearchBase(
        number: statesByBase.count,
        depth: front.trial.depth,
        progress: front.trial.evaluation.progress
      )
      front.base = base
      guard let edits = try await open(front.trial, as: base.number) else { return }
      front.left = edits[...]
    }
    guard let base = front.base else { return }
    let turn = front.left.prefix(settings.turn.state)
    front.left = front.left.dropFirst(turn.count)
    try await exhaust(base, Array(turn))
  }

  /// Makes the state that a trial leads to a base of its own; nil when it leads nowhere.
  private mutating func open(_ trial: Trial, as number: Int) async throws -> [Scored]? {
    let edits = try await space.render(base: trial.base.number, candidate: trial.ids)
    guard let base = statesByBase[trial.base.number],
      let state = try? Patch(edits: edits).applied(to: base)
    else { return nil }
    statesByBase[number] = state
    stepsByBase[number] =
      (stepsByBase[trial.base.number] ?? []) + [(trial.explained(edits), state)]
    try await space.define(
      base: number,
      sources: state.changes(since: sources),
      progress: trial.evaluation.progress
    )
    return try await enumerate(number, at: moved(suspicion, from: sources, to: state))
  }

  /// First edits of pairs: those that get further by themselves, then the most promising others.
  private func pairBases(_ edits: [Scored]) -> [PairTurns.First] {
    let single = trials.filter { $0.edits.count == 1 && $0.base.number == 0 }
    let advancing = beam(single, width: settings.firsts.advancing).map {
      PairTurns.First(edit: $0.edits[0], score: $0.score, gain: max(1, $0.gain))
    }
    let known = Set(advancing.map(\.edit.id))
    let likely = edits.filter { !known.contains($0.edit.id) }.prefix(settings.firsts.likely)
    return advancing + likely.map { PairTurns.First(edit: $0.edit, score: $0.score, gain: 0) }
  }
}

/// Two edits together: the second ones in the order of promise for each first one, in turns, so that
/// the best first edit is exhausted soon and no other starves.
struct PairTurns {
  /// An edit that others are paired with.
  struct First {
    var edit: SearchEdit
    var score: Double
    /// How much further it gets by itself.
    var gain: Int
  }

  private let firsts: [First]
  private let seconds: [SearchDriver.Scored]
  private let greatest: Int
  private var positions: [Int]
  private var turn = 0
  private var done = Set<Set<Int>>()

  init(firsts: [First], seconds: [SearchDriver.Scored]) {
    self.firsts = firsts
    self.seconds = seconds
    greatest = max(1, firsts.map(\.gain).max() ?? 1)
    positions = Array(repeating: 0, count: firsts.count)
  }

  /// The next pairs.
  ///
  /// - Parameters:
  ///   - count: How many, at least, while there are more.
  ///   - each: How many of one first edit in one turn; the one that gets furthest has seven times
  ///     that.
  /// - Returns: The pairs; nil when there are no more.
  mutating func next(_ count: Int, each: Int) -> [(edits: [SearchEdit], score: Double)]? {
    var found: [(edits: [SearchEdit], score: Double)] = []
    var idle = 0
    while found.count < count, idle < firsts.count {
      let index = turn % firsts.count
      turn += 1
      let first = firsts[index]
      let size = each * (1 + 6 * first.gain / greatest)
      let part = seconds.dropFirst(positions[index]).prefix(size)
      positions[index] += part.count
      let pairs = part.compactMap { second -> (edits: [SearchEdit], score: Double)? in
        guard areCompatible([first.edit], [second.edit]),
          done.insert([first.edit.id, second.edit.id]).inserted
        else { return nil }
        return ([first.edit, second.edit], first.score * second.score)
      }
      idle = part.isEmpty ? idle + 1 : 0
      found += pairs
    }
    return found.isEmpty ? nil : found
  }
}
