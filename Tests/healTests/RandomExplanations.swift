import HealingModel
import Scheduling

/// Long runs of many threads, drawn from a seed, for what has to stay readable.
enum RandomExplanations {
  /// A run in which the last thread's update of a counter is lost.
  static func make(seed: UInt64, threads: Int = 4, events: Int = 40) -> Explanation {
    var generator = SeededGenerator(seed: seed)
    let names = ["MainThread"] + (1...threads).map { "Worker-\($0) (transfer_money_between)" }
    var run = TraceBuilder(threads: names)
    for thread in 1...threads { run.start(thread, line: 90) }
    run.add(1, .read, "counter", "value", value: "7", line: 40)
    var holders: [String: Int] = [:]
    for _ in 0..<(threads * events) {
      let thread = Int.random(in: 1...threads, using: &generator)
      let lock = "accounts[\(Int.random(in: 0...4, using: &generator))].lock"
      let line = Int.random(in: 10...60, using: &generator)
      let value = "\(Int.random(in: 0...999, using: &generator))"
      switch (Int.random(in: 0...3, using: &generator), holders[lock]) {
      case (0, nil):
        holders[lock] = thread
        run.add(thread, .acquire, lock, line: line)
      case (0, thread), (1, thread):
        holders[lock] = nil
        run.add(thread, .release, lock, line: line)
      case (2, _): run.add(thread, .write, "ledger", "entry_\(thread)", value: value, line: line)
      default: run.add(thread, .read, "ledger", "entry_\(thread)", value: value, line: line)
      }
    }
    run.add(threads, .write, "counter", "value", value: "8", line: 41)
    run.add(1, .write, "counter", "value", value: "8", line: 41)
    let failing = run.run(
      raising: "AssertionError",
      "8",
      in: 1,
      line: 99,
      code: "assert counter.value == 9"
    )
    return Explanation(of: FailedRun(execution: failing))
  }
}
