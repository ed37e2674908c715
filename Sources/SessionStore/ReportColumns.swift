import Foundation
import GRDB
import HealingModel

/// A report as it lies in the row of its session.
struct ReportColumns {
  /// How the session ended.
  struct Ending: Codable {
    var status: SessionStatus
    var partial: Bool
    var attempts: Int
    var candidates: Int
    var seconds: Double
    var confidence: Confidence
    var strength: OracleStrength
    var evidence: EvidenceLevel?
  }

  /// The repair.
  struct Repair: Codable {
    var patch: Patch
    var diff: String?
  }

  /// What else the reader is told.
  struct Details: Codable {
    var remaining: [Finding]
    var alternatives: [Alternative]
    var notes: [String]
    var observation: Observation?
  }

  var ending: String
  var findings: String
  var repair: String
  var verification: String?
  var details: String

  init(_ report: SessionReport) throws {
    ending = try storedJSON(
      Ending(
        status: report.status,
        partial: report.partial,
        attempts: report.attempts,
        candidates: report.candidates,
        seconds: report.seconds,
        confidence: report.confidence,
        strength: report.strength,
        evidence: report.evidence
      )
    )
    findings = try storedJSON(report.findings)
    repair = try storedJSON(Repair(patch: report.patch, diff: report.diff))
    verification = try report.verification.map { try storedJSON($0) }
    details = try storedJSON(
      Details(
        remaining: report.remaining,
        alternatives: report.alternatives,
        notes: report.notes,
        observation: report.observation
      )
    )
  }

  /// The report of a session's row, or nil when the session has not ended.
  static func report(in row: Row) throws -> SessionReport? {
    guard let verdict: String = try row.optional("verdict") else { return nil }
    let ending = try storedValue(Ending.self, verdict)
    let repair = try storedValue(Repair.self, row.optional("patch") ?? "")
    let details = try storedValue(Details.self, row.optional("details") ?? "")
    var report = SessionReport(status: ending.status, strength: ending.strength)
    report.applied = try row.get("applied")
    report.partial = ending.partial
    report.attempts = ending.attempts
    report.candidates = ending.candidates
    report.seconds = ending.seconds
    report.confidence = ending.confidence
    report.evidence = ending.evidence
    report.findings = try storedValue([Finding].self, row.optional("findings") ?? "")
    report.patch = repair.patch
    report.diff = repair.diff
    let verification: String? = try row.optional("verification")
    report.verification = try verification.map { try storedValue(Verification.self, $0) }
    report.remaining = details.remaining
    report.alternatives = details.alternatives
    report.notes = details.notes
    report.observation = details.observation
    return report
  }
}
