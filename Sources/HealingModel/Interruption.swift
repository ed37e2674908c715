/// Two events that a thread has one after the other, between which it may have to give way.
public struct Interruption: Sendable, Hashable {
  /// The earlier event.
  public var after: EventPlace
  /// The later one.
  public var before: EventPlace

  /// Makes a pair of events.
  public init(after: EventPlace, before: EventPlace) {
    self.after = after
    self.before = before
  }
}

/// What an event of a thread is in the program's source.
public struct EventPlace: Sendable, Hashable {
  /// Where it happened.
  public var place: SourcePlace
  /// What was done.
  public var kind: TraceEventKind
  /// The attribute, item or variable; nil for all of an object.
  public var field: String?
  /// Where the lock was made, for an event of one.
  public var made: SourcePlace?

  /// Makes an event.
  public init(
    place: SourcePlace,
    kind: TraceEventKind,
    field: String? = nil,
    made: SourcePlace? = nil
  ) {
    self.place = place
    self.kind = kind
    self.field = field
    self.made = made
  }
}

/// A switch between threads that a run of the unrewritten program is to take.
public struct ForcedSwitch: Sendable, Hashable {
  /// The thread that gives way.
  public var thread: Int
  /// The one that goes on.
  public var other: Int
  /// After which event.
  public var after: EventPlace
  /// After the how manyth of that place and kind, counted from 1.
  public var count: Int
  /// Before which event of the same thread, when it has one.
  public var before: EventPlace?

  /// Makes a switch.
  public init(thread: Int, other: Int, after: EventPlace, count: Int, before: EventPlace?) {
    self.thread = thread
    self.other = other
    self.after = after
    self.count = count
    self.before = before
  }
}

/// What one run of the unrewritten program came to, its threads paused at given places.
public struct ForcedRun: Sendable, Hashable {
  /// Whether it came to its end by itself; nil when it was ended for another reason than waiting.
  public var isFinished: Bool?
  /// The status that it ended with.
  public var exitStatus: Int?
  /// What it wrote to standard output.
  public var output: String
  /// The exceptions that ended threads.
  public var exceptions: [ObservedException]
  /// Where threads waited when it did not end.
  public var waiting: [SourcePlace]
  /// The numbers of the switches that came about.
  public var taken: [Int]

  /// Makes the record of a run.
  public init(
    isFinished: Bool?,
    exitStatus: Int? = nil,
    output: String = "",
    exceptions: [ObservedException] = [],
    waiting: [SourcePlace] = [],
    taken: [Int] = []
  ) {
    self.isFinished = isFinished
    self.exitStatus = exitStatus
    self.output = output
    self.exceptions = exceptions
    self.waiting = waiting
    self.taken = taken
  }
}
