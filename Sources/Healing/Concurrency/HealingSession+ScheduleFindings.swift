import HealingModel
import Scheduling

/// What schedules show, as evidence of a claim, as findings and as notes.
extension HealingSession {
  func evidence(of all: [TraceResult]) -> ScheduleEvidence {
    var (explored, bound, isExhausted) = (0, Int?.none, true)
    for found in all {
      if case .exhausted(let most, _, let count) = found.coverage {
        explored += count
        bound = [bound, most].compactMap(\.self).min()
      } else {
        explored += found.counts.completed
        isExhausted = false
      }
    }
    return ScheduleEvidence(
      explored: explored,
      exhausted: isExhausted && limitsOfInput == nil,
      bound: bound,
      seed: adapter.surroundings.seed,
      freeTiming: !strict.contains { $0.sources == current }
    )
  }

  /// All that the evidence of a claim stands on, to be checked again; of a script.
  func certificate() async throws -> ScheduleCertificate? {
    let scheduled = Scheduled(sources: current, test: nil)
    guard case .script(let path, let arguments) = program.entry,
      let found = explorations[scheduled],
      case .examples(let cases) = oracle, let example = cases.first
    else { return nil }
    return found.certificate(
      of: try await adapter.openSchedules(on: current, test: nil).identity,
      options: options(for: scheduled),
      arguments: [path] + arguments + example.arguments,
      input: example.input
    )
  }

  /// What the reader of a claim has to know of the schedules behind it.
  var schedulesNotes: [String] {
    let all = explorations.filter { $0.key.sources == current }.values
    let unordered = Set(all.flatMap(\.unordered)).sorted().prefix(5).map { one in
      "nothing orders the accesses to \(one.subject) at "
        + one.places.map(\.text).joined(separator: " and ") + "; no schedule that ran failed for it"
    }
    let limits = Set(all.flatMap(\.limits)).sorted().prefix(5).map { "limit: \($0)" }
    return unordered + limits + [limitsOfInput].compactMap(\.self)
  }

  /// What is said where schedules were explored for some of the inputs or tests alone.
  var limitsOfInput: String? {
    switch oracle {
    case .examples(let cases) where cases.count > 1:
      return "schedules were explored with the first of \(cases.count) inputs"
    case .suite:
      let those = subjects.compactMap(\.self)
      let all = firstSeen?.tests.count(where: \.target) ?? 0
      guard those.count < all else { return nil }
      return "schedules were explored of \(those.count) of \(all) tests: "
        + those.joined(separator: ", ")
    case .examples, .command: return nil
    }
  }

  func sentence(on found: TraceResult, of test: String?) -> String {
    let those = test.map { "of the threads of \($0)" } ?? "of its threads"
    if case .exhausted(let bound, _, let all) = found.coverage {
      let most = bound.map { " with at most \($0) preemptions" } ?? ""
      return "all schedules \(those)\(most) were explored (\(all) different ones), and none fails"
    }
    return "\(found.counts.completed) schedules \(those) were explored, and none fails"
  }

  /// Names what a schedule shows.
  mutating func note(_ found: TraceResult, in sources: Sources) {
    guard let failure = found.failure else { return }
    let finding = finding(of: failure, in: sources)
    let known = report.findings.contains {
      $0.rule == finding.rule && $0.message == finding.message
    }
    guard !known else { return }
    report.findings.append(finding)
    emit(.found([finding]))
  }

  /// What a failing schedule of a state shows.
  func explanation(of failure: TracedFailure, in sources: Sources) -> Explanation {
    Explanation(
      of: FailedRun(
        execution: failure.execution,
        isMinimal: failure.isMinimal,
        passing: failure.passing,
        expectedOutput: expectedOutput,
        interpreter: InterpreterVersion(adapter.surroundings.interpreterVersion),
        line: sources.lines
      )
    )
  }

  func finding(of failure: TracedFailure, in sources: Sources) -> Finding {
    let explanation = explanation(of: failure, in: sources)
    let place = place(of: failure, explanation, in: sources)
    let start = TextPosition(line: max(1, place.line), column: max(1, place.column))
    return Finding(
      category: .concurrency,
      rule: explanation.kind.rule,
      path: place.path,
      range: TextRange(start: start, end: start),
      message: "\(explanation.kind.title): \(explanation.failure)",
      hint: explanation.account,
      evidence: [
        Evidence(
          source: .schedule,
          text: "a schedule with \(explanation.switches.count) switches of threads shows it, found "
            + "by \(failure.method.name) after \(failure.after) schedules"
        )
      ],
      confidence: .high
    )
  }
}

/// Where to look first, in the program's own files.
private func place(
  of failure: TracedFailure,
  _ explanation: Explanation,
  in sources: Sources
) -> SourcePlace {
  let frames = failure.execution.exceptions.first?.exception.frames ?? []
  let raised = frames.reversed().map { SourcePlace(path: $0.path, line: $0.line) }
  let notable = explanation.rows.filter(\.isNotable).map(\.place)
  return ([explanation.place] + raised + notable).first { sources[$0.path] != nil }
    ?? SourcePlace(path: sources.paths.first ?? "", line: 1)
}

extension Finding {
  /// Whether a schedule of the program's threads shows it.
  var isOfSchedule: Bool { evidence.contains { $0.source == .schedule } }
}
