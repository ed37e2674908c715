/// What one run showed in which nobody directed the threads: real ones, on real clocks.
public struct RecordedRun: Sendable, Hashable {
  /// How it ended; its trace holds what happened, each lock taken after it was given back.
  public var execution: Execution
  /// Microseconds since the start, one number for each event of the trace.
  public var times: [Int]
  /// The bound that was reached: the run went on and nothing more was recorded, or it was ended.
  public var cut: String?
  /// Operations of which not all accesses are known, with their places.
  public var unseen: [String]
  /// CPU seconds that it took, recording included.
  public var cpu: Double

  /// Makes the record of a run.
  public init(
    execution: Execution,
    times: [Int] = [],
    cut: String? = nil,
    unseen: [String] = [],
    cpu: Double = 0
  ) {
    self.execution = execution
    self.times = times
    self.cut = cut
    self.unseen = unseen
    self.cpu = cpu
  }
}
