import HealingModel

/// A step at which another thread goes on than the policy `.continuing` would choose.
struct ThreadDeviation: Sendable, Hashable {
  /// The thread of the step before.
  var from: Int
  /// How many steps it has taken by then.
  var after: Int
  /// The thread that goes on.
  var to: Int
  /// The number of the step.
  var place: Int
  /// Whether the thread of the step before could have gone on.
  var isPreemption: Bool
}

/// An execution with what is needed of it to change its schedule.
struct ObservedRun: Sendable {
  var execution: Execution
  var steps: [ExecutionStep]
  var failure: ScheduleFailure?

  /// The steps at which it is not what the policy would choose.
  var switches: [ThreadDeviation] {
    let giveWay = placesOfGivingWay
    var taken: [Int: Int] = [:]
    var found: [ThreadDeviation] = []
    for (place, step) in steps.enumerated() {
      defer { taken[step.thread, default: 0] += 1 }
      guard place > 0 else { continue }
      let previous = steps[place - 1].thread
      guard step.thread != step.usual(after: previous, givesWay: giveWay.contains(place)) else {
        continue
      }
      found.append(deviation(to: step.thread, at: place, after: taken[previous, default: 0]))
    }
    return found
  }

  /// The switch to a thread at a step, which is not the first one.
  func deviation(to thread: Int, at place: Int) -> ThreadDeviation {
    let previous = steps[place - 1].thread
    return deviation(to: thread, at: place, after: steps[..<place].count { $0.thread == previous })
  }

  private func deviation(to thread: Int, at place: Int, after taken: Int) -> ThreadDeviation {
    let previous = steps[place - 1].thread
    return ThreadDeviation(
      from: previous,
      after: taken,
      to: thread,
      place: place,
      isPreemption: steps[place].ready.contains(previous) && thread != previous
    )
  }

  /// The steps from one on at which another thread could have gone on, with that thread.
  func alternatives(from first: Int) -> [(place: Int, thread: Int)] {
    steps.enumerated().dropFirst(first).flatMap { place, step in
      (step.ready + step.timed).sorted().filter { $0 != step.thread }.map { (place, $0) }
    }
  }

  /// The steps before which the thread of the step before lets others go first.
  private var placesOfGivingWay: Set<Int> {
    var next: [Int: TraceEventKind] = [:]
    var found: Set<Int> = []
    for (place, step) in steps.enumerated().reversed() {
      next[step.thread] = step.first.kind
      if place > 0, next[steps[place - 1].thread] == .yield { found.insert(place) }
    }
    return found
  }
}

extension ExecutionStep {
  /// The thread that the policy `.continuing` chooses for this step.
  func usual(after previous: Int, givesWay: Bool) -> Int {
    var candidates = (ready + timed).sorted()
    if givesWay, candidates.count > 1 { candidates.removeAll { $0 == previous } }
    if candidates.contains(previous) { return previous }
    return candidates.first { $0 > previous } ?? candidates.first ?? thread
  }
}

/// An execution and the switches that make it; the fewer, the less.
struct SwitchedRun: Sendable, Comparable {
  var run: ObservedRun
  var switches: [ThreadDeviation]

  var preemptions: Int { switches.count { $0.isPreemption } }

  static func < (one: SwitchedRun, other: SwitchedRun) -> Bool {
    (one.switches.count, one.preemptions) < (other.switches.count, other.preemptions)
  }

  static func == (one: SwitchedRun, other: SwitchedRun) -> Bool { !(one < other || other < one) }
}

/// An attempt to reach the failure with some switches left out: the others are made one after
/// another, each in the execution that those before it lead to.
struct Trial: Sendable {
  /// The schedule's beginning so far.
  var prefix: [Int]
  /// The switches that it makes.
  var applied: [ThreadDeviation]
  /// Those that are still to be made.
  var remaining: [ThreadDeviation]
  /// An execution that fails as it should.
  var found: SwitchedRun?

  /// Makes the next switch that an execution of the prefix gives the occasion for.
  ///
  /// - Parameter run: The execution.
  /// - Returns: Whether there was one.
  mutating func advance(by run: ObservedRun) -> Bool {
    while !remaining.isEmpty {
      var deviation = remaining.removeFirst()
      guard let place = place(of: deviation, in: run.steps) else { continue }
      deviation.place = place
      deviation.isPreemption = run.steps[place].ready.contains(deviation.from)
      applied.append(deviation)
      prefix = run.steps[..<place].map(\.thread) + [deviation.to]
      return true
    }
    return false
  }

  /// Where the thread of a switch has taken as many steps as it has to, and the other one can go on
  /// but does not.
  private func place(of deviation: ThreadDeviation, in steps: [ExecutionStep]) -> Int? {
    var taken = 0
    for (number, step) in steps.enumerated() {
      if step.thread == deviation.from { taken += 1 }
      guard taken == deviation.after, step.thread == deviation.from else { continue }
      let place = number + 1
      guard place >= prefix.count, place < steps.count, steps[place].thread != deviation.to,
        steps[place].couldTake(deviation.to)
      else { return nil }
      return place
    }
    return nil
  }
}
