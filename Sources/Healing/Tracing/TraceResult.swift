public import HealingModel
public import Scheduling

/// What an exploration of schedules came to.
public struct TraceResult: Sendable {
  /// The failure that was found, the one that assumes least.
  public var failure: TracedFailure?
  /// Schedules that were seen to fail in other ways, with the same places shared; at most some.
  public var others: [ScheduledFailure] = []
  /// Runs by how they ended.
  public var counts = ScheduleCounts()
  /// What the runs say together.
  public var coverage = ScheduleCoverage.explored
  /// Runs that came to their end and did not fail.
  public var passed = 0
  /// Runs that failed, whether they did so again in a process of their own or not.
  public var failed = 0
  /// What threads do at the same time, when runs were looked through for it.
  public var survey: ScheduleSurvey?
  /// The outputs of runs that passed, and how many had each; at most some.
  public var outputs: [ScheduledOutput] = []
  /// Accesses that nothing orders, in runs that did not fail; at most some.
  public var unordered: [UnorderedAccess] = []
  /// The places that threads share.
  public var shared: [String] = []
  /// What could not be controlled.
  public var limits: [String] = []
  /// Failures that were left out, since by the model the global lock does not let them happen.
  public var leftOut = 0
  /// What a certificate has beside all this, where one was asked for.
  public var certified: CertifiedEvidence?
  /// Sentences for the reader.
  public var notes: [String] = []
  /// CPU seconds that the program's runs took.
  public var cpu = 0.0

  /// Makes an empty result.
  public init() {}
}

/// What runs under random schedules show of how much happens at once.
public struct ScheduleSurvey: Sendable, Hashable {
  /// The pairs of threads of which one did something in the middle of the other's work.
  public var overlaps: Set<ThreadPair> = []
  /// The most threads of a run.
  public var threads = 0
  /// The most threads that had begun and not ended at one moment.
  public var alive = 0
  /// What accesses that nothing orders are about.
  public var unordered: Set<String> = []

  /// Makes an empty survey.
  public init() {}
}

/// A failure with the schedule under which it shows.
public struct TracedFailure: Sendable {
  /// What went wrong.
  public var failure: ScheduleFailure
  /// What went wrong, in a sentence.
  public var summary: String { execution.summary(of: failure) }
  /// The schedule, every step of it.
  public var schedule: ScheduledFailure
  /// The run under it, each step with its values, in a process of its own.
  public var execution: Execution
  /// How it was found.
  public var method: ScheduleMethod
  /// The number of schedules after which it was found.
  public var after: Int
  /// Whether no single switch between threads can be taken out.
  public var isMinimal: Bool
  /// The nearest run that does not fail, when one was found.
  public var passing: Execution?
  /// Whether the unrewritten program can be interrupted between events around its switches.
  public var interruptible: [Interruption: Bool] = [:]
  /// Whether the unrewritten program failed alike when it was paused at the switches alone.
  public var isShown = false

  /// Whether it needs a time-out, or a sleep's end, while others could run or out of order.
  public var assumesTime: Bool { !execution.assumed.isEmpty }

  /// Whether a wait of it has to time out while others could run or out of order.
  ///
  /// A thread that sleeps goes on late at any time; that a wait's time is over while the others have
  /// hardly begun is much rarer.
  public var assumesTimeout: Bool {
    guard let trace = execution.trace else { return assumesTime }
    let steps = trace.events.filter { !$0.isFurther }
    return execution.assumed.contains { steps.indices.contains($0) && steps[$0].kind == .timeout }
  }
}

/// A schedule with all that it needs to mean the same again.
public struct ScheduledFailure: Sendable, Hashable, Codable {
  /// The thread of each step.
  public var choices: ThreadRuns
  /// The places that were known to be shared when it ran.
  public var shared: [String]
  /// When waits might time out.
  public var timing: ScheduleTiming

  /// Makes a schedule.
  public init(choices: ThreadRuns, shared: [String], timing: ScheduleTiming) {
    self.choices = choices
    self.shared = shared
    self.timing = timing
  }
}

/// How schedules were chosen.
public enum ScheduleMethod: Sendable, Hashable {
  /// Any thread that can go on, drawn with a seed.
  case random
  /// Priorities that change at some steps (Burckhardt et al. 2010).
  case priorities
  /// Preemptions at accesses of shared state (Sen 2008).
  case accesses
  /// All with at most so many preemptions.
  case bounded(Int)
  /// All, one of each class of those that come to the same.
  case exhaustive
  /// The one that was given.
  case replayed

  /// Its name, as the literature has it.
  public var name: String {
    switch self {
    case .random: "random"
    case .priorities: "PCT"
    case .accesses: "preemption at accesses"
    case .bounded(let bound): "preemption bound \(bound)"
    case .exhaustive: "DPOR"
    case .replayed: "replay"
    }
  }
}

/// Runs by how they ended.
public struct ScheduleCounts: Sendable, Hashable {
  /// The program came to its end, well or badly, or waits for ever.
  public var completed = 0
  /// It turned out that another run comes to the same (sleep-set blocked).
  public var blocked = 0
  /// A bound was reached.
  public var cut = 0
  /// Something could not be controlled.
  public var limited = 0
  /// The schedule could not be followed.
  public var diverged = 0

  /// All of them.
  public var all: Int { completed + blocked + cut + limited + diverged }

  /// Makes counts of nothing.
  public init() {}
}

/// What all runs say together.
public enum ScheduleCoverage: Sendable, Hashable {
  /// Some schedules ran.
  case explored
  /// One of each class of schedules that come to the same ran, with at most so many preemptions,
  /// nil for any number; so many of them were repeated, a process for each.
  case exhausted(bound: Int?, repeated: Int, all: Int)
}

/// An output that some runs had.
public struct ScheduledOutput: Sendable, Hashable {
  /// What was written.
  public var text: String
  /// The runs that wrote it.
  public var runs: Int

  /// Makes an output.
  public init(text: String, runs: Int) {
    self.text = text
    self.runs = runs
  }
}

/// How far an exploration is.
public struct TraceProgress: Sendable, Hashable {
  /// What is being tried, in a few words.
  public var activity: String
  /// The runs so far.
  public var schedules: Int
  /// Seconds left.
  public var secondsLeft: Double
}
