import Healing
import HealingModel
import Scheduling

/// The report of a trace.
struct TraceReport {
  /// What came of it.
  var outcome: TraceOutcome
  /// What was written.
  var files: TraceFiles
  /// Where the reader is.
  var console: Console

  var result: TraceResult { outcome.result }
  private var style: Style { console.style }

  /// The report for a person: the first line says what was found, and how.
  var text: String {
    var parts = [verdict]
    if let explanation {
      parts.append(explanation.text(style: style, width: console.screen?.width ?? 100))
    }
    if result.failure?.failure == .output { parts.append(outputs) }
    parts.append(section("What was explored", explored))
    parts.append(section("Accesses that nothing orders, though no schedule fails", unordered))
    parts.append(section("Notes", (outcome.notes + result.notes).map { "  " + printable($0) }))
    parts.append(section("Limits of this run", result.limits.map { "  " + printable($0) }))
    parts.append(section("To see it again", again))
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// The failing run as a page of its own; a page of words when nothing fails.
  var html: String {
    guard let explanation else {
      var plain = self
      plain.console.style = Style(colours: false)
      let words = plain.text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      return
        "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>heal trace</title>\n<pre>\(words)</pre>\n"
    }
    return explanation.html(
      TraceHeading(
        program: outcome.program.title,
        evidence: explored.map { $0.trimmed }.joined(separator: "; "),
        replay: again.first?.trimmed,
        notes: outcome.notes + result.notes + result.limits
      )
    )
  }

  /// The failure explained.
  var explanation: Explanation? { outcome.explanation }

  // MARK: The first line

  private var verdict: String {
    let title = printable(outcome.program.title)
    if let replay = outcome.replay, let divergence = replay.divergence {
      return style.yellow("diverged") + ": the schedule of \(printable(replay.stored.summary)) "
        + "does not fit \(title): \(printable(divergence))\n"
    }
    guard let failure = result.failure else {
      guard outcome.status != .limited else {
        return style.yellow("limited")
          + ": no schedule of \(title) could be run to its end (\(effort))\n"
      }
      let how = isExhausted ? style.green("exhausted") : style.green("explored")
      let which = result.leftOut > 0 ? " that the model of the global lock allows" : ""
      return how + ": no schedule of \(title)\(which) fails (\(effort))\n"
    }
    let assumption = failure.assumesTime ? " when time-outs come at any moment" : ""
    let found =
      failure.method == .replayed
      ? "again under its schedule"
      : "after \(counted(failure.after, "schedule")) (\(failure.method.name), seed "
        + "\(outcome.surroundings.seed), \(rounded(outcome.seconds)) s)"
    let what = style.red(failure.failure.name) + assumption
    return "\(what) \(found): \(printable(failure.summary))\n"
  }

  private var effort: String {
    "\(counted(result.counts.all, "schedule")), \(rounded(outcome.seconds)) s"
  }

  private func rounded(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }

  private var isExhausted: Bool {
    if case .exhausted = result.coverage { true } else { false }
  }

  // MARK: Sections

  private var outputs: String {
    guard let expected = outcome.example.expected, let failure = result.failure else { return "" }
    return "The output: "
      + printable(outputDifference(expected: expected, got: failure.execution.output)) + "\n"
  }

  private var explored: [String] {
    var lines: [String] = []
    switch result.coverage {
    case .explored where outcome.replay == nil:
      lines.append(
        "  explored: \(counted(result.counts.all, "schedule")), drawn (random, PCT), with "
          + "preemptions at accesses, with few, and in turn (DPOR)"
      )
    case .explored: break
    case .exhausted(let bound, let repeated, let all):
      let which = bound.map { "with at most \(counted($0, "preemption"))" } ?? "of this input"
      lines.append(
        "  exhausted: all schedules \(which), \(counted(all, "class", "classes")) of those that come "
          + "to the same; \(repeated) repeated, a process for each"
      )
    }
    lines.append(
      "  \(result.counts.completed) completed, \(result.counts.blocked) redundant, "
        + "\(result.counts.cut) cut, \(result.counts.limited) beyond control, "
        + "\(result.counts.diverged) diverged; \(rounded(outcome.cpu)) CPU s"
    )
    lines.append(
      "  interpreter \(outcome.surroundings.interpreterVersion), sandbox "
        + "\(outcome.surroundings.sandbox), hash seed \(outcome.identity.hashSeed), seed "
        + "\(outcome.surroundings.seed)"
    )
    if outcome.example.expected == nil, result.outputs.count > 1 {
      for output in result.outputs.prefix(4) {
        let text = clipped(printable(output.text.trimmedEnd), to: 60)
        lines.append("  \(counted(output.runs, "run")) printed `\(text)`")
      }
    }
    return lines
  }

  private var unordered: [String] {
    result.unordered.map { access in
      let places = access.places.map { printable($0.text) }.joined(separator: " and ")
      return "  \(printable(access.subject)): \(places)"
    }
  }

  private var again: [String] {
    if outcome.replay != nil { return [] }
    let verify = outcome.session.map { ["  heal verify \($0)"] } ?? []
    guard result.failure != nil else { return outcome.certificate == nil ? [] : verify }
    if let schedule = files.schedule {
      return ["  heal trace --replay \(printable(schedule))"] + verify
    }
    let title = printable(outcome.program.title)
    return ["  heal trace --seed \(outcome.surroundings.seed) --save race.json \(title)"] + verify
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    guard !lines.isEmpty else { return "" }
    return style.bold(title) + "\n" + lines.map { $0 + "\n" }.joined()
  }
}

extension String {
  fileprivate var trimmed: String { String(trimmedEnd.drop(while: \.isWhitespace)) }

  fileprivate var trimmedEnd: String {
    var rest = self[...]
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

/// A number with its noun, whose plural is not made by adding an s.
func counted(_ number: Int, _ noun: String, _ plural: String) -> String {
  "\(number) \(number == 1 ? noun : plural)"
}
