import HealingModel

extension HealingSession {
  /// Looks at the program as it was found; false when there is nothing to heal or no way to.
  mutating func establishBaseline() async throws -> Bool {
    let judged: Judgement
    if case .suite = oracle {
      // A suite may hang in one test and say nothing of the others, so it is observed first, test
      // by test; the fresh run that a claim is compared with follows at the claim.
      let begin = now()
      beginUntouched()
      var seen = try await observed(original)
      firstLook = max(0.2, now() - begin - secondsOfEndless(seen))
      if noteFlaky(seen) {
        firstSeen = seen
        report.observation = seen.observation
        report.status = .unhealed
        return try await mendFlaky()
      }
      seen = settled(seen)
      judged = seen.passes ? try await untouchedJudgement() ?? seen : seen
      baseline = seen.passes ? judged : nil
      if seen.passes, !judged.passes {
        report.notes.append(
          "the tests pass in one run and fail in another: the failure comes and goes, or depends "
            + "on how they are run"
        )
      }
    } else {
      judged = try await adapter.judge(original, run: 0)
      baseline = judged
    }
    judgement = judged
    firstSeen = judged
    boundUntouched()
    emit(.judged(judged))
    report.observation = judged.observation
    if judged.passes {
      report.status = .healthy
      return try await !exploreHealthy()
    }
    if judged.tests.isEmpty, case .suite = oracle {
      let errors = try await adapter.syntaxErrors(in: original)
      let seen = judged.observation
      let ended = if seen.stop == .finished, case .code = seen.exit { true } else { false }
      guard !errors.isEmpty || seen.exception != nil || !ended else {
        throw AdapterError.usage(message: "no tests were collected")
      }
    }
    return try await !endsItself(judged)
  }

  /// A program that ends itself with a status and no traceback says nothing about a bug.
  private mutating func endsItself(_ judged: Judgement) async throws -> Bool {
    let seen = judged.observation
    guard oracle.strength == .crashOnly, seen.stop == .finished, seen.exception == nil,
      case .code(let code) = seen.exit, try await adapter.syntaxErrors(in: original).isEmpty
    else { return false }
    // A program may catch what the sandbox refused and end itself for that.
    _ = try refersToEnvironment([], try await observed(original))
    report.status = .unhealed
    report.notes.append(
      "the program ended itself with status \(code) and no exception: give the expected output "
        + "with --expect to have it healed"
    )
    return true
  }

  /// Seconds of tests that did not end: a repaired program does not spend them again.
  private func secondsOfEndless(_ judged: Judgement) -> Double {
    let endless = [Stop.endlessLoop.rawValue, Stop.hang.rawValue]
    return judged.tests.filter { endless.contains($0.exception?.type ?? "") }.map(\.seconds)
      .reduce(0, +)
  }
}
