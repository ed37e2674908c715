/// A branch of a wake-up tree: a thread that takes a step, and what has to follow it.
///
/// Wake-up trees (Abdulla, Aronis, Jonsson and Sagonas, "Optimal Dynamic Partial Order Reduction", 2014) hold, for a
/// place in the exploration, beginnings of executions still to come, none of which repeats another one.
struct WakeupBranch: Sendable {
  /// The thread that takes the step.
  var thread: Int
  /// What follows, first to last; nothing when any continuation will do.
  var children: [WakeupBranch] = []

  /// The beginnings that the branch holds, in the order in which they are explored.
  var leaves: [[Int]] {
    guard !children.isEmpty else { return [[thread]] }
    return children.flatMap { child in child.leaves.map { [thread] + $0 } }
  }

  /// A branch without side branches.
  init(_ threads: some BidirectionalCollection<Int>) {
    var children: [WakeupBranch] = []
    for thread in threads.reversed() {
      children = [WakeupBranch(thread: thread, children: children)]
    }
    self = children.first ?? WakeupBranch(thread: 0, children: [])
  }

  private init(thread: Int, children: [WakeupBranch]) {
    self.thread = thread
    self.children = children
  }
}

extension [WakeupBranch] {
  /// Adds a sequence of steps, unless executions that the tree has in store already cover it.
  ///
  /// - Parameter sequence: The steps; it is used up.
  /// - Returns: Whether the tree grew.
  mutating func insert(_ sequence: inout WakeupSequence) -> Bool {
    for index in indices where sequence.consume(self[index].thread) {
      if self[index].children.isEmpty { return false }
      return self[index].children.insert(&sequence)
    }
    guard !sequence.isEmpty else { return false }
    append(WakeupBranch(sequence.threads))
    return true
  }
}

/// Steps that are to be taken from some place in the exploration, as far as they are not in a tree yet.
///
/// They are steps of an execution that passed the place, the last one being moved before a step that it depends on.
struct WakeupSequence: Sendable {
  /// The step that is moved.
  struct Moved: Sendable {
    /// Its thread.
    var thread: Int
    /// What happens before it where it is moved to.
    var clock: StepHistory.Clock
    /// What it does; nil when that is not known.
    var step: ExecutionStep?
  }

  private let history: StepHistory
  private let place: Int
  /// The steps that are left, by their numbers in the execution.
  private var kept: [Int]
  private var moved: Moved?
  private let movedThread: Int
  private var consumed: [Int: Int] = [:]

  /// Makes a sequence.
  ///
  /// - Parameters:
  ///   - kept: The steps of the execution before the last one of the sequence, by number, ascending.
  ///   - moved: The last one.
  ///   - place: How many steps of the execution come before the sequence.
  ///   - history: The execution.
  init(_ kept: [Int], moved: Moved, place: Int, history: StepHistory) {
    self.history = history
    self.place = place
    self.kept = kept
    self.moved = moved
    movedThread = moved.thread
    if let step = moved.step {
      for one in kept where history.entries[one].step.depends(on: step) {
        self.moved?.clock.join(history.entries[one].clock)
      }
    }
  }

  /// The threads of the steps that are left.
  var threads: [Int] {
    kept.map { history.entries[$0].step.thread } + (moved.map { [$0.thread] } ?? [])
  }

  /// Whether nothing is left.
  var isEmpty: Bool { kept.isEmpty && moved == nil }

  /// Takes the step of a thread out, if the sequence can be begun with it.
  ///
  /// - Parameter thread: The thread.
  /// - Returns: Whether it can: the step is one of the first, or commutes with all.
  mutating func consume(_ thread: Int) -> Bool {
    if let position = kept.firstIndex(where: { history.entries[$0].step.thread == thread }) {
      guard isInitial(position) else { return false }
      kept.remove(at: position)
    } else if moved?.thread == thread {
      guard isMovedInitial else { return false }
      moved = nil
    } else {
      guard let step = future(thread, skipping: consumed[thread, default: 0]), commutes(step) else {
        return false
      }
    }
    consumed[thread, default: 0] += 1
    return true
  }

  /// Whether the sequence could begin with the step that a sleeping thread would take.
  func isCovered(by sleeper: Sleeper) -> Bool {
    let thread = sleeper.thread
    if let position = kept.firstIndex(where: { history.entries[$0].step.thread == thread }) {
      return isInitial(position)
    }
    if moved?.thread == thread { return isMovedInitial }
    return commutes(sleeper.step)
      && (sleeper.step.further.isEmpty || future(thread, skipping: 0).map { commutes($0) } ?? false)
  }

  /// What a thread does in the execution after the place and some steps of its own.
  private func future(_ thread: Int, skipping count: Int) -> ExecutionStep? {
    // What the moved step finds where it is moved to can lead its thread elsewhere.
    if moved == nil, thread == movedThread { return nil }
    guard history.byThread.indices.contains(thread) else { return nil }
    let steps = history.byThread[thread]
    guard let first = steps.firstIndex(where: { $0 >= place }), first + count < steps.count else {
      return nil
    }
    return history.entries[steps[first + count]].step
  }

  private func isInitial(_ position: Int) -> Bool {
    !kept[..<position].contains { history.isOrdered($0, kept[position]) }
  }

  private var isMovedInitial: Bool {
    guard let clock = moved?.clock else { return false }
    return !kept.contains { one in
      let entry = history.entries[one]
      return clock[entry.step.thread] >= entry.index
    }
  }

  private func commutes(_ step: ExecutionStep) -> Bool {
    if let moved {
      guard let last = moved.step, !last.depends(on: step) else { return false }
    }
    return !kept.contains { history.entries[$0].step.depends(on: step) }
  }
}

/// A thread whose next step was explored already, and is not taken again until another step depends on it.
///
/// Sleep sets: Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996.
struct Sleeper: Sendable {
  /// The thread.
  var thread: Int
  /// Its next step.
  var step: ExecutionStep
}
