import HealingModel

/// Steps that are to be taken from some place in the exploration, as far as they are not in a tree
/// yet.
///
/// They are steps of an execution that passed the place, the last one being moved before a step
/// that it depends on. Some of what is asked can be unknown: what a thread would have done next
/// when the execution kept it from doing anything. Then the answer is nil.
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

  /// Stands for an object of another execution whose number in this one is not known.
  private static let unknown = -1

  private let history: StepHistory
  private let place: Int
  /// Up to this number, objects are the same in all executions that passed the place.
  private let known: Int
  /// The steps that are left, by their numbers in the execution.
  private var kept: [Int]
  private var moved: Moved?
  private let movedThread: Int
  private var consumed: [Int: Int] = [:]
  /// Numbers that objects have in this execution, by those in the executions that branches were
  /// planned from, for objects that were met since the place.
  private var aliases: [Int: Int] = [:]

  /// Makes a sequence.
  ///
  /// - Parameters:
  ///   - kept: The steps of the sequence but the last one, by their numbers in the execution,
  ///     ascending.
  ///   - moved: The last one.
  ///   - place: How many steps of the execution come before the sequence.
  ///   - history: The execution.
  init(_ kept: [Int], moved: Moved, place: Int, history: StepHistory) {
    self.history = history
    self.place = place
    known = history.objects(announcedBefore: place)
    self.kept = kept
    self.moved = moved
    movedThread = moved.thread
    if let step = moved.step {
      for one in kept where history.entries[one].step.depends(on: step) {
        self.moved?.clock.join(history.entries[one].clock)
      }
    }
  }

  /// The steps that are left, with their threads.
  var steps: [(thread: Int, step: ExecutionStep?)] {
    let last = moved.map { [($0.thread, $0.step)] } ?? []
    return kept.map { (history.entries[$0].step.thread, history.entries[$0].step) } + last
  }

  /// Takes the step of a branch out, if the sequence can be begun with it.
  ///
  /// - Parameter branch: The branch.
  /// - Returns: Whether it can: the step is one of the first, or commutes with all.
  mutating func consume(_ branch: WakeupBranch) -> Bool? {
    let thread = branch.thread
    let first = kept.firstIndex { history.entries[$0].step.thread == thread }
    let answer = canBegin(with: thread, first: first) { next(of: branch) }
    guard answer == true else { return answer }
    if let first {
      alias(branch.step, history.entries[kept[first]].step)
      kept.remove(at: first)
    } else if moved?.thread == thread {
      alias(branch.step, moved?.step)
      moved = nil
    }
    consumed[thread, default: 0] += 1
    return true
  }

  /// Whether the sequence could begin with the step that a sleeping thread would take.
  ///
  /// - Parameter sleeper: The thread, asleep at the place.
  /// - Returns: Whether it could.
  func isCovered(by sleeper: Sleeper) -> Bool? {
    let first = kept.firstIndex { history.entries[$0].step.thread == sleeper.thread }
    return canBegin(with: sleeper.thread, first: first) { translated(sleeper.step) }
  }

  private func canBegin(
    with thread: Int,
    first: Int?,
    else step: () -> ExecutionStep?
  ) -> Bool? {
    if let first {
      return !kept[..<first].contains { history.isOrdered($0, kept[first]) }
    }
    if let moved, moved.thread == thread {
      if kept.isEmpty { return true }
      return moved.step == nil ? nil : isInitial(moved)
    }
    guard let step = step() else { return nil }
    return commutes(step)
  }

  private func isInitial(_ moved: Moved) -> Bool {
    !kept.contains { one in
      let entry = history.entries[one]
      return moved.clock[entry.step.thread] >= entry.index
    }
  }

  /// Whether a step commutes with all that are left.
  private func commutes(_ step: ExecutionStep) -> Bool? {
    var answer: Bool? = true
    for one in kept {
      guard let commutes = commutes(step, with: history.entries[one].step) else {
        answer = nil
        continue
      }
      if !commutes { return false }
    }
    guard let moved else { return answer }
    guard let last = moved.step, let commutes = commutes(step, with: last) else { return nil }
    return commutes ? answer : false
  }

  private func commutes(_ step: ExecutionStep, with other: ExecutionStep) -> Bool? {
    if other.depends(on: step) { return false }
    for var event in step.events where event.object == Self.unknown {
      for one in other.events
      where isNew(one.object) && event.kind.canShareObject(with: one.kind) {
        event.object = one.object
        if event.depends(on: one) { return nil }
      }
    }
    return true
  }

  /// Whether an object could be one that has another number in the execution of a branch.
  private func isNew(_ object: Int) -> Bool {
    object > known && !aliases.values.contains(object)
  }

  /// What the thread of a branch that is not part of the sequence does next.
  private func next(of branch: WakeupBranch) -> ExecutionStep? {
    let thread = branch.thread
    // What the moved step finds where it is moved to can lead its thread elsewhere.
    if thread != movedThread || moved != nil, history.byThread.indices.contains(thread) {
      let steps = history.byThread[thread]
      let before = steps.firstIndex { $0 >= place } ?? steps.count
      let index = before + consumed[thread, default: 0]
      if index < steps.count { return history.entries[steps[index]].step }
    }
    return branch.step.flatMap(translated)
  }

  /// A step of another execution that passed the place, with the numbers that objects have in this
  /// one.
  private func translated(_ step: ExecutionStep) -> ExecutionStep {
    var step = step
    step.first.object = translated(step.first.object)
    for index in step.further.indices {
      step.further[index].object = translated(step.further[index].object)
    }
    return step
  }

  private func translated(_ object: Int) -> Int {
    object <= known ? object : aliases[object] ?? Self.unknown
  }

  private mutating func alias(_ foreign: ExecutionStep?, _ own: ExecutionStep?) {
    guard let foreign, let own, foreign.further.count == own.further.count else { return }
    for (theirs, ours) in zip(foreign.events, own.events) { aliases[theirs.object] = ours.object }
  }
}
