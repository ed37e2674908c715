import Diagnosis
import HealingModel
import Patching
import Prompting

/// What made an edit.
struct Making: Sendable, Hashable {
  /// Where it comes from.
  var source: Candidate.Origin
  /// The kinds of edits of the search in it.
  var kinds: [String] = []
  /// The repair of the bank that it repeats.
  var banked: String?
}

/// Verified repairs of earlier sessions: tried again, shown to models, and learnt.
extension HealingSession {
  /// The rule of a finding that is the edit itself.
  static let searchRule = "logic/search"

  /// The repairs that may be used.
  var bank: [BankedRepair] { ablation.uses(.bank) ? memory.bank : [] }

  /// Whether a repair of the bank moved the best state on.
  var isRecalled: Bool { makings.values.contains { $0.banked != nil } }

  /// The most repairs of the bank that a session tries.
  private static let mostRecalls = 40

  /// Tries what repairs of the bank would do here, the likeliest first.
  ///
  /// They are guesses like those of the search: where nothing but a crash decides none is tried. One
  /// that passes, or with which more tests pass, is the best state from then on; what was the best
  /// one before is kept to come back to.
  ///
  /// - Parameters:
  ///   - findings: What is wrong with the best state.
  ///   - judgement: What the oracle said of it.
  /// - Returns: Whether the best state moved on.
  /// - Throws: What the adapter throws.
  mutating func mendByBank(_ findings: [Finding], _ judgement: Judgement) async throws -> Bool {
    let left = Self.mostRecalls - recalls
    guard oracle.strength != .crashOnly, !bank.isEmpty, left > 0 else { return false }
    let found = recall(
      bank,
      in: current,
      clues: clues(findings, judgement),
      rules: adapter.tokenRules,
      limit: left
    )
    guard !found.isEmpty else { return false }
    tell("trying what mended before")
    let start = Standing(judgement)
    // The search is the surer way where the bank knows little: it has most of the time.
    let end = now() + 0.15 * secondsLeft
    for recalled in found where maySearch && now() < end {
      if try await advances(by: recalled, from: start) { return true }
    }
    return false
  }

  /// Whether a repair of the bank gets the program further.
  private mutating func advances(
    by recalled: RecalledRepair,
    from start: Standing
  ) async throws -> Bool {
    var edit = recalled.edit
    let summary = bank.first { $0.id == recalled.id }?.summary ?? ""
    edit.reason = "a verified repair was the same (\(recalled.id) in the bank): \(summary)"
    let patch = Patch(edits: [edit])
    guard let sources = try? patch.applied(to: current), recalledStates.insert(sources).inserted
    else { return false }
    recalls += 1
    report.recalled[recalled.id] = false
    guard try await adapter.syntaxErrors(in: sources).isEmpty else { return false }
    let judgement = try await observed(sources)
    report.candidates += 1
    let standing = Standing(judgement)
    let passes = judgement.passes && !(standing < start)
    let further = standing.guarding >= start.guarding && standing.passing > start.passing
    emit(
      .candidate(
        Candidate(patch: patch, origin: .bank, kinds: ["bank"]),
        passes ? .plausible(runs: 1) : further ? .progress : .stillFailing
      )
    )
    guard passes || further, try await mayBeClaimed(sources) else { return false }
    reserve.append(state)
    makings[edit.reason] = Making(source: .bank, banked: recalled.id)
    accept(patch, as: sources)
    isUnproven = !passes
    fromFindingsOnly = false
    return true
  }

  /// What is known of the bugs of the best state.
  func clues(_ findings: [Finding], _ judgement: Judgement) -> RepairClues {
    let seen = judgement.observation
    var places = seen.coverage.mapValues { Set($0) }
    for finding in findings { places[finding.path, default: []].insert(finding.range.start.line) }
    for frame in seen.exception?.frames ?? [] {
      places[frame.path, default: []].insert(frame.line)
    }
    return RepairClues(
      findings: findings,
      exception: seen.exception?.type,
      places: seen.coverage.isEmpty ? nil : places
    )
  }

  /// Repairs of like bugs, for a model to read.
  ///
  /// They are lines of other programs, which a model that is not on this machine is not shown.
  func precedents(
    _ findings: [Finding],
    _ judgement: Judgement,
    for access: ModelAccess
  ) -> [Precedent] {
    guard access.mayBeShownOthers else { return [] }
    return Diagnosis.precedents(
      bank,
      clues: clues(findings, judgement),
      language: adapter.tokenRules.language,
      limit: 3
    ).map { Precedent(before: $0.example.before, after: $0.example.after) }
  }

  // MARK: Learning

  /// Notes what made the edits of a patch.
  mutating func note(_ patch: Patch, madeBy making: Making) {
    for edit in patch.edits where !edit.reason.isEmpty { makings[edit.reason] = making }
  }

  /// Fills in what the bank may keep of a claimed repair, and which of its own were part of it.
  mutating func learn() {
    guard report.status == .healed else { return }
    for edit in report.patch.edits {
      for id in makings(of: edit).compactMap(\.banked) { report.recalled[id] = true }
    }
    report.lessons = report.patch.edits.compactMap(lesson)
  }

  private func lesson(of edit: Edit) -> RepairLesson? {
    let rules = adapter.tokenRules
    let general = generalise(edit, in: original[edit.path] ?? "", rules)
    guard let example = general.example else { return nil }
    let makings = makings(of: edit)
    let finding = finding(behind: edit)
    return RepairLesson(
      language: rules.language,
      template: general.template,
      example: example,
      context: RepairContext(
        category: finding?.category ?? .logic,
        rule: finding?.rule ?? "",
        exception: firstSeen?.observation.exception?.type,
        enclosing: general.enclosing
      ),
      source: makings.first?.source ?? source(of: finding, edit),
      kinds: Set(makings.flatMap(\.kinds)).sorted()
    )
  }

  /// What made the edits that this one is put together from.
  private func makings(of edit: Edit) -> [Making] {
    makings.filter { edit.reason.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
  }

  private func source(of finding: Finding?, _ edit: Edit) -> Candidate.Origin {
    guard let rule = edit.finding, rule != Self.searchRule else { return .search }
    switch finding?.category {
    case .syntax: return .syntax
    case .concurrency: return .schedule
    default: return .finding
    }
  }

  /// The finding that an edit mends, as far as one was named apart from the edit.
  private func finding(behind edit: Edit) -> Finding? {
    let near = report.findings.filter { $0.path == edit.path && $0.rule != Self.searchRule }
    let here = near.filter { $0.range.sharesLine(with: edit.range) }
    return here.first { $0.rule == edit.finding } ?? near.first { $0.rule == edit.finding }
      ?? here.first
  }
}
