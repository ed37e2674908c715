public import HealingModel

/// What the objects of a trace are to its threads, and who woke whom.
struct ObjectRoles {
  /// How many threads there are.
  let threads: Int
  /// The threads that objects stand for.
  let threadOfObject: [Int: Int]
  /// The event that woke each waiting thread, by the event with which it goes on.
  let wakers: [Int: Int]
  /// The events that woke somebody.
  let wakes: Set<Int>
  /// Whether nobody directed the run: its events do not tell which threads could go on.
  let isRecorded: Bool
  private let library: Set<Int>

  init(_ trace: ExecutionTrace) {
    var threadOfObject: [Int: Int] = [:]
    var highest = 0
    for event in trace.events {
      highest = max(highest, event.thread)
      if event.kind == .start { threadOfObject[event.object] = event.thread }
    }
    threads = highest + 1
    self.threadOfObject = threadOfObject
    isRecorded = trace.choices.allSatisfy { $0.ready.isEmpty && $0.timed.isEmpty }
    library = ObjectRoles.library(of: trace)
    wakers = ObjectRoles.wakers(in: trace)
    wakes = Set(wakers.values)
  }

  /// Whether accesses of an object are operations of the library by which threads agree, rather
  /// than accesses of the program's state.
  func synchronizes(_ object: Int) -> Bool { library.contains(object) }

  /// The threads whose ends a join waited for.
  func joined(by event: TraceEvent) -> [Int] {
    threadOfObject[event.object].map { [$0] } ?? []
  }

  /// Threads, locks, conditions, and what a key says to be of the library.
  private static func library(of trace: ExecutionTrace) -> Set<Int> {
    var found: Set<Int> = []
    for (number, object) in trace.objects where object.role.synchronizes { found.insert(number) }
    for event in trace.events where !event.kind.isAccess && event.kind != .output {
      found.insert(event.object)
    }
    return found
  }

  /// A waiting thread can go on from the step after the one that woke it: the sets of threads that
  /// could go on tell which that was, however many a notification wakes.
  private static func wakers(in trace: ExecutionTrace) -> [Int: Int] {
    var found: [Int: Int] = [:]
    var waiting: [Int: Int?] = [:]
    var notifications: [Int: [Int]] = [:]
    for (index, event) in trace.events.enumerated() {
      if !event.isFurther, trace.choices.indices.contains(event.choice) {
        for thread in trace.choices[event.choice].ready where waiting[thread] == .some(nil) {
          waiting[thread] = index
        }
      }
      switch event.kind {
      case .wait: waiting[event.thread] = .some(nil)
      case .notify: notifications[event.object, default: []].append(index)
      case .wake:
        let ready = (waiting.removeValue(forKey: event.thread) ?? nil) ?? index
        found[index] = notifications[event.object]?.last { $0 < ready }
      case .timeout: waiting.removeValue(forKey: event.thread)
      default: break
      }
    }
    return found
  }
}

/// What an object is, as its key says.
public enum ObjectRole: String, Sendable, Hashable, CaseIterable {
  /// A thread.
  case thread
  /// A lock.
  case lock = "Lock"
  /// A lock that its holder may take again.
  case reentrantLock = "RLock"
  /// A condition.
  case condition = "Condition"
  /// An event of the library.
  case event = "Event"
  /// A queue of the library.
  case queue = "SimpleQueue"
  /// The globals of a module.
  case globals
  /// Variables of a function that inner functions see.
  case variables
  /// State of the program.
  case state

  /// Whether threads agree through it, so that accesses of it are ordered.
  public var synchronizes: Bool {
    switch self {
    case .thread, .lock, .reentrantLock, .condition, .event, .queue: true
    case .globals, .variables, .state: false
    }
  }
}

extension SharedObject {
  /// What the object is.
  public var role: ObjectRole {
    ObjectRole(rawValue: String(key.prefix { $0 != " " })) ?? .state
  }
}
