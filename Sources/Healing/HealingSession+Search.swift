import HealingModel
import Patching
import Search

extension HealingSession {
  /// Searches for edits that make the failing tests pass.
  ///
  /// - Parameters:
  ///   - judgement: What the oracle said of the best state.
  ///   - isLast: Whether no model is asked afterwards, so that all of the time may be used.
  /// - Returns: `done` when a repair was claimed, `progress` when the best state moved on.
  /// - Throws: What the adapter throws.
  mutating func searchEdits(
    _ judgement: Judgement,
    isLast: Bool = false
  ) async throws -> Outcome {
    guard oracle.strength != .crashOnly, ablation.uses(.search) else { return .stuck }
    tell("searching")
    let space: any SearchSpace
    do {
      space = await remembering(try await adapter.openSearch(on: current))
    } catch let error where !(error is CancellationError) && !Task.isCancelled {
      report.notes.append("no search was possible: \(error)")
      return .stuck
    }
    let started = report.candidates
    let (now, emit, budget) = (now, emit, budget)
    let tests = space.baseline.tests.count
    let passing = space.baseline.tests.count { $0.outcome == .passed }
    var driver = SearchDriver(
      space: space,
      sources: current,
      settings: SearchDriver.Settings(ablation: ablation, repairs: bank.kinds),
      now: now,
      allowance: budget.evaluations.map { max(0, $0 - started - tried) } ?? Int.max,
      end: isLast ? budget.seconds - checkSeconds : searchEnd,
      tell: { tried, plausible in
        emit(
          .trying(
            Progress(
              activity: plausible == 0 ? "searching" : "gathering rivals",
              candidates: started + tried,
              passing: passing,
              tests: tests,
              secondsLeft: max(0, budget.seconds - now())
            )
          )
        )
      }
    )
    var cancellation: (any Error)?
    do {
      try await driver.run()
    } catch let error where error is CancellationError || Task.isCancelled {
      cancellation = error
    } catch {
      // A dead evaluator costs the rest of this search, never what it already found.
      emit(.note("the search was cut short: \(error)"))
    }
    report.candidates = started + driver.evaluated
    tried += driver.tried - driver.evaluated
    wasSearchCut = driver.wasCutByClock
    if wasSearchCut { noteClock() }
    if let cancellation { throw cancellation }
    if talk != nil { learnt = await Learnt(of: driver, space) }
    search = (space, current)
    defer { search = nil }
    let outcome = try await settle(driver, space, judgement)
    await space.close()
    return outcome
  }

  /// When the search must be over: what a model answers needs time to be tried.
  private var searchEnd: Double {
    let end = budget.seconds - checkSeconds
    return mayAsk ? min(end, now() + 0.4 * secondsLeft) : end
  }

  /// Claims the likeliest plausible trial that passes the fresh check, else keeps partial progress.
  private mutating func settle(
    _ driver: SearchDriver,
    _ space: any SearchSpace,
    _ judgement: Judgement
  ) async throws -> Outcome {
    let (rivals, comparison) = try await rivals(of: driver, space)
    let base = state
    for (index, rival) in rivals.enumerated() where secondsLeft > 0.2 {
      resume(base)
      // Until it is claimed: the end of the time may cut its check off.
      isUnproven = true
      accept(rival)
      emit(
        .candidate(
          Candidate(patch: patch(of: rival.steps), origin: .search, kinds: rival.trial.kinds),
          .plausible(runs: 1)
        )
      )
      // Those before it did not pass their checks.
      let others = Array(rivals[(index + 1)...])
      searched = facts(of: rival, among: others, comparison)
      inseparable = rival.inseparable
      if try await claim() {
        // Told in passing: the end of the time costs them, not the claim.
        try? await nameAlternatives(to: rival, others, comparison, space)
        return .done
      }
    }
    resume(base)
    searched = nil
    guard let best = try await furtherStep(driver, space) else { return .stuck }
    accept(best)
    isUnproven = true
    emit(
      .candidate(
        Candidate(patch: patch(of: best.steps), origin: .search, kinds: best.trial.kinds),
        .progress
      )
    )
    return maySearch ? .progress : .stuck
  }

  /// The most advanced trial that is not plausible; one that no rule of evidence would let pass in
  /// the end is no progress.
  private func furtherStep(
    _ driver: SearchDriver,
    _ space: any SearchSpace
  ) async throws -> Rival? {
    // Of a suite, a value that only comes closer is no part of a repair; of an output it may be one.
    let isSuite = if case .suite = oracle { true } else { false }
    for trial in driver.partial(mending: isSuite) where trial.evaluation.regressed.isEmpty {
      guard let rival = try await rival(trial, driver, space) else { continue }
      let refusals = try await adapter.refusals(
        from: original,
        to: rival.sources,
        strength: oracle.strength
      )
      if refusals.isEmpty { return rival }
    }
    return nil
  }

  /// Makes the last of the states the best one; one step may make several edits.
  private mutating func accept(_ rival: Rival) {
    let before = edits
    for step in rival.steps {
      accept(step.patch, as: step.sources)
      note(step.patch, madeBy: Making(source: .search, kinds: rival.trial.kinds))
    }
    edits = before + rival.trial.depth
    fromFindingsOnly = false
  }

  private func patch(of steps: [SearchDriver.Step]) -> Patch {
    Patch(edits: steps.flatMap(\.patch.edits))
  }

  /// The state that a trial leads to, with the edits from the best state on, one state after the
  /// other; nil when they lead nowhere or an evaluator that died cannot name them any more.
  func rival(
    _ trial: Trial,
    _ driver: SearchDriver,
    _ space: any SearchSpace
  ) async throws -> Rival? {
    let rendering: Rendering
    do {
      rendering = try await space.render(base: trial.base.number, candidate: trial.ids)
    } catch let error where !(error is CancellationError) && !Task.isCancelled {
      return nil
    }
    let patch = trial.explained(rendering)
    guard let base = driver.statesByBase[trial.base.number],
      let sources = try? patch.applied(to: base), sources != current
    else { return nil }
    return Rival(
      sources: sources,
      steps: (driver.stepsByBase[trial.base.number] ?? []) + [(patch, sources)],
      trial: trial,
      inseparable: zip(trial.edits, rendering.sentences).filter(\.0.isTwin).map(\.1)
    )
  }
}
