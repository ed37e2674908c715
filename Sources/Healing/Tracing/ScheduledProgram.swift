public import HealingModel

/// A program whose threads can be scheduled; a language adapter provides the live one.
public protocol ScheduledProgram: Sendable {
  /// What it is made of, so that a stored schedule can tell whether it still fits.
  var identity: ProgramIdentity { get }

  /// Runs the program once under each schedule, from its start to its end.
  ///
  /// Several calls at once share what can run side by side.
  ///
  /// - Parameter batch: The schedules, and how they are run.
  /// - Returns: What each came to, in their order; fewer when the time was over.
  /// - Throws: ``AdapterError``. What the program does is a value, never an error.
  func run(_ batch: ScheduleBatch) async throws -> ScheduledRuns

  /// Runs the program once, as it is, and records what its threads do to locks and shared state.
  ///
  /// - Parameter limits: What ends the recording, and the run.
  /// - Returns: What the run showed.
  /// - Throws: ``AdapterError``. What the program does is a value, never an error.
  func record(_ limits: RecordingLimits) async throws -> RecordedRun

  /// Whether a thread of the unrewritten program can lose its interpreter's global lock between
  /// events that it has one after the other.
  ///
  /// - Parameter pairs: The pairs of events.
  /// - Returns: An answer for each; nil where that cannot be told.
  /// - Throws: ``AdapterError``.
  func canInterrupt(_ pairs: [Interruption]) async throws -> [Bool?]

  /// Runs the unrewritten program once, in a process of its own, with pauses where threads are to
  /// give way.
  ///
  /// - Parameter plan: Where, and for how long.
  /// - Returns: What it came to; nil when it took its process down.
  /// - Throws: ``AdapterError``.
  func force(_ plan: ForcedPlan) async throws -> ForcedRun?
}

extension ScheduledProgram {
  /// An adapter that cannot record says so.
  public func record(_ limits: RecordingLimits) async throws -> RecordedRun {
    throw AdapterError.usage(message: "runs of this program cannot be recorded")
  }

  /// Nothing is known of a program whose adapter does not say.
  public func canInterrupt(_ pairs: [Interruption]) async throws -> [Bool?] {
    pairs.map { _ in nil }
  }

  /// Nothing is run where the adapter cannot.
  public func force(_ plan: ForcedPlan) async throws -> ForcedRun? { nil }
}

/// What ends a recording, and the run that is recorded.
public struct RecordingLimits: Sendable, Hashable {
  /// Seconds after which the run is ended.
  public var wall: Double
  /// Events after which nothing more is recorded; nil for the adapter's own bound.
  public var events: Int?

  /// Makes limits.
  public init(wall: Double = 10, events: Int? = nil) {
    self.wall = wall
    self.events = events
  }
}

/// Where threads of an unrewritten program are to give way.
public struct ForcedPlan: Sendable, Hashable {
  /// The switches, in their order.
  public var switches: [ForcedSwitch]
  /// The threads in the order in which they begin.
  public var order: [Int]
  /// For how many looks nothing may have moved before the next one begins.
  public var calm: Int
  /// Seconds after which the run does not end any more.
  public var seconds: Double

  /// Makes a plan.
  public init(switches: [ForcedSwitch], order: [Int], calm: Int, seconds: Double) {
    self.switches = switches
    self.order = order
    self.calm = calm
    self.seconds = seconds
  }
}

/// What a schedule belongs to: under another program it means something else.
public struct ProgramIdentity: Sendable, Hashable, Codable {
  /// The SHA-256 of each source file of the program, by its path relative to the root.
  public var files: [String: String]
  /// The version of the interpreter.
  public var interpreter: String
  /// The seed of string hashing, on which the order of sets depends.
  public var hashSeed: Int

  /// Makes an identity.
  public init(files: [String: String], interpreter: String, hashSeed: Int) {
    self.files = files
    self.interpreter = interpreter
    self.hashSeed = hashSeed
  }
}

/// Schedules that are run one after the other.
public struct ScheduleBatch: Sendable, Hashable {
  /// The schedules.
  public var schedules: [Schedule]
  /// The places that earlier runs found to be shared: only accesses to these are steps.
  public var shared: [String]
  /// What keeps the runs apart.
  public var isolation: ScheduleIsolation
  /// How much is told of each run.
  public var detail: ScheduleDetail
  /// When waits may time out.
  public var timing: ScheduleTiming
  /// What ends a run that does not end by itself.
  public var limits: ScheduleLimits
  /// Seconds after which no further schedule is begun.
  public var seconds: Double
  /// Whether what the first run imports is told.
  public var tellsModules: Bool

  /// Makes a batch.
  public init(
    schedules: [Schedule],
    shared: [String] = [],
    isolation: ScheduleIsolation = .process,
    detail: ScheduleDetail = .outcome,
    timing: ScheduleTiming = .free,
    limits: ScheduleLimits = ScheduleLimits(),
    seconds: Double = 60,
    tellsModules: Bool = false
  ) {
    self.schedules = schedules
    self.shared = shared
    self.isolation = isolation
    self.detail = detail
    self.timing = timing
    self.limits = limits
    self.seconds = seconds
    self.tellsModules = tellsModules
  }
}

/// What keeps runs of one program apart.
public enum ScheduleIsolation: String, Sendable, Hashable, Codable {
  /// Fresh modules in one process: fast, for finding.
  case process
  /// A process for each run: for what is reported.
  case fork
}

/// How much is told of a run.
public enum ScheduleDetail: Sendable, Hashable {
  /// How it ended and who took which step.
  case outcome
  /// Each step too.
  case events
  /// Each step with the values that it read or wrote.
  case values
}

/// When waits with a time-out, and sleeps, may end.
public enum ScheduleTiming: String, Sendable, Hashable, Codable, CaseIterable {
  /// At any step: a computer may be slow at any moment.
  case free
  /// Only when nothing else can go on, in the order of their times.
  case strict
}

/// What ends a run that does not end by itself.
public struct ScheduleLimits: Sendable, Hashable {
  /// Steps of a run.
  public var steps: Int
  /// Seconds without a step.
  public var wall: Double
  /// How often one wait times out while others can run.
  public var timeouts: Int

  /// Makes limits.
  public init(steps: Int = 20_000, wall: Double = 10, timeouts: Int = 4) {
    self.steps = steps
    self.wall = wall
    self.timeouts = timeouts
  }
}

/// What a batch came to.
public struct ScheduledRuns: Sendable, Hashable {
  /// The runs, in the order of the schedules; fewer when the time was over.
  public var executions: [Execution]
  /// What the first of them imported, where that was asked for.
  public var modules: [ImportedModule]
  /// CPU seconds that they took.
  public var cpu: Double

  /// Makes the result of a batch.
  public init(executions: [Execution], modules: [ImportedModule] = [], cpu: Double = 0) {
    self.executions = executions
    self.modules = modules
    self.cpu = cpu
  }
}
