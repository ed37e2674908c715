import HealingModel

/// The report of a healing for a person.
struct TextReport {
  /// What came of it.
  var outcome: HealingOutcome
  /// How it is coloured.
  var style: Style

  private var report: SessionReport { outcome.report }

  /// The whole report, without what to do next.
  var text: String {
    var parts = [verdict]
    if report.status == .healthy { parts.append(output) }
    parts.append(section("What is wrong", report.findings.map(describe)))
    if report.findings.isEmpty { parts.append(failure) }
    if let diff = report.diff, !diff.isEmpty {
      let title = report.partial ? "A partial repair" : "The repair"
      parts.append(style.bold(title) + "\n" + painted(diff))
    }
    parts.append(section("Why", report.patch.edits.map(reason)))
    parts.append(section("Evidence", evidence))
    if !report.patch.isEmpty {
      parts.append(section("Not healed by it", report.remaining.map(describe)))
    }
    parts.append(alternatives)
    parts.append(section("Notes", report.notes.map { "  " + printable($0) }))
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// What to do next.
  var next: String {
    switch report.status {
    case .healed where report.applied:
      "Written into \(report.patch.paths.map { printable($0) }.joined(separator: ", ")). "
        + "To take it back: heal undo \(outcome.session ?? "last")\n"
    case .healed:
      "Nothing was written. To write it: heal apply \(outcome.session ?? "last")\n"
    case .unhealed where report.partial:
      "Nothing was written. To write the part: heal apply \(outcome.session ?? "last") --partial\n"
    case .healthy, .unhealed, .error, .interrupted, .running: ""
    }
  }

  private var verdict: String {
    let title = printable(outcome.program.title)
    let (passes, fails) = outcome.program.isPlural ? ("pass", "fail") : ("passes", "fails")
    if report.isTrace, let certificate = report.verification?.certificate {
      return style.bold("traced") + ": \(title): \(printable(certificate.words))\n"
    }
    switch report.status {
    case .healthy:
      return style.green("healthy") + ": \(title) \(passes); there is nothing to heal\n"
    case .healed:
      let what = "\(title) \(passes) now (\(effort), confidence \(report.confidence.rawValue))"
      return style.green("healed") + ": \(what)\n"
    case .unhealed where report.verification != nil:
      return style.yellow("not healed for sure")
        + ": \(title) \(passes) now, in thread schedules that happened to run (\(effort))\n"
    case .unhealed:
      let part = report.partial ? "; a part of it is mended below" : ""
      return style.red("not healed") + ": \(title) still \(fails) (\(effort))\(part)\n"
    case .interrupted: return style.yellow("interrupted") + ": \(title) (\(effort))\n"
    case .running: return style.yellow("not finished") + ": \(title) is at work, or was killed\n"
    case .error:
      let error = outcome.error ?? .fault("the session ended without a result")
      let remedy = error.remedy.map { "\n  \(printable($0))" } ?? ""
      return style.red("error") + ": \(printable(error.message))\(remedy)\n"
    }
  }

  private var effort: String {
    [
      counted(report.attempts, "attempt"), counted(report.candidates, "candidate"),
      "\((report.seconds * 10).rounded() / 10) s",
    ].joined(separator: ", ")
  }

  private var output: String {
    guard case .examples(let cases) = outcome.oracle, cases.count == 1,
      let text = outcome.judgement?.observation.stdout.text, !text.isEmpty
    else { return "" }
    return style.bold("Its output") + "\n" + indented(text, by: "  ")
  }

  private var failure: String {
    guard report.status == .unhealed, let observation = report.observation else { return "" }
    let failing = (outcome.judgement?.tests ?? []).filter {
      $0.target && ($0.outcome == .failed || $0.outcome == .error)
    }
    var lines = failing.count > 1 ? failing.prefix(10).map(describe) : []
    if failing.count > 10 { lines.append("  and \(failing.count - 10) more") }
    if lines.isEmpty { lines = [indented(summary(of: observation), by: "  ")] }
    return section("What is wrong", lines)
  }

  private func describe(_ test: TestResult) -> String {
    let why = test.exception.map { ": \($0.type): \(printable($0.message))" } ?? ""
    return clipped("  \(printable(test.id)) fails\(why)", to: 200)
  }

  /// How a failing run ended; of a run that ended well, where its output differs.
  private func summary(of observation: Observation) -> String {
    guard case .examples(let cases) = outcome.oracle, observation.exit == .code(0),
      observation.exception == nil, cases.count == 1, let expected = cases[0].expected
    else { return observation.summary }
    return outputDifference(expected: expected, got: observation.stdout.text)
  }

  private func describe(_ finding: Finding) -> String {
    let start = finding.range.start
    let place = "\(printable(finding.path)):\(start.line):\(start.column)"
    let text = "\(finding.category.rawValue): \(printable(finding.message))"
    let message = "  \(style.bold(place)): \(text)"
    guard !finding.hint.isEmpty, finding.hint != finding.message else { return message }
    return message + "\n" + style.dim(indented(finding.hint, by: "      "))
  }

  private func reason(_ edit: Edit) -> String {
    "  \(printable(edit.path)):\(edit.range.start.line): \(printable(edit.reason))"
  }

  private var evidence: [String] {
    var lines: [String] = []
    if let verification = report.verification {
      guard !report.isTrace else {
        return verification.schedules.map { ["  threads: " + describe($0)] } ?? []
      }
      let level = report.evidence.map { "\($0.rawValue): " } ?? ""
      let tests = counted(verification.tests.count, outcome.oracle.unit)
      let runs = counted(verification.runs, "fresh run")
      let regressions = counted(verification.regressions, "regression")
      lines.append(
        "  \(level)\(tests) by the oracle `\(verification.oracle)` "
          + "(strength \(verification.strength.rawValue)), \(runs), \(regressions)"
      )
      lines += verification.schedules.map { ["  threads: " + describe($0)] } ?? []
    }
    guard let surroundings = outcome.surroundings, report.status != .healthy else { return lines }
    let version = printable(surroundings.interpreterVersion)
    lines.append("  interpreter: \(version) at \(printable(surroundings.interpreter))")
    let missing =
      surroundings.missing.isEmpty
      ? "" : "; it cannot give: " + surroundings.missing.joined(separator: ", ")
    lines.append("  sandbox: \(surroundings.sandbox)\(missing)")
    if let session = outcome.session {
      lines.append("  session \(session), seed \(surroundings.seed)")
    }
    return lines
  }

  private func describe(_ schedules: ScheduleEvidence) -> String {
    let runs = counted(schedules.explored, "schedule")
    let most = schedules.bound.map { " with at most \(counted($0, "preemption"))" } ?? ""
    let what =
      schedules.exhausted
      ? "all schedules\(most) (\(schedules.explored) that do not come to the same)" : runs
    let timing =
      schedules.freeTiming
      ? "" : ", in which time passes only when nothing else can go on"
    return "no failure under \(what)\(timing) (seed \(schedules.seed))"
  }

  private var alternatives: String {
    guard !report.alternatives.isEmpty else { return "" }
    let shown = report.alternatives.prefix(3).map { alternative in
      var text = "  confidence \(alternative.confidence.rawValue)"
      if let input = alternative.distinguishingInput, alternative.answers.count == 2 {
        let answers = alternative.answers.map { printable($0) }
        text += "; they differ at \(printable(input)): "
        text += "this repair answers \(answers[0]), the other \(answers[1])"
      }
      return text + "\n" + indented(painted(alternative.patch), by: "    ", escaping: false)
    }
    let title = "Other repairs that pass too (\(report.alternatives.count))"
    return section(title, Array(shown))
  }

  private func painted(_ diff: String) -> String { paintedDiff(diff, style: style) }

  private func section(_ title: String, _ lines: [String]) -> String {
    guard !lines.isEmpty else { return "" }
    let body = lines.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }.joined()
    return style.bold(title) + "\n" + body
  }
}

/// A unified diff with its lines coloured.
func paintedDiff(_ diff: String, style: Style) -> String {
  printable(diff, keepingLines: true).split(separator: "\n", omittingEmptySubsequences: false)
    .map { line in
      let text = String(line)
      if text.hasPrefix("+++") || text.hasPrefix("---") { return style.bold(text) }
      switch text.first {
      case "+": return style.green(text)
      case "-": return style.red(text)
      case "@": return style.cyan(text)
      default: return text
      }
    }.joined(separator: "\n")
}

/// A number with its noun.
func counted(_ number: Int, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// A text with every line moved to the right, ending with a line end.
func indented(_ text: String, by margin: String, escaping: Bool = true) -> String {
  let safe = escaping ? printable(text, keepingLines: true) : text
  var lines = safe.split(separator: "\n", omittingEmptySubsequences: false)
  if lines.last?.isEmpty == true { lines.removeLast() }
  return lines.map { $0.isEmpty ? "\n" : "\(margin)\($0)\n" }.joined()
}

extension Oracle {
  /// What one verdict of it is called.
  fileprivate var unit: String {
    switch self {
    case .examples: "example"
    case .suite: "test"
    case .command: "command"
    }
  }
}

extension Observation {
  /// How the run ended, in one line.
  var summary: String {
    if let exception {
      let place = exception.frames.last.map { " at \($0.path):\($0.line)" } ?? ""
      return "\(exception.type): \(exception.message)\(place)"
    }
    switch (stop, exit) {
    case (.finished, .code(let status)): return "it ends itself with status \(status)"
    case (.finished, .signal(let number)), (.killed, .signal(let number)):
      return "signal \(number) ends it"
    case (.killed, .code): return "something ends it from outside"
    case (.endlessLoop, _): return "it burns its time in a loop that does not end"
    case (.hang, _): return "it waits for something that does not come"
    case (.memory, _): return "it reaches the memory cap"
    case (.output, _): return "it writes more than the output cap"
    case (.processes, _): return "it starts more processes than the cap"
    }
  }
}

/// The first line in which an output differs from the expected one.
func outputDifference(expected: String, got: String) -> String {
  func lines(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return lines
  }
  let (wanted, printed) = (lines(expected), lines(got))
  let index = zip(wanted, printed).prefix { $0 == $1 }.count
  func quoted(_ lines: [Substring]) -> String {
    index < lines.count ? "`\(lines[index])`" : "nothing more"
  }
  return "line \(index + 1) of its output is \(quoted(printed)); expected is \(quoted(wanted))"
}
