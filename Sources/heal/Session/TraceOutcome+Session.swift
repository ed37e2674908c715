import Healing
import HealingModel
import Scheduling

extension Program {
  /// The script with its arguments; empty for what is none.
  var scriptLine: [String] {
    guard case .script(let path, let arguments) = entry else { return [] }
    return [path] + arguments
  }
}

extension TraceOutcome {
  /// The failure explained: which accesses, which switches, who waits.
  var explanation: Explanation? {
    guard let failure = result.failure else { return nil }
    return Explanation(
      of: FailedRun(
        execution: failure.execution,
        isMinimal: failure.isMinimal,
        passing: failure.passing,
        expectedOutput: example.expected,
        interpreter: InterpreterVersion(surroundings.interpreterVersion),
        line: sources.lines,
        interruptible: failure.interruptible,
        isShown: failure.isShown
      )
    )
  }

  /// The outcome, with a note that it was not stored: what was found is worth telling all the same.
  func unstored(_ error: any Error) -> TraceOutcome {
    var outcome = self
    outcome.notes.append(
      "nothing was stored, so that it cannot be verified later: \(CommandError(error).message)"
    )
    return outcome
  }

  /// What is stored of it.
  var report: SessionReport {
    let oracle = Oracle.examples([example])
    var report = SessionReport(status: sessionStatus, strength: oracle.strength)
    report.seconds = seconds
    report.notes = notes + result.notes + result.limits
    report.findings = finding.map { [$0] } ?? []
    guard let certificate else { return report }
    report.evidence = evidence.exhausted ? .exhausted : .explored
    report.verification = Verification(
      oracle: oracle.kind,
      strength: oracle.strength,
      tests: [],
      runs: 0,
      regressions: 0,
      before: [:],
      after: [:],
      schedules: result.failure == nil ? evidence : nil,
      certificate: certificate
    )
    return report
  }

  private var sessionStatus: SessionStatus {
    switch status {
    case .failed: .unhealed
    case .passed: .healthy
    case .limited, .diverged: .error
    }
  }

  private var evidence: ScheduleEvidence {
    var (isExhausted, bound) = (false, Int?.none)
    if case .exhausted(let most, _, _) = result.coverage { (isExhausted, bound) = (true, most) }
    return ScheduleEvidence(
      explored: result.counts.completed,
      exhausted: isExhausted,
      bound: bound,
      seed: surroundings.seed,
      freeTiming: certificate?.model.freeTiming ?? true
    )
  }

  private var finding: Finding? {
    guard let failure = result.failure, let explanation else { return nil }
    let place = TextPosition(
      line: max(1, explanation.place.line),
      column: max(1, explanation.place.column)
    )
    return Finding(
      category: .concurrency,
      rule: explanation.kind.rule,
      path: explanation.place.path,
      range: TextRange(start: place, end: place),
      message: "\(explanation.kind.title): \(failure.summary)",
      hint: explanation.account,
      evidence: [
        Evidence(source: .runtime, text: "under the global lock: \(explanation.gil.words)")
      ],
      confidence: .high
    )
  }
}

extension SessionReport {
  /// Whether it is of schedules that were explored and of no repair.
  var isTrace: Bool { verification?.certificate != nil && patch.isEmpty }
}

extension ScheduleCertificate {
  /// What it says, in words.
  var words: String {
    switch claim {
    case .fails(let kind, _): "a schedule fails (\(kind))"
    case .explored: "no schedule that ran fails"
    case .exhausted(let bound, let classes, _):
      "no schedule fails"
        + (bound.map { " with at most \(counted($0, "preemption"))" } ?? "")
        + ", all explored (\(counted(classes, "class", "classes")))"
    }
  }
}
