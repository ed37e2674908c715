/// What is explored, and what may be used up.
public struct TraceOptions: Sendable {
  /// The seed of everything random.
  public var seed: UInt64
  /// Seconds since the tool started at which the work has to be over.
  public var deadline: Double
  /// When waits may time out.
  public var timing: ScheduleTiming
  /// The output that each run has to have, or nil for any.
  public var expected: String?
  /// What ends a run that does not end by itself.
  public var limits: ScheduleLimits

  /// Makes options.
  public init(
    seed: UInt64 = 0,
    deadline: Double = 60,
    timing: ScheduleTiming = .free,
    expected: String? = nil,
    limits: ScheduleLimits = ScheduleLimits()
  ) {
    self.seed = seed
    self.deadline = deadline
    self.timing = timing
    self.expected = expected
    self.limits = limits
  }
}
