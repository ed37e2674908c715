import Healing
import HealingModel
import Patching
import Synchronization
import Testing

/// What a session did, as a test looks at it.
struct Healed: Sendable {
  var report: SessionReport
  var events: [HealingEvent]
  var calls: [AdapterCall]
  var original: Sources

  /// The program after the report's patch.
  var result: Sources {
    get throws { try report.patch.applied(to: original) }
  }

  /// The text of the main file after the patch.
  var text: String {
    get throws { try #require(try result["main"]) }
  }

  /// The verdicts of the candidates that the session told of.
  var verdicts: [Verdict] {
    events.compactMap { if case .candidate(_, let verdict) = $0 { verdict } else { nil } }
  }

  /// The notes that the session told while it worked, and those of its report.
  var notes: [String] {
    report.notes + events.compactMap { if case .note(let text) = $0 { text } else { nil } }
  }

  /// The states that were judged in fresh interpreters, with the number of the run.
  var judged: [(sources: Sources, run: Int)] {
    calls.compactMap { if case .judge(let sources, let run) = $0 { (sources, run) } else { nil } }
  }
}

/// Heals a program of the tiny language, and checks what holds of every session.
func healed(
  _ script: FakeAdapter.Script,
  budget: Budget = Budget(),
  without ablation: Ablation = Ablation(),
  asking model: FakeModel? = nil,
  checkingReasons: Bool = true
) async throws -> Healed {
  let adapter = FakeAdapter(script)
  let result = try await session(adapter, budget: budget, without: ablation, asking: model)
  try checkLaws(of: result, checkingReasons: checkingReasons)
  return result
}

/// Heals a program without a look at the result.
func session(
  _ adapter: FakeAdapter,
  budget: Budget = Budget(),
  without ablation: Ablation = Ablation(),
  memory: Memory = Memory(),
  asking model: FakeModel? = nil
) async throws -> Healed {
  let log = EventLog()
  let report = try await heal(
    Program(root: "/program", entry: .script(path: "main", arguments: [])),
    oracle: adapter.script.oracle.oracle,
    with: adapter,
    budget: budget,
    ablation: ablation,
    memory: memory,
    model: model.map { ModelAccess($0, language: .tiny, seed: 3) },
    now: { adapter.clock.now },
    events: { log.add($0) }
  )
  return Healed(
    report: report,
    events: log.events,
    calls: adapter.calls,
    original: adapter.script.sources
  )
}

/// Receives the events of a session.
private final class EventLog: Sendable {
  private let log = Mutex<[HealingEvent]>([])

  var events: [HealingEvent] { log.withLock { $0 } }

  func add(_ event: HealingEvent) { log.withLock { $0.append(event) } }
}

/// What holds of every session, whatever it was about.
private func checkLaws(of session: Healed, checkingReasons: Bool) throws {
  let report = session.report
  let result = try session.result
  let level = report.verification?.schedules.map {
    $0.exhausted ? EvidenceLevel.exhausted : .explored
  }
  #expect(report.evidence == (report.status == .healed ? level ?? .tested : nil))
  #expect(
    (report.verification != nil)
      == (report.status == .healed || report.isUnexplored || report.failsUnderSchedules)
  )
  #expect(report.diff == (result == session.original ? nil : diff(session.original, result)))
  #expect(report.partial == (report.status == .unhealed && !report.patch.isEmpty))
  #expect(!report.applied)
  let changed = result.changes(since: session.original)
  #expect(report.files.map(\.path) == changed.paths)
  for file in report.files {
    #expect(file.before == Array((session.original[file.path] ?? "").utf8))
    #expect(file.after == Array((result[file.path] ?? "").utf8))
  }
  if checkingReasons {
    for edit in report.patch.edits { #expect(!edit.reason.isEmpty, "\(edit)") }
  }
  guard case .finished(let last) = session.events.last else {
    Issue.record("a session ends with an event of its own")
    return
  }
  #expect(last == report)
  if report.status == .healed { try checkClaim(of: session, result) }
}

/// What holds of every claim: it was checked last, twice, in fresh runs, on its very bytes.
private func checkClaim(of session: Healed, _ result: Sources) throws {
  let verification = try #require(session.report.verification)
  let before = session.original.changes(since: result)
  let after = result.changes(since: session.original)
  #expect(!after.texts.isEmpty)
  #expect(session.judged.filter { $0.sources == result }.map(\.run).sorted() == [0, 1])
  let changed = session.judged.filter { $0.sources != session.original }
  #expect(changed.suffix(2).allSatisfy { $0.sources == result })
  // Nothing that is tried after the check is what was checked.
  let check = session.calls.firstIndex { if case .judge(result, _) = $0 { true } else { false } }
  let later = session.calls[try #require(check)...]
  #expect(!later.contains { if case .observe = $0 { true } else { false } })
  #expect(session.calls.contains(.confirmCopy(result)))
  #expect(verification.runs == 2)
  #expect(verification.regressions == 0)
  #expect(verification.strength == session.report.strength)
  #expect(verification.before == before.texts.mapValues { sha256($0.utf8) })
  #expect(verification.after == after.texts.mapValues { sha256($0.utf8) })
}

private func diff(_ before: Sources, _ after: Sources) -> String {
  unifiedDiff(from: before, to: after)
}

extension SessionReport {
  /// Whether the only thing that speaks against a claim are threads whose schedules nobody saw.
  var isUnexplored: Bool { remaining.contains { $0.rule == "concurrency/unexplored" } }

  /// Whether a repair passes, and a schedule of it was seen to fail.
  var failsUnderSchedules: Bool {
    partial && remaining.contains { $0.evidence.contains { $0.source == .schedule } }
  }
}
