import HealingModel

/// The clocks of all threads while a trace is read from its beginning: the one place that says what
/// orders events of different threads.
struct ThreadClocks {
  /// The clocks by thread.
  private(set) var clocks: [VectorClock]
  private let roles: ObjectRoles
  private let reasons: Set<OrderReason>
  private var released: [Int: Published] = [:]
  private var spawned: [Int: Published] = [:]
  private var ended: [Int: Published] = [:]
  private var notified: [Int: Published] = [:]
  /// Of a run that nobody directed: all that was told through an object so far.
  private var told: [Int: Published] = [:]
  private var stored: [Int: Published] = [:]

  /// What an event makes known to those that come after it.
  private struct Published {
    var event: Int
    var clock: VectorClock
  }

  init(roles: ObjectRoles, reasons: Set<OrderReason> = Set(OrderReason.allCases)) {
    self.roles = roles
    self.reasons = reasons
    clocks = Array(repeating: VectorClock(threads: roles.threads), count: roles.threads)
  }

  /// Reads the next event; answers the events of other threads that it directly comes after.
  mutating func advance(_ event: TraceEvent, at index: Int) -> [(event: Int, reason: OrderReason)] {
    let thread = event.thread
    clocks[thread].advance(thread)
    var found: [(event: Int, reason: OrderReason)] = []
    for (before, reason) in sources(of: event, at: index) where reasons.contains(reason) {
      clocks[thread].merge(before.clock)
      found.append((before.event, reason))
    }
    publish(event, at: index)
    return found
  }

  private func sources(of event: TraceEvent, at index: Int) -> [(Published, OrderReason)] {
    switch event.kind {
    case .start: return known(spawned[event.object], .start)
    case .join: return roles.joined(by: event).flatMap { known(ended[$0], .join) }
    case .acquire: return known(released[event.object], .lock)
    case .wake:
      if roles.isRecorded { return known(told[event.object], .notify) }
      let waker = roles.wakers[index]
      return waker.map { known(notified[$0], .notify) } ?? []
    case .read, .touch, .write:
      guard roles.synchronizes(event.object) else { return [] }
      return known(stored[event.object], .flag)
    case .end, .spawn, .release, .try, .wait, .notify, .sleep, .timeout, .output, .yield: return []
    }
  }

  private func known(_ published: Published?, _ reason: OrderReason) -> [(Published, OrderReason)] {
    published.map { [($0, reason)] } ?? []
  }

  private mutating func publish(_ event: TraceEvent, at index: Int) {
    let published = Published(event: index, clock: clocks[event.thread])
    switch event.kind {
    case .spawn: spawned[event.object] = published
    case .end: ended[event.thread] = published
    case .release, .wait: released[event.object] = published
    case .notify where roles.isRecorded: tell(published, through: event.object)
    case .notify where roles.wakes.contains(index): notified[index] = published
    case .write, .touch:
      if roles.synchronizes(event.object) { stored[event.object] = published }
    case .start, .join, .read, .acquire, .try, .wake, .notify, .sleep, .timeout, .output, .yield:
      break
    }
  }

  /// Whoever is woken later may have been woken by any of those that told something before: of a
  /// queue's items, and of several that set one event, it is not known who got whose.
  private mutating func tell(_ published: Published, through object: Int) {
    var all = published
    if let before = told[object] { all.clock.merge(before.clock) }
    told[object] = all
  }
}

/// Why one event comes after one of another thread in every schedule with the same outcome so far.
public enum OrderReason: String, Sendable, Hashable, CaseIterable {
  /// A thread's beginning comes after its start by another one.
  case start
  /// What follows a join comes after the thread's end.
  case join
  /// A lock is taken after it was given back.
  case lock
  /// A waiting thread goes on after it was woken.
  case notify
  /// A thread saw what another one told through an event or a queue of the library.
  case flag
}
