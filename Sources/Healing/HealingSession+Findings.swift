import HealingModel
import Patching

extension HealingSession {
  /// Repairs the syntax; the alternatives that get as far are kept in reserve.
  ///
  /// - Parameter errors: The first syntax error of each file that does not parse.
  /// - Returns: `stuck` when no repair mends a file.
  /// - Throws: What the adapter throws.
  mutating func mendSyntax(_ errors: [String: TextPosition]) async throws -> Outcome {
    tell("repairing the syntax")
    let findings = try await adapter.findings(in: current, after: nil)
    let known = Set(report.findings.map { "\($0.rule) \($0.path) \($0.range)" })
    report.findings += findings.filter { !known.contains("\($0.rule) \($0.path) \($0.range)") }
    emit(.found(findings))
    let base = state
    var states: [State] = []
    for fix in try await adapter.syntaxRepairs(of: current, limit: 6) {
      let patch = Patch(edits: fix.edits)
      guard let sources = try? patch.applied(to: current), states.isEmpty || maySearch else {
        continue
      }
      guard try await adapter.syntaxErrors(in: sources).count < errors.count else { continue }
      let judgement = try await observed(sources)
      report.candidates += 1
      emit(
        .candidate(
          Candidate(patch: patch, origin: .syntax, kinds: ["syntax"]),
          judgement.passes ? .plausible(runs: 1) : .progress
        )
      )
      resume(base)
      accept(patch, as: sources)
      var reached = state
      reached.standing = Standing(judgement)
      states.append(reached)
      if judgement.passes { break }
    }
    resume(base)
    // A stable order: of two states that get equally far the better ranked repair stays first.
    let ranked = states.enumerated().sorted { lhs, rhs in
      guard let left = lhs.element.standing, let right = rhs.element.standing, left != right
      else { return lhs.offset < rhs.offset }
      return left > right
    }.map(\.element)
    guard let best = ranked.first else { return .stuck }
    reserve += ranked.dropFirst().reversed()
    resume(best)
    return .progress
  }

  /// Tries the findings' own fixes: all the certain ones at once, the likeliest of each together,
  /// then one at a time.
  ///
  /// - Parameters:
  ///   - findings: The findings, best first.
  ///   - confidences: How certain a fix must be to be tried now.
  /// - Returns: Whether the best state moved on.
  /// - Throws: What the adapter throws.
  mutating func mendFindings(
    _ findings: [Finding],
    confidences: ClosedRange<Confidence>
  ) async throws -> Bool {
    let fixes = findings.filter(mayClaim).flatMap { finding in
      finding.fixes.filter { confidences.contains($0.confidence) }.map { (finding, $0) }
    }
    guard ablation.uses(.findings), !fixes.isEmpty, let judgement else { return false }
    let start = Standing(judgement)
    tell("repairing what was found")
    let certain = combined(fixes.filter { $0.1.confidence == .high }.map(\.1))
    if certain.edits.count > 1, try await advances(certain, from: start, trust: .explained) {
      return true
    }
    // Bugs that each keep the oracle from passing are mended by nothing but all of their fixes.
    let together = combined(firstOfEach(fixes))
    if oracle.strength != .crashOnly, together.edits.count > 1, maySearch,
      together.edits != certain.edits,
      try await advances(together, from: start, trust: .guessed)
    {
      return true
    }
    // Fixes are cheap for a script and cost a whole suite otherwise: the search has its share.
    let end = now() + 0.3 * secondsLeft
    for (finding, fix) in fixes.prefix(40) where maySearch && now() < end {
      let patch = Patch(edits: fix.edits)
      if try await advances(patch, from: start, trust: trust(in: finding)) { return true }
    }
    return false
  }

  /// What counts as progress for a patch that does not make the oracle pass.
  private enum Trust {
    /// Evidence apart from the oracle names what it mends: failing elsewhere is progress.
    case explained
    /// The finding is certain by itself: getting further is progress.
    case certain
    /// A guess: only passing counts.
    case guessed
  }

  private func trust(in finding: Finding) -> Trust {
    let seen = finding.evidence.contains { [.parse, .compile, .runtime].contains($0.source) }
    return seen ? .explained : finding.confidence == .high ? .certain : .guessed
  }

  /// Whether a fix of this finding may be claimed under the oracle at hand.
  ///
  /// Where nothing but a crash decides, only what is wrong whatever the output should be counts.
  private func mayClaim(_ finding: Finding) -> Bool {
    oracle.strength != .crashOnly || [.syntax, .name, .type].contains(finding.category)
  }

  /// The likeliest fix of each finding.
  private func firstOfEach(_ fixes: [(Finding, Fix)]) -> [Fix] {
    var seen: [(path: String, rule: String, range: TextRange)] = []
    return fixes.compactMap { finding, fix in
      let place = (finding.path, finding.rule, finding.range)
      guard !seen.contains(where: { $0 == place }) else { return nil }
      seen.append(place)
      return fix
    }
  }

  /// One fix of each finding, as many as do not share a place.
  private func combined(_ fixes: [Fix]) -> Patch {
    var edits: [Edit] = []
    for fix in fixes {
      let free = fix.edits.allSatisfy { edit in
        !edits.contains { $0.path == edit.path && $0.range.overlaps(edit.range) }
      }
      if free { edits += fix.edits }
    }
    return Patch(edits: edits)
  }

  /// Makes a patch the new base when it gets the program further.
  private mutating func advances(
    _ patch: Patch,
    from start: Standing,
    trust: Trust
  ) async throws -> Bool {
    guard let sources = try? patch.applied(to: current), sources != current else { return false }
    let judgement = try await observed(sources)
    report.candidates += 1
    let standing = Standing(judgement)
    let further =
      switch trust {
      case .explained:
        standing > start || !(standing < start) && standing.failure != start.failure
      case .certain: standing > start
      case .guessed: false
      }
    emit(
      .candidate(
        Candidate(patch: patch, origin: .finding, kinds: patch.edits.compactMap(\.finding)),
        judgement.passes ? .plausible(runs: 1) : further ? .progress : .stillFailing
      )
    )
    guard further || judgement.passes && !(standing < start) else { return false }
    // What passes and may not be claimed is no base either: other repairs start from where it did.
    if judgement.passes, try await !mayBeClaimed(sources) { return false }
    accept(patch, as: sources)
    return true
  }
}
