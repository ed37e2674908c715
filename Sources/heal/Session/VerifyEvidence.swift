import Foundation
import Healing
import HealingModel
import Patching

/// One thing that must be so for a stored claim to hold.
struct EvidenceCheck: Sendable, Hashable {
  /// What is checked, in a few words.
  var name: String
  /// Whether it is so.
  var passed: Bool
  /// What was seen.
  var detail: String
}

/// Checks a stored claim again: that nothing in the store was altered, that the files are those
/// it speaks of, and that the oracle still says so, in fresh runs with no cache.
///
/// - Parameters:
///   - id: The session's name.
///   - ports: The parts that do the work.
///   - settings: The settings; interpreter and seed come from the session.
///   - now: Seconds since the tool started.
/// - Returns: The checks, the failed one last: after it nothing more is looked at.
/// - Throws: What `CommandError` takes.
func verifyEvidence(
  of id: String,
  with ports: Ports,
  settings: Settings,
  now: @escaping @Sendable () -> Double
) async throws -> [EvidenceCheck] {
  let alterations = try await ports.sessions.alterations(id)
  var checks = [
    EvidenceCheck(
      name: "the stored session is as it was written",
      passed: alterations.isEmpty,
      detail: alterations.joined(separator: "; ")
    )
  ]
  // What was altered may be of no shape that can be read.
  guard alterations.isEmpty else { return checks }
  let stored = try await ports.sessions.load(id)
  guard let report = stored.report, let verification = report.verification else {
    throw CommandError.refused("session \(id) claims nothing that could be verified")
  }
  guard !stored.isMasked else {
    throw CommandError.refused(
      "secrets in the command of session \(id) were not stored, so it cannot be run again"
    )
  }
  var settings = settings
  if let surroundings = stored.surroundings {
    settings.python = settings.python ?? surroundings.interpreter
    settings.seed = surroundings.seed
  }
  let opened = try await ports.openAdapter(stored.program, stored.oracle, settings)
  do {
    let (program, adapter) = (stored.program, opened.adapter)
    let (sources, files) = try await repaired(report, root: program.root, with: adapter)
    checks.append(files)
    if let sources {
      if !report.isTrace { checks += try await recheck(sources, verification, with: adapter) }
      if verification.schedules != nil, verification.certificate == nil {
        checks.append(
          EvidenceCheck(
            name: "its schedules carry no certificate, so that they are not run again",
            passed: true,
            detail: "schedules of tests"
          )
        )
      }
      if let certificate = verification.certificate, checks.allSatisfy(\.passed) {
        checks += try await recheck(
          certificate,
          of: stored,
          with: try await adapter.openSchedules(on: sources, test: nil),
          within: settings.budget,
          now: now
        )
      }
    }
  } catch {
    await opened.close()
    throw error
  }
  await opened.close()
  return checks
}

/// Runs the schedules of a certificate again, a process for each.
private func recheck(
  _ certificate: ScheduleCertificate,
  of stored: SessionRecord,
  with program: any ScheduledProgram,
  within budget: Double,
  now: @escaping @Sendable () -> Double
) async throws -> [EvidenceCheck] {
  guard case .examples(let cases) = stored.oracle, let example = cases.first else { return [] }
  let options = TraceOptions(deadline: budget, expected: example.expected)
  let checks = try await recheck(
    certificate,
    of: program,
    options: options,
    arguments: stored.program.scriptLine + example.arguments,
    input: example.input,
    now: now
  )
  return checks.map { EvidenceCheck(name: $0.name, passed: $0.passed, detail: $0.detail) }
}

private func recheck(
  _ sources: Sources,
  _ verification: Verification,
  with adapter: any LanguageAdapter
) async throws -> [EvidenceCheck] {
  var checks: [EvidenceCheck] = []
  for run in 1...max(1, verification.runs) {
    let check = judged(try await adapter.judge(sources, run: run - 1), verification, run: run)
    checks.append(check)
    guard check.passed else { break }
  }
  return checks
}

/// The sources with the repair in them, whether it is in the user's files already or not.
private func repaired(
  _ report: SessionReport,
  root: String,
  with adapter: any LanguageAdapter
) async throws -> (sources: Sources?, check: EvidenceCheck) {
  func check(_ passed: Bool, _ detail: String) -> EvidenceCheck {
    EvidenceCheck(name: "the files are those of the session", passed: passed, detail: detail)
  }
  let present = try await adapter.editableSources()
  guard !report.files.isEmpty else { return (present, check(true, "there is no repair")) }
  let bytes = report.files.map { FileManager.default.contents(atPath: root + "/" + $0.path) }
  if zip(report.files, bytes).allSatisfy({ Data($0.after) == $1 }) {
    return (present, check(true, "the repair is in them"))
  }
  let changed = zip(report.files, bytes).filter { Data($0.before) != $1 }.map(\.0.path)
  guard changed.isEmpty else {
    let paths = changed.joined(separator: ", ")
    return (nil, check(false, "neither as before nor as after the repair: \(paths)"))
  }
  do {
    let sources = try report.patch.applied(to: present)
    let changes = try await adapter.fileChanges(to: sources)
    guard Set(changes.map(\.after)) == Set(report.files.map(\.after)) else {
      return (nil, check(false, "the patch gives other files than it gave then"))
    }
    guard report.diff == unifiedDiff(from: present, to: sources) else {
      return (nil, check(false, "the diff shows another repair than the patch makes"))
    }
    return (sources, check(true, "the repair applies"))
  } catch let error as PatchError {
    return (nil, check(false, error.description))
  }
}

private func judged(
  _ judgement: Judgement,
  _ verification: Verification,
  run: Int
) -> EvidenceCheck {
  let reported = Set(judgement.tests.map(\.id))
  let missing = Set(verification.tests).subtracting(reported).sorted()
  let failed = judgement.tests.filter { test in
    test.outcome != .passed && verification.tests.contains(test.id)
      && ![.skipped, .xfailed].contains(test.outcome)
  }
  let passed = judgement.passes && missing.isEmpty && failed.isEmpty
  let successes = judgement.tests.filter { $0.outcome == .passed }.count
  var detail = "\(counted(successes, "verdict")) passed"
  if !missing.isEmpty { detail += "; not reported: " + missing.joined(separator: ", ") }
  if !failed.isEmpty { detail += "; failed: " + failed.map(\.id).joined(separator: ", ") }
  if !passed, missing.isEmpty, failed.isEmpty { detail += "; " + judgement.observation.summary }
  let name = "fresh run \(run) of the oracle passes"
  return EvidenceCheck(name: name, passed: passed, detail: detail)
}
