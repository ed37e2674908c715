import HealingModel
import Scheduling

/// All that a program can come to, found without any reduction that is tested here.
struct BruteForce {
  /// Every outcome, over all interleavings.
  static func outcomes(of program: ToyProgram) -> Set<String> {
    var seen: Set<ToyState> = []
    var frontier = [ToyState(program)]
    var found: Set<String> = []
    while let state = frontier.popLast() {
      guard seen.insert(state).inserted else { continue }
      let choice = state.choice
      let threads = choice.ready + choice.timed
      if threads.isEmpty { found.insert(state.outcome) }
      for number in threads {
        var next = state
        _ = next.step(state.started[number])
        frontier.append(next)
      }
    }
    return found
  }

  /// Every outcome over all interleavings that leave a thread that could have gone on at most so
  /// often.
  static func outcomes(of program: ToyProgram, preemptions: Int) -> Set<String> {
    struct Place: Hashable {
      var state: ToyState
      var current: Int
      var left: Int
    }
    var seen: Set<Place> = []
    var frontier = [Place(state: ToyState(program), current: 0, left: preemptions)]
    var found: Set<String> = []
    while let place = frontier.popLast() {
      guard seen.insert(place).inserted else { continue }
      let choice = place.state.choice
      if choice.ready.isEmpty, choice.timed.isEmpty { found.insert(place.state.outcome) }
      for number in choice.ready + choice.timed {
        let isPreemption = number != place.current && choice.ready.contains(place.current)
        guard !isPreemption || place.left > 0 else { continue }
        var next = Place(
          state: place.state,
          current: number,
          left: place.left - (isPreemption ? 1 : 0)
        )
        _ = next.state.step(place.state.started[number])
        frontier.append(next)
      }
    }
    return found
  }

  /// How many interleavings there are.
  static func interleavings(of program: ToyProgram) -> Int {
    var level = [ToyState(program): 1]
    var count = 0
    while !level.isEmpty {
      var next: [ToyState: Int] = [:]
      for (state, ways) in level {
        let choice = state.choice
        let threads = choice.ready + choice.timed
        if threads.isEmpty { count += ways }
        for number in threads {
          var later = state
          _ = later.step(state.started[number])
          next[later, default: 0] += ways
        }
      }
      level = next
    }
    return count
  }

  /// How many executions there are that differ in more than the order of independent events
  /// (Mazurkiewicz traces); nil when two with the same order lead to different states, or there are
  /// more than the limit.
  static func traces(of program: ToyProgram, limit: Int = 5000) -> Int? {
    var level = [Trace(): ToyState(program)]
    var count = 0
    while !level.isEmpty {
      var next: [Trace: ToyState] = [:]
      for (trace, state) in level {
        let choice = state.choice
        let threads = choice.ready + choice.timed
        if threads.isEmpty { count += 1 }
        for number in threads {
          var later = state
          var longer = trace
          longer.append(later.step(state.started[number]))
          if let known = next.updateValue(later, forKey: longer), known != later { return nil }
        }
      }
      if next.count > limit { return nil }
      level = next
    }
    return count
  }

  /// The happens-before order of the steps so far; equal for executions that differ in the order of
  /// independent ones only.
  private struct Trace: Hashable {
    struct Step: Hashable {
      var events: [TraceEvent]
      /// How many steps of each thread come before it.
      var before: [Int]
    }

    var threads: [[Step]] = []

    mutating func append(_ events: [TraceEvent]) {
      let thread = events[0].thread
      while threads.count <= thread { threads.append([]) }
      var before = threads[thread].last?.before ?? []
      for (other, steps) in threads.enumerated() {
        for step in steps where depends(step.events, events) || other == thread {
          for (one, count) in step.before.enumerated() { raise(&before, one, to: count) }
        }
        let last = steps.lastIndex { depends($0.events, events) || other == thread }
        raise(&before, other, to: last.map { $0 + 1 } ?? 0)
      }
      threads[thread].append(Step(events: events, before: before))
    }

    private func raise(_ clock: inout [Int], _ thread: Int, to count: Int) {
      // Clocks of the same steps have to be equal, however many threads there are.
      guard count > 0 else { return }
      while clock.count <= thread { clock.append(0) }
      clock[thread] = max(clock[thread], count)
    }

    private func depends(_ some: [TraceEvent], _ others: [TraceEvent]) -> Bool {
      some.contains { one in others.contains { one.depends(on: $0) } }
    }
  }
}
