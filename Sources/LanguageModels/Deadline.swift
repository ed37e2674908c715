import ModelProtocol

/// Does work that ends when its time is over.
///
/// - Parameters:
///   - seconds: The time.
///   - work: Must end soon after its task is cancelled.
/// - Returns: What the work gave, or nil when the time was over first.
func within<Value: Sendable>(
  seconds: Double,
  _ work: @escaping @Sendable () async -> Value
) async -> Value? {
  await withTaskGroup(of: Value?.self) { group in
    group.addTask { await work() }
    group.addTask {
      // Woken early when the work is done or the caller cancels; then the work's end counts.
      try? await Task.sleep(for: .seconds(max(0, min(seconds, 86_400))))
      return nil
    }
    defer { group.cancelAll() }
    guard let first = await group.next() else { return nil }
    if let value = first { return value }
    guard Task.isCancelled else { return nil }
    return await group.next() ?? nil
  }
}
