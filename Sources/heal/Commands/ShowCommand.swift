import ArgumentParser
import HealingModel

/// What names a session.
struct SessionArgument: ParsableArguments {
  @Argument(help: "12 hexadecimal digits, a unique prefix of them, or `last`.")
  var session: String

  @Flag(help: "Print one JSON object.")
  var json = false
}

/// `heal show`: shows a session's report again.
struct ShowCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a session: what was wrong, the repair, and the evidence."
  )

  @OptionGroup var target: SessionArgument

  var answersJSON: Bool { target.json }

  func execute(in context: Context) async throws -> ExitStatus {
    let sessions = context.ports(context).sessions
    let stored = try await sessions.load(try await sessions.resolve(target.session))
    if target.json {
      context.console.out("\(stored.json)\n")
    } else {
      let style = context.console.style
      let report = TextReport(outcome: stored.outcome, style: style)
      let summary = stored.summary
      let next = report.next.isEmpty ? "" : "\n" + report.next
      context.console.out(
        "session \(style.yellow(summary.id)) of \(localTime(summary.began)) "
          + "in \(printable(summary.root))\n" + report.text + next
      )
    }
    return .fine
  }

  func failure(_ error: CommandError) -> JSON {
    [
      "schema": 1, "status": "error", "session": nil, "program": nil, "surroundings": nil,
      "report": nil, "tallies": [], "error": error.json,
    ]
  }
}

extension SessionRecord {
  /// The session as the outcome that it had.
  var outcome: HealingOutcome {
    var report = report ?? SessionReport(status: summary.status, strength: oracle.strength)
    report.applied = summary.applied
    return HealingOutcome(
      report: report,
      session: summary.id,
      surroundings: surroundings,
      oracle: oracle,
      program: program,
      judgement: nil,
      error: nil
    )
  }

  /// Everything as JSON.
  var json: JSON {
    [
      "schema": 1,
      "status": .string(outcome.report.status.rawValue),
      "session": summary.json,
      "program": [
        "root": .string(program.root),
        "workingFolder": .string(program.workingFolder),
        "title": .string(program.title),
      ],
      "surroundings": surroundings?.json ?? .null,
      "report": outcome.json,
      "tallies": .array(
        tallies.map {
          ["kind": .string($0.kind), "verdict": .string($0.verdict), "count": .integer($0.count)]
        }
      ),
      "error": nil,
    ]
  }
}
