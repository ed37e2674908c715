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
  /// Processes that run schedules side by side.
  public var jobs: Int
  /// Schedules that are run to look for a failure, at most; nil for as many as there is time for.
  public var schedules: Int?
  /// Whether a failing schedule is made short.
  public var shortens: Bool
  /// Whether some runs are looked through for what threads do at the same time.
  public var surveys: Bool
  /// What is done about the interpreter's global lock.
  public var gil: GILOption
  /// Whether what a certificate needs is gathered.
  public var certifies: Bool

  /// Makes options.
  public init(
    seed: UInt64 = 0,
    deadline: Double = 60,
    timing: ScheduleTiming = .free,
    expected: String? = nil,
    limits: ScheduleLimits = ScheduleLimits(),
    jobs: Int = 1,
    schedules: Int? = nil,
    shortens: Bool = true,
    surveys: Bool = false,
    gil: GILOption = .ignored,
    certifies: Bool = false
  ) {
    self.seed = seed
    self.deadline = deadline
    self.timing = timing
    self.expected = expected
    self.limits = limits
    self.jobs = max(1, jobs)
    self.schedules = schedules
    self.shortens = shortens
    self.surveys = surveys
    self.gil = gil
    self.certifies = certifies
  }
}

/// What an exploration does about an interpreter's global lock.
public enum GILOption: Sendable, Hashable {
  /// Nothing is found out about it.
  case ignored
  /// A failure is told with what is known of whether the lock lets it happen.
  case told
  /// The same, and failures that by the model it does not let happen are left out.
  case strict
}
