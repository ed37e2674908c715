/// The steps of one run under a schedule.
///
/// Many thousands are read each second, so events hold numbers; ``text(_:)``, ``place(of:)`` and ``object(_:)``
/// give what they stand for.
public struct ExecutionTrace: Sendable, Hashable {
  /// The events in their order; further accesses of a step follow its first event.
  public var events: [TraceEvent]
  /// The sets of threads that could go on, which the events refer to.
  public var choices: [ThreadChoice]
  /// The objects that the events are about, by number.
  public var objects: [Int: SharedObject]
  /// Places and texts that numbers stand for.
  public var tables: TraceTables

  /// Makes a trace.
  public init(
    events: [TraceEvent],
    choices: [ThreadChoice],
    objects: [Int: SharedObject],
    tables: TraceTables
  ) {
    self.events = events
    self.choices = choices
    self.objects = objects
    self.tables = tables
  }

  /// The text of a number, such as that of a field or a value.
  public func text(_ number: Int) -> String? {
    tables.names.indices.contains(number) ? tables.names[number] : nil
  }

  /// Where an event happened.
  public func place(of event: TraceEvent) -> SourcePlace {
    tables.places.indices.contains(event.place) ? tables.places[event.place] : SourcePlace()
  }

  /// The object that an event is about, when it is about one.
  public func object(_ event: TraceEvent) -> SharedObject? { objects[event.object] }

  /// Whether an event only says that an event loop goes on.
  public func isOfLoop(_ event: TraceEvent) -> Bool { object(event)?.isEventLoop ?? false }
}

/// One event of a thread: a step, or a further access of the step before it.
public struct TraceEvent: Sendable, Hashable {
  /// The thread's number.
  public var thread: Int
  /// Whether it belongs to the step of the event before it: no other thread could go on in between.
  public var isFurther: Bool
  /// What was done.
  public var kind: TraceEventKind
  /// The number of the object, 0 for none.
  public var object: Int
  /// The number of the name of the attribute, item or variable; -1 for the whole object.
  public var field: Int
  /// The number of the place.
  public var place: Int
  /// The number of the set of threads that could go on at this step.
  public var choice: Int
  /// The number of the text of the value that was read or written, when it is known.
  public var value: Int?

  /// Makes an event.
  public init(
    thread: Int,
    kind: TraceEventKind,
    object: Int = 0,
    field: Int = -1,
    place: Int = 0,
    choice: Int = 0,
    value: Int? = nil,
    isFurther: Bool = false
  ) {
    self.thread = thread
    self.kind = kind
    self.object = object
    self.field = field
    self.place = place
    self.choice = choice
    self.value = value
    self.isFurther = isFurther
  }
}

/// What a thread did at a step; the raw values are those of the agent's protocol.
public enum TraceEventKind: Int, Sendable, Hashable, CaseIterable, Codable {
  /// A thread began or ended; the object is the thread.
  case start = 1
  case end, spawn, join
  /// State that threads share was read, written, or both at once.
  case read, write, touch
  /// A lock was taken or given back, or a try to take it failed.
  case acquire, release
  case `try`
  /// A condition's lock was given back to wait; the wait was over; waiting threads were woken.
  case wait, wake, notify
  /// Time: a sleep, and a wait that ended by its time.
  case sleep, timeout
  /// Text was written to a standard stream.
  case output
  /// The thread lets others go first.
  case yield
}

/// The threads that could take a step.
public struct ThreadChoice: Sendable, Hashable {
  /// Those that could go on, ascending.
  public var ready: [Int]
  /// Those that wait for a time and could go on by its passing.
  public var timed: [Int]

  /// Makes a set of threads.
  public init(ready: [Int], timed: [Int] = []) {
    self.ready = ready
    self.timed = timed
  }
}

/// An object that events are about.
public struct SharedObject: Sendable, Hashable {
  /// Its name, as a person would call it.
  public var name: String
  /// What stands for it in every run of the program.
  public var key: String
  /// Where it was made, for a lock.
  public var made: SourcePlace

  /// Makes an object.
  public init(name: String, key: String, made: SourcePlace = SourcePlace()) {
    self.name = name
    self.key = key
    self.made = made
  }
}

extension SharedObject {
  /// Whether it is an event loop, which orders all that its tasks do.
  public var isEventLoop: Bool { key.hasPrefix("Event loop ") }
}

/// Places and texts that the numbers of traces stand for; traces of one process share them.
public struct TraceTables: Sendable, Hashable {
  /// Places in the source.
  public var places: [SourcePlace]
  /// Names of fields and objects, and texts of values.
  public var names: [String]

  /// Makes tables.
  public init(places: [SourcePlace] = [], names: [String] = []) {
    self.places = places
    self.names = names
  }
}
