/// Waits until a clock shows a time.
///
/// - Parameters:
///   - time: The time, in the clock's seconds. A clock that goes slower than that of the machine is
///     waited for.
///   - now: The clock.
func wait(until time: Double, by now: @Sendable () -> Double) async {
  while !Task.isCancelled, now() < time {
    try? await Task.sleep(for: .seconds(max(0.001, time - now())))
  }
}

/// Does work that is cancelled when a clock shows a time.
///
/// What keeps what it has when it is cancelled is waited for in any case, so that its result is not
/// lost.
///
/// - Parameters:
///   - time: The time, in the clock's seconds.
///   - now: The clock.
///   - work: The work.
/// - Returns: What comes of the work.
/// - Throws: What the work throws.
func ending<Value: Sendable>(
  at time: Double,
  by now: @escaping @Sendable () -> Double,
  _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  let task = Task { try await work() }
  let timer = Task {
    await wait(until: time, by: now)
    task.cancel()
  }
  defer { timer.cancel() }
  return try await withTaskCancellationHandler {
    try await task.value
  } onCancel: {
    task.cancel()
  }
}
