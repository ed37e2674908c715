import Healing
import HealingModel
import Scheduling

/// One exploration from the command line's side: opens what is needed, explores or replays.
struct TraceRun: Sendable {
  /// The world.
  var context: Context
  /// What the user chose.
  var settings: Settings
  /// What is explored.
  var program: Program
  /// Its input and the output that it must have.
  var example: ExampleCase
  /// When waits may time out.
  var timing = ScheduleTiming.free
  /// What is done about failures that the global lock does not let happen.
  var gil = GILOption.told
  /// Whether accesses that nothing orders count as found.
  var isStrict = false
  /// Sentences for the report that are known beforehand.
  var notes: [String] = []

  /// The share of the budget that is left for ending: processes are killed, copies removed.
  static let ending = 0.4

  /// Explores the program, and stores what came of it.
  func explore() async throws -> TraceOutcome {
    let sessions = context.ports(context).sessions
    let start = SessionStart(
      program: program,
      oracle: .examples([example]),
      budget: Budget(seconds: settings.budget),
      commandLine: context.commandLine
    )
    let recorder: SessionRecorder
    do {
      recorder = try await sessions.begin(start)
    } catch {
      return try await exploration(nil).unstored(error)
    }
    do {
      let outcome = try await exploration(recorder)
      return await stored(outcome, by: recorder)
    } catch {
      let isInterrupted = error is CancellationError || context.interruption.isInterrupted
      let status = isInterrupted ? SessionStatus.interrupted : .error
      let report = SessionReport(status: status, strength: start.oracle.strength)
      // In a task of its own: a session that the user ended is stored too.
      try? await Task { try await recorder.finish(report) }.value
      throw error
    }
  }

  private func stored(_ outcome: TraceOutcome, by recorder: SessionRecorder) async -> TraceOutcome {
    do {
      try await recorder.finish(outcome.report)
    } catch {
      return outcome.unstored(error)
    }
    var outcome = outcome
    outcome.session = recorder.id
    return outcome
  }

  private func exploration(_ recorder: SessionRecorder?) async throws -> TraceOutcome {
    try await withProgram { adapter, scheduled, sources in
      recorder?.record(.began(adapter.surroundings))
      let screen = TraceProgressLine(console: context.console)
      defer { screen.end() }
      let result = try await Healing.trace(
        scheduled,
        options: options,
        now: context.now,
        progress: { screen.show($0) }
      )
      var found = outcome(result, of: adapter, scheduled)
      found.sources = sources
      found.certificate = result.certificate(
        of: scheduled.identity,
        options: options,
        arguments: program.scriptLine,
        input: example.input
      )
      return found
    }
  }

  private var options: TraceOptions {
    TraceOptions(
      seed: settings.seed,
      deadline: settings.budget - min(Self.ending, settings.budget / 10),
      timing: timing,
      expected: example.expected,
      limits: limits,
      jobs: settings.jobs,
      gil: gil,
      certifies: true
    )
  }

  /// Runs a stored schedule once more, in a process of its own.
  func replay(_ stored: StoredSchedule) async throws -> TraceOutcome {
    try await withProgram { adapter, scheduled, sources in
      let replayed = try await Healing.replay(
        stored.schedule,
        of: scheduled,
        expecting: stored.expected,
        limits: limits,
        seconds: max(1, settings.budget - context.now() - Self.ending)
      )
      var found = outcome(replayed.result, of: adapter, scheduled)
      found.replay = Replayed(stored, replayed, now: scheduled.identity)
      found.sources = sources
      return found
    }
  }

  /// A step that takes long is rare, and waiting for many of them takes all the time there is.
  private var limits: ScheduleLimits {
    ScheduleLimits(wall: min(10, max(2, settings.budget / 10)))
  }

  private func outcome(
    _ result: TraceResult,
    of adapter: any LanguageAdapter,
    _ scheduled: any ScheduledProgram
  ) -> TraceOutcome {
    TraceOutcome(
      program: program,
      example: example,
      identity: scheduled.identity,
      surroundings: adapter.surroundings,
      result: result,
      notes: notes + adapter.notes,
      seconds: context.now(),
      cpu: result.cpu + context.cpu(),
      isStrict: isStrict
    )
  }

  func withProgram<Outcome: Sendable>(
    _ work: (any LanguageAdapter, any ScheduledProgram, Sources) async throws -> Outcome
  ) async throws -> Outcome {
    let ports = context.ports(context)
    let opened = try await ports.openAdapter(program, .examples([example]), settings)
    do {
      let sources = try await opened.adapter.editableSources()
      let scheduled = try await opened.adapter.openSchedules(on: sources, test: nil)
      let outcome = try await work(opened.adapter, scheduled, sources)
      await opened.close()
      return outcome
    } catch {
      await opened.close()
      throw error
    }
  }
}

/// What came of an exploration or a replay.
struct TraceOutcome: Sendable {
  /// What was explored.
  var program: Program
  /// Its input and the output that it must have.
  var example: ExampleCase
  /// What it is made of.
  var identity: ProgramIdentity
  /// Where it ran.
  var surroundings: Surroundings
  /// What was found.
  var result: TraceResult
  /// Sentences for the reader.
  var notes: [String]
  /// Elapsed seconds.
  var seconds: Double
  /// CPU seconds of the tool and of all that it started.
  var cpu: Double
  /// Whether accesses that nothing orders count as found.
  var isStrict = false
  /// How the replay compares, when it was one.
  var replay: Replayed?
  /// The texts of the program.
  var sources = Sources()
  /// What it stands on; nil where no schedule could be run to its end.
  var certificate: ScheduleCertificate?
  /// The name under which it is stored; nil of a replay.
  var session: String?

  /// What it comes to, in one word.
  enum Status: String, Sendable {
    /// A schedule fails.
    case failed
    /// No schedule that was run fails.
    case passed
    /// No schedule could be run to its end.
    case limited
    /// The replayed schedule does not belong to the program any more.
    case diverged
  }

  /// What it comes to.
  var status: Status {
    if replay?.divergence != nil { return .diverged }
    if result.failure != nil { return .failed }
    return result.counts.completed == 0 ? .limited : .passed
  }

  /// The status with which the tool ends; where nothing could be explored, nothing is fine.
  var exitStatus: ExitStatus {
    if result.failure != nil || isStrict && !result.unordered.isEmpty { return .notHealed }
    return status == .passed ? .fine : .environment
  }

  /// The absolute path of the script, and its arguments.
  var script: (path: String, arguments: [String]) {
    guard case .script(let path, let arguments) = program.entry else { return (program.root, []) }
    return (program.root + "/" + path, arguments)
  }
}

/// How a replay compares with what was stored.
struct Replayed: Sendable, Hashable {
  /// Files that are not those of the stored schedule.
  var changed: [String]
  /// The interpreter's version then, when it was another one.
  var interpreter: String?
  /// What was stored as the failure.
  var stored: StoredSchedule.Failure
  /// What is different, in a sentence; nil when the same failure showed again.
  var divergence: String?

  init(_ stored: StoredSchedule, _ replayed: ReplayedSchedule, now: ProgramIdentity) {
    self.stored = stored.failure
    changed = Set(stored.program.files.keys).union(now.files.keys)
      .filter { stored.program.files[$0] != now.files[$0] }.sorted()
    interpreter = stored.program.interpreter == now.interpreter ? nil : stored.program.interpreter
    guard replayed.result.failure?.failure.signature != stored.failure.signature else { return }
    var what: String
    switch replayed.execution?.end {
    case nil: what = "there was no time to run it"
    case .divergence:
      what = "the program cannot follow it after step \(replayed.execution?.choices.count ?? 0)"
    case .limit: what = "the run met something that cannot be controlled"
    case .cut(let bound): what = "the run was cut: \(bound)"
    case .completed, .deadlock, .hang:
      let came = replayed.result.failure.map { "\($0.failure.name): \($0.summary)" }
      what = came.map { "it ends in another failure, \($0)" } ?? "under it the program passes"
    }
    if !changed.isEmpty {
      what = "the program changed since (\(changed.joined(separator: ", "))); \(what)"
    }
    divergence = what
  }
}
