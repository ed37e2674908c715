public import HealingModel

/// Heals a program: observes, diagnoses, proposes, verifies, and reports what it can claim.
///
/// - Parameters:
///   - program: The program.
///   - oracle: What decides whether it passes.
///   - adapter: The program's language.
///   - budget: What may be used up.
///   - ablation: What the search leaves out, to measure what it contributes.
///   - memory: What earlier sessions left.
///   - model: A language model to ask; nil does without.
///   - now: Seconds since the tool started.
///   - events: Receives what happens, as it happens.
/// - Returns: The report. Errors of the surroundings are thrown as ``AdapterError``.
/// - Throws: ``AdapterError``, or whatever a port throws that is a fault of ours.
public func heal(
  _ program: Program,
  oracle: Oracle,
  with adapter: any LanguageAdapter,
  budget: Budget,
  ablation: Ablation = Ablation(),
  memory: Memory = Memory(),
  model: ModelAccess? = nil,
  now: @escaping @Sendable () -> Double,
  events: @escaping @Sendable (HealingEvent) -> Void
) async throws -> SessionReport {
  var session = HealingSession(
    program: program,
    oracle: oracle,
    adapter: adapter,
    budget: budget,
    ablation: ablation,
    memory: memory,
    now: now,
    emit: events
  )
  session.talk = model.map(ModelTalk.init)
  let ready = session
  let report = try await ending(at: budget.seconds, by: now) {
    var session = ready
    return try await session.run()
  }
  events(.finished(report))
  return report
}
