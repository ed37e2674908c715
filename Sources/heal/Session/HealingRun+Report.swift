import HealingModel
import Synchronization

extension HealingRun {
  /// Heals, writes the repair when it is wanted, and reports.
  ///
  /// - Parameters:
  ///   - apply: Whether the repair is written without asking.
  ///   - json: Whether the report is JSON; then nobody is asked, since a script reads it.
  /// - Returns: The status with which the tool ends.
  func reported(apply: Bool, json: Bool) async -> ExitStatus {
    let console = context.console
    guard !json else { return await reportedAsJSON(apply: apply) }
    var outcome = await self()
    let report = TextReport(outcome: outcome, style: console.style)
    console.out(report.text)
    await outcome.writeRepair(wanted: apply, asking: console.ask, through: ports)
    if outcome.report.status == .healed, let error = outcome.error {
      console.err("heal: nothing was written: \(printable(error.description))\n")
    }
    let next = TextReport(outcome: outcome, style: console.style).next
    if !next.isEmpty { console.out("\n" + next) }
    return outcome.exitStatus
  }

  /// Prints one JSON object, also when it is cut off.
  private func reportedAsJSON(apply: Bool) async -> ExitStatus {
    let isPrinted = Mutex(false)
    let print = { @Sendable [console = context.console] (outcome: HealingOutcome) in
      // It may come back at the moment at which it is cut off.
      let isFirst = isPrinted.withLock { isPrinted in
        defer { isPrinted = true }
        return !isPrinted
      }
      if isFirst { console.out("\(outcome.json)\n") }
    }
    var run = self
    run.lastWords = print
    var outcome = await run()
    await outcome.writeRepair(wanted: apply, asking: nil, through: ports)
    print(outcome)
    return outcome.exitStatus
  }
}

extension HealingOutcome {
  /// The outcome of a command that failed before there was a program.
  init(error: CommandError) {
    self.init(
      report: SessionReport(
        status: error == .interrupted ? .interrupted : .error,
        strength: .crashOnly
      ),
      session: nil,
      surroundings: nil,
      oracle: .examples([]),
      program: Program(root: "", entry: .suite(targets: [], arguments: [])),
      judgement: nil,
      error: error
    )
  }
}
