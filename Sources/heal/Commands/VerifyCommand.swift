import ArgumentParser

/// `heal verify`: checks a session's evidence again.
struct VerifyCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a session's evidence again, in fresh runs.",
    discussion: "Status 1 when the store was altered or the evidence does not hold."
  )

  @OptionGroup var target: SessionArgument
  @OptionGroup var programOptions: ProgramOptions

  var answersJSON: Bool { target.json }

  func execute(in context: Context) async throws -> ExitStatus {
    let ports = context.ports(context)
    let id = try await ports.sessions.resolve(target.session)
    var settings = try Settings.layered(root: nil, in: context)
    try settings.apply(programOptions, in: context)
    let checks = try await verifyEvidence(
      of: id,
      with: ports,
      settings: settings,
      now: context.now
    )
    let holds = checks.allSatisfy(\.passed)
    if target.json {
      context.console.out("\(json(id, checks, holds, in: context))\n")
    } else {
      context.console.out(text(id, checks, holds, context.console.style))
    }
    return holds ? .fine : .notHealed
  }

  private func json(
    _ id: String,
    _ checks: [EvidenceCheck],
    _ holds: Bool,
    in context: Context
  ) -> JSON {
    [
      "schema": 1,
      "session": .string(id),
      "status": holds ? "verified" : "failed",
      "checks": .array(
        checks.map {
          ["name": .string($0.name), "passed": .bool($0.passed), "detail": .string($0.detail)]
        }
      ),
      "seconds": .seconds(context.now()),
      "error": nil,
    ]
  }

  private func text(
    _ id: String,
    _ checks: [EvidenceCheck],
    _ holds: Bool,
    _ style: Style
  ) -> String {
    let lines = checks.map { check in
      let mark = check.passed ? style.green("yes") : style.red("no ")
      let detail = check.detail.isEmpty ? "" : " (\(printable(check.detail)))"
      return "  \(mark)  \(check.name)\(detail)\n"
    }.joined()
    let verdict = holds ? style.green("verified") : style.red("not verified")
    let words = holds ? "the evidence holds" : "the evidence does not hold"
    return "\(verdict): session \(id), \(words)\n" + lines
  }

  func failure(_ error: CommandError) -> JSON {
    [
      "schema": 1, "session": nil, "status": "error", "checks": [], "seconds": 0,
      "error": error.json,
    ]
  }
}
