import HealingModel

/// Runs that keep the rules of locks, drawn from a seed.
enum RandomTraces {
  /// A run of three workers that take locks and read and write two fields.
  static func trace(seed: UInt64) -> ExecutionTrace {
    var generator = SeededGenerator(seed: seed)
    var run = TraceBuilder("main", "a", "b", "c")
    for thread in 1...3 { run.start(thread) }
    var holders: [String: Int] = [:]
    for _ in 0..<40 {
      let thread = Int.random(in: 1...3, using: &generator)
      let lock = ["p", "q"][Int.random(in: 0...1, using: &generator)]
      let field = ["f", "g"][Int.random(in: 0...1, using: &generator)]
      let line = Int.random(in: 1...9, using: &generator)
      switch Int.random(in: 0...5, using: &generator) {
      case 0 where holders[lock] == nil:
        holders[lock] = thread
        run.add(thread, .acquire, lock, line: line)
      case 1 where holders[lock] == thread, 2 where holders[lock] == thread:
        holders[lock] = nil
        run.add(thread, .release, lock, line: line)
      case 3: run.add(thread, .write, "x", field, line: line)
      case 4: run.add(thread, .read, "x", line: line)
      default: run.add(thread, .read, "x", field, line: line)
      }
    }
    for thread in 1...3 {
      run.end(thread)
      run.join(thread)
    }
    return run.trace
  }

  /// The same run with its threads called otherwise: thread `t` becomes `numbers[t]`.
  static func renumbered(_ trace: ExecutionTrace, _ numbers: [Int]) -> ExecutionTrace {
    var trace = trace
    for index in trace.events.indices {
      trace.events[index].thread = numbers[trace.events[index].thread]
    }
    trace.choices = trace.choices.map { ThreadChoice(ready: $0.ready.map { numbers[$0] }.sorted()) }
    return trace
  }
}
