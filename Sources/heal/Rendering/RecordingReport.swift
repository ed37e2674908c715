import Healing
import HealingModel
import Scheduling

/// The report of one recorded run.
struct RecordingReport {
  /// What came of it.
  var outcome: RecordingOutcome
  /// Where the reader is.
  var console: Console

  private var run: RecordedRun { outcome.result.run }
  private var style: Style { console.style }
  private var width: Int { max(40, (console.screen?.width ?? 100) - 4) }

  /// The report for a person: the first line says what was found.
  var text: String {
    let findings = outcome.result.findings
    let alarms = findings.filter { $0.weight == .alarm }
    let parts = [
      verdict,
      section("Seen in this run", alarms.filter { $0.basis == .observed }),
      section("Predicted from this one run, which did not show it", predicted(alarms)),
      section(
        "Accesses that nothing orders, in a form that is mostly meant so",
        findings.filter { $0.weight == .note }
      ),
      section("What was recorded", recorded),
      section("Notes", outcome.notes.map { "  " + printable($0) }),
      section("Limits of this recording", outcome.result.limits.map { "  " + printable($0) }),
      section("To see whether it fails", again),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func predicted(_ findings: [RecordedFinding]) -> [RecordedFinding] {
    findings.filter { $0.basis == .predicted }
  }

  private var verdict: String {
    let title = printable(outcome.program.title)
    let alarms = outcome.result.alarms
    let seen = alarms.filter { $0.basis == .observed }.count
    switch outcome.status {
    case .limited: return style.yellow("limited") + ": the run of \(title) could not be recorded\n"
    case .nothing:
      return style.green("recorded") + ": one run of \(title) shows nothing, and nothing is "
        + "predicted from it\n"
    case .found:
      return style.red("found") + " in one run of \(title): \(seen) seen, "
        + "\(alarms.count - seen) predicted\n"
    }
  }

  private var recorded: [String] {
    let events = run.execution.trace?.events.count ?? 0
    let threads = run.execution.threads.count
    return [
      "  \(counted(events, "event")) of \(counted(threads, "thread")); "
        + "\(rounded(outcome.seconds)) s, \(rounded(outcome.cpu)) CPU s",
      "  one run, as its threads happened to go; what other orders do only running them tells",
      "  interpreter \(outcome.surroundings.interpreterVersion), sandbox "
        + outcome.surroundings.sandbox,
    ]
  }

  private var again: [String] {
    guard !predicted(outcome.result.alarms).isEmpty else { return [] }
    return ["  heal trace \(printable(outcome.program.title))"]
  }

  private func rounded(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }

  private func section(_ title: String, _ findings: [RecordedFinding]) -> String {
    section(title, findings.flatMap(lines))
  }

  private func lines(_ finding: RecordedFinding) -> [String] {
    let place = finding.steps.last?.place.shown ?? ""
    let at = place.isEmpty ? "" : style.bold(place) + ": "
    let kind = finding.weight == .alarm ? style.red(finding.kind.title) : finding.kind.title
    return ["  \(at)\(kind): \(printable(finding.summary))"]
      + wrapped(printable(finding.account), to: width).map { "    " + $0 }
      + timeline(finding.steps).map { "      " + $0 }
  }

  /// The steps with their times, where they were recorded; a row counts tenths of milliseconds.
  private func timeline(_ steps: [RecordedFinding.Step]) -> [String] {
    let rows = steps.sorted { ($0.time ?? .max) < ($1.time ?? .max) }.compactMap { step in
      step.time.map { time in
        TimelineRow(
          step: time / 100,
          thread: step.thread,
          kind: step.kind,
          subject: step.subject,
          place: step.place
        )
      }
    }
    let threads = run.execution.threads
    return TimelineText(threads: threads, rows: rows, style: style, width: width).list
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    guard !lines.isEmpty else { return "" }
    return style.bold(title) + "\n" + lines.map { $0 + "\n" }.joined()
  }
}

extension RecordingReport {
  /// The report for a script: every key always there.
  var json: JSON {
    let run = run
    return [
      "schema": 1,
      "status": .string(outcome.status.rawValue),
      "findings": .array(outcome.result.findings.map { json($0, run.execution) }),
      "end": .string(end),
      "exit": .integer(run.execution.exitStatus),
      "output": .string(run.execution.output),
      "threads": .array(run.execution.threads.map(JSON.string)),
      "events": .integer(run.execution.trace?.events.count ?? 0),
      "limits": .array(outcome.result.limits.map(JSON.string)),
      "notes": .array(outcome.notes.map(JSON.string)),
      "seconds": .seconds(outcome.seconds),
      "cpu": .seconds(outcome.cpu),
      "interpreter": .string(outcome.surroundings.interpreterVersion),
      "sandbox": outcome.surroundings.sandboxJSON,
      "error": nil,
    ]
  }

  /// What is printed when there is nothing to report on.
  static func failed(_ error: CommandError) -> JSON {
    [
      "schema": 1,
      "status": .string(error == .interrupted ? "interrupted" : "error"),
      "findings": [],
      "end": nil,
      "exit": nil,
      "output": nil,
      "threads": [],
      "events": 0,
      "limits": [],
      "notes": [],
      "seconds": nil,
      "cpu": nil,
      "interpreter": nil,
      "sandbox": nil,
      "error": error.json,
    ]
  }

  private var end: String {
    switch run.execution.end {
    case .completed: "completed"
    case .deadlock: "deadlock"
    case .hang: "hang"
    case .cut: "cut"
    case .divergence, .limit: "limit"
    }
  }

  private func json(_ finding: RecordedFinding, _ execution: Execution) -> JSON {
    [
      "kind": .string(finding.kind.rawValue),
      "basis": .string(finding.basis.rawValue),
      "weight": .string(finding.weight.rawValue),
      "summary": .string(finding.summary),
      "account": .string(finding.account),
      "steps": .array(
        finding.steps.map { step in
          [
            "thread": .string(execution.name(of: step.thread)),
            "kind": .string(step.kind.rawValue),
            "subject": .string(step.subject),
            "path": .string(step.place.path),
            "line": .integer(step.place.line),
            "column": .integer(step.place.column),
            "holds": .array(step.holds.map(JSON.string)),
            "microseconds": step.time.map(JSON.integer) ?? .null,
          ]
        }
      ),
    ]
  }
}
