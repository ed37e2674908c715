import HealingModel
import Patching
import Scheduling

/// Repairs that put threads in order: each is tried under schedules, the narrowest ones first.
extension HealingSession {
  /// Schedules of a first look at a candidate; candidates at most; repairs on top of each other.
  private static let effort = (schedules: 160, candidates: 60, depth: 3)
  /// States that fail in another way than before, from which it goes on at most.
  private static let width = 2

  /// A candidate that was tried.
  private struct Tried {
    var sources: Sources
    var repair: ScheduleRepair
    var result: TraceResult
  }

  /// What a first look at a candidate says.
  private enum Look {
    /// Nothing speaks against it.
    case holds
    /// As `holds`, but threads that were at work at the same time are not any more.
    case serialises
    /// It fails in another way than what it is made from.
    case differs
    /// It is no repair.
    case fails
  }

  /// Puts the threads of the best state in order.
  ///
  /// - Parameters:
  ///   - found: What its schedules came to.
  ///   - depth: How many repairs it stands on already.
  /// - Returns: Whether the best state is one now under whose schedules nothing fails.
  mutating func order(_ found: TraceResult, depth: Int = 1) async throws -> Bool {
    guard let failure = found.failure else { return false }
    let (base, began) = (state, ordered)
    let candidates = try await adapter.scheduleRepairs(
      of: current,
      failing: [failure.schedule] + found.others,
      limits: ScheduleLimits(wall: 5),
      limit: Self.effort.candidates
    )
    var (serial, different): ([Tried], [Tried]) = ([], [])
    for repair in candidates where maySearch {
      guard let sources = try? Patch(edits: repair.edits).applied(to: base.sources),
        sources != base.sources
      else { continue }
      tell("putting threads in order")
      report.candidates += 1
      let result = try await explore(sources, seconds: max(1, secondsLeft / 8)) { options in
        options.schedules = Self.effort.schedules
        options.shortens = false
        if strict.contains(base.sources) { options.timing = .strict }
      }
      let tried = Tried(sources: sources, repair: repair, result: result)
      switch look(at: result, beside: found) {
      case .fails: note(tried, .stillFailing)
      case .differs: different.append(tried)
      case .serialises: serial.append(tried)
      case .holds: if try await settles(tried, on: base, since: began) { return true }
      }
    }
    for tried in serial where maySearch {
      if try await settles(tried, on: base, since: began) { return true }
    }
    guard depth < Self.effort.depth else { return false }
    for tried in different.prefix(Self.width) where maySearch {
      accept(tried, on: base, since: began)
      if let next = try await explored(current), try await order(next, depth: depth + 1) {
        return true
      }
      resume(base)
      ordered = began
    }
    return false
  }

  /// Judges a candidate by the first schedules.
  private func look(at result: TraceResult, beside found: TraceResult) -> Look {
    if let failure = result.failure {
      let isOld = failure.failure.signature == found.failure?.failure.signature
      return isOld || result.passed == 0 ? .fails : .differs
    }
    let (counts, before) = (result.counts, found.counts)
    guard counts.completed > 0, result.failed == 0,
      counts.limited == 0 || before.limited > 0, counts.cut == 0 || before.cut > 0,
      let now = result.survey, let then = found.survey
    else { return .fails }
    // Where the output was always the same it stays that.
    let outputs = Set(found.outputs.map(\.text))
    guard outputs.count != 1 || outputs.isSuperset(of: result.outputs.map(\.text)),
      now.threads >= then.threads, now.unordered.isSubset(of: then.unordered)
    else { return .fails }
    return then.overlaps.isSubset(of: now.overlaps) ? .holds : .serialises
  }

  /// Explores a candidate as far as there is time, and makes it the best state if nothing fails.
  private mutating func settles(
    _ tried: Tried,
    on base: State,
    since began: Sources?
  ) async throws -> Bool {
    if strict.contains(base.sources) { strict.insert(tried.sources) }
    accept(tried, on: base, since: began)
    if try await mayBeClaimed(current), let found = try await explored(current),
      found.failed == 0, found.passed > 0
    {
      note(tried, .plausible(runs: 0))
      return true
    }
    resume(base)
    ordered = began
    return false
  }

  /// Makes a candidate the best state.
  private mutating func accept(_ tried: Tried, on base: State, since began: Sources?) {
    resume(base)
    let rule = report.findings.last(where: \.isOfSchedule)?.rule
    let edits = tried.repair.edits.map { edit in
      var edit = edit
      edit.finding = rule
      return edit
    }
    accept(Patch(edits: edits), as: tried.sources)
    ordered = began ?? base.sources
  }

  private func note(_ tried: Tried, _ verdict: Verdict) {
    emit(
      .candidate(
        Candidate(
          patch: Patch(edits: tried.repair.edits),
          origin: .schedule,
          kinds: [tried.repair.kind]
        ),
        verdict
      )
    )
  }
}
