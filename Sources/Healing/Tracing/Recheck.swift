public import HealingModel
import Scheduling

/// One thing that must be so for a certificate to hold.
public struct CertificateCheck: Sendable, Hashable {
  /// What is checked, in a few words.
  public var name: String
  /// Whether it is so.
  public var passed: Bool
  /// What was seen.
  public var detail: String
}

/// Checks a certificate again: that nothing in it was changed, that it is about this program in these
/// surroundings, and that its runs come to the same, a process for each.
///
/// Nothing is taken from a cache or run in a process that ran something else. An exploration of all
/// schedules is made anew where there is time; at least 200 of its runs are repeated in any case.
///
/// - Parameters:
///   - certificate: The certificate.
///   - program: The program.
///   - options: The expected output, time and limits that count now; timing and seed are those of
///     the certificate.
///   - arguments: The script and its arguments.
///   - input: What stands on its standard input.
///   - now: Seconds since the tool started.
/// - Returns: The checks, the failed one last: after it nothing more is looked at.
/// - Throws: ``AdapterError``, or `CancellationError` when the task was cancelled.
public func recheck(
  _ certificate: ScheduleCertificate,
  of program: any ScheduledProgram,
  options: TraceOptions,
  arguments: [String],
  input: [UInt8],
  now: @escaping @Sendable () -> Double
) async throws -> [CertificateCheck] {
  var recheck = Recheck(certificate, program, options, now)
  recheck.check("the certificate is as it was made", certificate.isIntact)
  recheck.confirmProgram(arguments: arguments, input: input)
  try await recheck.repeatRuns()
  try await recheck.exploreAnew()
  return recheck.checks
}

private struct Recheck {
  let certificate: ScheduleCertificate
  let program: any ScheduledProgram
  let now: @Sendable () -> Double
  var options: TraceOptions
  var checks: [CertificateCheck] = []

  /// Runs that are repeated in one batch, and at least for a claim about all schedules.
  private static let (batch, least) = (50, 200)

  init(
    _ certificate: ScheduleCertificate,
    _ program: any ScheduledProgram,
    _ options: TraceOptions,
    _ now: @escaping @Sendable () -> Double
  ) {
    (self.certificate, self.program, self.options, self.now) = (certificate, program, options, now)
    self.options.timing = certificate.model.freeTiming ? .free : .strict
    self.options.seed = certificate.seed
    self.options.limits.steps = certificate.model.steps
    self.options.limits.timeouts = certificate.model.timeouts
  }

  private var holds: Bool { checks.allSatisfy(\.passed) }
  private var timeLeft: Double { options.deadline - now() }

  mutating func check(_ name: String, _ passed: Bool, _ detail: String = "") {
    guard holds else { return }
    checks.append(CertificateCheck(name: name, passed: passed, detail: detail))
  }

  mutating func confirmProgram(arguments: [String], input: [UInt8]) {
    let (then, present) = (certificate.program, program.identity)
    let changed = Set(then.files.keys).union(present.files.keys)
      .filter { then.files[$0] != present.files[$0] }.sorted()
    let paths = changed.joined(separator: ", ")
    check("the files are those of the certificate", changed.isEmpty, paths)
    var others: [String] = []
    if then.interpreter != present.interpreter {
      others.append("interpreter \(present.interpreter), then \(then.interpreter)")
    }
    if then.hashSeed != present.hashSeed { others.append("another hash seed") }
    if then.arguments != arguments { others.append("other arguments") }
    if then.input != sha256(input) { others.append("another input") }
    if then.expected != options.expected.map({ sha256($0.utf8) }) {
      others.append("another expected output")
    }
    let assumed = ScheduleModel(
      freeTiming: certificate.model.freeTiming,
      timeouts: certificate.model.timeouts,
      steps: certificate.model.steps
    )
    if certificate.model != assumed { others.append("other clocks") }
    check("it ran as it does now", others.isEmpty, others.joined(separator: ", "))
  }

  mutating func repeatRuns() async throws {
    guard holds else { return }
    guard !certificate.runs.isEmpty else { return check("runs can be repeated", false, "none") }
    var done = 0
    while done < certificate.runs.count, timeLeft > 0 {
      let part = certificate.runs[done..<min(certificate.runs.count, done + Self.batch)]
      let again = try await program.run(batch(part.map(\.choices), isFirst: done == 0))
      try Task.checkCancellation()
      if done == 0 { confirmModules(again.modules) }
      for (run, execution) in zip(part, again.executions) {
        guard execution.choices == run.choices, sha256(execution.outcome.utf8) == run.outcome,
          isSameFailure(execution)
        else {
          return check(Self.repeating, false, "run \(done + 1) came to something else")
        }
        done += 1
      }
      guard !again.executions.isEmpty else { break }
    }
    let enough = done >= min(Self.least, certificate.runs.count)
    check(Self.repeating, enough, "\(done) of \(certificate.runs.count)")
  }

  private static let repeating = "its runs come to the same, a process for each"

  private func batch(_ choices: [ThreadRuns], isFirst: Bool) -> ScheduleBatch {
    ScheduleBatch(
      schedules: choices.map { Schedule(prefix: $0) },
      shared: certificate.shared,
      isolation: .fork,
      timing: options.timing,
      limits: options.limits,
      seconds: max(1, timeLeft),
      tellsModules: isFirst
    )
  }

  private mutating func confirmModules(_ present: [ImportedModule]) {
    let known = Dictionary(present.map { ($0.name, $0) }) { first, _ in first }
    let changed = certificate.program.modules.filter { known[$0.name] != $0 }.map(\.name)
    check(
      "what it imports is the same",
      changed.isEmpty,
      changed.isEmpty
        ? "\(certificate.program.modules.count) modules" : changed.prefix(5).joined(separator: ", ")
    )
  }

  /// Whether a run fails as the certificate says, or not at all where it says that.
  private func isSameFailure(_ execution: Execution) -> Bool {
    let failure = ScheduleFailure(execution, expecting: options.expected)
    switch certificate.claim {
    case .fails(let kind, let signature):
      return failure?.name == kind && failure?.signature == signature
    case .explored, .exhausted: return failure == nil
    }
  }

  /// Explores all schedules once more, where that was claimed.
  mutating func exploreAnew() async throws {
    guard holds, case .exhausted(let bound, let classes, _) = certificate.claim else { return }
    var session = TraceSession(program: program, options: options, now: now, progress: { _ in })
    session.isolation = .fork
    session.shared = Set(certificate.shared)
    try await session.exhaust(atMost: .max)
    let name = "all schedules, explored anew, a process for each"
    if let suspect = session.suspects.first {
      return check(name, false, "one fails: \(suspect.summary)")
    }
    switch session.result.coverage {
    case .exhausted(let most, _, let all):
      let counted = "\(all) classes of those that come to the same"
      check(name, most == bound && all == classes, "\(counted), then \(classes)")
    case .explored:
      let notes = session.result.notes.joined(separator: "; ")
      let ended = session.isOver && session.result.notes.isEmpty
      check(name, ended, ended ? "there was time for \(session.result.counts.all)" : notes)
    }
  }
}
