/// What kind of concurrency bug a failing run shows, in the field's standard terms.
public enum BugKind: String, Sendable, Hashable, CaseIterable {
  /// A write is overwritten by one that was made from an older value.
  case lostUpdate = "lost-update"
  /// What was tested is no longer so when it is acted upon.
  case checkThenAct = "check-then-act"
  /// A container is changed while another thread goes through it.
  case iterationRace = "iteration-while-mutated"
  /// Two accesses that belong together are interrupted by another thread's.
  case atomicityViolation = "atomicity-violation"
  /// State is used before another thread has set it up.
  case useBeforePublication = "use-before-publication"
  /// Two accesses, one of them a write, that nothing orders.
  case dataRace = "data-race"
  /// Threads wait in a circle for locks or ends of each other.
  case deadlock
  /// A thread waits for a lock that it holds itself.
  case selfDeadlock = "self-deadlock"
  /// A thread ended, or waits for ever, with a lock that others need.
  case lockLeak = "lock-leak"
  /// A notification came before anybody waited for it.
  case lostWakeUp = "lost-wake-up"
  /// A consumer waits for an item, and no producer is left.
  case missingSentinel = "missing-sentinel"
  /// A barrier waits for more threads than come.
  case brokenBarrier = "barrier-short-of-parties"
  /// Threads wait for what nobody can bring about any more.
  case hang
  /// Threads go on without end and get nowhere.
  case livelock
  /// The run fails under this schedule; no pattern says why.
  case scheduleDependent = "schedule-dependent-failure"

  /// The rule that a finding of this kind names.
  public var rule: String { "concurrency/\(rawValue)" }

  /// The kind in words.
  public var title: String {
    switch self {
    case .lostUpdate: "lost update"
    case .checkThenAct: "check-then-act race"
    case .iterationRace: "iteration while the container is changed"
    case .atomicityViolation: "atomicity violation"
    case .useBeforePublication: "use before publication (order violation)"
    case .dataRace: "data race"
    case .deadlock: "deadlock"
    case .selfDeadlock: "self-deadlock"
    case .lockLeak: "lock held for ever (lock leak)"
    case .lostWakeUp: "lost wake-up"
    case .missingSentinel: "missing sentinel"
    case .brokenBarrier: "barrier short of parties"
    case .hang: "hang"
    case .livelock: "livelock"
    case .scheduleDependent: "schedule-dependent failure"
    }
  }
}
