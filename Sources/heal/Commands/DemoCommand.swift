import ArgumentParser
import HealingModel

/// `heal demo`: heals the bundled programs in a temporary folder.
struct DemoCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Heal the bundled demo programs in a temporary folder, and print a table."
  )

  @OptionGroup var programOptions: ProgramOptions

  @Option(help: ArgumentHelp("For each program.", valueName: "seconds"))
  var budget = 30.0

  @Option(help: ArgumentHelp("Evaluations side by side (default: one per core).", valueName: "n"))
  var jobs: Int?

  @Flag(help: "Leave the temporary folder behind.")
  var keep = false

  @Flag(help: "Print one JSON object.")
  var json = false

  var answersJSON: Bool { json }

  func execute(in context: Context) async throws -> ExitStatus {
    var settings = try Settings.layered(root: nil, in: context)
    try settings.apply(programOptions, in: context)
    try settings.set(.budget, to: .number(budget), source: "--budget")
    if let jobs { try settings.set(.jobs, to: .integer(jobs), source: "--jobs") }
    // The bundled programs are nobody's own.
    settings.usesBank = false
    let demo = Demo(context: context, ports: context.ports(context), settings: settings)
    let rows = try await demo.run(quiet: json, keep: keep)
    context.console.out(json ? "\(Demo.json(rows))\n" : Demo.table(rows, context.console.style))
    let ended: [SessionStatus] = [.healed, .interrupted]
    if let failed = rows.first(where: { !ended.contains($0.outcome.report.status) }) {
      return failed.outcome.error?.exitStatus ?? .notHealed
    }
    return rows.allSatisfy(\.isHealed) ? .fine : .interrupted
  }

  func failure(_ error: CommandError) -> JSON {
    ["schema": 1, "programs": [], "healed": false, "error": error.json]
  }
}
