import HealingModel

/// A small program of tasks of one event loop, which the main thread runs, and one other thread.
struct LoopProgram: Hashable, Sendable {
  /// What a task or the other thread does at once.
  enum Operation: Hashable, Sendable {
    /// Takes a variable into the register; writes a variable from it.
    case read(Int)
    case write(Int, plus: Int)
    /// Waits for a timer, as a task.
    case sleep
    /// Waits for a timer that a later step of another task may cancel, so that the task goes on.
    case sleepUntilCancelled
    case cancel(Int)
    /// Lets the loop go round, as a task.
    case pause
    /// Has the loop call a function that writes a variable, as the other thread.
    case tell(Int)
  }

  /// What each task does.
  var tasks: [[Operation]]
  /// What the other thread does.
  var other: [Operation]

  /// A random program.
  static func random(seed: UInt64) -> LoopProgram {
    var generator = SeededGenerator(seed: seed)
    let count = generator.chance(3) ? 3 : 2
    let tasks = (0..<count).map { task in
      (0..<(count == 3 ? 2 : 3)).map { _ in operation(of: task, count: count, with: &generator) }
    }
    let other = (0..<generator.below(3)).map { _ -> Operation in
      switch generator.below(3) {
      case 0: .read(0)
      case 1: .write(generator.below(2), plus: 20)
      default: .tell(generator.below(2))
      }
    }
    return LoopProgram(tasks: tasks, other: other)
  }

  private static func operation(
    of task: Int,
    count: Int,
    with generator: inout SeededGenerator
  ) -> Operation {
    switch generator.below(8) {
    case 0, 1: .read(generator.below(2))
    case 2: .write(generator.below(2), plus: task + 1)
    case 3, 4: .sleep
    case 5: .sleepUntilCancelled
    case 6: .cancel((task + 1) % count)
    default: .pause
    }
  }
}
