/// What one run of a program under a schedule came to.
public struct Execution: Sendable, Hashable {
  /// How it ended.
  public var end: ExecutionEnd
  /// The thread of each step that was taken.
  public var choices: ThreadRuns
  /// The status that the program ended with.
  public var exitStatus: Int
  /// What it wrote to standard output.
  public var output: String
  /// The names of its threads, by their numbers.
  public var threads: [String]
  /// The threads that run tasks and timers of event loops, by the numbers of those.
  public var carriers: [Int: Int]
  /// Exceptions that ended threads.
  public var exceptions: [ThreadException]
  /// The threads that could not go on when it ended in a deadlock or a hang.
  public var blocked: [BlockedThread]
  /// Those of them that wait for each other in a circle, by number.
  public var cycle: [Int]
  /// Locks that threads held when they ended.
  public var leaks: [LockLeak]
  /// The steps, counted from 0, at which a wait ended by its time while others could go on or had
  /// an earlier time.
  public var assumed: [Int]
  /// Whether a wait did not time out any more because it had done so often.
  public var isBounded: Bool
  /// What could not be controlled, and where.
  public var limits: [String]
  /// Operations of which not all accesses are known, and where.
  public var unseen: [String]
  /// Places that were found to be shared and were not known as such before.
  public var foundShared: [String]
  /// Its steps, where they were asked for.
  public var trace: ExecutionTrace?

  /// Makes the record of a run.
  public init(
    end: ExecutionEnd,
    choices: ThreadRuns,
    exitStatus: Int = 0,
    output: String = "",
    threads: [String] = [],
    carriers: [Int: Int] = [:],
    exceptions: [ThreadException] = [],
    blocked: [BlockedThread] = [],
    cycle: [Int] = [],
    leaks: [LockLeak] = [],
    assumed: [Int] = [],
    isBounded: Bool = false,
    limits: [String] = [],
    unseen: [String] = [],
    foundShared: [String] = [],
    trace: ExecutionTrace? = nil
  ) {
    self.end = end
    self.choices = choices
    self.exitStatus = exitStatus
    self.output = output
    self.threads = threads
    self.carriers = carriers
    self.exceptions = exceptions
    self.blocked = blocked
    self.cycle = cycle
    self.leaks = leaks
    self.assumed = assumed
    self.isBounded = isBounded
    self.limits = limits
    self.unseen = unseen
    self.foundShared = foundShared
    self.trace = trace
  }
}

extension Execution {
  /// The thread that takes the steps of one: a task's is that of its event loop, a thread's itself.
  public func carrier(of thread: Int) -> Int { carriers[thread] ?? thread }
}

/// How a run under a schedule ended.
public enum ExecutionEnd: Sendable, Hashable {
  /// The program came to its end; exceptions may have ended threads of it.
  case completed
  /// Threads wait for each other in a circle.
  case deadlock
  /// Threads wait, and nobody is left who could wake them.
  case hang
  /// A bound was reached: `steps`, `fuel` or `output`.
  case cut(String)
  /// The schedule names a thread that cannot go on.
  case divergence
  /// Something could not be controlled.
  case limit
}

/// An exception that ended a thread.
public struct ThreadException: Sendable, Hashable, Codable {
  /// The thread's number.
  public var thread: Int
  /// The exception.
  public var exception: ObservedException

  /// Makes the record of an exception in a thread.
  public init(thread: Int, exception: ObservedException) {
    self.thread = thread
    self.exception = exception
  }
}

/// A thread that waits for something that does not come.
public struct BlockedThread: Sendable, Hashable {
  /// The thread's number.
  public var thread: Int
  /// What it tried, such as to acquire a lock.
  public var kind: TraceEventKind
  /// The name of what it waits for.
  public var object: String
  /// Where it waits.
  public var place: SourcePlace
  /// The thread that holds what it waits for, when one does.
  public var holder: Int?
  /// The names of the locks that it holds.
  public var holds: [String]
  /// The function of the library in which it waits, such as `Queue.get`, when it is one.
  public var call: String?

  /// Makes the record of a blocked thread.
  public init(
    thread: Int,
    kind: TraceEventKind,
    object: String,
    place: SourcePlace,
    holder: Int? = nil,
    holds: [String] = [],
    call: String? = nil
  ) {
    self.thread = thread
    self.kind = kind
    self.object = object
    self.place = place
    self.holder = holder
    self.holds = holds
    self.call = call
  }
}

/// A lock that a thread held when it ended.
public struct LockLeak: Sendable, Hashable {
  /// The thread's number.
  public var thread: Int
  /// The lock's name.
  public var lock: String

  /// Makes the record of a leak.
  public init(thread: Int, lock: String) {
    self.thread = thread
    self.lock = lock
  }
}

/// A place in a program's source.
public struct SourcePlace: Sendable, Hashable, Codable {
  /// The file, relative to the program's root when it lies in it; empty where it is not known.
  public var path: String
  /// The line, counted from 1; 0 where it is not known.
  public var line: Int
  /// The column, counted from 1; 0 where it is not known.
  public var column: Int

  /// Makes a place.
  public init(path: String = "", line: Int = 0, column: Int = 0) {
    self.path = path
    self.line = line
    self.column = column
  }
}
