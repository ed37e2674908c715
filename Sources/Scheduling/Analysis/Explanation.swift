public import HealingModel

/// What happened in a failing run, for a person and for a model.
public struct Explanation: Sendable, Hashable {
  /// The kind of bug.
  public var kind: BugKind
  /// The failure in one line: what was raised, or who waits.
  public var failure: String
  /// What happened, in a paragraph of plain words with names, lines and values.
  public var account: String
  /// What the failure needs of timers, when it needs anything; to be said before all else.
  public var assumption: String?
  /// The place to look at first.
  public var place: SourcePlace
  /// The names of the threads, by number.
  public var threads: [String]
  /// What happened, in time order.
  public var rows: [TimelineRow]
  /// The switches from threads that could have gone on.
  public var switches: [ThreadSwitch]
  /// Whether the failure needs each of them: no single one can be taken out.
  public var isMinimal: Bool
  /// The accesses that make up the bug.
  public var conflict: Conflict?
  /// The accesses that nothing orders, as rows, with those of the conflict first.
  public var races: [Conflict]
  /// Who waits for what at the end, and what each holds meanwhile.
  public var waits: [ThreadWait]
  /// The threads that wait in a circle, in its order.
  public var cycle: [Int]
  /// Circles in the orders in which locks were taken that block in other schedules.
  public var potentialDeadlocks: [[ThreadWait]]
  /// Who held which lock when.
  public var locks: [HeldLock]
  /// The direct orders between threads.
  public var orders: [RowOrder]
  /// The nearest run that passes.
  public var passing: PassingRun?
  /// Whether this interpreter's global lock lets it happen.
  public var gil: GILLabel
  /// What could not be controlled in the run.
  public var limits: [String]
}

/// One line of the account of a run.
public struct TimelineRow: Sendable, Hashable {
  /// The step that it belongs to, counted from 0.
  public var step: Int
  /// The thread.
  public var thread: Int
  /// What was done.
  public var kind: RowKind
  /// To what, such as `account.balance` or a lock's name.
  public var subject: String
  /// The value that was read or written, when it is known.
  public var value: String?
  /// Where.
  public var place: SourcePlace
  /// The line of the program there.
  public var code: String?
  /// What is remarkable about it.
  public var marks: [String]
  /// Whether it is part of the bug.
  public var isNotable: Bool
  /// Whether no other thread could go on between the row before and this one.
  public var isFurther: Bool

  /// Makes a row.
  public init(
    step: Int,
    thread: Int,
    kind: RowKind,
    subject: String = "",
    value: String? = nil,
    place: SourcePlace = SourcePlace(),
    code: String? = nil,
    marks: [String] = [],
    isNotable: Bool = false,
    isFurther: Bool = false
  ) {
    self.step = step
    self.thread = thread
    self.kind = kind
    self.subject = subject
    self.value = value
    self.place = place
    self.code = code
    self.marks = marks
    self.isNotable = isNotable
    self.isFurther = isFurther
  }
}

/// What a row of the account says; the raw values are the words that it shows.
public enum RowKind: String, Sendable, Hashable, CaseIterable {
  case start = "START"
  case end = "END"
  case spawn = "SPAWN"
  case join = "JOIN"
  case read = "READ"
  case write = "WRITE"
  /// Reads and writes at once.
  case touch = "UPDATE"
  case acquire = "ACQUIRE"
  case release = "RELEASE"
  /// A try to take a lock that failed.
  case `try` = "TRY"
  case wait = "WAIT"
  case wake = "WAKE"
  case notify = "NOTIFY"
  case sleep = "SLEEP"
  case timeout = "TIMEOUT"
  case output = "OUTPUT"
  case yield = "YIELD"
  /// A thread cannot go on.
  case block = "BLOCK"
  /// An exception ended a thread.
  case raise = "RAISE"
}

/// A change from a thread that could have gone on to another one.
public struct ThreadSwitch: Sendable, Hashable {
  /// The first row after it.
  public var row: Int
  /// The thread that was interrupted.
  public var from: Int
  /// The thread that went on.
  public var to: Int
  /// Where the interrupted thread had been last.
  public var after: SourcePlace
  /// Where it went on later; nil when it did not.
  public var before: SourcePlace?
  /// Whether this interpreter's global lock lets it happen.
  public var gil: GILLabel
}

/// Accesses of one place that make up a bug, as rows in time order.
public struct Conflict: Sendable, Hashable {
  /// What is accessed.
  public var subject: String
  /// The rows: two for a race, three for an atomicity violation.
  public var rows: [Int]
  /// The pattern of an atomicity violation.
  public var pattern: AtomicityViolation.Pattern?
  /// The row of the write that is lost, in a lost update.
  public var overwritten: Int?
  /// Whether it is a race too: nothing orders two of the accesses.
  public var isUnordered: Bool
  /// Locks that each of the rows' threads held there, by name.
  public var held: [[String]]
}

/// A thread that waits, and what it holds.
public struct ThreadWait: Sendable, Hashable {
  /// The thread.
  public var thread: Int
  /// What it tries to do.
  public var kind: RowKind
  /// The name of what it wants.
  public var wants: String
  /// Where it wants it.
  public var place: SourcePlace
  /// Who holds that, when somebody does.
  public var holder: Int?
  /// What it holds, and where it took that.
  public var holds: [Held]

  /// A lock that a waiting thread holds.
  public struct Held: Sendable, Hashable {
    /// The lock's name.
    public var lock: String
    /// Where it was taken; not known where the taking was no step.
    public var place: SourcePlace?
  }
}

/// A lock in the hands of a thread, from one row to another.
public struct HeldLock: Sendable, Hashable {
  /// The lock's name.
  public var lock: String
  /// The thread.
  public var thread: Int
  /// The row with which it was taken.
  public var from: Int
  /// The row with which it was given back; nil when it was held to the end.
  public var to: Int?
}

/// An order between rows of two threads.
public struct RowOrder: Sendable, Hashable {
  /// The earlier row.
  public var from: Int
  /// The later row.
  public var to: Int
  /// Why they are ordered.
  public var reason: OrderReason
}

/// The nearest run that passes, beside the failing one.
public struct PassingRun: Sendable, Hashable {
  /// What happened in it.
  public var rows: [TimelineRow]
  /// Who held which lock when.
  public var locks: [HeldLock]
  /// The direct orders between threads.
  public var orders: [RowOrder]
  /// The first row of the failing run at which a thread did or saw something else.
  public var difference: Int?
  /// The row of this run at which it did what it does when all is well.
  public var instead: Int?
}
