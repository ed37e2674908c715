import HealingModel

extension HealingRun {
  /// Heals, writes the repair when it is wanted, and reports.
  ///
  /// - Parameters:
  ///   - apply: Whether the repair is written without asking.
  ///   - json: Whether the report is JSON; then nobody is asked, since a script reads it.
  /// - Returns: The status with which the tool ends.
  func reported(apply: Bool, json: Bool) async -> ExitStatus {
    let console = context.console
    var outcome = await self()
    guard !json else {
      await outcome.writeRepair(wanted: apply, asking: nil, through: ports)
      console.out("\(outcome.json)\n")
      return outcome.exitStatus
    }
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
