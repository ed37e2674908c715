import HealingModel

/// The agent's policies: who goes on where a prefix does not say it and several threads can.
struct ToyPolicy: Sendable {
  private let policy: SchedulePolicy
  private let fair: Int
  private var generator: SeededGenerator
  private var inRow = 0
  private var last = -1
  private var bytes: [UInt64] = []
  private var changes: Set<Int> = []
  /// Drawn ones are positive or zero; those that a change gives are below all of them.
  private var priorities: [Int: (below: Int, drawn: UInt64)] = [:]
  private var lowest = 0

  init(_ policy: SchedulePolicy, fair: Int) {
    self.policy = policy
    self.fair = fair
    switch policy {
    case .continuing: generator = SeededGenerator(seed: 0)
    case .random(let seed): generator = SeededGenerator(seed: seed)
    case .priorities(let seed, let depth, let length):
      generator = SeededGenerator(seed: seed)
      for _ in 1..<max(1, depth) { changes.insert(Int(generator.next() % UInt64(max(1, length)))) }
    }
  }

  /// One of several threads, which are in ascending order.
  mutating func choose(_ threads: [Int], current: Int, step: Int) -> Int {
    switch policy {
    case .continuing: goOn(threads, current: current, step: step)
    case .random: draw(threads)
    case .priorities: highest(threads, current: current, step: step)
    }
  }

  private mutating func goOn(_ threads: [Int], current: Int, step: Int) -> Int {
    inRow = step == last + 1 ? inRow + 1 : 0
    last = step
    if threads.contains(current), inRow < fair { return current }
    inRow = 0
    return threads.first { $0 > current } ?? threads[0]
  }

  private mutating func draw(_ threads: [Int]) -> Int {
    if threads.count > 64 { return threads[Int(generator.next() % UInt64(threads.count))] }
    if bytes.isEmpty {
      let bits = generator.next()
      bytes = (0..<8).reversed().map { bits >> (8 * UInt64($0)) & 255 }
    }
    return threads[(Int(bytes.removeLast()) * threads.count) >> 8]
  }

  private mutating func highest(_ threads: [Int], current: Int, step: Int) -> Int {
    for thread in threads where priorities[thread] == nil {
      priorities[thread] = (0, generator.next())
    }
    if changes.contains(step) || inRow >= fair {
      lowest -= 1
      priorities[current] = (lowest, 0)
      inRow = 0
    }
    let best =
      threads.max {
        priorities[$0, default: (0, 0)] < priorities[$1, default: (0, 0)]
      } ?? threads[0]
    inRow = best == current ? inRow + 1 : 0
    return best
  }
}
