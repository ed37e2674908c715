import HealingModel

/// Two steps of different threads whose order can be changed, by their numbers in the execution.
struct Race: Sendable {
  /// The step that came first.
  var earlier: Int
  /// The one that can come before it.
  var later: Int
}

/// A step that a thread would have taken, had the execution not kept it from that.
struct PendingStep: Sendable {
  /// The thread.
  var thread: Int
  /// The step before which it could have been taken.
  var earlier: Int
  /// What it does, where that is known.
  var step: ExecutionStep?
  /// Whether it surely can be taken there.
  var isCertain: Bool
}

/// Another step of an event loop that could have been taken in the place of one.
///
/// All that a loop does depends on each other, and only at the beginning of an iteration is there a
/// choice: whether a timer comes, and which. Each of these leads to executions of its own, also
/// when the timer is cancelled later and never comes in this one.
struct Turn: Sendable {
  /// The step.
  var place: Int
  /// The task or timer that could have come, or the thread of the loop.
  var thread: Int
}

/// What has to be explored so that a step comes before one that it came after.
struct Reversal: Sendable {
  /// How many steps of the execution stay.
  var place: Int
  /// What follows them.
  var sequence: WakeupSequence
}

/// A run that shows whether a thread can go on in some place.
struct Probe: Sendable {
  /// The schedule's beginning that leads there.
  var prefix: [Int]
  /// The thread.
  var thread: Int
  /// What is to be explored if it can.
  var reversal: Reversal
}

/// What is known of places in a program where threads wait: whether they stay there, or can go on
/// in other ways than by what they wait for, because a time ends the wait or because they only try.
struct WaitKnowledge: Sendable {
  private var blocking: Set<SourcePlace> = []
  private var passing: Set<SourcePlace> = []

  /// Whether a thread at a place can go on without what it waits for; nil when that is not known,
  /// or differs.
  func canPass(_ place: SourcePlace) -> Bool? {
    let passes = passing.contains(place)
    return passes == blocking.contains(place) ? nil : passes
  }

  /// Takes in what an execution shows, but for waits to be woken.
  mutating func learn(from execution: Execution, steps: [ExecutionStep]) {
    var last: [Int: Int] = [:]
    for (number, step) in steps.enumerated() {
      let previous = last.updateValue(number, forKey: step.thread)
      // What ends a condition's wait is at the place where its lock is taken again, but is not
      // asked for.
      let isWoken = previous.map { steps[$0].first.kind == .wait } ?? false
      guard let place = step.place, !isWoken else { continue }
      let announced = steps[(previous ?? -1) + 1]
      if step.first.kind == .try || announced.timed.contains(step.thread)
        || step.timed.contains(step.thread)
      {
        passing.insert(place)
      } else if !announced.ready.contains(step.thread) {
        blocking.insert(place)
      }
    }
    for thread in execution.blocked where thread.kind != .wake { blocking.insert(thread.place) }
  }
}

extension OptimalExploration {
  /// What has to be explored to reverse a race.
  func reversal(of race: Race) -> Reversal {
    let later = history.entries[race.later]
    return reversal(
      moving: WakeupSequence.Moved(
        thread: later.step.thread,
        clock: later.previous < 0
          ? StepHistory.Clock() : history.entries[later.previous].clock,
        step: later.step
      ),
      before: race.earlier
    )
  }

  /// What has to be explored so that a pending step is taken.
  func reversal(of pending: PendingStep) -> Reversal {
    reversal(
      moving: WakeupSequence.Moved(
        thread: pending.thread,
        clock: history.clock(of: pending.thread),
        step: pending.step
      ),
      before: pending.earlier
    )
  }

  /// What has to be explored so that a loop does something else.
  func reversal(of turn: Turn) -> Reversal {
    let instead = history.entries[turn.place].step
    var step = ExecutionStep(
      thread: turn.thread,
      first: TraceEvent(thread: turn.thread, kind: .timeout)
    )
    step.carrier = instead.carrier
    step.loop = instead.loop
    step.further = [TraceEvent(thread: turn.thread, kind: .touch, object: instead.loop)]
    return reversal(
      moving: WakeupSequence.Moved(thread: turn.thread, clock: StepHistory.Clock(), step: step),
      before: turn.place
    )
  }

  private func reversal(moving moved: WakeupSequence.Moved, before place: Int) -> Reversal {
    let kept = (place..<history.entries.count).filter { !history.isOrdered(place, $0) }
    return Reversal(
      place: place,
      sequence: WakeupSequence(kept, moved: moved, place: place, history: history)
    )
  }

  /// A run that shows whether a reversal can be executed.
  func probe(_ reversal: Reversal) -> Probe {
    let threads = history.entries[..<reversal.place].map(\.step.thread)
    let sequence = reversal.sequence.steps.map(\.thread)
    return Probe(
      prefix: threads + sequence.dropLast(),
      thread: sequence.last ?? 0,
      reversal: reversal
    )
  }

  /// Steps that never came to pass because others kept a lock for ever or ended the program.
  func unfinished(at execution: Execution) -> [PendingStep] {
    switch execution.end {
    case .deadlock, .hang:
      return execution.blocked.filter { $0.kind == .acquire }.flatMap { waiting($0, in: execution) }
    case .completed:
      guard let last = history.entries.last?.step, last.first.endsProgram else { return [] }
      let threads = Set(last.ready + last.timed + history.byThread.indices)
      return threads.subtracting([last.thread]).sorted().flatMap { one in
        cutShort(one, of: execution.carrier(of: one), by: last)
      }
    case .cut, .divergence, .limit: return []
    }
  }

  private func waiting(_ blocked: BlockedThread, in execution: Execution) -> [PendingStep] {
    let held = history.heldLocks.filter { lock in
      let owner = history.entries[lock.taken].step.thread
      return owner != blocked.thread && owner == blocked.holder ?? owner
    }
    let named = held.filter { execution.trace?.objects[$0.lock]?.name == blocked.object }
    let candidates = named.isEmpty ? held : named
    return candidates.compactMap { lock in
      let event = TraceEvent(thread: blocked.thread, kind: .acquire, object: lock.lock)
      return pending(
        blocked.thread,
        of: execution.carrier(of: blocked.thread),
        before: lock.taken,
        step: candidates.count == 1 ? ExecutionStep(thread: blocked.thread, first: event) : nil
      )
    }
  }

  private func cutShort(_ thread: Int, of carrier: Int, by last: ExecutionStep) -> [PendingStep] {
    let steps = history.byThread.indices.contains(thread) ? history.byThread[thread] : []
    if let step = steps.last, history.entries[step].step.first.kind == .end { return [] }
    if last.couldTake(thread) {
      let end = history.entries.count - 1
      return [PendingStep(thread: thread, earlier: end, step: nil, isCertain: true)]
    }
    return history.heldLocks.compactMap {
      pending(thread, of: carrier, before: $0.taken, step: nil)
    }
  }

  /// A step before one that its thread did not know of.
  private func pending(
    _ thread: Int,
    of carrier: Int,
    before place: Int,
    step: ExecutionStep?
  ) -> PendingStep? {
    let other = history.entries[place]
    guard other.step.carrier != carrier, other.step.thread != thread,
      history.clock(of: thread)[other.step.thread] < other.index
    else { return nil }
    return PendingStep(thread: thread, earlier: place, step: step, isCertain: step != nil)
  }
}
