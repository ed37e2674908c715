import HealingModel
import Patching

extension HealingSession {
  /// Repairs the syntax; the alternatives that get as far are kept in reserve.
  mutating func mendSyntax() async throws -> Outcome {
    tell("repairing the syntax")
    let findings = try await adapter.findings(in: current, after: nil)
    let known = Set(report.findings.map { "\($0.rule) \($0.path) \($0.range)" })
    report.findings += findings.filter { !known.contains("\($0.rule) \($0.path) \($0.range)") }
    emit(.found(findings))
    var states: [(branch: Branch, standing: Standing)] = []
    for fix in try await adapter.syntaxRepairs(of: current, limit: 6) {
      let patch = Patch(edits: fix.edits)
      guard let sources = try? patch.applied(to: current), states.isEmpty || maySearch else {
        continue
      }
      let judgement = try await observed(sources)
      report.candidates += 1
      let branch = Branch(sources: sources, patch: patch, base: current)
      emit(
        .candidate(
          Candidate(patch: patch, origin: .syntax, kinds: ["syntax"]),
          judgement.passes ? .plausible(runs: 1) : .progress
        )
      )
      states.append((branch, Standing(judgement)))
      if judgement.passes { break }
    }
    // A stable order: of two states that get equally far the better ranked repair stays first.
    let ranked = states.enumerated().sorted {
      $0.element.standing == $1.element.standing
        ? $0.offset < $1.offset : $0.element.standing > $1.element.standing
    }.map(\.element.branch)
    guard let best = ranked.first else { return .stuck }
    reserve += ranked.dropFirst().reversed()
    accept(best.patch, as: best.sources)
    return .progress
  }

  /// Tries the findings' own fixes: all the certain ones at once, then one at a time.
  ///
  /// - Parameter findings: The findings, best first.
  /// - Returns: Whether the best state moved on.
  /// - Throws: What the adapter throws.
  mutating func mendFindings(_ findings: [Finding]) async throws -> Bool {
    let fixes = findings.flatMap { finding in
      finding.fixes.map { (finding: finding, fix: $0) }
    }.filter { mayClaim($0.finding) }
    guard !fixes.isEmpty, let judgement else { return false }
    let start = Standing(judgement)
    tell("repairing what was found")
    let certain = combined(fixes.filter { $0.fix.confidence == .high }.map(\.fix))
    if certain.edits.count > 1, try await advances(certain, from: start, explained: true) {
      return true
    }
    for (finding, fix) in fixes.prefix(40) where maySearch {
      let explained = finding.evidence.contains {
        [.parse, .compile, .runtime].contains($0.source)
      }
      if try await advances(Patch(edits: fix.edits), from: start, explained: explained) {
        return true
      }
    }
    return false
  }

  /// Whether a fix of this finding may be claimed under the oracle at hand.
  ///
  /// Where nothing but a crash decides, only what is wrong whatever the output should be counts.
  private func mayClaim(_ finding: Finding) -> Bool {
    oracle.strength != .crashOnly || [.syntax, .name, .type].contains(finding.category)
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
  ///
  /// - Parameters:
  ///   - patch: The patch.
  ///   - start: How far the base gets.
  ///   - explained: Whether evidence apart from the oracle names what the patch mends; then it is
  ///     progress too when the program fails in another way, as far along as before.
  /// - Returns: Whether it became the new base.
  /// - Throws: What the adapter throws.
  private mutating func advances(
    _ patch: Patch,
    from start: Standing,
    explained: Bool
  ) async throws -> Bool {
    guard let sources = try? patch.applied(to: current), sources != current else { return false }
    let judgement = try await observed(sources)
    report.candidates += 1
    let standing = Standing(judgement)
    let further =
      judgement.passes || standing > start
      || explained && !(standing < start) && standing.failure != start.failure
    emit(
      .candidate(
        Candidate(patch: patch, origin: .finding, kinds: patch.edits.compactMap(\.finding)),
        judgement.passes ? .plausible(runs: 1) : further ? .progress : .stillFailing
      )
    )
    if further { accept(patch, as: sources) }
    return further
  }
}
