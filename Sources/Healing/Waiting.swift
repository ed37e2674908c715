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
