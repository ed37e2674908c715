/// A branch of a wake-up tree: a thread that takes a step, and what has to follow it.
///
/// Wake-up trees (Abdulla, Aronis, Jonsson and Sagonas, "Optimal Dynamic Partial Order Reduction",
/// 2014) hold, for a place in the exploration, beginnings of executions still to come, none of
/// which repeats another one.
struct WakeupBranch: Sendable {
  /// The thread that takes the step.
  var thread: Int
  /// The step as the execution that it was planned from had it; nil when that is not known.
  var step: ExecutionStep?
  /// Whether no thread sleeps after it, because what it repeats was not known when it was planned.
  var startsAwake = false
  /// What follows, first to last; nothing when any continuation will do.
  var children: [WakeupBranch] = []

  /// The beginnings that the branch holds, in the order in which they are explored.
  var leaves: [[Int]] {
    guard !children.isEmpty else { return [[thread]] }
    return children.flatMap { child in child.leaves.map { [thread] + $0 } }
  }
}

extension [WakeupBranch] {
  /// Adds a sequence of steps, unless executions that the tree has in store already cover it.
  ///
  /// A sequence must not count as covered by a branch in which a thread sleeps that the sequence
  /// may begin with. So where that cannot be told, it becomes a branch of its own, in which nobody
  /// sleeps: that can repeat executions, but misses none.
  ///
  /// - Parameters:
  ///   - sequence: The steps; it is used up.
  ///   - isCertain: Whether it surely begins with none of the sleeping threads.
  mutating func insert(_ sequence: inout WakeupSequence, isCertain: Bool) {
    var isCertain = isCertain
    for index in indices where isCertain || self[index].startsAwake {
      switch sequence.consume(self[index]) {
      case true?:
        if self[index].children.isEmpty { return }
        return self[index].children.insert(&sequence, isCertain: true)
      case false?: break
      case nil: isCertain = false
      }
    }
    var chain: [WakeupBranch] = []
    for (thread, step) in sequence.steps.reversed() {
      chain = [WakeupBranch(thread: thread, step: step, children: chain)]
    }
    guard var first = chain.first else { return }
    first.startsAwake = !isCertain
    append(first)
  }
}

/// A thread whose next step was explored already, and is not taken again until another step depends
/// on it.
///
/// Sleep sets: Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", 1996.
struct Sleeper: Sendable {
  /// The thread.
  var thread: Int
  /// Its next step.
  var step: ExecutionStep
}
