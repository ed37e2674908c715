import Healing
import HealingModel
import ModelProtocol
import Synchronization

/// One healing from the command line's side: opens what is needed, runs the loop, stores, reports.
struct HealingRun: Sendable {
  /// The world.
  var context: Context
  /// The parts that do the work.
  var ports: Ports
  /// What the user chose.
  var settings: Settings
  /// What is healed.
  var program: Program
  /// What decides.
  var oracle: Oracle
  /// Sentences for the report that are known beforehand.
  var notes: [String] = []
  /// Takes every event beside the store and the screen.
  var listener: @Sendable (HealingEvent) -> Void = { _ in }
  /// Tells how it ended when it is cut off, since it does not come back then.
  var lastWords: @Sendable (HealingOutcome) -> Void = { _ in }

  /// Heals, with live progress on the console; failures come out as a report.
  func callAsFunction() async -> HealingOutcome {
    let budget = Budget(
      seconds: settings.budget,
      evaluations: settings.budgetEvaluations,
      attempts: settings.attempts
    )
    let start = SessionStart(
      program: program,
      oracle: oracle,
      budget: budget,
      commandLine: context.commandLine
    )
    do {
      let ablation = try ablation()
      let recorder = try await ports.sessions.begin(start)
      return await heal(budget: budget, without: ablation, recorder: recorder)
    } catch {
      return failed(CommandError(error), session: nil)
    }
  }

  /// What a developer wants left out, to measure what it contributes.
  private func ablation() throws(CommandError) -> Ablation {
    do {
      return try Ablation(parsing: context.environment["HEAL_ABLATE"] ?? "")
    } catch {
      throw .usage("HEAL_ABLATE: \(error)")
    }
  }

  private func heal(
    budget: Budget,
    without ablation: Ablation,
    recorder: SessionRecorder
  ) async -> HealingOutcome {
    context.interruption.setLastWords { [self] in
      let outcome = failed(.interrupted, session: recorder.id)
      lastWords(outcome)
      try? await recorder.finish(outcome.report)
    }
    defer { context.interruption.setLastWords(nil) }
    let opened: OpenedAdapter
    do {
      opened = try await ports.openAdapter(program, oracle, settings)
    } catch {
      return await stored(failed(CommandError(error), session: recorder.id), by: recorder)
    }
    let (model, notes) = ablation.uses(.model) ? await connectModel() : (nil, [])
    // A bank that cannot be read teaches nothing; the session itself tells what is wrong with a store.
    let bank = settings.usesBank ? (try? await ports.sessions.bank.all()) ?? [] : []
    var outcome = await loop(
      budget,
      ablation,
      opened.adapter,
      model.map {
        ModelAccess(
          $0,
          language: opened.language,
          seed: Int(settings.seed & 0xFFFF_FFFF),
          mayBeShownOthers: $0.isOnThisMachine
        )
      },
      bank,
      recorder
    )
    outcome.report.notes = notes + outcome.report.notes
    if !settings.usesBank { outcome.report.lessons = [] }
    await model?.link.close()
    await opened.close()
    return await stored(outcome, by: recorder)
  }

  /// The model that the settings name; one that cannot be had is told of, and the search goes on.
  private func connectModel() async -> (LinkedModel?, notes: [String]) {
    guard settings.usesModel else { return (nil, []) }
    let link: ModelLink
    do {
      link = try ports.models()
    } catch {
      return (nil, [without(error)])
    }
    do {
      let listing = try await ModelListing(settings, over: link)
      guard !listing.used.isEmpty else {
        await link.close()
        return (nil, listing.error.map { [without($0)] } ?? [])
      }
      await link.configure(
        ModelSession(completionTokens: settings.modelTokens, seed: settings.seed)
      )
      let model = LinkedModel(
        link: link,
        models: listing.used,
        mayLeave: settings.allowRemoteModel
      )
      return (model, listing.error.map { ["a model is left out: \($0.description)"] } ?? [])
    } catch {
      await link.close()
      return (nil, [without(CommandError(error))])
    }
  }

  private func without(_ error: CommandError) -> String {
    "heal works without a language model: \(error.description)"
  }

  private func loop(
    _ budget: Budget,
    _ ablation: Ablation,
    _ adapter: any LanguageAdapter,
    _ model: ModelAccess?,
    _ bank: [BankedRepair],
    _ recorder: SessionRecorder
  ) async -> HealingOutcome {
    let progress = LiveProgress(console: context.console, now: context.now)
    let seen = Mutex(Seen())
    let job = HealingJob(
      program: program,
      oracle: oracle,
      adapter: adapter,
      budget: budget,
      ablation: ablation,
      bank: bank,
      model: model,
      now: context.now,
      events: { event in
        recorder.record(event)
        progress.handle(event)
        listener(event)
        seen.withLock { $0.note(event) }
      }
    )
    var outcome: HealingOutcome
    do {
      outcome = failed(.interrupted, session: recorder.id)
      outcome.report = try await ports.heal(job)
      outcome.report.notes = notes + outcome.report.notes
      outcome.error = nil
    } catch {
      // What was found on the way is worth telling although the loop did not come to its end.
      outcome = failed(CommandError(error), session: recorder.id)
      outcome.report.findings = seen.withLock { $0.findings }
      outcome.report.attempts = seen.withLock { $0.attempt }
    }
    progress.end()
    outcome.surroundings = adapter.surroundings
    outcome.judgement = seen.withLock { $0.judgement }
    if context.interruption.isInterrupted || Task.isCancelled { outcome.interrupt() }
    if outcome.report.status == .interrupted { outcome.error = .interrupted }
    return outcome
  }

  /// What the loop told on its way.
  private struct Seen {
    var findings: [Finding] = []
    var judgement: Judgement?
    var attempt = 0

    mutating func note(_ event: HealingEvent) {
      switch event {
      case .attempt(let number): attempt = number
      case .judged(let judgement): self.judgement = judgement
      case .found(let found):
        let known = Set(findings.map(\.identity))
        findings += found.filter { !known.contains($0.identity) }
      case .began, .observed, .trying, .candidate, .tally, .note, .finished: break
      }
    }
  }

  private func stored(
    _ outcome: HealingOutcome,
    by recorder: SessionRecorder
  ) async -> HealingOutcome {
    var outcome = outcome
    do {
      // In a task of its own: a session that the user ended is stored too.
      let report = outcome.report
      try await Task { try await recorder.finish(report) }.value
    } catch {
      // Without the stored evidence a claim could be neither applied, undone nor verified.
      outcome.error = CommandError(error)
      outcome.report.status = .error
    }
    return outcome
  }

  private func failed(_ error: CommandError, session: String?) -> HealingOutcome {
    let interrupted = error == .interrupted || context.interruption.isInterrupted
    return HealingOutcome(
      report: report(interrupted ? .interrupted : .error),
      session: session,
      surroundings: nil,
      oracle: oracle,
      program: program,
      judgement: nil,
      error: interrupted ? .interrupted : error
    )
  }

  private func report(_ status: SessionStatus) -> SessionReport {
    var report = SessionReport(status: status, strength: oracle.strength)
    report.notes = notes
    report.seconds = context.now()
    return report
  }
}

/// What came of one healing.
struct HealingOutcome: Sendable {
  /// The loop's report.
  var report: SessionReport
  /// The session's name; nil when the store could not be opened.
  var session: String?
  /// Where it ran; nil when it did not come so far.
  var surroundings: Surroundings?
  /// What decided.
  var oracle: Oracle
  /// What was healed.
  var program: Program
  /// What the oracle said last.
  var judgement: Judgement?
  /// What went wrong.
  var error: CommandError?

  /// Marks it as ended by the user, unless it had come to its end.
  mutating func interrupt() {
    guard report.status != .healed, report.status != .healthy else { return }
    report.status = .interrupted
    error = .interrupted
  }

  /// The status with which the tool ends.
  var exitStatus: ExitStatus {
    switch report.status {
    case .healthy: .fine
    case .healed: report.applied ? .fine : .notWritten
    case .unhealed: .notHealed
    case .interrupted: .interrupted
    case .error, .running: error?.exitStatus ?? .fault
    }
  }
}

extension HealingOutcome {
  /// Writes the repair when the user wants it: by option, or by an answer on the terminal.
  ///
  /// - Parameters:
  ///   - wanted: Whether the user said so beforehand.
  ///   - ask: Asks; nil when nobody is to be asked.
  ///   - ports: Where the session is.
  mutating func writeRepair(
    wanted: Bool,
    asking ask: ((String) -> Bool?)?,
    through ports: Ports
  ) async {
    guard report.status == .healed, let session else { return }
    let files = report.patch.paths.count
    let question = files == 1 ? "Write this repair into the file?" : "Write it into \(files) files?"
    guard wanted || ask?(question) == true else { return }
    do {
      _ = try await ports.sessions.apply(session)
      report.applied = true
    } catch {
      self.error = CommandError(error)
    }
  }
}
