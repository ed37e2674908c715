import HealingModel
import Patching
import Search

extension HealingSession {
  /// Searches for edits that make the failing tests pass.
  ///
  /// - Parameter judgement: What the oracle said of the best state.
  /// - Returns: `done` when a repair was claimed, `progress` when the best state moved on.
  /// - Throws: What the adapter throws.
  mutating func searchEdits(_ judgement: Judgement) async throws -> Outcome {
    guard oracle.strength != .crashOnly else { return .stuck }
    tell("searching")
    let space: any SearchSpace
    do {
      space = try await adapter.openSearch(on: current)
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
      now: now,
      allowance: budget.evaluations.map { max(0, $0 - started) } ?? Int.max,
      end: budget.seconds - checkSeconds,
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
    do {
      try await driver.run()
    } catch let error where !(error is CancellationError) && !Task.isCancelled {
      // A dead evaluator costs the rest of this search, never what it already found.
      emit(.note("the search was cut short: \(error)"))
    }
    report.candidates = started + driver.tried
    let outcome = try await settle(driver, space, judgement)
    await space.close()
    return outcome
  }

  /// Claims the likeliest plausible trial that passes the fresh check, else keeps partial progress.
  private mutating func settle(
    _ driver: SearchDriver,
    _ space: any SearchSpace,
    _ judgement: Judgement
  ) async throws -> Outcome {
    var states: [(sources: Sources, patch: Patch, trial: Trial)] = []
    for trial in driver.plausible.prefix(8) {
      guard let state = try await state(of: trial, driver, space) else { continue }
      if !states.contains(where: { $0.sources == state.sources }) {
        states.append((state.sources, state.patch, trial))
      }
    }
    let base = (current, reasons, edits)
    for (index, state) in states.enumerated() where secondsLeft > 0.2 {
      (current, reasons, edits) = base
      accept(state.patch, as: state.sources)
      edits = base.2 + state.trial.depth
      fromFindingsOnly = false
      emit(
        .candidate(
          Candidate(patch: state.patch, origin: .search, kinds: state.trial.kinds),
          .plausible(runs: 1)
        )
      )
      rivals = states.dropFirst(index + 1).map(\.sources)
      if try await claim() { return .done }
    }
    (current, reasons, edits) = base
    guard let best = driver.partial.first, best.evaluation.regressed.isEmpty,
      let state = try await state(of: best, driver, space)
    else { return .stuck }
    accept(state.patch, as: state.sources)
    fromFindingsOnly = false
    emit(
      .candidate(
        Candidate(patch: state.patch, origin: .search, kinds: best.kinds),
        .progress
      )
    )
    return maySearch ? .progress : .stuck
  }

  /// The program after a trial, with the patch that leads there from the best state.
  private func state(
    of trial: Trial,
    _ driver: SearchDriver,
    _ space: any SearchSpace
  ) async throws -> (sources: Sources, patch: Patch)? {
    let edits = try await space.render(base: trial.base.number, candidate: trial.ids)
    guard let base = driver.statesByBase[trial.base.number],
      let sources = try? Patch(edits: edits).applied(to: base), sources != current
    else { return nil }
    if trial.base.number == 0 { return (sources, Patch(edits: edits)) }
    let texts = edits.map(\.reason) + [driver.reasonsByBase[trial.base.number] ?? ""]
    let reason = texts.filter { !$0.isEmpty }.joined(separator: "; ")
    return (sources, Patch(from: current, to: sources) { _, _ in reason })
  }
}
