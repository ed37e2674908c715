public import HealingModel
import Scheduling

/// What a certificate has beside what a result tells anyway.
public struct CertifiedEvidence: Sendable, Hashable {
  /// What the program imports beside its own files.
  public var modules: [ImportedModule]
  /// The failing run, or runs that passed, of many a sample.
  public var runs: [CertifiedRun]

  /// Makes the record.
  public init(modules: [ImportedModule], runs: [CertifiedRun]) {
    self.modules = modules
    self.runs = runs
  }
}

extension TraceSession {
  /// Runs of a certificate at most.
  static let certified = 500

  /// Keeps a run that passed, to be repeated later; those from before all shared places were known
  /// mean something else.
  mutating func keep(_ execution: Execution, knowing known: Int) {
    guard options.certifies, execution.end == .completed, execution.foundShared.isEmpty else {
      return
    }
    if passed.known != shared.count {
      passed = (Ledger(limit: Self.certified), shared.count)
    }
    if known == shared.count { passed.ledger.note(execution, drawnBy: &sampler) }
  }

  /// Gathers what a certificate needs, once all else is known.
  mutating func certify() async throws {
    guard options.certifies, result.counts.completed > 0 else { return }
    var runs: [CertifiedRun] = []
    if let failure = result.failure {
      runs = [failure.execution.certified]
    } else {
      let kept = isExhausted ? exhausted : passed.ledger.kept
      runs = kept.sample(Self.certified, using: &sampler).map(\.certified)
    }
    let schedule = result.failure?.schedule
    let told = try await program.run(
      ScheduleBatch(
        schedules: [Schedule(prefix: runs.first?.choices ?? ThreadRuns())],
        shared: schedule?.shared ?? shared.sorted(),
        isolation: .fork,
        timing: schedule?.timing ?? options.timing,
        limits: options.limits,
        seconds: max(1, options.deadline - now()),
        tellsModules: true
      )
    )
    result.cpu += told.cpu
    result.certified = CertifiedEvidence(modules: told.modules, runs: runs)
  }
}

extension TraceResult {
  /// All that the result stands on, as a value that can be stored and checked again.
  ///
  /// - Parameters:
  ///   - identity: What the program is made of.
  ///   - options: With what it was explored.
  ///   - arguments: The script and its arguments.
  ///   - input: What stood on its standard input.
  /// - Returns: The certificate; nil where none was asked for, or no run came to its end.
  public func certificate(
    of identity: ProgramIdentity,
    options: TraceOptions,
    arguments: [String],
    input: [UInt8]
  ) -> ScheduleCertificate? {
    guard let certified else { return nil }
    let timing = failure?.schedule.timing ?? options.timing
    return ScheduleCertificate(
      claim: claim,
      program: CertifiedProgram(
        files: identity.files,
        modules: certified.modules,
        interpreter: identity.interpreter,
        hashSeed: identity.hashSeed,
        arguments: arguments,
        input: sha256(input),
        expected: options.expected.map { sha256($0.utf8) }
      ),
      model: ScheduleModel(
        freeTiming: timing == .free,
        timeouts: options.limits.timeouts,
        steps: options.limits.steps
      ),
      seed: options.seed,
      shared: failure?.schedule.shared ?? shared,
      counts: [
        counts.completed, counts.blocked, counts.cut, counts.limited, counts.diverged,
      ],
      unordered: unordered.map { access in
        ([access.subject] + access.places.map(\.text)).joined(separator: " ")
      },
      uncontrolled: limits,
      runs: certified.runs
    )
  }

  private var claim: ScheduleClaim {
    if let failure {
      return .fails(kind: failure.failure.name, signature: failure.failure.signature)
    }
    switch coverage {
    case .explored: return .explored
    case .exhausted(let bound, let repeated, let all):
      return .exhausted(bound: bound, classes: all, repeated: repeated)
    }
  }
}

extension Execution {
  /// The run as a certificate keeps it.
  var certified: CertifiedRun { CertifiedRun(choices: choices, outcome: sha256(outcome.utf8)) }
}

extension Ledger.Run {
  fileprivate var certified: CertifiedRun {
    CertifiedRun(choices: choices, outcome: sha256(outcome.utf8))
  }
}

extension Array {
  /// At most so many of the elements, drawn at random, in their order.
  fileprivate func sample(_ most: Int, using generator: inout SeededGenerator) -> [Element] {
    guard count > most else { return self }
    return indices.shuffled(using: &generator).prefix(most).sorted().map { self[$0] }
  }
}
