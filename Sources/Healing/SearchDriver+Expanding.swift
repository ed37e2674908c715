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

  /// Best-first search over states, the best few at a time, in turns with pairs of edits, which need
  /// no state of their own.
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
      let chosen = settings.ablation.uses(.climb) ? mostPromising(fronts) : []
      try await advance(chosen, of: &fronts)
      let next =
        usesPairs && mayGoOn ? pairs.next(settings.turn.pairs, each: settings.turn.pair) : nil
      if let next { try await evaluate(next, at: root) }
      guard !chosen.isEmpty || next != nil else { return }
    }
  }

  /// The states whose turn it is, the best first; none when every one is exhausted.
  private func mostPromising(_ fronts: [Front]) -> [Int] {
    let best = Double(max(1, fronts.map(\.trial.evaluation.progress).max() ?? 1))
    func worth(_ front: Front) -> Double {
      let reached = Double(max(0, front.trial.evaluation.progress)) / best
      let turns = Double(1 << min(front.turns, 40))
      let depth = Double(1 << min(front.trial.depth, 40))
      let hides = front.trial.suppresses ? settings.hiding : 1
      return (0.05 + reached * reached) * front.trial.likelihood * hides
        / (turns * depth * Double(1 + front.alike))
    }
    let open = fronts.indices.filter { fronts[$0].base == nil || !fronts[$0].left.isEmpty }
    let worths = open.map { (index: $0, worth: worth(fronts[$0])) }.filter { $0.worth > 0 }
    return worths.sorted { $0.worth == $1.worth ? $0.index < $1.index : $0.worth > $1.worth }
      .prefix(settings.turn.states).map(\.index)
  }

  /// Gives states their turn, at the same time where there are agents enough; what comes of them is
  /// told in their order, so that it does not depend on the number of agents.
  private mutating func advance(_ chosen: [Int], of fronts: inout [Front]) async throws {
    var turns: [StateTurn] = []
    for index in chosen {
      fronts[index].turns += 1
      let trial = fronts[index].trial
      let known = fronts[index].base
      let base =
        known
        ?? SearchBase(number: bases, depth: trial.depth, progress: trial.evaluation.progress)
      if known == nil { bases += 1 }
      fronts[index].base = base
      turns.append(
        StateTurn(
          space: space,
          order: order,
          settings: settings,
          base: base,
          opening: known != nil ? nil : opening(trial),
          left: fronts[index].left,
          seconds: secondsLeft
        )
      )
    }
    let outcomes = try await withThrowingTaskGroup(of: (Int, StateTurn.Outcome).self) { group in
      for (position, turn) in turns.enumerated() {
        group.addTask { (position, try await turn.run()) }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for (position, index) in chosen.enumerated() {
      guard let outcome = outcomes[position] else { continue }
      fronts[index].left = outcome.left
      if let step = outcome.step {
        let number = turns[position].base.number
        statesByBase[number] = step.sources
        stepsByBase[number] = (stepsByBase[fronts[index].trial.base.number] ?? []) + [step]
      }
      record(outcome.tried, at: turns[position].base)
    }
  }

  /// What makes a base of the state that a trial leads to.
  private func opening(_ trial: Trial) -> StateTurn.Opening? {
    guard let from = statesByBase[trial.base.number] else { return nil }
    return StateTurn.Opening(trial: trial, from: from, root: sources, suspicion: suspicion)
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
